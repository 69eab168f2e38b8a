"""Which shooting day a recording is of: the one on which its session began, after midnight too.

The rule of the match annotator's `export`, so that one night is one day in all that is handed in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

HOUR, DAY = 3600.0, 86400.0
#: Nobody shoots between two sessions for so long.
GAP = 5 * HOUR
#: What goes on for longer without a gap is cut.
LONGEST = 36 * HOUR

Moment = datetime | None


def began(
    recorded: Moment,
    created: Moment,
    modified: Moment,
    first_seen: Moment,
    *,
    named: str = "",
    seconds: float = 0.0,
) -> float:
    """When a recording began, by the wall clock: seconds since the epoch as if its zone were UTC.

    Its device's own clock counts most, which tells no zone; the other moments are UTC as the ledger has them, and told
    by this machine's clock. `named` is the day in its name: where the file was written on another one, noon of it.
    A file is last written when its recording, of so many `seconds`, ends.
    """
    if recorded is not None:
        return _naive(recorded)
    if created is not None:
        return _here(created)
    written = modified if modified is not None and modified.year > 1970 else None
    if (day := _named(named, written)) and (written is None or abs((day - written.date()).days) > 1):
        return _naive(datetime(day.year, day.month, day.day, 12))  # noqa: DTZ001 - a wall clock
    if written is not None:
        return _here(written) - seconds
    return _here(first_seen) if first_seen is not None else 0.0


def _naive(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()


def _here(moment: datetime) -> float:
    """A UTC moment as this machine's wall clock shows it."""
    try:
        return _naive(moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None))
    except (OverflowError, ValueError, OSError):
        return _naive(moment)


def _named(told: str, written: Moment) -> date | None:
    """`2022-11-22`, or `11-22` in the year before it was written."""
    years = [""] if len(told) == 10 else [f"{written.year}-", f"{written.year - 1}-"] if written else []
    for year in years:
        try:
            day = date.fromisoformat(year + told)
        except ValueError:
            continue
        if len(told) == 10 or (written and (day - written.date()).days <= 1):
            return day
    return None


def shooting_days(walls: Mapping[str, float], together: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """The date, YYYY-MM-DD, of each recording's day, by its id; `walls` are when they `began`.

    What is `together` (a picture and its sound) is of one day, whatever the clock of one device says: of the day that
    most of them are of.
    """
    own = _by_sessions(walls)
    sizes = Counter(own.values())
    found = dict(own)
    for group in _groups(own, together):
        counts = Counter(own[name] for name in group)
        day = max(counts, key=lambda each: (counts[each], sizes[each], each))
        found |= dict.fromkeys(group, day)
    return found


def _by_sessions(walls: Mapping[str, float]) -> dict[str, str]:
    found: dict[str, str] = {}
    first = last = float("-inf")
    for wall, name in sorted((wall, name) for name, wall in walls.items()):
        if wall - last > GAP or wall - first > LONGEST:
            first = wall
        last = wall
        found[name] = datetime.fromtimestamp(first, UTC).date().isoformat()
    return found


def _groups(names: Iterable[str], together: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Of several recordings each: those that hang together."""
    root = {name: name for name in names}

    def top(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for one, other in together:
        if one in root and other in root:
            root[top(one)] = top(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in root:
        groups[top(name)].append(name)
    return [group for group in groups.values() if len(group) > 1]
