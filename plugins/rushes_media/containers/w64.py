"""The chunks of a Wave64 file: names of 16 bytes, sizes of 8 that count their own header (Sony Pictures)."""

from __future__ import annotations

from struct import unpack
from typing import BinaryIO

from rushes_media.containers.riff import KEPT, LARGEST_PAYLOAD, Riff

RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
#: What follows the four letters of every other chunk's name.
REST = bytes.fromhex("f3acd3118cd100c04f8edb8a")
HEADER = 24


def is_w64(head: bytes) -> bool:
    """Whether a file with this head is a Wave64 file."""
    return head.startswith(RIFF)


def read(stream: BinaryIO, size: int) -> Riff:
    """Walk the chunks of a file of `size` bytes."""
    chunks: dict[str, bytes] = {}
    problem = ""
    position = 40
    sound = None
    while position + HEADER <= size and not problem:
        stream.seek(position)
        name, length = unpack("<16sQ", stream.read(HEADER))
        if length < HEADER:
            problem = f"its chunks are damaged at byte {position}"
            break
        letters = name[:4].decode("latin-1")
        if letters.encode("latin-1") in KEPT and name[4:] == REST and length <= LARGEST_PAYLOAD:
            chunks.setdefault(letters, stream.read(length - HEADER))
        end = position + length
        if letters == "data":
            sound = min(end, size) - position - HEADER
        if end > size:
            problem = (
                f"truncated: its {letters!r} chunk says {length - HEADER} bytes, "
                f"the file has {size - position - HEADER}"
            )
        position = end + -end % 8
    return Riff(chunks, problem, sound)
