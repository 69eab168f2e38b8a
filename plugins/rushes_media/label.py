"""A timecode label as a file tells it, checked against its rate."""

from __future__ import annotations

import re
from fractions import Fraction

from rushes import Scalar
from rushes.timecode import Rate, Timecode

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
        counting = Rate.parse(known, drop=";" in label)
        code = Timecode.parse(label, counting)
    except ValueError as error:
        return {"timecode_refused": str(error)}
    return {**values, "timecode": str(code), "timecode_rate": str(counting)}


def of(rate: Fraction) -> Rate | None:
    """The rate that a number of frames a second is; None when it is none that timecode counts at."""
    try:
        return Rate.parse(rate)
    except ValueError:
        return None


def named(rate: str) -> bool:
    """Whether that is the name of a rate that timecode counts at."""
    return of(Fraction(rate)) is not None


def written(rate: Fraction) -> str:
    """A picture rate as text: a rate's name, else up to three decimals ("119.88", "12.5")."""
    known = of(rate)
    return str(known) if known else f"{float(rate):.3f}".rstrip("0").rstrip(".")
