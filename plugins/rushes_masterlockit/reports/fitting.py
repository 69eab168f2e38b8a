"""How wide columns are, and how the fields above them share that width."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from rushes_masterlockit.reports.cells import Cell
from rushes_masterlockit.reports.sheet import Column, R

#: How many rows tell how wide a column must be.
SAMPLE = 2_000

#: What fits on landscape A4 without being made smaller.
PAGE = 144.0

#: How much wider bold letters are.
BOLD = 1.08

_LEAST = 4.0
_MARGIN = 1.3
_LENGTH = 8
_NARROW = frozenset("fijltrI.,:;'|!()[]{}/\\- ·’‘“”")
_BROADEST = 1.75
_BROAD = frozenset("mwMW@%—…")


def widths(columns: Sequence[Column[R]], rows: Sequence[R]) -> list[float]:
    """In characters of the sheet's font: the longest line of each column, or the most it may take.

    The last column takes what a page leaves.
    """
    step = max(1, len(rows) // SAMPLE)
    sample = rows[::step]
    fitted = [
        max(
            _LEAST,
            max(map(measure, column.title.split()), default=0) * BOLD + _MARGIN,
            min(column.most, max((_cell(column.cell(row)) for row in sample), default=0)) * BOLD + _MARGIN,
        )
        for column in columns
    ]
    fitted[-1] += max(0.0, PAGE - sum(fitted))
    return fitted


def measure(text: str) -> float:
    """The width of the longest line, in digits: Arial's capitals are wider than those, its i and l narrower."""
    return max(sum(map(_glyph, line)) for line in text.split("\n"))


@lru_cache(maxsize=4096)
def _glyph(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if character in _NARROW:
        return 0.5
    if character in _BROAD or unicodedata.east_asian_width(character) in "WF":
        return _BROADEST
    return 1.2 if character.isupper() or character in "_<>=+~" else 0.95


def _cell(cell: Cell) -> float:
    return _LENGTH if isinstance(cell, Fraction) else measure(str(cell))


def spans(given: Sequence[float], shares: Sequence[float]) -> list[tuple[int, int]]:
    """Runs of columns (first and last) that divide the width about as `shares` do, each one column or more.

    Fewer runs than shares where there are fewer columns.
    """
    edges = [0.0, *accumulate(given)]
    total, runs, first = sum(shares), list[tuple[int, int]](), 0
    for index, reach in enumerate(accumulate(shares)):
        if first == len(given):
            break
        target = edges[-1] * reach / total
        furthest = max(first + 1, len(given) - (len(shares) - index - 1))
        last = min(range(first + 1, furthest + 1), key=lambda edge: abs(edges[edge] - target))
        runs.append((first, last - 1))
        first = last
    return runs


def lines(text: str, width: float, *, bold: bool) -> int:
    """How many lines a text takes in a cell of that width, rather one more than one too few."""
    room = max(1.0, (width - _MARGIN) / (BOLD if bold else 1) + 0.01)
    if len(text) * _BROADEST <= room and "\n" not in text:
        return 1
    return sum(max(1, math.ceil(measure(line) / room)) for line in text.split("\n"))
