"""Which shooting day a recording is of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from rushes_match.library.shelf import GAP, LONGEST


def dates(walls: Mapping[str, float], together: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The date, YYYY-MM-DD, of each clip's shooting day: the one on which its session began, after midnight too.

    `walls` are when clips began, in seconds since the epoch. What is `together` is of one day, whatever the clock of
    one device says: of the day that most of them are of.
    """
    own = _by_sessions(walls)
    sizes = Counter(own.values())
    found = dict(own)
    for group in _groups(own, together):
        counts = Counter(own[id_] for id_ in group)
        day = max(counts, key=lambda date: (counts[date], sizes[date], date))
        found |= dict.fromkeys(group, day)
    return found


def _by_sessions(walls: Mapping[str, float]) -> dict[str, str]:
    found: dict[str, str] = {}
    first = last = float("-inf")
    for wall, id_ in sorted((wall, id_) for id_, wall in walls.items()):
        if wall - last > GAP or wall - first > LONGEST:
            first = wall
        last = wall
        found[id_] = datetime.fromtimestamp(first, UTC).date().isoformat()
    return found


def _groups(ids: Iterable[str], together: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Of several clips each: those that hang together."""
    root = {id_: id_ for id_ in ids}

    def top(id_: str) -> str:
        while root[id_] != id_:
            root[id_] = root[root[id_]]
            id_ = root[id_]
        return id_

    for one, other in together:
        if one in root and other in root:
            root[top(one)] = top(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for id_ in root:
        groups[top(id_)].append(id_)
    return [group for group in groups.values() if len(group) > 1]
