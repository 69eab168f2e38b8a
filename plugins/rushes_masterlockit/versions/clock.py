"""Vector clocks: how often each device edited a clip, by device text. A missing device counts 0.

The seed gives the shape, reference section 5 the meaning: equal and before are known, after is newer, concurrent is
parallel. All functions are pure and leave what they are given as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

Clock = Mapping[str, int]

# JSON readers of this protocol take int64; a counter that went beyond would make the clip unreadable for them.
_MOST = 2**63 - 1


class Order(Enum):
    """How the first clock of a comparison stands to the second."""

    EQUAL = "equal"
    BEFORE = "before"
    AFTER = "after"
    CONCURRENT = "concurrent"


def covers(a: Clock, b: Clock) -> bool:
    """Whether who said `a` had seen `b`: no device counts less in `a`."""
    count = a.get
    return all(count(device, 0) >= edits for device, edits in b.items())


def compare(a: Clock, b: Clock) -> Order:
    """How `a` stands to `b`."""
    if a == b:
        return Order.EQUAL
    if covers(a, b):
        return Order.EQUAL if covers(b, a) else Order.AFTER
    return Order.BEFORE if covers(b, a) else Order.CONCURRENT


def join(a: Clock, b: Clock) -> dict[str, int]:
    """The least clock that has seen both."""
    joined = {device: edits for device, edits in a.items() if edits}
    for device, edits in b.items():
        if joined.get(device, 0) < edits:
            joined[device] = edits
    return joined


def meet(a: Clock, b: Clock) -> dict[str, int]:
    """The greatest clock that both have seen: where they parted."""
    return {device: low for device, edits in a.items() if (low := min(edits, b.get(device, 0)))}


def bump(clock: Clock, own: str) -> dict[str, int]:
    """The clock of one more edit by `own`; ValueError when its counter is used up (somebody wrote nonsense there)."""
    edits = clock.get(own, 0)
    if edits >= _MOST:
        raise ValueError(f"the clip's version counts {edits} edits by {own}; the next does not fit 64 bits")
    return {**clock, own: edits + 1}


def rank(clock: Clock) -> list[tuple[str, int]]:
    """A total order of clocks that says later for after, and among concurrent ones looks at the largest device text
    of those that differ: "ties by larger device id text" of reference section 5, the same from every side.
    """
    return sorted(((device, edits) for device, edits in clock.items() if edits), reverse=True)
