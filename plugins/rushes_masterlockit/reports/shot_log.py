"""The log of picture: what a script supervisor or camera assistant hands in at the end of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rushes_masterlockit.reports import head
from rushes_masterlockit.reports.lines import lines, mark
from rushes_masterlockit.reports.numbering import eighths, order, pages_of
from rushes_masterlockit.reports.reading import flag, number, text, words
from rushes_masterlockit.reports.remarks import remarks, several
from rushes_masterlockit.reports.rows import Row
from rushes_masterlockit.reports.sheet import Column, Sheet, filled
from rushes_masterlockit.reports.totals import totals

TITLE = "Shot Log"


def shot_log(
    rows: Sequence[Row], claps: Sequence[Mapping[str, Any]], header: Mapping[str, str]
) -> Sheet[Row]:
    """Of the pictures; the sound of each is told where a recorder ran with it."""
    pictures = [row for row in rows if row.video]
    day, date = head.days(pictures)
    top = head.head_of(_fields(pictures, claps, day, date), header)
    return Sheet(
        title=TITLE,
        head=top,
        columns=filled(_columns(pictures, Sounds(rows)), pictures),
        lines=lines(pictures, scene_heading),
        sample=pictures,
        totals=totals(pictures, _scenes(pictures)),
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
        ("Director", head.people(claps, "director")),
        ("DoP", head.people(claps, "dop")),
        ("Script supervisor", ""),
        ("Cameras", head.devices(rows)),
        ("Roll", several(row.roll for row in rows)),
        ("TC rate", head.tc_rate(row.span for row in rows)),
    ]


def scene_heading(row: Row) -> str:
    """What the script says of the scene: where, when, how long, what happens."""
    scene = row.raw.get("scene")
    place = several([text(scene, "location"), *words(scene, "sets")])
    pages = eighths(scene)
    return "   ·   ".join(
        part
        for part in (
            f"Episode {row.episode}" if row.episode else "",
            f"Scene {row.scene}" if row.scene else "No scene",
            " / ".join(filter(None, [text(scene, "insideOutside"), text(scene, "dayNight")])),
            place,
            f"{pages} pages" if pages else "",
            text(scene, "content"),
        )
        if part
    )


def _columns(rows: Sequence[Row], sounds: Sounds) -> list[Column[Row]]:
    mixed = len({row.span.rate for row in rows}) > 1
    return [
        Column("Ep.", lambda row: row.episode, 6, "center"),
        Column("Scene", lambda row: row.scene, 8, "center", stays=True),
        Column("Slate", lambda row: row.slate, 8, "center", stays=True),
        Column("Take", lambda row: row.take, 7, "center", ringed=True, stays=True),
        Column("Mark", mark, 9, struck=False, stays=True),
        Column("Cam", lambda row: row.device, 10, "center", stays=True),
        Column("Roll", lambda row: row.roll, 10, stays=True),
        Column("Clip", lambda row: row.clip, 24, stays=True),
        Column("TC in", lambda row: row.span.start, 11, stays=True),
        Column("TC out", lambda row: row.span.stop, 11, stays=True),
        Column(
            "Length", lambda row: "" if row.span.seconds is None else row.span.seconds, 8, "right", stays=True
        ),
        Column("Sound", sounds.of, 18),
        Column("Lens", lambda row: text(row.raw, "lens"), 16),
        Column("Stop", lambda row: text(row.raw, "aperture"), 9),
        Column("Filter", lambda row: several(words(row.raw, "filter")), 14),
        Column("FPS", lambda row: _plain(text(row.raw, "sensorFPS")), 6, "right"),
        Column(
            "Shutter", lambda row: text(row.raw, "shutterAngle") or text(row.raw, "exposureTime"), 7, "right"
        ),
        Column("WB", lambda row: text(row.raw, "whiteBalance"), 8, "right"),
        Column("EI", lambda row: text(row.raw, "exposureIndexASA"), 6, "right"),
        Column("Height", lambda row: text(row.raw, "height"), 8, "right"),
        Column("Dist.", lambda row: text(row.raw, "distance"), 8, "right"),
        Column("Remarks", lambda row: remarks(row, mixed=mixed), 32, struck=False, stays=True),
    ]


def _plain(rate: str) -> str:
    """Cameras say 25.000 where people say 25."""
    return rate.rstrip("0").rstrip(".") if "." in rate and rate.replace(".", "", 1).isdecimal() else rate


def _scenes(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Each scene once, whatever the number of its takes."""
    seen = {(row.episode, row.scene): number(row.raw.get("scene"), "pages") or 0 for row in rows if row.scene}
    setups = {(row.episode, row.scene, row.slate) for row in rows if row.slate and not row.waste}
    names = sorted(("/".join(filter(None, name)) for name in seen), key=order)
    pages = sum(count for count in seen.values() if count > 0)
    return [
        ("Scenes", f"{len(seen)} ({', '.join(names)})" if seen else "none"),
        ("Set-ups", str(len(setups))),
        *([("Pages of these scenes", pages_of(pages))] if pages else []),
    ]


class Sounds:
    """Which recordings belong to a picture: those of the same take that ran at the same time."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._of: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            if not row.video:
                self._of.setdefault(row.attempt, []).append(row)

    def of(self, picture: Row) -> str:
        """Their files; MOS for a picture that was shot without."""
        ran = [row.file for row in self._of.get(picture.attempt, ()) if row.span.overlaps(picture.span)]
        return several(ran) or ("MOS" if flag(picture.raw, "isMOS") else "")
