"""The boxes of a MOV or MP4: is it whole, at which rate does its timecode track count (ISO 14496-12, QTFF).

PyAV tells the label of a timecode track but not its rate, which is not the picture's in off-speed clips. That
is timescale over frame duration; NumberOfFrames beside them is wrong in GoPro files and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from struct import unpack
from typing import BinaryIO

#: Types that a MOV or MP4 starts with.
FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


@dataclass(frozen=True, slots=True)
class Box:
    """A box whose payload is the bytes from `start` to `end` of the file."""

    type: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Movie:
    """`timecode_rate` is in frames a second, None without a timecode track; `problem` is one line."""

    timecode_rate: Fraction | None
    problem: str


def is_movie(head: bytes) -> bool:
    """Whether a file with this head is made of boxes."""
    return head[4:8] in FIRST


def read(stream: BinaryIO, size: int) -> Movie:
    """Walk the boxes of a file of `size` bytes; media data are skipped."""
    types = set()
    rate = None
    for box in _boxes(stream, 0, size):
        types.add(box.type)
        if box.end > size:
            kind = box.type.decode("latin-1")
            what = f"its {kind!r} box ends {box.end - size} bytes after the file"
            return Movie(rate, "truncated: no moov atom" if b"moov" not in types else f"truncated: {what}")
        if box.type == b"moov":
            rate = _timecode_rate(stream, box)
    # Stills (HEIC) keep their index in meta, fragmented recordings begin with a moov too.
    return Movie(rate, "" if types & {b"moov", b"meta"} else "truncated: no moov atom")


def _timecode_rate(stream: BinaryIO, moov: Box) -> Fraction | None:
    for track in _inside(stream, moov, b"trak"):
        for media in _inside(stream, track, b"mdia"):
            for info in _inside(stream, media, b"minf"):
                for table in _inside(stream, info, b"stbl"):
                    for description in _inside(stream, table, b"stsd"):
                        if rate := _tmcd_rate(stream, description):
                            return rate
    return None


def _tmcd_rate(stream: BinaryIO, description: Box) -> Fraction | None:
    """The first entry: size, type, 6 reserved, 2 index, 4 reserved, 4 flags, timescale, frame duration."""
    stream.seek(description.start + 8)
    entry = stream.read(32)
    if len(entry) < 32 or entry[4:8] != b"tmcd":
        return None
    timescale, duration = unpack(">II", entry[24:32])
    return Fraction(timescale, duration) if timescale and duration else None


def _inside(stream: BinaryIO, parent: Box, kind: bytes) -> Iterator[Box]:
    return (box for box in _boxes(stream, parent.start, parent.end) if box.type == kind)


def _boxes(stream: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two positions; stops at the first that cannot be one."""
    while start + 8 <= end:
        stream.seek(start)
        header = stream.read(16)
        if len(header) < 8:
            return
        length, kind = unpack(">I4s", header[:8])
        body = 8
        if length == 1 and len(header) == 16:
            length, body = unpack(">Q", header[8:])[0], 16
        elif length == 0:
            length = end - start  # to the end of the file
        if length < body:
            return
        yield Box(kind, start + body, start + length)
        start += length
