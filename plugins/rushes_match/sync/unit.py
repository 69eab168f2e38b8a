"""Streams' recordings on one timeline each: spots, and units of spots that share a clock."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from rushes_match.items import Item
from rushes_match.sync.names import Label

DAY = 86400.0
#: Recordings that a unit holds before it is parted, and the pause in seconds where it is.
_LONG, _NIGHT = 150, 4 * 3600.0
#: So often at most a day's timecode is set back.
_BACK = 2
_NUMBER = re.compile(r"(?:[\W_]+\d+|\d{2,})$")


@dataclass(slots=True)
class Spot:
    """An item on its stream's timeline: `begin` in flicks, `a` and `b` the same range in seconds."""

    item: Item
    names: Label
    begin: int
    lasts: int
    a: float
    b: float
    #: "timecode", or "wall" where the wall clock had to stand in.
    basis: str
    #: Whether somebody told the length.
    told: bool
    #: How far its label's clock is from real time, in seconds by seconds: 0.001 at 23.976.
    stretch: float = 0.0


@dataclass(slots=True)
class Unit:
    """Items of one clock in order. `dated` tells whether the day is known: "yes", "perhaps" or "no"."""

    stream: str
    part: str
    side: str
    spots: list[Spot]
    basis: str
    dated: str
    starts: list[float] = field(default_factory=list)
    longest: float = 0.0

    def __post_init__(self) -> None:
        self.spots.sort(key=lambda spot: (spot.begin, spot.item.id))
        self.starts = [spot.a for spot in self.spots]
        self.longest = max((spot.b - spot.a for spot in self.spots), default=0.0)

    @property
    def key(self) -> tuple[str, str, str]:
        """What sorts units and names them."""
        return (self.stream, self.part, self.basis)

    def near(self, a: float, b: float) -> list[Spot]:
        """Its spots that touch a range of seconds."""
        first = bisect_left(self.starts, a - self.longest)
        return [spot for spot in self.spots[first : bisect_left(self.starts, b)] if spot.b > a]


def chain(units: Iterable[Unit]) -> list[Unit]:
    """Units joined that are one device's cards: named alike, of one kind of clock, and never recording at once.

    Cards without a date stay apart: they may be of different days.
    """
    alike: defaultdict[tuple[str, str, str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        alike[unit.side, unit.basis, unit.dated, _device(unit)].append(unit)
    joined: list[Unit] = []
    for _, members in sorted(alike.items()):
        members.sort(key=lambda unit: (unit.starts[0], unit.key))
        chains: list[Unit] = []
        for unit in members:
            for at, other in enumerate(chains):
                if unit.dated != "no" and not _collide(other, unit):
                    spots = [*other.spots, *unit.spots]
                    chains[at] = Unit(other.stream, other.part, unit.side, spots, unit.basis, unit.dated)
                    break
            else:
                chains.append(unit)
        joined += chains
    return joined


def in_turn(spots: list[Spot]) -> list[Spot]:
    """Spots as they were recorded: a battery that ran empty sets the timecode back, not the wall clock or the names.

    Copies carry any time and names may mean nothing: an order that jumps about in timecode tells nothing.
    """
    if all(spot.item.wall is not None for spot in spots):
        order = sorted(spots, key=lambda spot: (spot.item.wall or 0.0, spot.begin, spot.item.id))
    else:
        order = sorted(spots, key=lambda spot: (spot.item.roll, spot.item.name, spot.begin, spot.item.id))
    back = sum(1 for one, two in pairwise(order) if two.begin < one.begin)
    return order if back <= _BACK else spots


def parts(unit: Unit) -> list[Unit]:
    """A long unit in parts of whole days: clocks are jammed every morning, and far days tell nothing of each other."""
    if unit.dated != "yes" or len(unit.spots) <= _LONG:
        return [unit]
    pieces: list[list[Spot]] = [[]]
    for spot in unit.spots:
        if len(pieces[-1]) >= _LONG and spot.a - pieces[-1][-1].a > _NIGHT:
            pieces.append([])
        pieces[-1].append(spot)
    return [
        Unit(unit.stream, f"{unit.part}{at:04}", unit.side, piece, unit.basis, unit.dated)
        for at, piece in enumerate(pieces)
    ]


def stem(card: str) -> str:
    """A card's name without its number: what the cards of one device have in common."""
    return _NUMBER.sub("", card).upper()


def _device(unit: Unit) -> str:
    cameras = Counter(spot.item.camera for spot in unit.spots)
    camera, many = cameras.most_common(1)[0]
    if camera and many >= 0.6 * len(unit.spots):
        return camera.upper()
    return f"{stem(unit.stream)}/{stem(unit.spots[0].item.roll)}"


def _collide(one: Unit, two: Unit) -> bool:
    small, large = (one, two) if len(one.spots) < len(two.spots) else (two, one)
    return any(large.near(spot.a + 0.5, spot.b - 0.5) for spot in small.spots if spot.told)


def wrapped(seconds: float) -> float:
    """A difference between two times of the day, at most half a day either way."""
    return (seconds + DAY / 2) % DAY - DAY / 2
