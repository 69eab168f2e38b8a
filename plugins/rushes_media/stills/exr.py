"""The attributes of an OpenEXR file's first part (OpenEXR file layout, standard attributes)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import BinaryIO

from rushes import Scalar
from rushes_media.stills import exif
from rushes_media.stills.photo import packed
from rushes_media.stills.still import Still
from rushes_media.words import label, text

MAGIC = b"\x76\x2f\x31\x01"
HEADER_BYTES = 1 << 20
MOST_ATTRIBUTES = 2_000
TEXTS: Mapping[str, str] = {
    "reelName": "reel",
    "cameraMake": "make",
    "cameraModel": "model",
    "cameraSerialNumber": "serial",
    "cameraFirmwareVersion": "firmware",
    "cameraLabel": "camera",
    "lensModel": "lens",
    "lensSerialNumber": "lens_serial",
    "comments": "note",
}
_DEPTHS: Mapping[int, int] = {0: 32, 1: 16, 2: 32}
#: Red, green and blue as ffmpeg names them.
_PRIMARIES: Mapping[tuple[float, ...], str] = {
    (0.64, 0.33, 0.3, 0.6, 0.15, 0.06): "bt709",
    (0.708, 0.292, 0.17, 0.797, 0.131, 0.046): "bt2020",
    (0.68, 0.32, 0.265, 0.69, 0.15, 0.06): "smpte432",
}


def read(stream: BinaryIO) -> Still:
    """What the header says."""
    stream.seek(8)
    content = stream.read(HEADER_BYTES)
    values: dict[str, Scalar] = {"container": "exr", "transfer": "linear"}
    attributes: dict[str, bytes] = {}
    problem = "truncated: its header is cut"
    for name, value in _attributes(content):
        if not name:
            problem = ""
            break
        attributes[name] = value
    for name, column in TEXTS.items():
        if told := text.line(attributes.get(name, b"")):
            values[column] = told
    values |= _picture(attributes)
    values |= _exposure(attributes)
    values |= _clock(attributes)
    return Still(values, problem)


def _attributes(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and value of each attribute; an empty name is the end of the header."""
    at = 0
    for _ in range(MOST_ATTRIBUTES):
        if content[at : at + 1] == b"\0":
            yield "", b""
            return
        name_end = content.find(b"\0", at)
        kind_end = content.find(b"\0", name_end + 1)
        if name_end < 0 or kind_end < 0 or kind_end + 5 > len(content):
            return
        (length,) = struct.unpack("<i", content[kind_end + 1 : kind_end + 5])
        start = kind_end + 5
        if length < 0 or start + length > len(content):
            return
        yield text.line(content[at:name_end]), content[start : start + length]
        at = start + length


def _picture(attributes: Mapping[str, bytes]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    window = attributes.get("displayWindow") or attributes.get("dataWindow", b"")
    if len(window) == 16:
        left, top, right, bottom = struct.unpack("<iiii", window)
        values |= {"width": right - left + 1, "height": bottom - top + 1}
    channels = attributes.get("channels", b"")
    end = channels.find(b"\0")
    if end > 0 and len(channels) >= end + 5:
        values["bit_depth"] = _DEPTHS.get(struct.unpack("<i", channels[end + 1 : end + 5])[0], 32)
    if len(colours := attributes.get("chromaticities", b"")) == 32:
        told = struct.unpack("<8f", colours)[:6]
        close = (
            name
            for known, name in _PRIMARIES.items()
            if all(abs(one - other) < 0.002 for one, other in zip(known, told, strict=True))
        )
        if name := next(close, ""):
            values["colour_space"] = name
    return values


def _exposure(attributes: Mapping[str, bytes]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    if 0 < (iso := _number(attributes, "isoSpeed")) < 10**7:
        values["iso"] = round(iso)
    if 0 < (time := _number(attributes, "expTime")) < 10**5:
        values["shutter"] = exif.seconds(time)
    if 0 < (kelvin := _number(attributes, "cameraCCTSetting")) < 10**5:
        values["white_balance"] = round(kelvin)
    pairs = (("aperture", "aperture"), ("t_stop", "tStop"), ("focal_length", "nominalFocalLength"))
    for name, attribute in pairs:
        if 0 < (told := _number(attributes, attribute)) < 10**5:
            values[name] = exif.decimal(told)
    return values


def _clock(attributes: Mapping[str, bytes]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    rate = None
    if len(speed := attributes.get("framesPerSecond", b"")) == 8:
        above, below = struct.unpack("<iI", speed)
        rate = Fraction(above, below) if above > 0 and below else None
    if rate is not None and rate < 100_000:
        values["rate"] = label.written(rate)
    if len(code := attributes.get("timeCode", b"")) == 8:
        values |= label.told(packed(code[:4]), rate, "exr")
        if bits := int.from_bytes(code[4:], "little"):
            values["user_bits"] = f"{bits:08x}"
    at, _ = exif.moment(text.line(attributes.get("capDate", b"")))
    if at is not None:
        zone = ""
        if "utcOffset" in attributes:  # UTC is local time plus it: the other way round than a zone is written
            minutes = -round(_number(attributes, "utcOffset") / 60)
            sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
            zone = f"{sign}{timedelta(minutes=minutes).seconds // 3600:02d}:{minutes % 60:02d}"
        values |= exif.moments(at, zone)
    return values


def _number(attributes: Mapping[str, bytes], name: str) -> float:
    """A float attribute; 0.0 where it is absent or no number."""
    raw = attributes.get(name, b"")
    told: float = struct.unpack("<f", raw)[0] if len(raw) == 4 else 0.0
    return told if abs(told) < 1e9 else 0.0
