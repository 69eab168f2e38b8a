"""When the project was paused, as far as this device knows: what was made then must not be sent.

The service judges by the moment a recording began, and knows the pauses exactly. Only two things are left for
us: a recording that began outside of a pause and reaches into it, or the other way round; and one of which
nobody knows well enough when it was made. Those wait for a person.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from rushes import Clip, NotYet, Order, Store
from rushes_frameio.clip.capture import Capture, stamp

STORED = "pauses"
#: Sightings older than this are forgotten, and the oldest of more than so many.
REMEMBER_S = 30 * 86400.0
MOST = 2000
#: Sightings younger than this are all kept, for what may still arrive from between them.
RECENT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """At `at`, seconds since the epoch, the project was paused or not; `told` where it changed to that just then."""

    at: float
    paused: bool
    told: bool = False

    def __lt__(self, other: Sighting) -> bool:
        """In the order of time; of one moment a change comes before what was seen after it."""
        return (self.at, self.paused, not self.told) < (other.at, other.paused, not other.told)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Paused at least from `begin` to `end`, at most from `since` to `until`; infinite where unknown."""

    since: float
    begin: float
    end: float
    until: float

    @property
    def told(self) -> str:
        """For people: the longest it may have lasted."""
        since = f"from {stamp(self.since)} " if math.isfinite(self.since) else ""
        return since + (f"to {stamp(self.until)}" if math.isfinite(self.until) else "until now")


def pauses(sightings: Sequence[Sighting]) -> Iterator[Pause]:
    """The pauses that sightings tell of, which are sorted."""
    clear = -math.inf  # when it was last seen not paused
    since = begin = end = math.nan
    paused = False
    for seen in sightings:
        if seen.paused and not paused:
            since, begin, end = (seen.at if seen.told else clear), seen.at, seen.at
        elif seen.paused:
            end = seen.at
        elif paused:
            yield Pause(since=since, begin=begin, end=seen.at if seen.told else end, until=seen.at)
        elif seen.told:  # its beginning was missed
            yield Pause(since=clear, begin=seen.at, end=seen.at, until=seen.at)
        paused = seen.paused
        if not paused:
            clear = seen.at
    if paused:
        yield Pause(since=since, begin=begin, end=math.inf, until=math.inf)


def doubt(pause: Pause, made: Capture) -> bool:
    """Whether neither the pause's inside nor its outside is sure to hold the recording.

    From outside a recording is near by its margin. Inside, a certain one that begins a little after the pause
    does, or so it seems, is the service's to refuse; near the pause's end that would let it through.
    """
    margin = made.margin
    if made.end + margin < pause.since or made.start - margin > pause.until:
        return False
    slack = 0.0 if made.certain else margin
    latest = max(made.end + slack, made.start + margin)
    return not (pause.begin <= made.start - slack and latest <= pause.end)


def squeeze(sightings: Sequence[Sighting], now: float) -> list[Sighting]:
    """The sightings that still tell something: of a row of old equal ones the first and the last."""
    kept: list[Sighting] = []
    for number, seen in enumerate(sightings):
        if seen.at < now - REMEMBER_S:
            continue
        following = sightings[number + 1] if number + 1 < len(sightings) else None
        if kept and following is not None and seen.at < now - RECENT_S:
            alike = kept[-1].paused == seen.paused == following.paused
            if alike and not seen.told and not following.told:
                continue
        kept.append(seen)
    return kept[-MOST:]


class Pauses:
    """Known pauses of one component, kept in its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sightings: list[Sighting] = []

    async def load(self) -> None:
        """Remember what earlier runs saw."""
        self._sightings = sorted(Sighting(*each) for each in await self._store.get(STORED, []))

    async def saw(self, paused: bool, now: float, *, told: bool = False) -> None:
        """The project is paused, or not, now; `told` where the service said so at the moment of change.

        Sightings may come twice, and in any order.
        """
        seen = Sighting(now, paused, told)
        if seen not in self._sightings:
            bisect.insort(self._sightings, seen)
        self._sightings = squeeze(self._sightings, now)
        await self._store.set(STORED, [astuple(each) for each in self._sightings])

    @property
    def known(self) -> Sequence[Pause]:
        """The pauses of the last 30 days, the oldest first."""
        return list(pauses(self._sightings))

    def judge(self, clip: Clip, made: Capture, order: Order) -> None:
        """Raise NotYet where a person has to judge whether the clip may be sent, and has not."""
        if not order.consent and (why := self.doubt(made)):
            raise NotYet(f"{clip.filename}: {why}; release it to send it")

    def doubt(self, made: Capture) -> str | None:
        """Why a person has to judge whether a recording may be sent; None where they need not."""
        for pause in self.known:
            if doubt(pause, made):
                if made.certain:
                    return f"recorded {stamp(made.start)}, over an end of a pause ({pause.told})"
                return f"recorded {made.told}, near a pause ({pause.told})"
        return None
