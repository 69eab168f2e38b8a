"""The header of an R3D file: REDCODE's own directory of tags, versions 1 and 2 (as its readers found it).

A block begins with its length and its name, RED1 or RED2. The directory follows the records of the picture's
size; each entry has a length, a number whose upper four bits are its type, and a value.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from fractions import Fraction
from typing import BinaryIO

from rushes import Scalar
from rushes_media.words import label, text

MOST_BYTES = 1 << 17
FIRST_TAG = b"\0\x0f\x10\x00"  # length 15, tag 0x1000: the edge code that begins every directory
_TEXTS: Mapping[int, str] = {
    0x1006: "serial",
    0x1025: "firmware",
    0x1070: "lens",
    0x1071: "model",
    0x1056: "file_name",
}
START, EXPOSED, DAY, CLOCK = 0x1001, 0x1005, 0x1023, 0x1024
KELVIN, SPEED, ISO, F_NUMBER, FOCAL = 0x200D, 0x2066, 0x403B, 0x406A, 0x406B


def read(stream: BinaryIO) -> dict[str, Scalar]:
    """What the header says; a damaged one says what it can. `file_name` is the name its camera gave it."""
    stream.seek(0)
    content = stream.read(MOST_BYTES)
    values: dict[str, Scalar] = {"make": "RED"}
    try:
        rate = _picture(content, values)
        tags = dict(_tags(content))
    except struct.error:
        return values
    for tag, name in _TEXTS.items():
        if told := text.line(tags.get(tag, b"")):
            values[name] = told
    if speed := _float(tags.get(SPEED, b"")):
        rate = Fraction(speed).limit_denominator(1001)
    if rate is not None and 0 < rate < 10_000:
        values["rate"] = label.written(rate)
    if told := text.line(tags.get(START, b"")):
        values |= label.told(told, rate, "r3d")
    if 1000 <= (kelvin := _float(tags.get(KELVIN, b""))) <= 50_000:
        values["white_balance"] = round(kelvin)
    whole = {tag: int.from_bytes(tags.get(tag, b"")[:2]) for tag in (ISO, F_NUMBER, FOCAL)}
    if whole[ISO]:
        values["iso"] = whole[ISO]
    if whole[F_NUMBER]:
        values["aperture"] = f"{whole[F_NUMBER] / 10:g}"
    if whole[FOCAL]:
        values["focal_length"] = str(whole[FOCAL])
    exposed = text.line(tags.get(EXPOSED, b"")) or "".join(
        text.line(tags.get(tag, b"")) for tag in (DAY, CLOCK)
    )
    if match := re.match(r"\d{14}", exposed, re.ASCII):
        with suppress(ValueError):
            values["recorded"] = datetime.strptime(match[0], "%Y%m%d%H%M%S")  # noqa: DTZ007 - in a zone nobody tells
            values["recorded_basis"] = "r3d"
    return values


def _picture(content: bytes, values: dict[str, Scalar]) -> Fraction | None:
    """Fills in the size and returns the rate."""
    if content[4:8] == b"RED1":
        (width,), (height,) = struct.unpack(">H", content[0x36:0x38]), struct.unpack(">H", content[0x3A:0x3C])
        above, below = struct.unpack(">HH", content[0x3E:0x42])
    else:
        width, height = struct.unpack(">II", content[0x4C:0x54])
        below, high, low = struct.unpack(">HHH", content[0x56:0x5C])
        above = (high << 16) + low
    if 0 < width < 65_536 and 0 < height < 65_536:
        values |= {"width": width, "height": height}
    return Fraction(above, below) if above and below else None


def _tags(content: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = _directory(content)
    while at > 0 and at + 4 <= end:
        length, tag = struct.unpack(">HH", content[at : at + 4])
        if length < 4 or at + length > end or not tag >> 12:
            return
        yield tag, content[at + 4 : at + length]
        at += length


def _directory(content: bytes) -> tuple[int, int]:
    """Where its entries begin and end; looked for where the header is of a kind that nobody described."""
    (block,) = struct.unpack(">I", content[:4])
    at = block + 0x22 if content[4:8] == b"RED1" else 0x44 + content[0x40] * 0x18
    told = content[at : at + 2]
    length = int.from_bytes(told)
    if len(told) == 2 and 300 <= length < 2048 and at + 2 + length <= len(content):
        return at + 2, at + 2 + length
    return content.find(FIRST_TAG), len(content)


def _float(raw: bytes) -> float:
    told: float = struct.unpack(">f", raw[:4])[0] if len(raw) >= 4 else 0.0
    return told if 0 < told < 1e6 else 0.0
