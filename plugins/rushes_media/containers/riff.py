"""The chunks of a RIFF, RF64 or BW64 file and whether their sizes are true (EBU Tech 3285, 3306).

Our own walk, because wavinfo stops at the first chunk that lies; it then parses the payloads we hand it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from struct import iter_unpack, unpack, unpack_from
from typing import BinaryIO

from rushes import Scalar

#: In a 32-bit size field: the true size stands in the ds64 chunk.
IN_DS64 = 0xFFFFFFFF
#: No bext or iXML chunk of a real recorder is larger; a lying size must not make us read gigabytes.
LARGEST_PAYLOAD = 16 * 1024 * 1024
#: Chunks whose payloads are told.
KEPT = frozenset({b"bext", b"iXML", b"fmt "})


@dataclass(frozen=True, slots=True)
class Riff:
    """`chunks` are the small payloads by name (first of each name); `problem` says which size lies; `sound` is the
    number of sound bytes that are there, None without a data chunk.
    """

    chunks: Mapping[str, bytes]
    problem: str
    sound: int | None = None

    def values(self) -> dict[str, Scalar]:
        """What the fmt chunk tells of the sound, for a file that no reader opens."""
        fmt = self.chunks.get("fmt ", b"")
        if len(fmt) < 16:
            return {}
        channels, sample_rate, block, bits = unpack_from("<2xHI4xHH", fmt)
        values: dict[str, Scalar] = {"channels": channels, "sample_rate": sample_rate, "bit_depth": bits}
        if self.sound is not None and block and sample_rate:
            values["duration"] = self.sound // block / sample_rate
        return {name: value for name, value in values.items() if value}


def is_riff(head: bytes) -> bool:
    """Whether a file with this head is a WAVE file of any size."""
    return head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE"


def is_avi(head: bytes) -> bool:
    """Whether a file with this head is an AVI."""
    return head[:4] == b"RIFF" and head[8:12] == b"AVI "


def avi_problem(stream: BinaryIO, size: int) -> str:
    """One line when an AVI ends before its RIFF parts do (OpenDML has several); "" when it is whole."""
    position = 0
    while position + 12 <= size:
        stream.seek(position)
        name, length, kind = unpack("<4sI4s", stream.read(12))
        end = position + 8 + length
        if name != b"RIFF" or kind not in {b"AVI ", b"AVIX"}:
            return ""
        if end > size + 1:
            return f"truncated: its RIFF part says it ends at byte {end}, the file has {size}"
        position = end + end % 2
    return ""


def read(stream: BinaryIO, size: int) -> Riff:
    """Walk the chunks of a file of `size` bytes."""
    stream.seek(4)
    riff_size = unpack("<I", stream.read(4))[0]
    large: dict[bytes, int] = {}
    chunks: dict[str, bytes] = {}
    sound = None
    position = 12
    problem = ""
    while position + 8 <= size and not problem:
        stream.seek(position)
        name, length = unpack("<4sI", stream.read(8))
        if name == b"ds64" and 24 <= length <= LARGEST_PAYLOAD:
            big_riff, large = _ds64(stream.read(length))
            riff_size = big_riff if riff_size == IN_DS64 else riff_size
        elif length == IN_DS64 and name in large:
            length = large[name]
        if name in KEPT and length <= LARGEST_PAYLOAD:
            chunks.setdefault(name.decode(), stream.read(length))
        end = position + 8 + length
        if name == b"data" and sound is None:
            sound = min(end, size) - position - 8
        if end > size:
            label = name.decode("latin-1")
            problem = (
                f"truncated: its {label!r} chunk says {length} bytes, the file has {size - position - 8}"
            )
        elif name == b"data" and not length and size > end + 8 and not _named(stream, end):
            problem = f"not finished by its recorder: its data chunk says 0 bytes, {size - end} follow"
            sound = size - end
        elif name == b"data" and end > riff_size + 9:
            problem = f"its sizes disagree: RIFF says {riff_size} bytes, its data chunk ends at {end}"
        position = end + end % 2
    if not problem and riff_size + 8 > size + 1:
        problem = f"truncated: RIFF says {riff_size + 8} bytes, the file has {size}"
    return Riff(chunks, problem, sound)


def _ds64(payload: bytes) -> tuple[int, dict[bytes, int]]:
    """The size of all, and the sizes of the chunks that need eight bytes: data, then those of the table."""
    if len(payload) < 16:
        return IN_DS64, {}
    whole, data = unpack_from("<QQ", payload)
    table = payload[28:]
    others = dict(iter_unpack("<4sQ", table[: len(table) // 12 * 12]))
    return whole, {**others, b"data": data}


def _named(stream: BinaryIO, position: int) -> bool:
    """Whether something like another chunk's name stands there."""
    stream.seek(position)
    name = stream.read(4)
    return all(32 <= byte < 127 for byte in name)
