"""Is a Matroska file whole: its segment tells its size where its writer could (RFC 8794, RFC 9559)."""

from __future__ import annotations

from typing import BinaryIO

EBML = bytes.fromhex("1a45dfa3")
SEGMENT = bytes.fromhex("18538067")


def is_matroska(head: bytes) -> bool:
    """Whether a file with this head starts with an EBML header."""
    return head.startswith(EBML)


def problem(stream: BinaryIO, size: int) -> str:
    """One line when the file ends before its segment does; "" when it is whole or does not tell (a live one)."""
    position = 0
    while position + 5 <= size:
        stream.seek(position)
        front = stream.read(12)
        length, width = _size(front[4:])
        if front[:4] not in {EBML, SEGMENT} or not width:
            return ""
        start = position + 4 + width
        if front[:4] == SEGMENT:
            unknown = length == (1 << 7 * width) - 1
            told = f"truncated: its segment ends at byte {start + length}, the file has {size}"
            return told if not unknown and start + length > size else ""
        position = start + length
    return "truncated: no segment in it"


def _size(front: bytes) -> tuple[int, int]:
    """A size and the bytes it takes, which the leading zero bits of its first byte tell; (0, 0) for none."""
    width = 9 - front[0].bit_length() if front and front[0] else 0
    if not width or len(front) < width:
        return 0, 0
    return int.from_bytes(front[:width]) & ((1 << 7 * width) - 1), width
