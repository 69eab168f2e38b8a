"""Logs in lines: ALE of editors, CSV of cameras, recorders and logging tools."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from rushes_media.sidecars import columns
from rushes_media.sidecars.row import Row, Sidecar, Value
from rushes_media.words import names, text

MOST_ROWS = 20_000
MOST_COLUMNS = 512
#: How far down the titles of a CSV may stand: sound reports begin with the production's name.
PREAMBLE = 60
_PER_FRAME = frozenset({"frameno", "framenumber", "frame", "focusposition"})


def ale(content: bytes) -> Sidecar:
    """An Avid Log Exchange: pairs under Heading, titles under Column, a row for each clip under Data."""
    lines = [line for line in text.lines(content) if line.strip()]
    sections = {
        line.strip().lower(): number for number, line in enumerate(lines) if line.strip().lower() in _SECTIONS
    }
    if "column" not in sections or sections["column"] + 1 >= len(lines):
        return Sidecar(format="ale", problem="not an ALE: no Column section in it")
    heading = dict(_pairs(lines[: sections["column"]]))
    titles = lines[sections["column"] + 1].split("\t")[:MOST_COLUMNS]
    data = sections.get("data")
    if data is None:
        return Sidecar(format="ale", problem="not an ALE: no Data section in it")
    rate = heading.get("fps", "")
    cells = (line.split("\t") for line in lines[data + 1 :])
    told = [_with_rest(one, titles, row) for one in cells if (row := _row(titles, one, rate)) is not None]
    values = {"sidecar_rate": rate} if rate else {}
    problem = f"holds more than {MOST_ROWS} clips: the rest is not read" if len(told) > MOST_ROWS else ""
    return Sidecar(format="ale", rows=told[:MOST_ROWS], values=values, problem=problem)


_SECTIONS = frozenset({"heading", "column", "data"})


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and values of a heading, of which some writers put all on one line."""
    for line in lines:
        cells = [text.line(cell) for cell in line.split("\t")]
        yield from ((name.lower(), value) for name, value in zip(cells[::2], cells[1::2], strict=False))


def _row(titles: list[str], cells: list[str], rate: str) -> Row | None:
    return columns.row(_cells(titles, cells), rate=rate)


def _with_rest(cells: list[str], titles: list[str], row: Row) -> Row:
    """With the columns that a production made for itself, as `ale_vfx_shot`."""
    rest: dict[str, Value] = {}
    for title, cell in zip(titles, cells, strict=False):
        name = re.sub(r"\W+", "_", title.strip().lower()).strip("_")
        if name and columns.key(title) not in columns.READ and (told := text.line(cell)):
            rest.setdefault(f"ale_{name}", told)
    return Row(match=row.match, values={**rest, **row.values})


def comma(content: bytes, own: str) -> Sidecar:
    """A CSV whose titles name clips, or that is about the clip of its own name; any other says nothing."""
    lines = text.lines(content)
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [
            row for row in csv.reader(lines[: MOST_ROWS * 4], delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        return Sidecar(format="csv", problem=f"not readable as CSV: {error}")
    start = next((number for number, row in enumerate(rows[:PREAMBLE]) if _titles(row, own)), None)
    if start is None:
        return Sidecar()
    titles = rows[start][:MOST_COLUMNS]
    kind = _kind(titles)
    if kind == "canon-csv":
        rows = [_canon(titles, row) for row in rows[start + 1 : start + 2]]
    elif _PER_FRAME & {columns.key(title) for title in titles}:  # the first frame stands for its clip
        rows = rows[start + 1 : start + 2]
    else:
        rows = rows[start + 1 :]
    told = list(
        _clips(
            one for cells in rows[:MOST_ROWS] if (one := columns.row(_cells(titles, cells), own)) is not None
        )
    )
    problem = f"holds more than {MOST_ROWS} clips: the rest is not read" if len(rows) > MOST_ROWS else ""
    return Sidecar(format=kind, rows=told, problem=problem) if told else Sidecar()


def _clips(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows without those of a clip's further frames, as ARRI and Sony list them: the first stands for all."""
    about: Mapping[str, str] = {}
    before = 0
    for row in rows:
        match = {name: told for name, told in row.match.items() if name != "timecode"}
        hours, minutes, seconds, *_ = map(int, re.split(r"[:;.,]", row.match.get("timecode", "0:0:0")))
        at = (hours * 60 + minutes) * 60 + seconds
        if match != about or "timecode" not in row.match or at - before not in {0, 1}:
            yield row
        about, before = match, at


def _titles(row: list[str], own: str) -> bool:
    keys = {columns.key(cell) for cell in row}
    known = keys & columns.READ
    return len(known) >= 2 and (
        bool(known & columns.NAMING) or _kind(row) != "csv" or names.parse(own) is not None
    )


def _kind(titles: list[str]) -> str:
    keys = {columns.key(title) for title in titles}
    if {"camreelid", "clipname"} <= keys or {"frameno", "cookemetadata"} <= keys:
        return "red-csv"
    if {"shotnumber", "umid"} <= keys or {"recorddateyear", "binarygroup1"} <= keys:
        return "canon-csv"
    return "csv"


def _canon(titles: list[str], row: list[str]) -> list[str]:
    """Canon writes rational numbers, a mark in the upper bit of the sensitivity, and counts its shutter's kinds."""
    cells = dict(zip(map(columns.key, titles), row, strict=False))
    new = list(row)
    for number, title in enumerate(titles[: len(row)]):
        name = columns.key(title)
        rational = re.fullmatch(r"(\d{1,10})/(\d{1,10})", row[number].strip(), re.ASCII)
        if rational is None or not int(rational[2]) or rational[1] == rational[2] == "65535":
            if name in {"shutter", "ndfilter"} or rational is not None:
                new[number] = ""
            continue
        exact = Fraction(int(rational[1]) & 0x7FFFFFFF, int(rational[2]))
        if name == "exposuretime" and cells.get("exposuretimemode") != "2":  # two means degrees
            new[number] = f"{exact.numerator}/{exact.denominator}"
        else:
            new[number] = f"{float(exact):g}"
    return new


def _cells(titles: list[str], cells: list[str]) -> Mapping[str, str]:
    """Cells by the `key` of their titles; of two columns with one title the first that is filled."""
    told: dict[str, str] = {}
    for title, cell in zip(titles, cells, strict=False):
        if cell.strip():
            told.setdefault(columns.key(title), cell)
    return told
