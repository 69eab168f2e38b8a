"""The lines of a log: by scene under its heading, takes shaded in turn, waste in a list of its own below."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rushes_masterlockit.reports.rows import Row
from rushes_masterlockit.reports.sheet import Band, Line, Look

#: Also as a text, so that it outlives any conversion.
CIRCLED = "◯ circled"
WASTE = "waste"


def mark(row: Row) -> str:
    """Circled or waste, in words."""
    return " ".join([CIRCLED] * row.circled + [WASTE] * row.waste)


def lines(rows: Sequence[Row], heading: Callable[[Row], str] | None = None) -> Iterator[Line[Row] | Band]:
    """What counts, then what is waste. Where the heading changes a band tells it."""
    yield from _counted(rows, heading)
    waste = [row for row in rows if row.waste]
    if waste:
        yield Band(f"Waste: {len(waste)} clip{'s' * (len(waste) > 1)}, not counted in takes and length")
        for row in waste:
            yield Line(row, Look.WASTE)


def _counted(rows: Sequence[Row], heading: Callable[[Row], str] | None) -> Iterator[Line[Row] | Band]:
    above, attempt, shaded = "", rows[0].attempt if rows else None, False
    for row in rows:
        if row.waste:
            continue
        if heading is not None and (told := heading(row)) != above:
            above, shaded = told, False
            yield Band(told)
        elif row.attempt != attempt:
            shaded = not shaded
        attempt = row.attempt
        yield Line(row, Look.CIRCLED if row.circled else Look.PLAIN, shaded)
