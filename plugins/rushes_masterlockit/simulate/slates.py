"""What the slate shows, as its tablet tells it, and that it was clapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes_masterlockit.formats import seconds_frames
from rushes_masterlockit.simulate.records import Production
from rushes_masterlockit.simulate.script import DIRECTOR, DOP, MIXER, PRODUCER, Kind, Shot


def slate_info(production: Production, shot: Shot, cameras: str, roll: str) -> dict[str, Any]:
    """What the slate of the upcoming take shows."""
    scene = shot.scene
    return {
        "type": "slate",
        "mos": shot.kind is Kind.MOS,
        "day": scene.day,
        "night": not scene.day,
        "inside": scene.inside,
        "outside": not scene.inside,
        "fps": production.rate.nominal,
        "cam": cameras,
        "date": production.on.isoformat(),
        "roll": roll,
        "scene": scene.name,
        "slate": f"{shot.slate}{shot.slate_letter}",
        "take": str(shot.take),
        "producer": PRODUCER,
        "director": DIRECTOR,
        "dop": DOP,
        "soundmixer": MIXER,
    }


def clap(production: Production, frame: int, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The sticks met at a frame since midnight."""
    seconds, frames = seconds_frames(production.timecode(frame))
    return {
        "type": "clap",
        "timecode": {"type": "timecode", "seconds": seconds, "frames": frames},
        "slateInfo": dict(shown),
    }
