"""Which day a timecode was of: by wall clocks, by neighbours, by what follows in a roll, and over midnight."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import floor

from rushes.timecode import FLICKS
from rushes_match.items import DAY_FLICKS, Item
from rushes_match.sync.unit import DAY, wrapped

_DIGITS = re.compile(r"\d+")
#: Where a roll's timecode goes on by more than this (in seconds, around the clock) another day began; a roll has few.
_NIGHT, _DAYS = 9 * 3600.0, 3


def date(items: Sequence[Item]) -> tuple[bool, dict[str, int]]:
    """Whether wall clock and timecode run together, and the day of each item: by kinds of wall clock."""
    kinds: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        kinds[item.wall_from].append(item)
    days: dict[str, int] = {}
    relations = []
    for _, members in sorted(kinds.items()):
        relation, tied = _relation(members)
        days |= _days(members, relation if tied else None)
        relations.append((len(members), tied))
    return max(relations)[1], days


def _relation(dated: Sequence[Item]) -> tuple[float, bool]:
    """Wall clock minus timecode in -12 to 12 h as most items have it, and whether most have it."""
    around = sorted(wrapped((item.wall or 0.0) - _seconds(item)) for item in dated)
    doubled = around + [value + DAY for value in around]
    best, at = 0, 0.0
    high = 0
    for low, value in enumerate(around):
        while high < len(doubled) and doubled[high] - value <= 900.0:
            high += 1
        if high - low > best:
            best, at = high - low, doubled[(low + high - 1) // 2]
    tied = best >= 0.5 * len(dated)
    return wrapped(at), tied


def _days(dated: Sequence[Item], relation: float | None) -> dict[str, int]:
    """The day of each item: nearest by its wall clock, or the last before it where that tells when it was copied."""
    if relation is not None:
        return {item.id: round(((item.wall or 0.0) - _seconds(item) - relation) / DAY) for item in dated}
    days: dict[str, int] = {}
    for item in dated:
        since = ((item.wall or 0.0) - _seconds(item)) / DAY
        days[item.id] = floor(since) if item.wall_from == "modified" else round(since)
    return days


def between(dated: Sequence[Item], days: dict[str, int], undated: Sequence[Item]) -> dict[str, int]:
    """Days of items without a wall clock: those of the neighbours by name in the same roll."""
    if not undated:
        return {}
    by_roll: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for item in dated:
        by_roll[item.roll].append((item.name, item.id))
    known = {item.id: item for item in dated}
    everything = sorted((item.name, item.id) for item in dated)
    found: dict[str, int] = {}
    for item in undated:
        order = sorted(by_roll.get(item.roll) or everything)
        at = bisect_left(order, (item.name, item.id))
        around = order[max(0, at - 1) : at + 1] or order[-1:]
        choices = []
        for _, key in around:
            beside = known[key]
            place = _seconds(beside) + days[key] * DAY
            day = round((place - _seconds(item)) / DAY)
            choices.append((abs(_seconds(item) + day * DAY - place), day))
        found[item.id] = min(choices)[1]
    return found


def by_days(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Items of unknown days by roll, and where a roll's names go on while its timecode begins anew, by days."""
    rolls: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        rolls[item.roll].append(item)
    parts: list[tuple[str, list[Item]]] = []
    for roll, members in sorted(rolls.items()):
        order = sorted(members, key=lambda item: (item.name, item.start or 0, item.id))
        days: list[list[Item]] = [order[:1]]
        for one, two in pairwise(order):
            if (_seconds(two) - _seconds(one)) % DAY > _NIGHT:
                days.append([])
            days[-1].append(two)
        if len(days) > _DAYS or not _counted(members):
            days = [members]
        parts += [(f"{roll}.{day}" if day else roll, each) for day, each in enumerate(days)]
    return parts


def _counted(items: Sequence[Item]) -> bool:
    """Whether names are a camera's own, that differ by their numbers alone, and so tell an order."""
    shapes = {_DIGITS.sub("#", item.name) for item in items}
    return len(shapes) == 1 and "#" in next(iter(shapes)) and items[0].side == "picture"


def over_midnight(items: Sequence[Item]) -> dict[str, int]:
    """Days of items without any date: one day, turned so that its longest pause is the night."""
    order = sorted(items, key=lambda item: (item.start or 0, item.id))
    turned = {item.id: 0 for item in order}
    if len(order) < 2:
        return turned
    pauses = [(_seconds(two) - _seconds(one), two) for one, two in pairwise(order)]
    pause, after = max(pauses, key=lambda pair: pair[0])
    night = _seconds(order[0]) + DAY - _seconds(order[-1])
    if night < 3 * 3600.0 and pause > night:
        for item in order:
            if (item.start or 0) < (after.start or 0):
                turned[item.id] = 1
    return turned


def unwound(items: Sequence[Item], days: dict[str, int]) -> dict[str, int]:
    """Flicks from the epoch. A day has 86400 s, but a run over midnight goes on counting until its labels end.

    At 23.976 they end 86.4 s late; the next morning's jam sets that right.
    """
    begins: dict[str, int] = {}
    since, last = 0, -(10**18)
    for item in sorted(items, key=lambda item: (days[item.id], item.start or 0, item.id)):
        start, day = item.start or 0, days[item.id]
        plain = start + day * DAY_FLICKS
        if plain - last > 4 * 3600 * FLICKS:
            since = day
        begins[item.id] = plain + (day - since) * _late(item) if day > since else plain
        last = plain
    return begins


def _late(item: Item) -> int:
    """Flicks by which a day of labels is longer than a day."""
    return 0 if item.rate is None else int(item.rate.frames_per_day / item.rate.exact * FLICKS) - DAY_FLICKS


def _seconds(item: Item) -> float:
    return (item.start or 0) / FLICKS
