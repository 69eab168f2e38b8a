"""Streams on their own timelines: which day a timecode was of, over midnight, and whether it is a clock at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from rushes.timecode import FLICKS, RATES
from rushes_match.items import Item
from rushes_match.sync.days import between, by_days, date, over_midnight, unwound
from rushes_match.sync.names import label
from rushes_match.sync.unit import Spot, Unit, chain, parts, stem

#: What a recording of unknown length is taken for, in seconds.
USUAL = 60.0
#: By how much labels run late, by the names of rates.
_STRETCH = {rate.name: 0.0 if rate.dropped else float(rate.nominal / rate.exact) - 1.0 for rate in RATES}


def unroll(items: Iterable[Item]) -> tuple[list[Unit], list[Item]]:
    """Units of both sides in an order that depends on the items alone, and the items that no clock places."""
    streams: defaultdict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for item in items:
        streams[item.side, item.stream, stem(item.roll) or item.camera.upper()].append(item)
    units: list[Unit] = []
    lost: list[Item] = []
    for _, members in sorted(streams.items()):
        members.sort(key=lambda item: item.id)
        found, without = _stream(members)
        units += found
        lost += without
    return [part for unit in chain(units) for part in parts(unit)], lost


def _stream(members: Sequence[Item]) -> tuple[list[Unit], list[Item]]:
    clocked = _clocked(members)
    timed = [item for item in members if item.id in clocked]
    others = [item for item in members if item.id not in clocked]
    usual = median([item.length / FLICKS for item in members if item.length] or [USUAL])
    dated = [item for item in timed if item.wall is not None]
    units: list[Unit] = []
    if dated:
        tied, days = date(dated)
        undated = [item for item in timed if item.wall is None]
        days |= between(dated, days, undated)
        begins = unwound(timed, days)
        spots = [_spot(item, begins[item.id], "timecode", usual) for item in timed]
        if tied and others:
            spots += _beside(others, dated, begins, usual)
            others = [item for item in others if item.wall is None]
        units += _units(spots, "timecode", "yes" if tied else "perhaps")
    elif timed:
        for part, roll in by_days(timed):
            begins = unwound(roll, over_midnight(roll))
            spots = [_spot(item, begins[item.id], "timecode", usual) for item in roll]
            units += _units(spots, "timecode", "no", part)
    walled = [item for item in others if item.wall is not None]
    if walled:
        spots = [_spot(item, round((item.wall or 0.0) * FLICKS), "wall", usual) for item in walled]
        units += _units(spots, "wall", "yes")
    return units, [item for item in others if item.wall is None]


def _beside(
    others: Sequence[Item], dated: Sequence[Item], begins: dict[str, int], usual: float
) -> list[Spot]:
    """Items without timecode by their wall clock, which the nearest item that has both tells how to read."""
    known = sorted((item.wall or 0.0, item.wall_from, begins[item.id]) for item in dated)
    spots = []
    for item in others:
        if item.wall is None:
            continue
        alike = [each for each in known if each[1] == item.wall_from] or known
        wall, _, begin = min(alike, key=lambda each: (abs(each[0] - (item.wall or 0.0)), each))
        spots.append(_spot(item, begin + round((item.wall - wall) * FLICKS), "wall", usual))
    return spots


def _units(spots: list[Spot], basis: str, dated: str, part: str = "") -> list[Unit]:
    """One unit, or one by roll or camera where a device would have recorded twice at once."""
    unit = Unit(spots[0].item.stream, part, spots[0].item.side, spots, basis, dated)
    _guess_ends(unit)
    if not _twice(unit):
        return [unit]
    for name in ("roll", "camera", "reel"):
        groups: defaultdict[str, list[Spot]] = defaultdict(list)
        for spot in spots:
            groups[getattr(spot.item, name)].append(spot)
        if len(groups) > 1:
            parts = [
                Unit(unit.stream, f"{part}/{group}", unit.side, members, basis, dated)
                for group, members in sorted(groups.items())
            ]
            if not any(_twice(each) for each in parts):
                return parts
    return [unit]


def _twice(unit: Unit) -> bool:
    """Whether more than a slip of its items overlap their predecessor."""
    overlaps = sum(1 for one, two in pairwise(unit.spots) if two.a < one.b - 2.0 and one.told)
    return overlaps >= 2 and overlaps >= 0.1 * len(unit.spots)


def _guess_ends(unit: Unit) -> None:
    """A recording of unknown length lasts as its fellows do, and not into the next one."""
    for one, two in pairwise(unit.spots):
        if not one.told and two.a > one.a:
            one.b = min(one.b, two.a)
            one.lasts = round((one.b - one.a) * FLICKS)


def _spot(item: Item, begin: int, basis: str, usual: float) -> Spot:
    lasts = item.length or round(usual * FLICKS)
    a = begin / FLICKS
    stretch = 0.0 if item.rate is None else _STRETCH[item.rate.name]
    return Spot(item, label(item), begin, lasts, a, a + lasts / FLICKS, basis, bool(item.length), stretch)


def _clocked(members: Sequence[Item]) -> set[str]:
    """The items whose timecode is a clock: not the same on every clip, not one that runs only while recording."""
    timed = [item for item in members if item.start is not None]
    often = Counter(item.start for item in timed)
    if timed:
        start, many = often.most_common(1)[0]
        if many >= 3 or (many == 2 and start == 0):
            timed = [item for item in timed if item.start != start]
    rolls: defaultdict[str, list[Item]] = defaultdict(list)
    for item in timed:
        rolls[item.roll].append(item)
    clocked: set[str] = set()
    for roll in rolls.values():
        if not _stops(roll):
            clocked.update(item.id for item in roll)
    return clocked


def _stops(roll: Sequence[Item]) -> bool:
    """Whether a roll's timecode stands still between recordings: each begins where another ended."""
    order = sorted(roll, key=lambda item: (item.start or 0, item.id))
    touching = standing = 0
    for one, two in pairwise(order):
        if not one.length:
            continue
        gap = ((two.start or 0) - (one.start or 0) - one.length) / FLICKS
        if abs(gap) <= 0.25:
            touching += 1
            if one.wall is not None and two.wall is not None:
                passed = two.wall - one.wall - one.length / FLICKS
                standing += 1 if passed > 4.0 else -1
    pairs = len(order) - 1
    if touching < 2 or touching < 0.6 * pairs:
        return touching == 1 and pairs == 1 and standing > 0
    return standing >= 0
