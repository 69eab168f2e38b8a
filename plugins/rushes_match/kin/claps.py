"""Slates that were clapped while a file ran."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rushes import Link, Record, Scalar
from rushes_match import names
from rushes_match.kin.portrait import Portrait
from rushes_match.kin.reading import flag, number, text
from rushes_match.kin.times import DAY, Wall, clock, day_of

Clapped = tuple[Mapping[str, Scalar], tuple[Link, ...]]


@dataclass(frozen=True, slots=True)
class _Clap:
    at: float
    id: str
    cameras: frozenset[str]
    walls: tuple[Wall, ...]
    values: Mapping[str, Scalar]


def claps(files: Iterable[Portrait], records: Iterable[Record]) -> Mapping[str, Clapped]:
    """What the slate showed when it was clapped within a file, by clip id, with links of kind "record".

    The day has to be the same. Where slates within one file differ, as when a camera did not cut, none counts as
    the file's.
    """
    known = sorted(filter(None, map(_clap, records)), key=lambda clap: (clap.at, clap.id))
    moments = [clap.at for clap in known]
    found: dict[str, Clapped] = {}
    for file in files if known else ():
        if file.span is None or not file.span.length:
            continue
        start, end = file.span.start, file.span.start + file.span.length
        around = range(bisect_left(moments, start), bisect_left(moments, end))
        after = range(bisect_left(moments, end - DAY)) if end > DAY else range(0)
        heard = [known[place] for place in (*around, *after) if _of(file, known[place])]
        if heard:
            found[file.file.id] = _said(file.file.id, file.file.kind, heard, start)
    return found


def _clap(record: Record) -> _Clap | None:
    seconds = number(record.data, "timecode", "seconds")
    if record.kind != "clap" or record.deleted or seconds is None or not 0 <= seconds < DAY:
        return None
    slate = record.data.get("slateInfo")
    letters = names.normal(text(slate, "cam")).upper().split("_")
    walls = [Wall(record.seen)] if record.seen > 0 else []
    try:
        noon = datetime.fromisoformat(text(slate, "date")).replace(hour=12, tzinfo=UTC)
        walls.append(Wall(noon.timestamp()))
    except ValueError:
        pass
    told: dict[str, Scalar] = {
        name: value for name in ("scene", "slate", "take") if (value := text(slate, name))
    }
    if (mos := flag(slate, "mos")) is not None:
        told["mos"] = mos
    at = clock(seconds, number(record.data, "timecode", "frames") or 0, record.rate)
    return _Clap(at, record.id, frozenset(filter(None, letters)), tuple(walls), told)


def _of(file: Portrait, clap: _Clap) -> bool:
    if file.file.kind == "video" and file.camera and clap.cameras and file.camera not in clap.cameras:
        return False
    return any(day_of(file.wall, wall) in ("moment", "same") for wall in clap.walls)


def _said(clip: str, kind: str, heard: Sequence[_Clap], start: float) -> Clapped:
    agreed = {
        name: value
        for name, value in heard[0].values.items()
        if (name != "mos" or kind == "video") and all(clap.values.get(name) == value for clap in heard)
    }
    links = tuple(
        Link(
            clip=clip,
            other=clap.id,
            kind="record",
            score=0.8,
            evidence={"by": "clap", "seconds_in": round((clap.at - start) % DAY, 2)},
        )
        for clap in heard
    )
    return agreed, links
