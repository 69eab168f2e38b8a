"""The form of a proxy: what a person chose, as the command needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rushes_media.making.grade import Grade

Codec = Literal["avc", "hevc", "prores-proxy"]
Audio = Literal["aac", "pcm", "mp3"]
SoundOnly = Literal["bwf", "aac", "mp3"]
Interlaced = Literal["deinterlace", "keep"]
NoTimecode = Literal["wait", "warn", "stamp"]
VariableRate = Literal["conform", "refuse"]

#: What a probe calls the codecs of a proxy.
CODECS: dict[Codec, str] = {"avc": "h264", "hevc": "hevc", "prores-proxy": "prores"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Burn:
    """What is written into the picture; `font` is the path of a font file."""

    timecode: bool = False
    name: bool = False
    text: str = ""
    font: str = ""

    def __bool__(self) -> bool:
        return bool(self.timecode or self.name or self.text)


NO_BURN, NO_GRADE = Burn(), Grade()


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """`height` in lines, even; `bitrate` in bits a second; `ffmpeg` is "" for the one of imageio-ffmpeg."""

    height: int = 1080
    bitrate: int = 6_000_000
    preset: str = "veryfast"
    codec: Codec = "avc"
    audio: Audio = "aac"
    sound: SoundOnly = "bwf"
    interlaced: Interlaced = "deinterlace"
    variable_rate: VariableRate = "conform"
    burn: Burn = NO_BURN
    grade: Grade = NO_GRADE
    ffmpeg: str = ""
