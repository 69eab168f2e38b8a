"""What matching works on: clips reduced to clocks and names, and what comes out of it. Plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rushes import LinkState
from rushes.timecode import FLICKS, Rate

Side = Literal["picture", "sound"]

#: The length of a day, in flicks.
DAY_FLICKS = 86400 * FLICKS


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One recording of one device: a picture, or a sound take with all its files.

    `stream` names the device whose clock counted: items of one stream share one clock (a camera, a recorder),
    `roll` its card, reel or folder. Times are flicks (`rushes.timecode.FLICKS` a second): `start` real time since
    midnight by its own timecode, `label` the same label read as a clock's hours, minutes and seconds at the nominal
    rate (they differ by 0.1 % at 23.976), both None without timecode; `length` is None where nobody told.
    `wall` is when it began by the device's wall clock, in seconds since the epoch as if its zone were UTC;
    `wall_from` is "recorded", "created", "named" (by the day in its name), "modified" or "". `seen` is when the
    pipeline first saw it. `claps` are sync points in flicks since midnight by its own timecode. Names are as they were
    told, "" where nobody did; `parts` are the ids of its other files.
    """

    id: str
    side: Side
    stream: str
    roll: str = ""
    start: int | None = None
    label: int | None = None
    length: int | None = None
    rate: Rate | None = None
    wall: float | None = None
    wall_from: str = ""
    seen: float = 0.0
    name: str = ""
    camera: str = ""
    reel: str = ""
    scene: str = ""
    slate: str = ""
    take: str = ""
    mos: bool = False
    claps: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Offset:
    """How a picture stream's clock stands to a sound stream's, from one moment on.

    Picture time minus sound time of the same instant is `flicks` at `at` and changes by `drift` flicks a flick.
    `at` is in flicks of the picture stream's own timeline as the solver unrolled it, `pairs` how many pairs it was
    learned of, `spread` their uncertainty in flicks, `origin` one of "jammed", "learned", "clap", "hand".
    """

    picture: str
    sound: str
    at: int
    flicks: int
    drift: float = 0.0
    pairs: int = 0
    spread: int = 0
    origin: str = "learned"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A picture with a sound; `score` is 0 to 1. `evidence` is JSON that people read, its keys in `sync/README`."""

    picture: str
    sound: str
    state: LinkState
    score: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a person said of a picture and a sound; or of a clip and what is told of it, a proxy and its original, in
    the places of these.
    """

    picture: str
    sound: str
    accept: bool
    at: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Solution:
    """All pairs that were looked at, best first, and the offsets they were found with."""

    pairs: Sequence[Pair] = ()
    offsets: Sequence[Offset] = ()
