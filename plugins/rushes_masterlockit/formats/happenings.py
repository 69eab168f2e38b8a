"""What generators, slate tablets and slates say."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET

from rushes_masterlockit.formats.form import Form, Maybe


class TimeCode(Form, frozen=True, kw_only=True):
    """Seconds of the label since midnight, and frames (A7); a rate is never told."""

    type: Maybe[Literal["timecode"]] = "timecode"
    seconds: Maybe[int] = UNSET
    frames: Maybe[int] = UNSET


class SlateInfo(Form, frozen=True, kw_only=True):
    """What the slate of the upcoming take will show; `date` is yyyy-MM-dd."""

    type: Maybe[Literal["slate"]] = "slate"
    mos: Maybe[bool] = UNSET
    day: Maybe[bool] = UNSET
    night: Maybe[bool] = UNSET
    inside: Maybe[bool] = UNSET
    outside: Maybe[bool] = UNSET
    fps: Maybe[int] = UNSET
    cam: Maybe[str] = UNSET
    date: Maybe[str] = UNSET
    roll: Maybe[str] = UNSET
    scene: Maybe[str] = UNSET
    slate: Maybe[str] = UNSET
    take: Maybe[str] = UNSET
    producer: Maybe[str] = UNSET
    director: Maybe[str] = UNSET
    dop: Maybe[str] = UNSET
    soundmixer: Maybe[str] = UNSET


class ClapEvent(Form, frozen=True, kw_only=True):
    """The sticks met, at this label, under what the slate showed."""

    type: Maybe[Literal["clap"]] = "clap"
    timecode: Maybe[TimeCode] = UNSET
    slate_info: Maybe[SlateInfo] = UNSET
