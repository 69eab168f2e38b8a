"""What the index of a MOV or MP4 tells and PyAV does not: clocks of timecode tracks, turns, evenness, makers' boxes.

The rate of a timecode track is its timescale over its frame duration; NumberOfFrames beside them is wrong in
GoPro files and is not read. Several timecode tracks may be there: the picture's `tref` names its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from struct import iter_unpack, unpack_from
from typing import BinaryIO

from rushes_media.containers import boxes
from rushes_media.containers.boxes import Box
from rushes_media.containers.steady import Run

#: Where the children of a picture's sample entry begin.
ENTRY_CHILDREN = 86
NESTED = frozenset({b"mdia", b"minf", b"stbl", b"tref"})
TELLING = frozenset({b"tkhd", b"mdhd", b"hdlr", b"stts", b"stsd", b"tmcd"})
#: QuickTime has a second handler in a track: of where its data are, not of what they are.
DATA_HANDLER = b"dhlr"
PICTURES = b"vide"


@dataclass(frozen=True, slots=True)
class Track:
    """`handler` tells what its media are; `format` is the sample entry's type; `rotation` in degrees clockwise;
    `runs` are counts and durations in ticks of `scale`; `clock` is the track of its timecode; `curve` a name that
    Apple gives a log curve.
    """

    format: bytes = b""
    rotation: int = 0
    scale: int = 0
    runs: tuple[Run, ...] = ()
    clock: int | None = None
    timecode_rate: Fraction | None = None
    curve: str = ""
    handler: bytes = b""


@dataclass(frozen=True, slots=True)
class Movie:
    """`tracks` by their id; `brand` is that of the ftyp; `xml` the document of a meta box; `model` GoPro's."""

    problem: str = ""
    brand: str = ""
    tracks: Mapping[int, Track] = field(default_factory=dict)
    xml: bytes = b""
    model: str = ""

    def damage(self, *, pictures: int) -> str:
        """What is wrong with a movie in which a reader finds no usable picture among so many tracks of them.

        A track without a handler and without a sample entry, both of which every track has, was destroyed.
        """
        for track in self.tracks.values():
            if track.handler == PICTURES and not (track.format and pictures):
                return "damaged: its index tells of a picture that cannot be read"
            if not track.handler and not track.format:
                return "damaged: its index holds a track that cannot be read"
        return ""

    def timecode_rate(self, picture: int | None) -> Fraction | None:
        """The rate of the timecode track of that picture, else of the first one; None without any."""
        shown = Track() if picture is None else self.tracks.get(picture, Track())
        own = None if shown.clock is None else self.tracks.get(shown.clock, Track()).timecode_rate
        return own or next((one.timecode_rate for one in self.tracks.values() if one.timecode_rate), None)


def read(stream: BinaryIO, size: int) -> Movie:
    """The index of a file of `size` bytes; a damaged one tells what comes before the damage."""
    found = boxes.layout(stream, size)
    moov = found.moov
    documents = [
        content[box.start + 4 : box.end]
        for content, path in ((moov, (b"meta",)), (found.meta, ()), (moov, (b"udta", b"meta")))
        for box in _xml(content, *path)
    ]
    tracks: dict[int, Track] = {}
    for box in boxes.at(moov, b"trak"):
        number, track = _track(moov, box)
        tracks.setdefault(number, track)
    return Movie(
        found.problem,
        found.ftyp[:4].decode("latin-1").strip(),
        tracks,
        next(iter(documents), b""),
        _model(moov),
    )


def _track(moov: bytes, trak: Box) -> tuple[int, Track]:
    """One walk through the track: a card has thousands of them."""
    number = rotation = scale = 0
    runs: tuple[Run, ...] = ()
    clock = None
    entry = handler = b""
    for box in _leaves(moov, trak):
        content = moov[box.start : box.end]
        wide = content[:1] == b"\1"
        if box.type == b"tkhd" and len(content) >= (72 if wide else 60):
            number = unpack_from(">I", content, 20 if wide else 12)[0]
            across, down = unpack_from(">ii", content, 52 if wide else 40)
            rotation = round(math.degrees(math.atan2(down, across)) / 90) * 90 % 360
        elif box.type == b"mdhd" and len(content) >= 24:
            scale = unpack_from(">I", content, 20 if wide else 12)[0]
        elif box.type == b"hdlr" and content[4:8] != DATA_HANDLER:
            handler = content[8:12]
        elif box.type == b"stts":
            runs = tuple(Run(*run) for run in iter_unpack(">II", content[8 : len(content) // 8 * 8]))
        elif box.type == b"tmcd" and len(content) >= 4:
            clock = unpack_from(">I", content)[0]
        elif box.type == b"stsd":
            entry = content[8:]
    timecode_rate = _timecode_rate(entry)
    return number, Track(
        entry[4:8], rotation, scale, runs, clock, timecode_rate, _curve(entry), handler.strip(b"\0")
    )


def _leaves(moov: bytes, parent: Box) -> Iterator[Box]:
    """The boxes of a track that tell something; of `tref` the reference to its timecode."""
    for box in boxes.inside(moov, parent):
        if box.type in NESTED:
            yield from _leaves(moov, box)
        elif box.type in TELLING:
            yield box


def _timecode_rate(entry: bytes) -> Fraction | None:
    """Size, type, 6 reserved, 2 index, 4 reserved, 4 flags, timescale, frame duration."""
    if len(entry) < 32 or entry[4:8] != b"tmcd":
        return None
    timescale, duration = unpack_from(">II", entry, 24)
    return Fraction(timescale, duration) if timescale and duration else None


def _curve(entry: bytes) -> str:
    """Apple's `logs` box of a picture's sample entry: the curve of a log recording."""
    for box in islice(boxes.inside(entry[ENTRY_CHILDREN:]), 16):
        if box.type == b"logs":
            text = entry[ENTRY_CHILDREN + box.start : ENTRY_CHILDREN + box.end]
            return text.partition(b"\0")[0].decode("latin-1").strip()
    return ""


def _xml(content: bytes, *path: bytes) -> list[Box]:
    """The xml boxes of a meta box, which in MP4 has four bytes of version before its children."""
    if not path:
        return [box for offset in (0, 4) for box in _shifted(content, offset)]
    return [
        Box(box.type, meta.start + box.start, meta.start + box.end)
        for meta in boxes.at(content, *path)
        for box in _xml(content[meta.start : meta.end])
    ]


def _shifted(content: bytes, offset: int) -> list[Box]:
    return [
        Box(box.type, box.start + offset, box.end + offset) for box in boxes.at(content[offset:], b"xml ")
    ]


def _model(moov: bytes) -> str:
    """The camera's name in GoPro's metadata: key MINF, type 'c', size of one, count (GPMF)."""
    for box in boxes.at(moov, b"udta", b"GPMF"):
        content = moov[box.start : box.end]
        place = content.find(b"MINFc")
        if place >= 0 and place + 8 <= len(content):
            each, count = unpack_from(">BH", content, place + 5)
            return content[place + 8 : place + 8 + each * count].decode("latin-1").strip("\0 ")
    return ""
