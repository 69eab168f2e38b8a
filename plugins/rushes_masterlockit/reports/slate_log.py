"""The log of claps: one row for each time a slate was hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rushes_masterlockit.reports import head
from rushes_masterlockit.reports.numbering import numbered
from rushes_masterlockit.reports.order import chronological
from rushes_masterlockit.reports.reading import at, flag, moment, text
from rushes_masterlockit.reports.remarks import several
from rushes_masterlockit.reports.rows import Row, row_of
from rushes_masterlockit.reports.sheet import Column, Line, Sheet, Totals, filled
from rushes_masterlockit.reports.times import Span, moment_of
from rushes_masterlockit.reports.totals import many

TITLE = "Slate Log"


@dataclass(frozen=True, slots=True)
class Clap:
    """A clap: `info` is what stood on the slate, `seen` when we heard of it (seconds since the epoch)."""

    span: Span
    info: Any
    device: str
    seen: float

    def said(self, name: str) -> str:
        """What the slate showed there."""
        return text(self.info, name)


def slate_log(
    claps: Sequence[Mapping[str, Any]],
    counted: Sequence[tuple[Mapping[str, Any], str]],
    header: Mapping[str, str],
    project_rate: str,
) -> Sheet[Clap]:
    """Of the claps; the clips, each with its project's rate, tell what the production is called and which day it is."""
    clips = [clip for clip, _ in counted]
    rows = chronological(
        (_clap(clap, project_rate) for clap in claps),
        day=lambda clap: ("", clap.said("date")),
        span=lambda clap: clap.span,
        rest=lambda clap: (clap.seen, clap.device),
    )
    return Sheet(
        title=TITLE,
        head=head.head_of(_fields(rows, claps, clips), header),
        columns=filled(_columns(rows, Found(counted)), rows),
        lines=(Line(clap, shaded=bool(place % 2)) for place, clap in enumerate(rows)),
        sample=rows,
        totals=_totals(rows),
    )


def _clap(clap: Mapping[str, Any], project_rate: str) -> Clap:
    info, seen = at(clap, "slateInfo"), at(clap, "seen")
    return Clap(
        span=moment_of(at(clap, "timecode"), info if isinstance(info, Mapping) else {}, project_rate),
        info=info,
        device=text(clap, "device"),
        seen=float(seen) if isinstance(seen, int | float) else 0.0,
    )


def _fields(
    rows: Sequence[Clap], claps: Sequence[Mapping[str, Any]], clips: Sequence[Mapping[str, Any]]
) -> list[head.Field]:
    dates = {clap.said("date") for clap in rows}
    that_day = [clip for clip in clips if text(clip, "projectDay", "date") in dates]
    return [
        ("Production", several(text(clip, "project", "name") for clip in that_day or clips)),
        ("Day", several(numbered(at(clip, "projectDay")) for clip in that_day)),
        ("Date", several(clap.said("date") for clap in rows)),
        ("Unit", ""),
        ("Director", head.people(claps, "director")),
        ("DoP", head.people(claps, "dop")),
        ("Producer", head.people(claps, "producer")),
        ("Sound mixer", head.people(claps, "soundmixer")),
        ("Slates", several(clap.device for clap in rows)),
        ("TC rate", head.tc_rate(clap.span for clap in rows)),
    ]


def _columns(rows: Sequence[Clap], found: Found) -> list[Column[Clap]]:
    """Who directed is told above, and row by row only where it changed."""

    def changed(title: str, name: str) -> list[Column[Clap]]:
        changes = len({clap.said(name) for clap in rows}) > 1
        return [Column(title, lambda clap: clap.said(name), 20)] * changes

    def shown(title: str, name: str, most: int) -> Column[Clap]:
        return Column(title, lambda clap: clap.said(name), most, "center", stays=True)

    return [
        Column("TC", lambda clap: clap.span.start, 11, stays=True),
        shown("Scene", "scene", 8),
        shown("Slate", "slate", 8),
        shown("Take", "take", 7),
        shown("Cam", "cam", 8),
        shown("Roll", "roll", 10),
        Column("FPS", lambda clap: clap.said("fps"), 6, "right", stays=True),
        Column("D/N", lambda clap: _either(clap, ("day", "D"), ("night", "N")), 5, "center", stays=True),
        Column("I/E", lambda clap: _either(clap, ("inside", "I"), ("outside", "E")), 5, "center", stays=True),
        Column("MOS", lambda clap: "MOS" if flag(clap.info, "mos") else "", 5, "center", stays=True),
        Column("Date", lambda clap: clap.said("date"), 10, stays=True),
        *changed("Director", "director"),
        *changed("DoP", "dop"),
        Column("Device", lambda clap: clap.device, 17),
        Column("Heard (UTC)", _heard, 19),
        Column("In clips", found.of, 64),
        Column("Remarks", _remarks, 24),
    ]


def _either(clap: Clap, *states: tuple[str, str]) -> str:
    return "/".join(letter for name, letter in states if flag(clap.info, name))


def _heard(clap: Clap) -> str:
    return moment(clap.seen * 1000).replace("T", " ").removesuffix("Z") if clap.seen else ""


def _remarks(clap: Clap) -> str:
    rate = clap.span.rate
    return f"timecode impossible at {rate or 'any rate'}" if clap.span.wrong else ""


def _totals(rows: Sequence[Clap]) -> Totals:
    parts: dict[tuple[str, str], list[Clap]] = {}
    for clap in rows:
        parts.setdefault((clap.said("cam"), clap.said("roll")), []).append(clap)
    counted = [
        _count("  ".join(filter(None, part)) or "no roll", claps) for part, claps in sorted(parts.items())
    ]
    total = _count("Total", rows)
    return Totals(
        titles=("Camera, roll", "Claps", "Scenes", "Takes", "MOS"),
        rows=[*counted, total],
        summary=f"{many(total[1], 'clap')}   ·   {many(total[2], 'scene')}   ·   {many(total[3], 'take')}",
    )


def _count(name: str, claps: Sequence[Clap]) -> tuple[str, int, int, int, int]:
    return (
        name,
        len(claps),
        len({clap.said("scene") for clap in claps if clap.said("scene")}),
        len({tuple(map(clap.said, ("date", "scene", "slate", "take"))) for clap in claps}),
        sum(flag(clap.info, "mos") for clap in claps),
    )


class Found:
    """The clips in which a clap can be seen or heard: those of its take and date that ran at that moment."""

    def __init__(self, counted: Sequence[tuple[Mapping[str, Any], str]]) -> None:
        self._of: dict[tuple[str, ...], list[Row]] = {}
        for row in (row_of(clip, rate) for clip, rate in counted):
            take = text(row.raw, "take", "number")
            self._of.setdefault((row.date, row.scene, row.slate, take), []).append(row)

    def of(self, clap: Clap) -> str:
        """Their names."""
        take = clap.said("take").split(" ")[0]
        ran = self._of.get((clap.said("date"), clap.said("scene"), clap.said("slate"), take), ())
        return several(row.clip for row in ran if row.span.overlaps(clap.span))
