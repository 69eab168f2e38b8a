"""WAV, RF64 and BW64: a RIFF whose sizes are written last (EBU Tech 3306, ITU-R BS.2088)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

#: In RF64 and BW64 a 32-bit size that stands for the 64-bit one in the ds64 chunk.
IN_DS64 = 0xFFFF_FFFF
#: Recorders may fill their last cluster with zeros; more than this is no padding.
MOST_PADDING = 64 * 1024
#: No recorder writes more chunks; a hostile file could have one in every eight bytes.
MOST_CHUNKS = 10_000


def problem(read: Callable[[int, int], bytes], size: int) -> str:
    """Whole: a RIFF size that agrees with the file, and a data chunk that fits."""
    header = read(0, 12)
    magic = header[:4]
    if magic not in {b"RIFF", b"RIFX", b"RF64", b"BW64"} or header[8:12] not in {b"WAVE", b""}:
        return "not a WAV file"
    if len(header) < 12:
        return "truncated: no WAV header"
    order: Literal["big", "little"] = "big" if magic == b"RIFX" else "little"
    riff, data = int.from_bytes(header[4:8], order), None
    if magic in {b"RF64", b"BW64"}:
        ds64 = read(12, 24)  # the chunk's name and size, then the 64-bit sizes of RIFF and data
        if ds64[:4] != b"ds64" or len(ds64) < 24:
            return "truncated: no ds64 chunk"
        data = int.from_bytes(ds64[16:24], "little")
        if riff == IN_DS64:
            riff = int.from_bytes(ds64[8:16], "little")
    said = riff + 8
    # One byte off is the pad byte of an odd chunk, which some writers count and others do not.
    if said > size + 1 or (said < size - 1 and not _padding(read, said, size)):
        return f"WAV size says {said} bytes, the file has {size}"
    return _chunks(read, size, order, data)


def _chunks(
    read: Callable[[int, int], bytes], size: int, order: Literal["big", "little"], data64: int | None
) -> str:
    offset = 12
    for _ in range(MOST_CHUNKS):
        header = read(offset, 8)
        if len(header) < 8:
            break
        length = int.from_bytes(header[4:], order)
        if header[:4] == b"data":
            if length == IN_DS64 and data64 is not None:
                length = data64
            there = size - offset - 8
            return f"WAV data says {length} bytes, the file has {there}" if length > there else ""
        offset += 8 + length + length % 2
    return "truncated: no data chunk"


def _padding(read: Callable[[int, int], bytes], start: int, end: int) -> bool:
    return end - start <= MOST_PADDING and not any(read(start, end - start))
