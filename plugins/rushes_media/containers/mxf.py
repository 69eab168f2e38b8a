"""Is an MXF file whole, and what its header metadata tell that PyAV does not (SMPTE ST 377-1, 7.1 and annex B).

The header partition tells where the footer must be. PyAV tells the label of the start; the rate of a file of
sound alone, and the names of its sound tracks, stand only in the header metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from struct import error as struct_error
from struct import unpack
from typing import BinaryIO

from rushes import Scalar
from rushes_media.containers import essence

#: Partition pack key up to the byte that tells header (2), body (3) or footer (4).
PARTITION = bytes.fromhex("060e2b34020501010d0102010102")
#: Key of the random index pack at the end of a finished file.
INDEX_PACK = bytes.fromhex("060e2b34020501010d01020101110100")
#: Key of a set of header metadata; its next byte tells which.
SET = bytes.fromhex("060e2b34025301010d0101010101")
TIMECODE, TRACK, MATERIAL_PACKAGE, SEQUENCE = 0x14, 0x3B, 0x36, 0x0F
ROUNDED_TIMECODE_BASE, EDIT_RATE = 0x1502, 0x4B01
INSTANCE, DATA_DEFINITION = 0x3C0A, 0x0201
TRACKS, CREATED, TRACK_NAME, TRACK_SEQUENCE = 0x4403, 0x4405, 0x4802, 0x4803
#: Data definition of sound, legacy and present, from the byte behind the registry's version.
SOUND = bytes.fromhex("010302020200")
#: Essence of one edit unit after another, or of one track alone: byte 13 of the operational pattern's label.
PATTERNS: Mapping[int, str] = {0x01: "OP1a", 0x02: "OP2a", 0x03: "OP3a", 0x10: "OP-Atom"}
#: Header metadata stand at the front; that of real files is well below this.
HEADER_BYTES = 1 << 20
Items = Mapping[int, bytes]
#: Names that a writer gives where nobody gave one.
_GENERIC = re.compile(r"(?:mp|fp|sound|audio|track|[\W\d_])*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """What the header tells; None, () and "" stand for what it does not.

    `timecode_rate` is in frames a second; `tracks` are the names of the sound tracks in their order, "" for one
    without; `pattern` is the operational pattern; `created` when the material package was, which the standard
    wants in UTC; `described` are columns that stand where no reader tells; `problem` is one line.
    """

    problem: str = ""
    timecode_rate: Fraction | None = None
    tracks: tuple[str, ...] = ()
    pattern: str = ""
    created: datetime | None = None
    described: Mapping[str, Scalar] = field(default_factory=dict)


def is_mxf(head: bytes) -> bool:
    """Whether a file with this head starts with a header partition."""
    return head.startswith(PARTITION)


def read(stream: BinaryIO, size: int) -> Header:
    """What the front of a file of `size` bytes tells; a damaged one tells what comes before the damage."""
    stream.seek(0)
    content = stream.read(HEADER_BYTES)
    # In a short file the footer's are here too: the same sets once more, with what was known at the end.
    once = {
        items.get(INSTANCE, value): (key[14], items)
        for key, value in _elements(content)
        if key.startswith(SET) and (items := dict(_items(value)))
    }
    sets = list(once.values())
    return Header(
        problem(stream, size),
        _timecode_rate(sets),
        _tracks(sets),
        _pattern(content),
        _created(sets),
        essence.read(sets),
    )


def problem(stream: BinaryIO, size: int) -> str:
    """One line when the file ends before its footer; "" when it is whole or does not tell."""
    stream.seek(0)
    front = stream.read(1024)
    pack = next((value for _, value in _elements(front)), b"")
    if len(pack) < 32:
        return "truncated: its header partition is cut"
    footer: int = unpack(">Q", pack[24:32])[0]
    if footer >= size:
        return f"truncated: its footer is at byte {footer}, the file has {size}"
    if footer:
        stream.seek(footer)
        ends = footer + _partition_bytes(stream.read(1024))
        return f"truncated: its footer ends at byte {ends}, the file has {size}" if ends > size else ""
    if front[14] in {1, 3} and not _indexed(stream, size):
        return "not finished by its recorder: its header is open and no footer follows"
    return ""


def _partition_bytes(front: bytes) -> int:
    """Bytes of a partition with its metadata and index, as its pack tells; that of a whole pack where it is cut."""
    if not front.startswith(PARTITION) or len(front) < 17:
        return 17
    width = front[16] & 0x7F if front[16] & 0x80 else 0
    start = 17 + width
    length = int.from_bytes(front[17:start]) if width else front[16]
    pack = front[start : start + 48]
    if len(pack) < 48:
        return start + length
    metadata: int
    index: int
    metadata, index = unpack(">QQ", pack[32:48])
    return start + length + metadata + index


def _indexed(stream: BinaryIO, size: int) -> bool:
    """Whether a random index pack ends the file: its last four bytes tell its length."""
    stream.seek(max(0, size - 4))
    length = int.from_bytes(stream.read(4))
    if not 20 <= length <= min(size, HEADER_BYTES):
        return False
    stream.seek(size - length)
    return stream.read(16) == INDEX_PACK


def _timecode_rate(sets: list[tuple[int, dict[int, bytes]]]) -> Fraction | None:
    """The edit rate of the tracks that count as many frames a second as the timecode rounds to."""
    bases: set[int] = set()
    rates: set[Fraction] = set()
    for kind, items in sets:
        if kind == TIMECODE and len(items.get(ROUNDED_TIMECODE_BASE, b"")) == 2:
            bases.add(int.from_bytes(items[ROUNDED_TIMECODE_BASE]))
        elif kind == TRACK and len(items.get(EDIT_RATE, b"")) == 8:
            above, below = unpack(">II", items[EDIT_RATE])
            if below:
                rates.add(Fraction(above, below))
    if len(bases) != 1:
        return None
    base = bases.pop()
    fitting = {rate for rate in rates if round(rate) == base}
    # A camera at 50 or 59.94 may count every second picture.
    fitting = fitting or {rate / 2 for rate in rates if round(rate / 2) == base}
    return fitting.pop() if len(fitting) == 1 else None


def _tracks(sets: list[tuple[int, dict[int, bytes]]]) -> tuple[str, ...]:
    """Names of the material package's sound tracks: those are what an editor sees."""
    by_id = {items[INSTANCE]: items for _, items in sets if INSTANCE in items}
    names = []
    for references in (items.get(TRACKS, b"") for kind, items in sets if kind == MATERIAL_PACKAGE):
        for place in range(8, len(references) - 15, 16):  # a count and a length stand before the references
            track: Items = by_id.get(references[place : place + 16], {})
            sequence: Items = by_id.get(track.get(TRACK_SEQUENCE, b""), {})
            if sequence.get(DATA_DEFINITION, b"")[8:14] == SOUND:
                name = track.get(TRACK_NAME, b"").decode("utf-16-be", "replace").partition("\0")[0].strip()
                names.append("" if _GENERIC.fullmatch(name) else name)
    return tuple(names) if any(names) else ()


def _created(sets: list[tuple[int, dict[int, bytes]]]) -> datetime | None:
    """Year, month, day, hour, minute, second, and milliseconds by four; None where nobody set them."""
    for stamp in (items.get(CREATED, b"") for kind, items in sets if kind == MATERIAL_PACKAGE):
        try:
            year, month, day, hour, minute, second, quarters = unpack(">H6B", stamp)
            told = datetime(year, month, day, hour, minute, second, quarters % 250 * 4000, tzinfo=UTC)
        except (ValueError, struct_error):
            continue
        if told.year > 1970:
            return told
    return None


def _pattern(content: bytes) -> str:
    pack = next((value for _, value in _elements(content)), b"")
    return PATTERNS.get(pack[76], "") if len(pack) >= 80 else ""


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
