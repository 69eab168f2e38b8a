"""What a report is made of before it is drawn: a title, fields, columns, bands of lines, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Literal, TypeVar

from rushes_masterlockit.reports.cells import Cell
from rushes_masterlockit.reports.head import Field, Head

R = TypeVar("R")


class Look(Enum):
    """How a line stands out, in ways that survive a black-and-white printer."""

    PLAIN = "plain"
    CIRCLED = "circled"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column, `most` characters wide at most: longer texts wrap.

    `ringed` is boxed in a circled line; `struck` is crossed out in one that is waste, of which the reason must
    stay readable.
    """

    title: str
    cell: Callable[[R], Cell]
    most: int = 12
    align: Literal["left", "center", "right"] = "left"
    ringed: bool = False
    struck: bool = True
    #: Stays although no line fills it.
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Line(Generic[R]):
    """One row; `shaded` alternates so that an eye keeps the line."""

    row: R
    look: Look = Look.PLAIN
    shaded: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A line over all columns, above the rows it is about."""

    text: str


@dataclass(frozen=True, slots=True)
class Totals:
    """A small table below the lines, its last row the sum, which `summary` tells above them."""

    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    summary: str
    notes: Sequence[Field] = ()


@dataclass(frozen=True, slots=True)
class Sheet(Generic[R]):
    """A report. `lines` is gone through once; `sample` is what columns are fitted to."""

    title: str
    head: Head
    columns: Sequence[Column[R]]
    lines: Iterable[Line[R] | Band]
    sample: Sequence[R]
    totals: Totals


def filled(columns: Iterable[Column[R]], rows: Sequence[R]) -> list[Column[R]]:
    """Without those that nobody filled: paper is narrow."""
    return [column for column in columns if column.stays or any(column.cell(row) != "" for row in rows)]
