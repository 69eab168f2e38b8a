"""What a person may choose of a proxy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from rushes import ConfigError, Options, Size
from rushes_media.making.form import (
    NO_BURN,
    NO_GRADE,
    Audio,
    Burn,
    Codec,
    Form,
    Interlaced,
    NoTimecode,
    SoundOnly,
    VariableRate,
)
from rushes_media.making.grade import Grade
from rushes_media.making.lut import prepare

LEAST, MOST = 1_000_000, 12_000_000
#: What a ProRes proxy takes of 1920x1080 at 25 pictures a second (Apple's table), which no option changes.
PRORES_RATE, PRORES_PIXELS = 38_000_000, 1920 * 1080

#: How long a program may take to tell what it is.
PATIENCE_S = 5
#: How font files begin that ffmpeg can read: TrueType, OpenType, Apple's, collections, web fonts, Type 1.
FONTS = (b"\0\1\0\0", b"OTTO", b"true", b"typ1", b"ttcf", b"wOFF", b"wOF2", b"\x80\1", b"%!PS", b"%!Font")
MOST_MAGIC = max(map(len, FONTS))
FONT = "burn_in.font"

Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]


class BurnIn(Options):
    """What is written into the picture."""

    timecode: bool = Field(False, description="the timecode of each picture, at the bottom")
    name: bool = Field(False, description="the clip's name, at the top left")
    text: str = Field("", max_length=80, description="a text of your own, at the top right")
    font: Path | None = Field(None, description="a font file, for scripts other than Latin")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.timecode or self.name or self.text.strip()):
            raise ValueError("writes nothing; give timecode: true, name: true or a text")
        return self


class ProxyOptions(Options):
    """Options of `proxy`."""

    height: int = Field(
        1080, ge=16, le=4320, description="lines of the proxy, even; a smaller original stays as it is"
    )
    codec: Codec = Field("avc", description="avc (H.264), hevc (H.265) or prores-proxy")
    bitrate: Size = Field(
        6_000_000, description="picture bits a second of avc and hevc, 1M to 12M", examples=["6M"]
    )
    preset: Preset = Field("veryfast", description="trade of time for quality of avc and hevc")
    audio: Audio = Field("aac", description="the sound of a picture: aac, pcm (24 bit) or mp3")
    sound: SoundOnly = Field("bwf", description="a clip of sound alone: bwf (24 bit WAVE), aac or mp3")
    burn_in: BurnIn | None = Field(None, description="timecode, name or a text in the picture")
    lut: Path | None = Field(None, description="a .cube that is put on the picture, for a BT.709 screen")
    cdl: Path | None = Field(
        None, description="a .cdl, .cc or .ccc that is put on the picture, before the lut"
    )
    no_timecode: NoTimecode = Field(
        "warn",
        description="a clip without timecode: wait until a match or a person tells it, warn, or stamp it",
    )
    variable_rate: VariableRate = Field(
        "conform", description="uneven pictures: conform to the nearest constant rate, or refuse"
    )
    interlaced: Interlaced = Field("deinterlace", description="two fields become one picture, or are kept")
    ffmpeg: str = Field(
        default_factory=lambda: os.environ.get("RUSHES_FFMPEG", ""),
        description="another ffmpeg than the one of imageio-ffmpeg; RUSHES_FFMPEG sets it for all",
    )

    @field_validator("height")
    @classmethod
    def _even(cls, height: int) -> int:
        if height % 2:
            raise ValueError(f"is {height}; it must be even, such as {height - 1}")
        return height

    @field_validator("bitrate")
    @classmethod
    def _sensible(cls, bitrate: int) -> int:
        if not LEAST <= bitrate <= MOST:
            raise ValueError(f"is {bitrate:,} bits a second; it must be 1M to 12M")
        return bitrate

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.codec == "hevc" and self.interlaced == "keep":
            raise ValueError("hevc keeps no fields here; choose interlaced: deinterlace, or another codec")
        if self.codec == "prores-proxy" and self.model_fields_set & {"bitrate", "preset"}:
            raise ValueError("prores-proxy has a bitrate of its own; leave bitrate and preset out")
        return self

    def form(self, *, font: str = "", grade: Grade = NO_GRADE) -> Form:
        """The choice as the command needs it: with the path of a font, and with what `lut` and `cdl` hold."""
        burn = self.burn_in
        return Form(
            height=self.height,
            bitrate=self.bitrate,
            preset=self.preset,
            codec=self.codec,
            audio=self.audio,
            sound=self.sound,
            interlaced=self.interlaced,
            variable_rate=self.variable_rate,
            burn=Burn(timecode=burn.timecode, name=burn.name, text=burn.text, font=font) if burn else NO_BURN,
            grade=grade,
            ffmpeg=self.ffmpeg,
        )


def notes(options: ProxyOptions) -> Sequence[str]:
    """Which ffmpeg is used and what follows from the choice; ConfigError where something is not there."""
    told = [_ffmpeg(options)]
    if options.codec == "prores-proxy":
        rate = PRORES_RATE * options.height**2 * 16 // 9 // PRORES_PIXELS
        over = f", over the {MOST // 10**6} Mb/s that a proxy is meant to have" if rate > MOST else ""
        told.append(
            f"prores-proxy takes about {round(rate / 10**6)} Mb/s of {options.height} lines "
            f"at 25 pictures a second{over}"
        )
    if options.burn_in and options.burn_in.font:
        _check_font(options.burn_in.font)
    try:
        prepare(options.lut, options.cdl, None)
    except OSError as error:
        option = "cdl" if str(options.cdl) == error.filename else "lut"
        raise ConfigError(f"{error.filename} cannot be read: {error.strerror}", option=option) from error
    return told


def _check_font(path: Path) -> None:
    """ConfigError where that is no font file."""
    remedy = "give the path of a font file"
    if not path.is_file():
        raise ConfigError(f"burn_in: font {str(path)!r} is not there; {remedy}", option=FONT)
    try:
        with path.open("rb") as file:
            begins = file.read(MOST_MAGIC)
    except OSError as error:
        raise ConfigError(f"burn_in: font {str(path)!r}: {error.strerror}; {remedy}", option=FONT) from error
    if not begins.startswith(FONTS):
        raise ConfigError(f"burn_in: font {path.name} is no font; {remedy}", option=FONT)


def _ffmpeg(options: ProxyOptions) -> str:
    if not options.ffmpeg:
        return "ffmpeg: the one that imageio-ffmpeg brings"
    found = shutil.which(options.ffmpeg)
    if found is None:
        raise ConfigError(
            f"ffmpeg is {options.ffmpeg!r}: no such program; install it or leave the option out",
            option="ffmpeg",
        )
    if not _is_ffmpeg(found):
        raise ConfigError(
            f"ffmpeg is {options.ffmpeg!r}: no ffmpeg, by what it answers to -version; "
            f"name another in the option or RUSHES_FFMPEG, or leave both out",
            option="ffmpeg",
        )
    return f"ffmpeg: {found}"


def _is_ffmpeg(program: str) -> bool:
    """Asks it; it gets none of our variables, which may be secrets."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("RUSHES_")}
    try:
        answer = subprocess.run(
            [program, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S,
            env=quiet, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.startswith(b"ffmpeg version ")
