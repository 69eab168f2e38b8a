"""Clocks of files and records: labels of timecode as they were written, and days as far as walls tell them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from rushes import Scalar
from rushes.timecode import Rate

DAY = 86400.0

#: Labels this near are one moment: a device and its file may be a frame apart, and round it.
SAME_S = 0.09
#: A record may be started by the key and the file by the first picture.
NEAR_S = 2.5
#: A clock at whose zone nobody can be sure of is off by at most this.
ZONE_S = 15 * 3600.0
#: Walls this near are one moment, clocks being set by hand.
MOMENT_S = 300.0

Day = Literal["moment", "same", "later", "differs", "missing"]

_LABEL = re.compile(r"(\d{1,2})[:;.](\d{1,2})[:;.](\d{1,2})[:;.](\d{1,3})", re.ASCII)


class Span(Struct, frozen=True, gc=False):
    """`start` in seconds of a label, read as a clock; `length` in seconds, None where unknown."""

    start: float
    length: float | None = None

    @property
    def end(self) -> float | None:
        return None if self.length is None else self.start + self.length


class Wall(Struct, frozen=True, gc=False):
    """When it began, in seconds since the epoch as if its zone were UTC; `late` where only copying it may have
    made it later.
    """

    at: float
    late: bool = False


def read_label(label: str, rate: str) -> float | None:
    """Seconds of a label; frames count at the nominal rate, at 25 where none is told. None for what is no label."""
    match = _LABEL.fullmatch(label.strip())
    if not match:
        return None
    hours, minutes, seconds, frames = map(int, match.groups())
    return clock(hours * 3600 + minutes * 60 + seconds, frames, rate)


def clock(seconds: int, frames: int, rate: str) -> float:
    """Seconds of a label that is told as label seconds and frames."""
    return seconds + frames / nominal(rate)


@lru_cache(256)
def nominal(rate: str) -> int:
    """Labels a second, 25 where the rate is none that timecode counts at."""
    try:
        return Rate.parse(rate).nominal
    except ValueError:
        return 25


def apart(one: float, other: float) -> float:
    """Seconds from one label to the other, the short way around the day: -43200 to 43200."""
    return (other - one + DAY / 2) % DAY - DAY / 2


def shared(one: Span, other: Span) -> float:
    """Overlap as a share of the shorter one, 0 where a length is unknown."""
    if not one.length or not other.length:
        return 0.0
    shift = apart(one.start, other.start)
    overlap = min(one.length, shift + other.length) - max(0.0, shift)
    return max(0.0, overlap) / min(one.length, other.length)


def seconds_of(told: Scalar | None) -> float | None:
    """A moment as a column has it, in seconds since the epoch; None for what is none."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told.strip())
        except ValueError:
            return None
    if not isinstance(told, datetime) or not 1971 < told.year < 9999:
        return None
    return (told.replace(tzinfo=UTC) if told.tzinfo is None else told).timestamp()


def day_of(file: Wall | None, said: Wall | None) -> Day:
    """How the day of a file stands to that of what was said of it."""
    if file is None or said is None:
        return "missing"
    after = file.at - said.at
    if abs(after) <= MOMENT_S:
        return "moment"
    if abs(after) <= ZONE_S:
        return "same"
    return "later" if file.late and after > 0 else "differs"
