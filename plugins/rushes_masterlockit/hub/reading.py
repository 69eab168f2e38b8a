"""What devices say in data events, read: which data belongs to which type of device, and whether it is that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rushes import Permanent
from rushes_masterlockit.formats import TYPE_NAMES, FormatError, facts, strict
from rushes_masterlockit.hub.fanout import LENS_HEAD
from rushes_masterlockit.protocol import DeviceType

#: The JSON `type` of what each type of device sends.
SPOKEN = {
    DeviceType.CAMERA: "video",
    DeviceType.SOUND_RECORDER: "sound",
    DeviceType.TIMECODE_GENERATOR: "timecode",
    DeviceType.SLATE_INFO: "slate",
    DeviceType.SLATE: "clap",
}

#: What is pushed to others unasked is no larger: small clients have a buffer of 32 KiB (reference, section 7).
MOST_VOLATILE = 16 * 1024

_DAY = 86_400
_MOST_FRAMES = 60


class _Timecode(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    seconds: int
    frames: int


_usual = msgspec.json.Decoder(_Timecode)


def read_said(type_: int, data: bytes) -> dict[str, Any]:
    """A clip, a slate or a clap. FormatError for what is malformed; Permanent where it is something that devices
    of this type do not send.
    """
    if type_ not in SPOKEN:
        raise Permanent(f"a {TYPE_NAMES[type_]} sends no data")
    said = strict(data)
    if not isinstance(said, dict):
        raise FormatError("data is a JSON object")
    spoken = said.get("type", SPOKEN[DeviceType(type_)])
    if spoken != SPOKEN[DeviceType(type_)]:
        raise Permanent(
            f"a {TYPE_NAMES[type_]} sends '{SPOKEN[DeviceType(type_)]}', not {str(spoken)[:40]!r}"
        )
    if type_ in (DeviceType.CAMERA, DeviceType.SOUND_RECORDER):
        facts(said, "")
    return said


def check_timecode(data: bytes) -> tuple[int, int]:
    """Label seconds and frames; FormatError where it is no timecode. Runs for every frame of every generator."""
    seconds: Any
    frames: Any
    try:
        # Eight quotes are three names and "timecode": no member is there twice.
        usual = _usual.decode(data) if data.count(b'"') == 8 else None
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError):
        usual = None
    if usual is not None and usual.type == SPOKEN[DeviceType.TIMECODE_GENERATOR]:
        seconds, frames = usual.seconds, usual.frames
    else:
        said = read_said(DeviceType.TIMECODE_GENERATOR, data)
        seconds, frames = said.get("seconds"), said.get("frames")
    if len(data) > MOST_VOLATILE:
        raise Permanent(f"a timecode of {len(data)} bytes; {MOST_VOLATILE} are passed on")
    if type(seconds) is not int or type(frames) is not int:
        raise FormatError("a timecode has whole seconds and frames")
    if not (0 <= seconds < _DAY and 0 <= frames < _MOST_FRAMES):
        raise FormatError(f"no timecode has {seconds} seconds and {frames} frames")
    return seconds, frames


def check_lens(data: bytes) -> None:
    """FormatError where the timecode that stands before the vendor's bytes is not whole; Permanent where it is more
    than any lens says in a frame.
    """
    if len(data) > MOST_VOLATILE:
        raise Permanent(f"lens data of {len(data)} bytes; {MOST_VOLATILE} are passed on")
    if len(data) < LENS_HEAD:
        raise FormatError(f"lens data of {len(data)} bytes; its timecode alone has {LENS_HEAD}")


def read_metadata(data: bytes) -> Mapping[str, Any]:
    """A DeviceMetaEvent's object; FormatError."""
    told = strict(data)
    if not isinstance(told, dict):
        raise FormatError("metadata is a JSON object")
    return told
