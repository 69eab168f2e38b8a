"""MXF: partitions, of which the footer comes last (SMPTE ST 377-1, sections 7 and 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: The first 13 bytes of every partition pack's key; byte 13 is its kind, byte 14 its status.
PARTITION = bytes.fromhex("060e2b34020501010d01020101")
INDEX_PACK = bytes.fromhex("060e2b34020501010d01020101110100")
HEADER, FOOTER = 2, 4
#: Open and incomplete, open and complete: the file is still being written, or was never finished.
OPEN = frozenset({1, 3})
#: What may stand before the header partition (the run-in) is shorter than this.
MOST_RUN_IN = 64 * 1024
#: Where a writer noted the footer nowhere, it is looked for in so many bytes at the end.
TAIL = 256 * 1024


def problem(read: Callable[[int, int], bytes], size: int) -> str:
    """Whole: a footer partition where the header or the random index says, or at the end of the file.

    A closed header that names no footer is whole too: the footer is optional then.
    """
    start = read(0, MOST_RUN_IN + 16).find(PARTITION + bytes([HEADER]))
    if start < 0:
        return "not an MXF file"
    pack = read(start, 16 + 9 + 40)
    status = pack[14] if len(pack) > 14 else 0
    value = _value(pack)
    if len(value) < 32:
        return "truncated: no MXF header"
    footer = int.from_bytes(value[24:32], "big")
    if footer and _is_footer(read, start + footer, size):
        return ""
    if footer and status not in OPEN:
        return f"truncated: no MXF footer at byte {start + footer}, the file has {size}"
    if not footer and status not in OPEN:
        return ""
    return "" if _footer_at_end(read, start, size) else "truncated: no MXF footer"


def _value(pack: bytes) -> bytes:
    """The value of a KLV of which `pack` is the beginning; its length is BER, short or long form."""
    length = pack[16] if len(pack) > 16 else 0
    return pack[17 + (length & 0x7F if length & 0x80 else 0) :]


def _is_footer(read: Callable[[int, int], bytes], offset: int, size: int) -> bool:
    return offset < size and read(offset, 14) == PARTITION + bytes([FOOTER])


def _footer_at_end(read: Callable[[int, int], bytes], start: int, size: int) -> bool:
    length = int.from_bytes(read(max(0, size - 4), 4), "big")
    if 32 <= length <= min(size, TAIL) and read(size - length, 16) == INDEX_PACK:
        last = int.from_bytes(read(size - 12, 8), "big")
        if _is_footer(read, start + last, size):
            return True
    return PARTITION + bytes([FOOTER]) in read(max(0, size - TAIL), TAIL)
