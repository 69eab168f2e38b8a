"""A timecode label as a file tells it, checked against its rate."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from rushes import Scalar
from rushes.timecode import RATES, Rate, Timecode

_ONE_DIGIT = re.compile(r"([:;])(\d)(?=$|[:;])")


def told(label: str, rate: Fraction | None, origin: str) -> dict[str, Scalar]:
    """`timecode`, `timecode_from` and, where the rate is known, `timecode_rate`.

    A label without a known rate is kept with its digits filled up (ffmpeg reads "00:00:00:0" from some MXF
    files). A label that cannot be at its rate is no timecode: `timecode_refused` says why.
    """
    values: dict[str, Scalar] = {
        "timecode": _ONE_DIGIT.sub(r"\g<1>0\2", label.strip()),
        "timecode_from": origin,
    }
    known = None if rate is None else of(rate)
    if known is None:
        return values
    try:
        counting = _counting(known, drop=";" in label)
        code = Timecode.parse(label, counting)
    except ValueError as error:
        return {"timecode_refused": str(error)}
    return {**values, "timecode": str(code), "timecode_rate": str(counting)}


@lru_cache(maxsize=256)  # a card has one or two rates
def of(rate: Fraction) -> Rate | None:
    """The rate that a number of frames a second is; None when it is none that timecode counts at."""
    try:
        return Rate.parse(rate)
    except ValueError:
        return None


def counted(frames: str, picture_rate: str) -> Fraction | None:
    """The rate of a timecode that is only told to count so many `frames` a second, beside pictures at that rate.

    29.97 and 59.94 pictures a second both run beside 30 labels; None where `frames` is no number.
    """
    if not frames.isdecimal() or not int(frames):
        return None
    pace = Fraction(int(frames))
    shown = next((rate.exact for rate in RATES if rate.name == picture_rate), None)
    return pace if shown is None or shown.denominator == 1 else pace * Fraction(1000, 1001)


def named(rate: str) -> bool:
    """Whether that is the name of a rate that timecode counts at."""
    return of(Fraction(rate)) is not None


@lru_cache(maxsize=256)
def written(rate: Fraction) -> str:
    """A picture rate as text: a rate's name, else up to three decimals ("119.88", "12.5")."""
    known = of(rate)
    return str(known) if known else f"{float(rate):.3f}".rstrip("0").rstrip(".")


def end(values: Mapping[str, Scalar], seconds: Fraction | None = None) -> dict[str, Scalar]:
    """`timecode_end` of what `values` tell: the label of the first frame after the last; {} where nothing tells.

    Pictures count where they come at the timecode's rate. Else the length in `seconds` does; a sound's frame that
    it ends within is its last.
    """
    try:
        code = Timecode.parse(str(values["timecode"]), _rate(str(values["timecode_rate"])))
    except (KeyError, ValueError):
        return {}
    frames, rate = values.get("frames"), values.get("rate")
    paced = str(rate) == written(code.rate.exact) and not values.get("variable_rate")
    # An edit list shows fewer pictures than a file holds.
    if isinstance(frames, int) and paced and (not seconds or abs(frames - seconds * code.rate.exact) < 1):
        return {"timecode_end": str(code + frames)}
    if not seconds:
        return {}
    start, clock = values.get("start_sample"), _clock(values)
    begins = Fraction(start, clock) if isinstance(start, int) and clock else code.seconds
    # A container's seconds are rounded to its ticks: a hundredth of a frame more is no frame.
    ends = math.ceil((begins + seconds) * code.rate.exact - Fraction(1, 100))
    return {"timecode_end": str(Timecode.from_frames(ends, code.rate))}


def _clock(values: Mapping[str, Scalar]) -> int:
    """Samples a second that a sound's start is counted in."""
    told = values.get("timestamp_rate", values.get("sample_rate", 0))
    return int(told) if isinstance(told, int | str) else 0


@lru_cache(maxsize=256)
def _counting(rate: Rate, *, drop: bool) -> Rate:
    return Rate.parse(rate, drop=drop)


@lru_cache(maxsize=256)
def _rate(name: str) -> Rate:
    return Rate.parse(name)
