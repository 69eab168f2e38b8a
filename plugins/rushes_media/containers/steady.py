"""Do pictures come at even times? Of durations as an index lists them, or of times as packets tell them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

#: A container counts in ticks, some in milliseconds: a grid rounded to them is even.
ROUNDED_TICKS = 2.0
ROUNDED_S = 0.001
#: Of a picture's duration: where ticks are longer than that, a picture that comes a tick late is late.
LATE = 0.2


class Run(NamedTuple):
    """So many `pictures` in a row that each last `ticks`."""

    pictures: int
    ticks: int


def uneven(runs: Sequence[Run], scale: int) -> bool:
    """Whether any picture lies off the even grid of all by more than rounding; `scale` is ticks a second.

    The last picture's duration says nothing: no other follows it.
    """
    pictures = sum(run.pictures for run in runs) - 1
    if pictures < 2 or scale <= 0:
        return False
    total = sum(run.pictures * run.ticks for run in runs) - runs[-1].ticks
    each = total / pictures
    highest = lowest = off = 0.0
    left = pictures
    for run in runs:  # within a run the distance from the grid grows or shrinks evenly: its ends tell
        count = min(run.pictures, left)
        left -= count
        off += count * (run.ticks - each)
        highest, lowest = max(highest, off), min(lowest, off)
    return highest - lowest > min(max(ROUNDED_TICKS, scale * ROUNDED_S), LATE * each)


def of_times(times: Iterable[int]) -> list[Run]:
    """Runs of pictures shown at those times, in any order."""
    ordered = sorted(set(times))
    steps = [Run(1, after - before) for before, after in pairwise(ordered)]
    return [*steps, Run(1, 0)] if steps else []
