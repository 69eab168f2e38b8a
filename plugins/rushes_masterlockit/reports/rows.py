"""One recording as the reports see it, and the order in which a day was shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rushes_masterlockit.reports.numbering import episode, numbered, take
from rushes_masterlockit.reports.reading import at, flag, number, text
from rushes_masterlockit.reports.times import Span, span_of

#: A print state that says circled; the others are the vendor's secret and are printed as they are (A25).
PRINT = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A clip, with what more than one report needs of it as texts for people."""

    raw: Mapping[str, Any] = field(repr=False)
    span: Span
    video: bool
    id: str
    day: str
    date: str
    episode: str
    scene: str
    slate: str
    take: str
    device: str
    roll: str
    file: str
    clip: str
    circled: bool
    waste: bool

    @property
    def attempt(self) -> tuple[str, ...]:
        """What all clips of one take share; a clip without a take is its own, as wild tracks are."""
        return (
            (self.day or self.date, self.episode, self.scene, self.slate, self.take)
            if self.take
            else (self.id,)
        )


def row_of(clip: Mapping[str, Any], project_rate: str) -> Row:
    """Whatever is missing or wrong in the clip is empty."""
    video = at(clip, "type") != "sound"
    device = at(clip, "camera" if video else "soundRecorder")
    named = {"episode": episode, "scene": numbered, "slate": numbered}
    label = {
        name: write(at(clip, name)) or write(at(clip, "clipLabel", name)) for name, write in named.items()
    }
    return Row(
        raw=clip,
        span=span_of(clip, project_rate),
        video=video,
        id=str(at(clip, "id") or ""),
        day=numbered(at(clip, "projectDay")),
        date=text(clip, "projectDay", "date"),
        episode=label["episode"],
        scene=label["scene"],
        slate=label["slate"],
        take=take(at(clip, "take")),
        device=text(device, "name") or text(device, "number") or text(device, "model"),
        roll=text(clip, "camRoll" if video else "soundroll"),
        file=text(clip, "fileName") or text(clip, "clipName") or text(clip, "clipLabel", "name"),
        clip=text(clip, "clipName") or text(clip, "fileName") or text(clip, "clipLabel", "name"),
        circled=(not video and flag(clip, "circle")) or number(clip, "take", "printState") == PRINT,
        waste=flag(clip, "isWaste"),
    )
