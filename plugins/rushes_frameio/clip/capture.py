"""When a clip was recorded: what Frame.io's `offset` and the pauses are judged by (reference, section 13).

No clock of a set is sure. Cameras start their timecode at 01:00:00:00, write local time where UTC belongs, or
1980 where nobody set their clock; copying moves the last write, cards keep it in local time. So each rule
below believes one clock, and says how sure it is by how far the others are from it. The first that answers
counts: `RULES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from rushes import Clip
from rushes_frameio.clip.clues import (
    AGREE_S,
    CLOSE_S,
    EARLIEST,
    MOST_ZONE_S,
    Clues,
    read_clues,
    zone_at,
    zone_steps,
)

#: No time is better than this: a FAT card counts in steps of 2 s, an offset in whole seconds.
FINEST_S = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """`start` and `end` of the recording in seconds since the epoch, told by `basis`.

    Both may be wrong by `margin` seconds. `certain` where another clock confirms them, or our own eyes.
    """

    start: float
    end: float
    basis: str
    certain: bool
    margin: float = FINEST_S

    @property
    def told(self) -> str:
        """For people: when, and how it is known."""
        return f"{stamp(self.start)} by its {self.basis}" + ("" if self.certain else " (uncertain)")

    def offset(self, now: float) -> int:
        """The recording's age in whole seconds, never negative."""
        return max(0, int(now - self.start))


def stamp(moment: float) -> str:
    """A moment for people, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def capture(clip: Clip) -> Capture:
    """When the clip was recorded; of a file that was made from a recording, when that was."""
    clues = read_clues(clip)
    made = next((made for rule in RULES if (made := rule(clues)) is not None), None) or _by_last_write(clues)
    if clues.seen is None or made.start <= clues.seen:
        return made
    if made.start <= clues.seen + AGREE_S:
        return replace(made, start=clues.seen, end=max(clues.seen, made.end))
    # Seen before it was recorded: by a clock that is ahead, or in a time zone that nobody knows here.
    margin = AGREE_S + MOST_ZONE_S
    return replace(made, start=clues.seen, end=clues.seen, certain=False, margin=margin)


def _by_birth(clues: Clues) -> Capture | None:
    """A recording under way that began before our eyes: then."""
    if not (clues.growing and clues.born) or clues.seen is None:
        return None
    written = clues.seen if clues.written is None else clues.written
    start = min(clues.seen, written)
    return Capture(start=start, end=max(start, written), basis="first sight", certain=True)


def _by_timecode(clues: Clues) -> Capture | None:
    """A timecode of day, on the local clock of the set, where it agrees with the file's last write.

    It is read as a clock's face: at 23.976 labels fall behind real time, but since the clock was last set, not
    since midnight.
    """
    if clues.clock is None or clues.written is None or clues.growing:
        return None
    begun = clues.begun(clues.written)
    moment = _at_clock(clues.clock, begun)
    if abs(moment - begun) > AGREE_S:
        return None
    return _certain(clues, min(moment, clues.written), "timecode", abs(moment - begun))


def _by_creation(clues: Clues) -> Capture | None:
    """The container's creation time, unless it lies after the last write or whole quarters of an hour off it.

    Then one of the two was written as local time where UTC belongs. Which one, the machine's zone may tell; a
    creation time in no zone that is known is not believed.
    """
    if clues.created is None:
        return None
    if clues.written is None:
        start = clues.created if clues.seen is None else min(clues.created, clues.seen)
        return _uncertain(clues, start, "creation time")
    begun, start = clues.begun(clues.written), clues.created
    if clues.length and abs(clues.written - start) < min(AGREE_S, abs(begun - start)):
        start -= clues.length  # written when the file was closed
    apart = start - begun
    if abs(apart) <= AGREE_S:
        return _certain(clues, min(start, clues.written), "creation time", abs(apart))
    if zone_steps(apart):
        zone = zone_at(begun)
        if abs(apart - zone) <= CLOSE_S:
            return _certain(clues, min(start - zone, clues.written), "creation time, told in local time", 0.0)
        if apart < 0 and abs(apart + zone) <= CLOSE_S:  # the card keeps local time
            return _certain(clues, start, "creation time", 0.0)
        return None
    return _uncertain(clues, start, "creation time") if apart < 0 else None


def _by_sight(clues: Clues) -> Capture | None:
    """A file that came into being before our eyes: when we first saw it, at its last write where that is earlier.

    What came faster than it lasts is a copy: of when it was recorded that tells nothing sure. A file whose
    last write is long before our first sight was given that by whoever copied it.
    """
    if not clues.born or clues.seen is None or clues.written is None:
        return None
    took = clues.written - clues.seen
    if took < -AGREE_S:
        return None
    if took <= 0:  # seen when it was complete: it began earlier, by its length
        margin = AGREE_S if clues.length is None else max(FINEST_S, clues.length)
        return Capture(
            start=clues.written, end=clues.written, basis="first sight", certain=True, margin=margin
        )
    if clues.length is not None and clues.length > took + CLOSE_S:
        return Capture(
            start=clues.seen, end=clues.written, basis="first sight", certain=False, margin=AGREE_S
        )
    return Capture(start=clues.seen, end=clues.written, basis="first sight", certain=True)


def _by_last_write(clues: Clues) -> Capture:
    """The last write, less the length: all that is left. No date at all may be any time."""
    if clues.written is None:
        start = EARLIEST if clues.seen is None else clues.seen
        return Capture(start=start, end=start, basis="first sight", certain=False, margin=math.inf)
    start, off = clues.begun(clues.written), 0.0
    west = -zone_at(clues.written)
    if west > 0 and not clues.born and clues.seen is not None and start + west <= clues.seen + AGREE_S:
        off = west  # local time of a FAT card that was taken for UTC, perhaps: then it is that much younger
    if clues.created is not None and zone_steps(clues.created - start):
        off = max(off, abs(clues.created - start))
    return Capture(start=start, end=clues.end(start), basis="last write", certain=False, margin=AGREE_S + off)


#: The order of belief.
RULES: Sequence[Callable[[Clues], Capture | None]] = (_by_birth, _by_timecode, _by_creation, _by_sight)


def _certain(clues: Clues, start: float, basis: str, apart: float) -> Capture:
    """Confirmed by a clock that is `apart` seconds off; without a length that is how long it lasted."""
    margin = FINEST_S if clues.length is None else max(FINEST_S, apart)
    return Capture(start=start, end=clues.end(start), basis=basis, certain=True, margin=margin)


def _uncertain(clues: Clues, start: float, basis: str) -> Capture:
    return Capture(start=start, end=clues.end(start), basis=basis, certain=False, margin=AGREE_S)


def _at_clock(face: float, near: float) -> float:
    """The moment nearest to `near` at which a local clock shows `face`: of the day, the one before or after.

    Where clocks are put back a face is shown twice a day.
    """
    day = datetime.fromtimestamp(near).astimezone().date()
    shown = [
        datetime.combine(day + timedelta(days=n), time.min) + timedelta(seconds=face) for n in (-1, 0, 1)
    ]
    moments = [each.replace(fold=fold).timestamp() for each in shown for fold in (0, 1)]
    return min(moments, key=lambda moment: abs(moment - near))
