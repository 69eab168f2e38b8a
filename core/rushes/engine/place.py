"""Where steps stand in the queue: the one order that dispatch goes by, lists show and a person changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rushes.ledger.rows import Job, Place

#: What a step is sorted by: the first goes first.
Order = tuple[int, int, int, float, str]

#: Proxies are small and what people wait for: between equals they go before originals.
PROXIES, OTHERS = 0, 1

#: Above every character of an id.
_ABOVE = "~"


def place_of(job: Job, *, proxy: bool) -> Place:
    """Where a step of the job stands, that works on a proxy or not; where a person moved the job, there."""
    lane = PROXIES if proxy else OTHERS
    if job.place is None:
        return Place(job.urgent, job.priority, lane, job.created, job.id)
    # Moved among originals, it goes before the same neighbour once both have come to their proxies.
    return job.place._replace(lane=min(job.place.lane, lane))


def order(place: Place) -> Order:
    """What places are sorted by."""
    return (-place.urgent, -place.priority, place.lane, place.since, place.tail)


def urgency(job: Job) -> int:
    """How urgent it is, by a person's move to the top or to another job's side."""
    return job.urgent if job.place is None else job.place.urgent


def places_before(target: Place, moved: Iterable[Place], count: int) -> Sequence[Place]:
    """So many places, in order, directly before the target; `moved` are those that jobs were moved to before."""
    near = target.tail[:-1] + chr(ord(target.tail[-1]) - 1) + _ABOVE
    between = (place.tail for place in moved if place[:4] == target[:4] and near < place.tail < target.tail)
    start = _between(max([near, *between]), target.tail)
    width = len(str(count))
    return [target._replace(tail=f"{start}{number:0{width}}") for number in range(1, count + 1)]


def _between(low: str, high: str) -> str:
    """A text above `low` and below `high`, neither of which ends in a blank, nor does this one."""
    if not high.startswith(low):
        return low + "O"
    blanks = len(high) - len(low) - len(high[len(low) :].lstrip(" "))
    start = high[: len(low) + blanks]
    first = ord(high[len(start)])
    # Half way from the blank to it; there is nothing between those two but what begins with the blank.
    return start + (chr((ord(" ") + first) // 2) if first > ord("!") else " O")
