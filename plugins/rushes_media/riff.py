"""The chunks of a RIFF, RF64 or BW64 file and whether their sizes are true (EBU Tech 3285, 3306).

Our own walk, because wavinfo stops at the first chunk that lies; it then parses the payloads we hand it.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import unpack
from typing import BinaryIO

#: In a 32-bit size field: the true size stands in the ds64 chunk.
IN_DS64 = 0xFFFFFFFF
#: No bext or iXML chunk of a real recorder is larger; a lying size must not make us read gigabytes.
LARGEST_PAYLOAD = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Riff:
    """`chunks` are the small payloads by name (first of each name); `problem` says which size lies."""

    chunks: dict[str, bytes]
    problem: str


def is_riff(head: bytes) -> bool:
    """Whether a file with this head is a WAVE file of any size."""
    return head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE"


def read(stream: BinaryIO, size: int) -> Riff:
    """Walk the chunks of a file of `size` bytes."""
    stream.seek(4)
    riff_size = unpack("<I", stream.read(4))[0]
    data_size: int | None = None
    chunks: dict[str, bytes] = {}
    position = 12
    problem = ""
    while position + 8 <= size and not problem:
        stream.seek(position)
        name, length = unpack("<4sI", stream.read(8))
        if name == b"ds64" and length >= 16:
            big_riff, data_size = unpack("<QQ", stream.read(16))
            riff_size = big_riff if riff_size == IN_DS64 else riff_size
        elif name == b"data" and length == IN_DS64 and data_size is not None:
            length = data_size
        elif name in {b"bext", b"iXML", b"fmt "} and length <= LARGEST_PAYLOAD:
            chunks.setdefault(name.decode(), stream.read(length))
        end = position + 8 + length
        if end > size:
            label = name.decode("latin-1")
            problem = (
                f"truncated: its {label!r} chunk says {length} bytes, the file has {size - position - 8}"
            )
        elif name == b"data" and not length and size > end + 8 and not _named(stream, end):
            problem = f"not finished by its recorder: its data chunk says 0 bytes, {size - end} follow"
        elif name == b"data" and end > riff_size + 9:
            problem = f"its sizes disagree: RIFF says {riff_size} bytes, its data chunk ends at {end}"
        position = end + end % 2
    if not problem and riff_size + 8 > size + 1:
        problem = f"truncated: RIFF says {riff_size + 8} bytes, the file has {size}"
    return Riff(chunks, problem)


def _named(stream: BinaryIO, position: int) -> bool:
    """Whether something like another chunk's name stands there."""
    stream.seek(position)
    name = stream.read(4)
    return all(32 <= byte < 127 for byte in name)
