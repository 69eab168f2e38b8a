"""What a person may choose of a proxy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import Literal

from pydantic import Field, field_validator

from rushes import ConfigError, Options, Size
from rushes_media.form import Form

LEAST, MOST = 1_000_000, 12_000_000

Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]


class ProxyOptions(Options):
    """Options of `proxy`."""

    height: int = Field(
        1080, ge=16, le=4320, description="lines of the proxy, even; a smaller original stays as it is"
    )
    bitrate: Size = Field(6_000_000, description="picture bits a second, 1M to 12M", examples=["6M"])
    preset: Preset = Field("veryfast", description="x264's trade of time for quality")
    ffmpeg: str = Field(
        default_factory=lambda: os.environ.get("RUSHES_FFMPEG", ""),
        description="another ffmpeg than the one of imageio-ffmpeg; RUSHES_FFMPEG sets it for all",
    )

    @field_validator("height")
    @classmethod
    def _even(cls, height: int) -> int:
        if height % 2:
            raise ValueError(f"height is {height}; it must be even, such as {height - 1}")
        return height

    @field_validator("bitrate")
    @classmethod
    def _sensible(cls, bitrate: int) -> int:
        if not LEAST <= bitrate <= MOST:
            raise ValueError(f"bitrate is {bitrate}; it must be 1M to 12M (bits a second)")
        return bitrate

    def form(self) -> Form:
        """The choice as the command needs it."""
        return Form(height=self.height, bitrate=self.bitrate, preset=self.preset, ffmpeg=self.ffmpeg)


def notes(options: ProxyOptions) -> Sequence[str]:
    """Which ffmpeg is used; ConfigError when the one that was named is not there."""
    if not options.ffmpeg:
        return ["ffmpeg: the one that imageio-ffmpeg brings"]
    found = shutil.which(options.ffmpeg)
    if found is None:
        raise ConfigError(
            f"ffmpeg is {options.ffmpeg!r}: no such program; install it or leave the option out"
        )
    return [f"ffmpeg: {found}"]
