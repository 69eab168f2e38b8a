"""Days for tests of the export, told by what was really so: when each recording began, and what its clock showed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import opentimelineio as otio

from rushes.timecode import FLICKS, Rate, Timecode
from rushes_match.export.as_otio import as_otio
from rushes_match.export.layout import timelines
from rushes_match.export.shot import Day, Shot
from rushes_match.export.syncing import syncs
from rushes_match.items import Offset, Pair

SECOND = FLICKS
TURN = 86400 * SECOND


@dataclass
class Truth:
    """What really was, in flicks from the midnight before the day."""

    shots: list[Shot] = field(default_factory=list)
    bonds: list[Pair] = field(default_factory=list)
    learned: list[Offset] = field(default_factory=list)
    began: dict[str, int] = field(default_factory=dict)

    def picture(
        self, id_: str, rate: str, frame: int, frames: int, *, ahead: int = 0, camera: str = "A", **facts: Any
    ) -> Shot:
        """Its clock showed frame number `frame`; it is ahead of the set by `ahead` flicks."""
        counts = Rate.parse(rate)
        one = int(FLICKS / counts.exact)
        label = Timecode.from_frames(frame, counts)
        self.began[id_] = frame * one - ahead
        meta = {"rate": counts.name, "timecode": str(label), "timecode_rate": counts.name, "frames": frames}
        path, starts = f"{camera}001/{id_}.mov", int(label.seconds * FLICKS)
        return self._add(id_, True, path, camera, starts, frames * one, facts, {**meta, "camera": camera})

    def sound(
        self, id_: str, sample: int, samples: int, *, clock: int = 48_000, rate: str = "25", **facts: Any
    ) -> Shot:
        """A recorder whose clock is right."""
        unit = FLICKS // clock
        self.began[id_] = sample * unit
        meta = {
            "timecode_rate": rate,
            "sample_rate": clock,
            "start_sample": sample % (86400 * clock),
            "channels": 2,
        }
        stream = facts.pop("stream", "recorder")
        return self._add(
            id_, False, f"SOUND/{id_}.wav", stream, sample * unit % TURN, samples * unit, facts, meta
        )

    def _add(self, id_, picture, path, stream, starts, length, facts, meta):
        told = {name: facts.pop(name) for name in list(facts) if name not in Shot.__dataclass_fields__}
        shot = Shot(
            **{
                "id": id_, "picture": picture, "path": path, "card": path.partition("/")[0], "stream": stream,
                "starts": starts, "length": length, "wall": self.began[id_] / FLICKS, "meta": {**meta, **told}, **facts,
            }
        )  # fmt: skip
        self.shots.append(shot)
        return shot

    def bind(
        self, picture: Shot, sound: Shot, *, ahead: int = 0, origin: str = "jammed", **more: Any
    ) -> None:
        """As the solver says it: whole frames, and an overlap in frames."""
        pace = picture.rate.exact
        begins, heard = self.began[picture.id], self.began[sound.id]
        overlap = min(begins + picture.length, heard + sound.length) - max(begins, heard)
        evidence = {
            "offset_frames": round(ahead * pace / FLICKS),
            "offset_from": origin,
            "overlap_frames": max(0, overlap) * pace.numerator // (pace.denominator * FLICKS),
        }
        state = more.pop("state", "matched")
        self.bonds.append(
            Pair(picture=picture.id, sound=sound.id, state=state, score=0.9, evidence={**evidence, **more})
        )
        if origin in {"clap", "learned"}:
            self.learned.append(
                Offset(
                    picture=picture.stream, sound=sound.stream, at=picture.starts, flicks=ahead, origin=origin
                )
            )

    def day(self) -> Day:
        shots = tuple(sorted(self.shots, key=lambda shot: (shot.wall, shot.id)))
        bonds = tuple(self.bonds)
        return Day(date="2026-11-22", shots=shots, bonds=bonds, syncs=syncs(shots, bonds, self.learned))


def read(day: Day) -> list[Any]:
    """The timelines of a day, written and read back."""
    return [
        otio.adapters.read_from_string(as_otio(day, timeline, day.date).decode(), "otio_json")
        for timeline in timelines(day)
    ]


def clips(timeline: Any, kind: str = "Video") -> dict[str, list[Any]]:
    """Clips by id, of the tracks of a kind."""
    found: dict[str, list[Any]] = {}
    for track in timeline.tracks:
        if track.kind == kind:
            for clip in track.find_clips():
                found.setdefault(clip.metadata["rushes"]["clip"], []).append(clip)
    return found


def at(clip: Any) -> float:
    """Seconds from the beginning of the timeline, by the lengths of all that is before it."""
    return clip.range_in_parent().start_time.to_seconds()
