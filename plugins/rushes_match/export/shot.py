"""What an export knows of a recording, and of what belongs to it. Plain frozen values, sent to a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rushes.timecode import FLICKS, Rate, Timecode
from rushes_match.items import DAY_FLICKS, Pair

_USUAL_CLOCK = 48_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """A file with a picture or a sound.

    `meta` has the names of `rushes.columns`, merged. `starts` is in flicks since midnight by its own timecode, `length`
    in flicks, None where nobody tells. `wall` is as in `Item`, `stream` its camera or recorder. `part` is the kind of
    part it is of the recording `lead`, "" of a lead itself. `url` and `proxy` are where files are, "" where none is.
    """

    id: str
    picture: bool
    path: str
    card: str = ""
    wall: float = 0.0
    stream: str = ""
    starts: int | None = None
    length: int | None = None
    lead: str = ""
    part: str = ""
    url: str = ""
    online: bool = True
    proxy: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def filename(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def text(self, name: str) -> str:
        """What is told under a name, "" where nothing is."""
        told = self.meta.get(name)
        return "" if told is None else str(told).strip()

    @property
    def rate(self) -> Rate | None:
        """Pictures a second; None of a sound, and where no timecode counts at it."""
        return _rate(self.text("rate")) if self.picture else None

    @property
    def counts(self) -> Rate | None:
        """The rate its timecode counts at, else that of its pictures."""
        return _rate(self.text("timecode_rate")) or _rate(self.text("rate"))

    @property
    def clock(self) -> int:
        """Sound samples a second."""
        told = self.meta.get("sample_rate")
        return told if isinstance(told, int) and told > 0 else _USUAL_CLOCK

    @property
    def frames(self) -> int | None:
        """How many pictures it has; a rest of one counts where it is half of one or more."""
        if self.rate is None or self.length is None:
            return None
        return nearest(self.length, self.rate.exact)

    @property
    def label(self) -> Timecode | None:
        """Its start timecode."""
        rate = self.counts
        if self.starts is None or rate is None:
            return None
        return Timecode.from_frames(self.starts * rate.exact // FLICKS, rate)

    @property
    def counted(self) -> int | None:
        """Its length in frames of its timecode."""
        rate = self.counts
        return None if rate is None or self.length is None else nearest(self.length, rate.exact)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sync:
    """A picture that begins `delta` flicks after its sound (before it, where negative), both being files.

    It is `about` where the clocks were learned from starts and ends of takes alone: cameras roll after sound does, and
    nothing in the times tells by how much. A jam, a clap or a person does.
    """

    picture: str
    sound: str
    delta: int
    score: float
    about: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A shooting day: `shots` in the order of the wall clock, `bonds` pairs of their leads, `syncs` of those whose
    clocks tell how they lie; `records` are ids of the records of a clip.
    """

    date: str
    shots: tuple[Shot, ...] = ()
    bonds: tuple[Pair, ...] = ()
    syncs: tuple[Sync, ...] = ()
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def nearest(flicks: int, pace: Fraction | int) -> int:
    """Flicks as a whole number of frames or samples, half a one up."""
    return int((flicks * pace / FLICKS + Fraction(1, 2)) // 1)


def wrapped(flicks: int, turn: int = DAY_FLICKS) -> int:
    """A difference between two times of the day, at most half a day either way; `turn` is how long a day is."""
    return (flicks + turn // 2) % turn - turn // 2


def turn_of(rate: Rate | None) -> int:
    """From midnight to midnight by labels of a rate: at 23.976 they run late by 86.4 s a day."""
    return DAY_FLICKS if rate is None else int(rate.frames_per_day * FLICKS / rate.exact)


def _rate(told: str) -> Rate | None:
    try:
        return Rate.parse(told)
    except ValueError:
        return None
