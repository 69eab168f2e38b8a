"""Recordings as `sync` works on them, made of a lead file with its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rushes.timecode import FLICKS, Rate, Timecode
from rushes_match.items import Item, Side
from rushes_match.kin import File, Part
from rushes_match.library.devices import camera_of, reel_of
from rushes_match.library.entry import Entry

#: Parts of these kinds are of the same time as their lead; the others go on.
_ONWARDS = "chapter"


def item(entry: Entry, file: File, side: Side, stream: str, parts: Sequence[tuple[Part, File]]) -> Item:
    """`file` is the entry's with all that is known of it by now."""
    reel = reel_of(file)
    return Item(
        id=file.id,
        side=side,
        stream=stream,
        roll=reel or file.card or file.volume,
        start=file.starts,
        label=_label(file),
        length=_length([file, *(other for part, other in parts if part.kind == _ONWARDS)]),
        rate=_rate(file),
        wall=entry.wall if entry.wall_from else None,
        wall_from=entry.wall_from,
        seen=file.seen,
        name=file.text("clip_name") or file.filename,
        camera=camera_of(file) if side == "picture" else file.text("camera"),
        reel=reel,
        scene=file.text("scene"),
        slate=file.text("slate"),
        take=file.text("take"),
        mos=file.meta.get("mos") is True,
        claps=_claps(file.meta),
        parts=tuple(part.id for part, _ in parts),
    )


def _length(files: Sequence[File]) -> int | None:
    lengths = [file.length for file in files]
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(lengths) else None


def _rate(file: File) -> Rate | None:
    try:
        return Rate.parse(file.text("timecode_rate") or file.text("rate"))
    except ValueError:
        return None


def _label(file: File) -> int | None:
    """The start label read as a clock: 01:00:00:12 at 23.976 is 3600.5 s, whatever the real time."""
    label = file.text("timecode")
    if not label:
        return file.starts
    try:
        rate = Timecode.parse(label, file.text("timecode_rate")).rate
    except ValueError:
        return file.starts
    hours, minutes, seconds, frames = label.replace(";", ":").split(":")
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * FLICKS + int(frames) * FLICKS // rate.nominal


def _claps(meta: Mapping[str, object]) -> tuple[int, ...]:
    """Sync points, told as samples since midnight."""
    told, clock = meta.get("claps"), meta.get("sample_rate")
    if told is None or not isinstance(clock, int) or clock <= 0:
        return ()
    claps = map(str.strip, str(told).split(","))
    return tuple(int(clap) * FLICKS // clock for clap in claps if clap.isascii() and clap.isdecimal())
