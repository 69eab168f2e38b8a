"""The shooting days: which recording is of which, and how much each brought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from rushes.engine.shooting import began, shooting_days
from rushes.engine.views.document import Document
from rushes.errors import NotFound
from rushes.ledger import Query
from rushes.ledger.lookup import among

_TOLD = (
    "id, CASE WHEN coalesce(problem, '') = '' OR coalesce(recorded, created) IS NOT NULL THEN kind ELSE '' END, card, "
    "size, epoch(recorded), epoch(created), epoch(modified), epoch(first_seen), meta['clip_day'], duration"
)
_CLIPS = "FROM clips WHERE parent = '' AND NOT superseded"
_TOGETHER = "FROM links WHERE state = 'matched' AND kind IN ('sound', 'picture')"
#: All that a calendar is made of, in two numbers each: 5 ms for 50,000 clips, where the calendar takes 200.
_MARK = f"""
    SELECT (SELECT [count(*)::UBIGINT, bit_xor(hash({_TOLD}))] {_CLIPS}),
        (SELECT [count(*)::UBIGINT, bit_xor(hash(clip, other))] {_TOGETHER})
"""
_RECORDINGS = frozenset({"video", "audio"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """Of every original by its id: its day, when it began (by the wall clock, as if UTC), its bytes."""

    days: dict[str, str]
    walls: dict[str, float]
    sizes: dict[str, int]

    def shot_on(self, day: str) -> list[str]:
        """The originals of that day."""
        return [name for name, each in self.days.items() if each == day]

    def condition(self, day: str) -> tuple[str, list[Any]]:
        """That an original is of that day, and its parameters: by the days' shorter list, its own or the others'."""
        shot = self.shot_on(day)
        if 2 * len(shot) <= len(self.days):
            return among("id", shot)
        others, names = among("id", [name for name, each in self.days.items() if each != day])
        return f"NOT ({others})", names

    def chosen(self, wanted: str) -> str:
        """The day of that name ("" or "last": the last one). Raises NotFound."""
        there = sorted(set(self.days.values()), reverse=True)
        if not there:
            raise NotFound("nothing was shot yet")
        if wanted in {"", "last"}:
            return there[0]
        if wanted not in there:
            raise NotFound(f"nothing was shot on {wanted:.40}; days are {', '.join(there[:10])}")
        return wanted


#: The last calendar, by what it was made of: right for whatever ledger says the same, also after a restart.
_last: tuple[Hashable, Calendar] | None = None


def calendar(query: Query) -> Calendar:
    """Of all originals. What is no recording (a still, a LUT, media that cannot be read and tells no time) is of the
    day that most of its card is of, else of its own. Nobody may change it: it is kept for who asks next, until the
    ledger says something else.
    """
    global _last  # noqa: PLW0603 - a cache of one, replaced whole: threads may race, and make it twice
    [(clips, together)] = query(_MARK)
    mark = (*clips, *together)
    if (last := _last) is not None and last[0] == mark:
        return last[1]
    made = _made(query)
    _last = (mark, made)
    return made


def _made(query: Query) -> Calendar:
    walls: dict[str, float] = {}
    cards: dict[str, str] = {}
    sizes: dict[str, int] = {}
    recordings: set[str] = set()
    rows = query(f"SELECT {_TOLD} {_CLIPS}")
    for name, kind, card, size, recorded, created, modified, seen, named, duration in rows:
        walls[name] = began(
            recorded, created, modified, seen, named=named or "", seconds=float(duration or 0.0)
        )
        cards[name], sizes[name] = card, int(size or 0)
        if kind in _RECORDINGS:
            recordings.add(name)
    together = query(f"SELECT clip, other {_TOGETHER}")
    days = shooting_days({name: walls[name] for name in recordings}, together)
    of_cards: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, day in days.items():
        of_cards[cards[name]][day] += 1
    own = shooting_days({name: walls[name] for name in walls if name not in recordings})
    for name, day in own.items():
        counted = of_cards.get(cards[name])
        days[name] = max(counted, key=lambda each: (counted[each], each)) if counted else day
    return Calendar(days, walls, sizes)


def days(query: Query) -> list[Document]:
    """Shooting days, the newest first, with their originals and the bytes of these."""
    known = calendar(query)
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, day in known.days.items():
        found[day][0] += 1
        found[day][1] += known.sizes[name]
    return [
        {"day": day, "clips": found[day][0], "bytes": found[day][1]} for day in sorted(found, reverse=True)
    ]
