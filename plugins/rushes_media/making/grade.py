"""A look that a person asked for: a LUT, a CDL, or both; nothing else ever changes a proxy's colours.

The picture becomes RGB with 16 bits, is graded, and becomes again what it was: with the matrix it is tagged
with, and where it is not, the one of its size (BT.709 from 720 lines on, BT.601 below).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rushes_media.looks.values import Correction, Triple
from rushes_media.making.material import UNTOLD, Colour

BT709, BT601, BT2020 = 1, 6, 9
#: Names that ffmpeg's scaler knows matrices by.
MATRICES = {BT709: "bt709", 4: "fcc", 5: "bt470bg", BT601: "smpte170m", 7: "smpte240m", BT2020: "bt2020nc"}
HD_LINES = 720
BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
#: Rec. 709 luma, which ASC CDL 1.2 saturates about whatever the picture is.
LUMA = (0.2126, 0.7152, 0.0722)
DEEP = "gbrp16le"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lut:
    """A .cube that ffmpeg reads: one curve for each colour, or a `cubic` table, over inputs from `low` to `high`."""

    path: str
    cubic: bool
    low: Triple = BLACK
    high: Triple = WHITE


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """A CDL, then LUTs."""

    cdl: Correction | None = None
    luts: tuple[Lut, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cdl or self.luts)


def matrix(colour: Colour, lines: int) -> int:
    """The matrix between the picture's YUV and RGB: the tagged one, else that of its size."""
    if colour.matrix in MATRICES:
        return colour.matrix
    if colour.primaries == BT2020:
        return BT2020
    return BT709 if lines >= HD_LINES else BT601


def graded(stream: Any, grade: Grade, colour: Colour, *, rgb: bool, lines: int) -> Any:
    """The stream in RGB with the look on it."""
    told = {} if rgb else {"in_color_matrix": MATRICES[matrix(colour, lines)]}
    stream = stream.filter("scale", **told).filter("format", DEEP)
    if grade.cdl:
        stream = _cdl(stream, grade.cdl)
    for lut in grade.luts:
        stream = _lut(stream, lut)
    return stream


def back(stream: Any, colour: Colour, pixel_format: str) -> Any:
    """RGB as YUV of that colour, which `after` told, and tagged so."""
    return (
        stream.filter(
            "scale", out_color_matrix=MATRICES[colour.matrix], out_range="pc" if colour.full else "tv"
        )
        .filter("format", pixel_format)
        .filter("setparams", **_tags(colour))
    )


def after(grade: Grade, colour: Colour, *, rgb: bool, lines: int) -> Colour:
    """What the proxy's colour is: that of the original but for RGB, which becomes YUV, and behind a LUT."""
    if grade.luts:
        return Colour(primaries=BT709, transfer=BT709, matrix=BT709)
    if not (rgb or grade):
        return colour
    return Colour(
        primaries=colour.primaries,
        transfer=colour.transfer,
        matrix=matrix(colour, HD_LINES if rgb else lines),
        full=colour.full and not rgb,
    )


def _lut(stream: Any, lut: Lut) -> Any:
    """The stream through a LUT; ffmpeg's own reading of a domain leaves out where it begins."""
    if (lut.low, lut.high) != (BLACK, WHITE):
        domain = {
            channel: f"clip((val/maxval-({low!r}))/{high - low!r},0,1)*maxval"
            for channel, low, high in zip("rgb", lut.low, lut.high, strict=True)
        }
        stream = stream.filter("lutrgb", **domain)
    if lut.cubic:
        return stream.filter("lut3d", file=lut.path, interp="tetrahedral")
    return stream.filter("lut1d", file=lut.path)


def _cdl(stream: Any, cdl: Correction) -> Any:
    """ASC CDL 1.2: clamped between its two halves, as the standard says."""
    sop = {
        channel: f"clip(pow(clip(val/maxval*{slope!r}+({offset!r}),0,1),{power!r}),0,1)*maxval"
        for channel, slope, offset, power in zip("rgb", cdl.slope, cdl.offset, cdl.power, strict=True)
    }
    stream = stream.filter("lutrgb", **sop)
    if cdl.saturation == 1:
        return stream
    mix = {
        out + into: weight * (1 - cdl.saturation) + (cdl.saturation if out == into else 0)
        for out in "rgb"
        for into, weight in zip("rgb", LUMA, strict=True)
    }
    return stream.filter("colorchannelmixer", **mix)


def _tags(colour: Colour) -> dict[str, Any]:
    told = {
        "color_primaries": colour.primaries,
        "color_trc": colour.transfer,
        "colorspace": colour.matrix,
    }
    return {name: code for name, code in told.items() if code != UNTOLD} | {
        "range": "pc" if colour.full else "tv"
    }
