"""The order in which a day was shot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, TypeVar

from rushes_masterlockit.reports.numbering import order
from rushes_masterlockit.reports.times import DAY, Span

T = TypeVar("T")


def chronological(
    things: Iterable[T],
    *,
    day: Callable[[T], tuple[str, str]],
    span: Callable[[T], Span],
    rest: Callable[[T], tuple[Any, ...]],
) -> list[T]:
    """By shooting day (number, date), and within it by the clock, from the end of its longest pause on.

    A night that goes on past midnight so stays in order, whenever it began. Without timecode a thing comes last
    of its day; equals are in the order of `rest`.
    """
    ordered: list[T] = []
    days = sorted(things, key=lambda thing: (order(day(thing)[0]), day(thing)[1]))
    for _, group in groupby(days, key=day):
        that_day = [(thing, span(thing).begins) for thing in group]
        first = _first_second({begins[0] % DAY for _, begins in that_day if begins})
        that_day.sort(key=lambda pair: (_clock(pair[1], first), rest(pair[0])))
        ordered += [thing for thing, _ in that_day]
    return ordered


def _first_second(seconds: set[int]) -> int:
    """The second after the longest pause of a day that goes round."""
    seen = sorted(seconds)
    pauses = (
        ((after - before) % DAY, -after) for before, after in zip([*seen[-1:], *seen], seen, strict=False)
    )
    return -max(pauses, default=(0, 0))[1]


def _clock(begins: tuple[int, int] | None, first: int) -> tuple[int, int]:
    return (DAY, 0) if begins is None else ((begins[0] - first) % DAY, begins[1])
