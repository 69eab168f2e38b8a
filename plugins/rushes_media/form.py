"""The form of a proxy: what a person chose, as the command needs it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """`height` in lines, even; `bitrate` in bits a second; `ffmpeg` is "" for the one of imageio-ffmpeg."""

    height: int = 1080
    bitrate: int = 6_000_000
    preset: str = "veryfast"
    ffmpeg: str = ""
