"""When a recording ran: its labels, at which rate they count and who told it, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from rushes.timecode import Rate
from rushes_masterlockit.formats import clip_rate, label
from rushes_masterlockit.reports.reading import number

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Span:
    """`start` and `stop` are labels, empty where unknown; `frames` and `seconds` how long it took.

    `rate` is "" when nobody told it: the labels then stand as they were sent, and `seconds` is the difference of
    their seconds. `begins` is the label second of the start, for sorting. `wrong` says that a label cannot
    exist at that rate; it is printed all the same.
    """

    start: str = ""
    stop: str = ""
    frames: int | None = None
    seconds: Fraction | None = None
    rate: str = ""
    rate_from: str = ""
    begins: tuple[int, int] | None = None
    wrong: bool = False

    def overlaps(self, other: Span) -> bool:
        """Whether both ran at once; a span without an end is a moment."""
        if self.begins is None or other.begins is None:
            return False
        after = (other.begins[0] - self.begins[0]) % DAY
        before = (self.begins[0] - other.begins[0]) % DAY
        return after <= (self.seconds or 0) or before <= (other.seconds or 0)


def span_of(clip: Mapping[str, Any], project_rate: str) -> Span:
    """Of a clip, by the project's rate, else its own `fps`; a stop before the start is past midnight."""
    return _span(
        (number(clip, "tcStartSeconds"), number(clip, "tcStartFrames")),
        (number(clip, "tcStopSeconds"), number(clip, "tcStopFrames")),
        *clip_rate(clip, project_rate),
    )


def moment_of(timecode: Any, told: Mapping[str, Any], project_rate: str) -> Span:
    """Of a TimeCode; `told` may have an `fps` of its own."""
    at = (number(timecode, "seconds"), number(timecode, "frames"))
    return _span(at, (None, None), *clip_rate(told, project_rate))


def _span(
    start: tuple[int | None, int | None], stop: tuple[int | None, int | None], name: str, told_by: str
) -> Span:
    rate = _rate(name) if name else None
    seconds, frames = start[0], start[1] or 0
    if seconds is None:
        return Span(rate=name, rate_from=told_by)
    if stop[0] is None:
        return Span(
            start=written(seconds, frames, name),
            rate=name,
            rate_from=told_by,
            begins=(seconds, frames),
            wrong=_impossible(seconds, frames, rate),
        )
    until, rest = stop[0], stop[1] or 0
    length: int | None = None
    if rate is None:
        took = Fraction((until - seconds) % DAY)
        wrong = _impossible(seconds, frames, rate) or _impossible(until, rest, rate)
    else:
        try:
            length = (
                label(until, rest, rate).frames - label(seconds, frames, rate).frames
            ) % rate.frames_per_day
            took, wrong = length / rate.exact, False
        except ValueError:
            took, wrong = Fraction((until - seconds) % DAY), True
    return Span(
        written(seconds, frames, name),
        written(until, rest, name),
        length,
        took,
        name,
        told_by,
        (seconds, frames),
        wrong,
    )


def written(seconds: int, frames: int, rate: str) -> str:
    """The label as it was sent, a semicolon before the frames where numbers are dropped."""
    dot = ";" if rate and _rate(rate).dropped else ":"
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{dot}{frames:02}"


def clock(seconds: Fraction | float) -> str:
    """A length as HH:MM:SS, to the nearest second."""
    whole = int(seconds + Fraction(1, 2))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


@lru_cache(maxsize=64)
def rate_text(name: str) -> str:
    """A rate for people: "25 fps", "29.97 fps DF"."""
    rate = _rate(name)
    return f"{rate.name.removesuffix('df')} fps{' DF' if rate.dropped else ''}"


@lru_cache(maxsize=64)
def _rate(name: str) -> Rate:
    return Rate.parse(name)


def _impossible(seconds: int, frames: int, rate: Rate | None) -> bool:
    if rate is None:
        return not (0 <= seconds < DAY and 0 <= frames < 60)
    try:
        label(seconds, frames, rate)
    except ValueError:
        return True
    return False
