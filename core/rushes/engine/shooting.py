"""Which shooting day a recording is of: the one on which its session began, after midnight too.

The rule of the match annotator's `export`, so that one night is one day in all that is handed in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

HOUR, DAY = 3600.0, 86400.0
#: Nobody shoots between two sessions for so long.
GAP = 5 * HOUR
#: What goes on for longer without a gap is cut.
LONGEST = 36 * HOUR

#: Zones change at the end of a quarter of an hour.
_ZONE_S = 900
#: Earlier than this nobody wrote a file: a clock that was never set did.
_YEAR = 365 * DAY

#: Seconds since the epoch, as if its zone were UTC.
Moment = float | None


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
        return recorded
    if created is not None:
        return _here(created)
    written = modified if modified is not None and modified >= _YEAR else None
    if named and (day := _named(named, written)) is not None:
        off = None if written is None else day // DAY - written // DAY
        if off is None or abs(off) > 1:
            return day + DAY / 2
    if written is not None:
        return _here(written) - seconds
    return _here(first_seen) if first_seen is not None else 0.0


def _named(told: str, written: Moment) -> Moment:
    """The beginning of `2022-11-22`, or of `11-22` in the year before it was written."""
    whole = len(told) == len("2022-11-22")
    year = 0 if written is None else datetime.fromtimestamp(written, UTC).year
    years = [""] if whole else [f"{year}-", f"{year - 1}-"] if written is not None else []
    for each in years:
        try:
            day = datetime.combine(date.fromisoformat(each + told), time(), UTC).timestamp()
        except ValueError:
            continue
        if whole or (written is not None and day // DAY - written // DAY <= 1):
            return day
    return None


def _here(moment: float) -> float:
    """A UTC moment as this machine's wall clock shows it."""
    return moment + _ahead(int(moment // _ZONE_S))


@lru_cache(4096)
def _ahead(quarter: int) -> float:
    """Seconds that this machine's wall clock is ahead of UTC in that quarter of an hour since the epoch."""
    try:
        shown = datetime.fromtimestamp(quarter * _ZONE_S, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return 0.0
    return (shown.utcoffset() or timedelta()).total_seconds()


def shooting_days(walls: Mapping[str, float], together: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """The date, YYYY-MM-DD, of each recording's day, by its id; `walls` are when they `began`.

    What is `together` (a picture and its sound) is of one day, whatever the clock of one device says: of the day that
    most of them are of.
    """
    own = _by_sessions(walls)
    pairs = [(one, other) for one, other in together if one in own and other in own]
    # Mostly all are of one day by their own clocks already.
    if all(own[one] == own[other] for one, other in pairs):
        return own
    sizes = Counter(own.values())
    found = dict(own)
    for group in _groups(own, pairs):
        counts = Counter(own[name] for name in group)
        day = max(counts, key=lambda each: (counts[each], sizes[each], each))
        found |= dict.fromkeys(group, day)
    return found


def _by_sessions(walls: Mapping[str, float]) -> dict[str, str]:
    found: dict[str, str] = {}
    day = ""
    first = last = float("-inf")
    for wall, name in sorted((wall, name) for name, wall in walls.items()):
        if wall - last > GAP or wall - first > LONGEST:
            first = wall
            day = datetime.fromtimestamp(first, UTC).date().isoformat()
        last = wall
        found[name] = day
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
        root[top(one)] = top(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in root:
        groups[top(name)].append(name)
    return [group for group in groups.values() if len(group) > 1]
