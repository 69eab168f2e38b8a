"""The report of sound: what a production sound mixer hands in with each roll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rushes_masterlockit.reports import head
from rushes_masterlockit.reports.cells import Cell
from rushes_masterlockit.reports.lines import lines, mark
from rushes_masterlockit.reports.reading import at, each, number, text
from rushes_masterlockit.reports.remarks import remarks, several
from rushes_masterlockit.reports.rows import Row
from rushes_masterlockit.reports.sheet import Column, Sheet, filled
from rushes_masterlockit.reports.totals import totals

TITLE = "Sound Report"

#: Tracks that have a column each; further ones share one, or nothing on the page could be read.
MOST_TRACKS = 8


def sound_report(
    rows: Sequence[Row], claps: Sequence[Mapping[str, Any]], header: Mapping[str, str]
) -> Sheet[Row]:
    """Of the recordings; pictures stay outside."""
    sounds = [row for row in rows if not row.video]
    day, date = head.days(sounds)
    rolls = several(row.roll for row in sounds)
    top = head.head_of(_fields(sounds, claps, day, date), header, f"Roll {rolls}" if rolls else "")
    return Sheet(
        title=TITLE,
        head=top,
        columns=filled(_columns(sounds), sounds),
        lines=lines(sounds),
        sample=sounds,
        totals=totals(sounds),
    )


def _fields(
    rows: Sequence[Row], claps: Sequence[Mapping[str, Any]], day: str, date: str
) -> list[tuple[str, str]]:
    return [
        ("Production", head.production(rows)),
        ("Production no.", head.production_number(rows)),
        ("Day", day),
        ("Date", date),
        ("Unit", ""),
        ("Location", head.locations(rows)),
        ("Sound mixer", head.people(claps, "soundmixer")),
        ("Boom operator", ""),
        ("Recorder", head.devices(rows)),
        ("Roll", several(row.roll for row in rows)),
        ("Sample rate", several(_kilohertz(text(row.raw, "samplingrate")) for row in rows)),
        ("Bit depth", several(_bits(text(row.raw, "bitdepth")) for row in rows)),
        ("Track format", several(text(row.raw, "filetype") for row in rows)),
        ("TC rate", head.tc_rate(row.span for row in rows)),
        ("Reference level", ""),
    ]


def _kilohertz(rate: str) -> str:
    return (
        f"{int(rate) / 1000:g} kHz" if rate.isascii() and rate.isdecimal() and len(rate) in {5, 6} else rate
    )


def _bits(depth: str) -> str:
    return f"{depth} bit" if depth.isascii() and depth.isdecimal() else depth


def tracks(row: Row) -> dict[int, str]:
    """The names of the tracks that were armed, by number; one without a name is told by its number."""
    found: dict[int, str] = {}
    for place, track in enumerate(each(row.raw, "tracks"), 1):
        if at(track, "isActive") is not False:
            count = number(track, "number")
            found[place if count is None else count] = text(track, "name") or f"track {count or place}"
    return dict(sorted(found.items()))


def _columns(rows: Sequence[Row]) -> list[Column[Row]]:
    mixed = len({row.span.rate for row in rows}) > 1
    numbers = sorted({count for row in rows for count in tracks(row)})
    own = numbers[:MOST_TRACKS]
    return [
        Column("Roll", lambda row: row.roll, 10, stays=True),
        Column("File", lambda row: row.file, 22, stays=True),
        Column("Ep.", lambda row: row.episode, 6, "center"),
        Column("Scene", lambda row: row.scene, 8, "center", stays=True),
        Column("Slate", lambda row: row.slate, 8, "center", stays=True),
        Column("Take", lambda row: row.take, 7, "center", ringed=True, stays=True),
        Column("Mark", mark, 9, struck=False, stays=True),
        Column("TC in", lambda row: row.span.start, 11, stays=True),
        Column("TC out", lambda row: row.span.stop, 11, stays=True),
        Column(
            "Length", lambda row: "" if row.span.seconds is None else row.span.seconds, 8, "right", stays=True
        ),
        *(_track(count) for count in own),
        Column(
            "More tracks",
            lambda row: several(f"{count} {name}" for count, name in tracks(row).items() if count not in own),
            28,
        ),
        Column("Remarks", lambda row: remarks(row, mixed=mixed), 36, struck=False, stays=True),
    ]


def _track(count: int) -> Column[Row]:
    def name(row: Row) -> Cell:
        return tracks(row).get(count, "")

    return Column(f"Tr {count}", name, 12)
