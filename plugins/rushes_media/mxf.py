"""Is an MXF file whole, and at which rate does its timecode count (SMPTE ST 377-1, 7.1 and annex B).

The header partition tells where the footer must be. PyAV tells the label of the start; the rate of a file of
sound alone stands only in its header metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from struct import unpack
from typing import BinaryIO

#: Partition pack key up to the byte that tells header (2), body (3) or footer (4).
PARTITION = bytes.fromhex("060e2b34020501010d0102010102")
#: Key of a set of header metadata; its next byte tells which.
SET = bytes.fromhex("060e2b34025301010d0101010101")
TIMECODE, TRACK = 0x14, 0x3B
ROUNDED_TIMECODE_BASE, EDIT_RATE = 0x1502, 0x4B01
#: Header metadata stand at the front; that of real files is well below this.
HEADER_BYTES = 1 << 20


def is_mxf(head: bytes) -> bool:
    """Whether a file with this head starts with a header partition."""
    return head.startswith(PARTITION)


def problem(stream: BinaryIO, size: int) -> str:
    """One line when the file ends before its footer; "" when it is whole or does not tell."""
    stream.seek(0)
    pack = next((value for _, value in _elements(stream.read(1024))), b"")
    if len(pack) < 32:
        return "truncated: its header partition is cut"
    footer: int = unpack(">Q", pack[24:32])[0]
    return f"truncated: its footer is at byte {footer}, the file has {size}" if footer >= size else ""


def timecode_rate(stream: BinaryIO) -> Fraction | None:
    """The edit rate of the tracks that count as many frames a second as the timecode rounds to."""
    stream.seek(0)
    bases: set[int] = set()
    rates: set[Fraction] = set()
    for key, value in _elements(stream.read(HEADER_BYTES)):
        if not key.startswith(SET):
            continue
        items = dict(_items(value))
        if key[14] == TIMECODE and len(items.get(ROUNDED_TIMECODE_BASE, b"")) == 2:
            bases.add(int.from_bytes(items[ROUNDED_TIMECODE_BASE]))
        elif key[14] == TRACK and len(items.get(EDIT_RATE, b"")) == 8:
            above, below = unpack(">II", items[EDIT_RATE])
            if below:
                rates.add(Fraction(above, below))
    fitting = [rate for rate in rates if round(rate) in bases]
    return fitting[0] if len(bases) == len(fitting) == 1 else None


def _elements(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each element (KLV) that lies whole in the content."""
    position = 0
    while position + 17 <= len(content):
        start, length = position + 17, content[position + 16]
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(content[position + 17 : start])
        if start + length > len(content):
            return
        yield content[position : position + 16], content[start : start + length]
        position = start + length


def _items(value: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each item of a set."""
    position = 0
    while position + 4 <= len(value):
        tag, length = unpack(">HH", value[position : position + 4])
        yield tag, value[position + 4 : position + 4 + length]
        position += 4 + length
