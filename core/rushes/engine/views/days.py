"""The shooting days: which recording is of which, and how much each brought."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from rushes.engine.shooting import began, shooting_days
from rushes.engine.views.document import Document
from rushes.ledger import Query

_CLIPS = """
    SELECT id, kind, card, size, epoch(recorded), epoch(created), epoch(modified), epoch(first_seen), meta['clip_day'],
        duration
    FROM clips
    WHERE parent = '' AND NOT superseded
"""
_TOGETHER = "SELECT clip, other FROM links WHERE state = 'matched' AND kind IN ('sound', 'picture')"
_RECORDINGS = frozenset({"video", "audio"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """Of every original by its id: its day, when it began (by the wall clock, as if UTC), its bytes."""

    days: dict[str, str]
    walls: dict[str, float]
    sizes: dict[str, int]


def calendar(query: Query) -> Calendar:
    """Of all originals. What is no recording (a still, a LUT) is of the day that most of its card is of, else of its
    own.
    """
    walls: dict[str, float] = {}
    cards: dict[str, str] = {}
    sizes: dict[str, int] = {}
    recordings: set[str] = set()
    for name, kind, card, size, recorded, created, modified, seen, named, duration in query(_CLIPS):
        walls[name] = began(
            recorded, created, modified, seen, named=named or "", seconds=float(duration or 0.0)
        )
        cards[name], sizes[name] = card, int(size or 0)
        if kind in _RECORDINGS:
            recordings.add(name)
    days = shooting_days({name: walls[name] for name in recordings}, query(_TOGETHER))
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
