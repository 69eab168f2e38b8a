"""Devices in JSON: their ids as text (A13), the names of their types."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from rushes_masterlockit.protocol.codes import DeviceType

#: What people read and write for a device's type.
TYPE_NAMES: dict[int, str] = {
    DeviceType.CAMERA: "camera",
    DeviceType.SOUND_RECORDER: "recorder",
    DeviceType.TIMECODE_GENERATOR: "generator",
    DeviceType.SLATE_INFO: "slate-info",
    DeviceType.SLATE: "slate",
    DeviceType.STORAGE: "storage",
    DeviceType.LENS: "lens",
}

_HEX = re.compile(r"[0-9a-f]{16}|0x[0-9a-f]{1,16}", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"-?[0-9]{1,20}", re.ASCII)

#: A sign and twenty digits; what a peer makes up beyond is not remembered.
_LONGEST = 21


def device_text(device: int, form: Literal["hex", "decimal"] = "hex") -> str:
    """The id as text: 16 lower hex digits of its value, as everywhere inside, or decimal as some peers write."""
    return f"{device:016x}" if form == "hex" else str(device)


def device_id(text: str) -> int | None:
    """The id that a text means; None for a text that is no id and stays opaque.

    Sixteen digits are hex, as is anything after 0x; else decimal, a negative one being the same 64 bits.
    """
    if _HEX.fullmatch(text):
        return int(text, 16)
    if _DECIMAL.fullmatch(text) and -(2**63) <= (value := int(text)) < 2**64:
        return value % 2**64
    return None


def device_key(text: str) -> str:
    """What two spellings of one id have in common: 16 hex digits, or an opaque text as it is."""
    return _key(text) if len(text) <= _LONGEST else text


@lru_cache(4096)
def _key(text: str) -> str:
    device = device_id(text)
    return text if device is None else device_text(device)
