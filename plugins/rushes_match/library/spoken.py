"""The records of the ledger by the days that they may be about, and by the names that they tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import trio

from rushes import Record
from rushes_match.library.reading import Reading
from rushes_match.library.shelf import DAY
from rushes_match.names import parsed, squashed

#: Records of which the whole text is kept in memory, unless one problem needs more.
_MOST = 20_000
#: A project has hundreds of thousands: after so many of them others have their turn.
_AT_ONCE = 1_000
_TELLING = ("unique", "roll", "take")
_EPOCH = date(1970, 1, 1).toordinal()


class Spoken:
    """Only ids, days and names of all, and the whole text of those asked for lately."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._on: dict[int, set[str]] = defaultdict(set)
        self._days: dict[str, tuple[int, ...]] = {}
        self._called: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._whole: dict[str, tuple[Record, ...]] = {}

    @property
    def is_named(self) -> bool:
        """Whether any record may be found by a name."""
        return bool(self._called)

    async def load(self) -> None:
        """What the ledger has."""
        await self._take(None)

    async def told(self, ids: Sequence[str]) -> tuple[set[int], set[str]]:
        """Something was said: the days and names that it may be about, or was about before."""
        days = {day for id_ in ids for day in self._days.get(id_, ())}
        names = {name for id_ in ids for name in self._names.get(id_, ())}
        for id_ in ids:
            self._forget(id_)
        days |= await self._take(ids)
        return days, names.union(*(self._names.get(id_, ()) for id_ in ids))

    async def on(
        self, days: Iterable[int], beside: Iterable[str] = (), names: Iterable[str] = ()
    ) -> Sequence[Record]:
        """The records that may be about these days, those of `beside`, and those of these names (as `telling` writes
        them) whatever their day, in the order of their ids.
        """
        chosen = {id_ for day in days for id_ in self._on.get(day, ())} | (self._days.keys() & set(beside))
        ids = sorted(chosen.union(*(self._called.get(name, ()) for name in names)))
        if missing := [id_ for id_ in ids if id_ not in self._whole]:
            if len(self._whole) + len(missing) > _MOST:
                self._whole = {id_: self._whole[id_] for id_ in ids if id_ in self._whole}
            read: dict[str, list[Record]] = defaultdict(list)
            for record in await self._reading.records(missing):
                if not record.deleted:
                    read[record.id].append(record)
            self._whole |= {id_: tuple(read.get(id_, ())) for id_ in missing}
        return [record for id_ in ids for record in self._whole[id_]]

    async def _take(self, ids: Sequence[str] | None) -> set[int]:
        """Two sources may tell of one record, each of its days."""
        found: dict[str, set[int]] = defaultdict(set)
        called: dict[str, frozenset[str]] = defaultdict(frozenset)
        rows = await self._reading.record_days(ids)
        for start in range(0, len(rows), _AT_ONCE):
            for id_, day, created, seen, *names in rows[start : start + _AT_ONCE]:
                found[id_].update(_days(day, created, seen))
                called[id_] |= telling(names)
                self._keep(id_, found[id_], called[id_])
            await trio.lowlevel.checkpoint()
        return set().union(*found.values())

    def _keep(self, id_: str, days: Collection[int], names: Collection[str]) -> None:
        self._days[id_] = tuple(sorted(set(days)))
        for day in days:
            self._on[day].add(id_)
        self._names[id_] = tuple(sorted(names))
        for name in names:
            known = self._called.get(name, ())
            if id_ not in known:
                self._called[name] = (*known, id_)

    def _forget(self, id_: str) -> None:
        self._whole.pop(id_, None)
        for day in self._days.pop(id_, ()):
            self._on[day].discard(id_)
        for name in self._names.pop(id_, ()):
            if left := tuple(other for other in self._called[name] if other != id_):
                self._called[name] = left
            else:
                del self._called[name]


def telling(names: Iterable[str]) -> frozenset[str]:
    """These clip and file names without separators, by which records of any day are found: counters, which every card
    has, are none.
    """
    return frozenset(short for name in names if parsed(name).weight in _TELLING and (short := squashed(name)))


def day_of(moment: float) -> int:
    """Days since the epoch."""
    return int(moment // DAY)


def _days(day: Any, created: Any, seen: float) -> tuple[int, ...]:
    """The project's day and that of creation; when it was told where neither is."""
    found: set[int] = set()
    with suppress(ValueError):
        found.add(date.fromisoformat(str(day)).toordinal() - _EPOCH)
    with suppress(TypeError, ValueError, OverflowError):
        found.add(day_of(float(created) / 1000))
    if seen and not found:
        found.add(day_of(seen))
    return tuple(sorted(found))
