"""The boxes of a MOV or MP4 and whether the file is whole (ISO 14496-12, QuickTime File Format)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from
from typing import BinaryIO

#: Types that a MOV or MP4 starts with.
FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
#: An index is a few megabytes an hour; a lying size must not make us read gigabytes.
LARGEST_INDEX = 128 * 1024 * 1024
#: Bytes of a box's header with a long length, the longest.
_HEADER = 16


@dataclass(frozen=True, slots=True)
class Box:
    """A box whose payload is the bytes from `start` to `end` of what was walked."""

    type: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The top of a file: the payloads of its ftyp, moov and meta (b"" without), and one line of `problem`."""

    problem: str
    ftyp: bytes = b""
    moov: bytes = b""
    meta: bytes = b""


def is_movie(head: bytes) -> bool:
    """Whether a file with this head is made of boxes."""
    return head[4:8] in FIRST


def layout(stream: BinaryIO, size: int) -> Layout:
    """Walk the top of a file of `size` bytes; media data are skipped."""
    kept: dict[bytes, bytes] = {}
    types = set()
    problem = ""
    for box in _top(stream, size):
        types.add(box.type)
        if box.type in {b"ftyp", b"moov", b"meta"} and box.end - box.start <= LARGEST_INDEX:
            stream.seek(box.start)
            kept.setdefault(box.type, stream.read(box.end - box.start))
        if box.end > size:
            kind = box.type.decode("latin-1")
            problem = f"truncated: its {kind!r} box ends {box.end - size} bytes after the file"
    # Stills (HEIC) keep their index in meta, fragmented recordings begin with a moov too.
    if not types & {b"moov", b"meta"}:
        problem = "truncated: no moov atom"
    return Layout(problem, *(kept.get(kind, b"") for kind in (b"ftyp", b"moov", b"meta")))


def inside(content: bytes, parent: Box | None = None) -> Iterator[Box]:
    """The boxes in the payload of `parent`, or in all of `content`; stops at the first that cannot be one."""
    start, end = (parent.start, min(parent.end, len(content))) if parent else (0, len(content))
    while start + 8 <= end:
        box = _box(content[start : min(start + _HEADER, end)], start, end)
        if box is None:
            return
        yield box
        start = box.end


def at(content: bytes, *path: bytes, parent: Box | None = None) -> Iterator[Box]:
    """Every box at that path of types below `parent`."""
    for box in inside(content, parent):
        if box.type == path[0]:
            if len(path) == 1:
                yield box
            else:
                yield from at(content, *path[1:], parent=box)


def _top(stream: BinaryIO, size: int) -> Iterator[Box]:
    """The boxes of the file; the last one may end after it."""
    start = 0
    while start + 8 <= size:
        stream.seek(start)
        box = _box(stream.read(_HEADER), start, size)
        if box is None:
            return
        yield box
        start = box.end


def _box(header: bytes, start: int, end: int) -> Box | None:
    """The box that begins at `start` with that header; one without a length goes on to `end`. None where none can."""
    length, kind = unpack_from(">I4s", header)
    body = 8
    if length == 1 and len(header) == _HEADER:
        length, body = unpack_from(">Q", header, 8)[0], _HEADER
    elif length == 0:
        length = end - start
    return Box(kind, start + body, start + length) if length >= body else None
