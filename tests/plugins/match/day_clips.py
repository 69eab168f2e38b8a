"""A made-up day as clips and what a probe would say of them, for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rushes import Clip, Kind, Role, Scalar
from rushes.timecode import FLICKS, Timecode
from rushes_match.items import Item

from .day_maker import CLOCK, Day
from .day_takes import Recording

#: When the copy was made of cards whose files tell no date, by a tool that keeps none either.
COPIED = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()


def clips_of(day: Day) -> list[tuple[str, Clip, Mapping[str, Scalar]]]:
    """For each item: its id, its clip as a source would admit it, and its own metadata."""
    made, taken = [], set[tuple[str, str]]()
    wrong = {
        item.stream: item.wall - day.recordings[item.id].begins for item in day.items if item.wall is not None
    }
    for item in sorted(day.items, key=lambda one: (one.seen, one.id)):
        recording = day.recordings[item.id]
        volume = f"card:{item.stream}:{item.roll}"
        path = _path(item, taken, volume)
        ended = recording.ends + wrong[item.stream] if item.stream in wrong else COPIED + len(made)
        clip = Clip(
            volume=volume,
            card=item.roll,
            path=path,
            kind=Kind.AUDIO if item.side == "sound" else Kind.VIDEO,
            role=Role.SOUND if item.side == "sound" else Role.ORIGINAL,
            size=1_000_000,
            mtime_ns=int(ended * 1e9),
            head=item.id.ljust(16, "0"),
            tail=item.id.rjust(16, "0"),
            completed_by="quiet",
        )
        made.append((item.id, clip, _told(item, recording)))
    return made


def _path(item: Item, taken: set[tuple[str, str]], volume: str) -> str:
    name = item.name or f"clip {item.id}"
    extension = "wav" if item.side == "sound" else "mov"
    folder, number = item.roll, 1
    while (volume, path := f"{folder}/{name}{f'_{number}' if number > 1 else ''}.{extension}") in taken:
        number += 1
    taken.add((volume, path))
    return path


def _told(item: Item, recording: Recording) -> dict[str, Scalar]:
    """Under the names of `rushes.columns`, as its file would tell it."""
    told: dict[str, Scalar] = {
        name: value
        for name, value in (
            ("camera", item.camera), ("reel", item.reel), ("scene", item.scene), ("slate", item.slate),
            ("take", item.take),
        )
        if value
    }  # fmt: skip
    if item.mos:
        told["mos"] = True
    if item.side == "picture" and item.name:
        told["clip_name"] = item.name
    if item.side == "sound":
        told["sample_rate"] = CLOCK
        if " " not in item.stream:
            told["recorder"] = item.stream
    if item.start is not None and item.rate is not None:
        frames = item.start * item.rate.exact // FLICKS
        if item.side == "picture":
            frames = round(item.start * item.rate.exact / FLICKS)
        told |= {
            "timecode": str(Timecode.from_frames(int(frames), item.rate)),
            "timecode_rate": item.rate.name,
            "timecode_from": "tmcd" if item.side == "picture" else "bext",
        }
        if item.side == "sound":
            told["start_sample"] = item.start * CLOCK // FLICKS
    if item.length is not None:
        told["duration"] = item.length / FLICKS
        if item.side == "picture" and item.rate is not None:
            told |= {"frames": round(item.length * item.rate.exact / FLICKS), "rate": item.rate.name}
    if item.wall is not None and item.wall_from in {"recorded", "created"}:
        told[item.wall_from] = datetime.fromtimestamp(item.wall, UTC).replace(tzinfo=None)
    return told
