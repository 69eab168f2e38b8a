"""What a proxy is made of: the streams of a file as making needs them, exact. Plain frozen values.

A finding tells people "16:9"; making needs the fraction, the picture's place in time, and what a colour means.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

#: What colour tags say when nobody told (ITU-T H.273, as ffmpeg counts).
UNTOLD = 2
PQ, HLG = 16, 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Colour:
    """How numbers mean colours: code points of ITU-T H.273; `full` is a range from 0 to all ones."""

    primaries: int = UNTOLD
    transfer: int = UNTOLD
    matrix: int = UNTOLD
    full: bool = False


UNTAGGED = Colour()
ZERO, SQUARE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture stream. `width` and `height` are stored pixels, `pixel` is the width of one over its height.

    `turned` is how far a player turns it, in degrees clockwise. `fields` tells that a picture is woven of two.
    `late` is its first picture's place in seconds after the container's start. `rate` is the nominal rate
    that the container claims, `mean` its pictures over time; None where it does not tell.
    """

    index: int
    width: int
    height: int
    pixel: Fraction = SQUARE
    turned: int = 0
    fields: bool = False
    bits: int = 8
    rgb: bool = False
    colour: Colour = UNTAGGED
    late: Fraction = ZERO
    rate: Fraction | None = None
    mean: Fraction | None = None

    @property
    def upright(self) -> tuple[Fraction, int]:
        """Width and height as they are shown, in square pixels as high as the stored ones."""
        wide = self.width * self.pixel
        if self.turned % 180 == 0:
            return wide, self.height
        # Turned, the stored width is the height: its pixels are square when the other side is scaled.
        return self.height / self.pixel, self.width


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """A sound stream; `late` as of a picture, `floating` tells samples that may exceed full scale."""

    index: int
    channels: int
    sample_rate: int
    late: Fraction = ZERO
    floating: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """The picture that a player would show and every sound stream; of a WAVE file what its recorder wrote."""

    picture: Picture | None = None
    sounds: tuple[Sound, ...] = ()
    bext: bytes = b""
    ixml: bytes = b""

    @property
    def channels(self) -> int:
        """Over all sound streams."""
        return sum(sound.channels for sound in self.sounds)
