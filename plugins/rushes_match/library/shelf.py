"""The clips around the times that are being worked on, in the order of the wall clock, and their sessions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count

from rushes import Clip
from rushes_match.items import Side
from rushes_match.kin import File
from rushes_match.library.entry import Entry
from rushes_match.library.reading import Loaded, Reading
from rushes_match.library.saying import Mark

HOUR, DAY = 3600.0, 86400.0
#: Nobody shoots between two sessions for so long.
GAP = 5 * HOUR
#: What goes on for longer without a gap is cut at midnights.
LONGEST = 36 * HOUR
#: A clock that is a day and a zone off is still in the problem of its session.
AROUND = 36 * HOUR
#: Where more is shot than anybody can on a few days, clocks are trusted a little more.
_DENSE, _DENSE_AROUND = 4_000, 2 * HOUR
#: What must be known around a moment to find its session.
TO_EDGE = LONGEST + GAP
#: More clips are not kept in memory unless one problem needs them.
_MOST = 40_000


@dataclass(frozen=True, order=True, slots=True)
class Session:
    """A stretch of shooting: when its first and its last recording began."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Change:
    """At that moment of the wall clock something else was recorded than was known."""

    moment: float
    clip: str


class Shelf:
    """A window on the catalog. A clip that was annotated in this run is here as it was then, before it is stored."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._serials = count(1)
        self._spans: list[tuple[float, float]] = []
        self._order: list[tuple[float, str]] = []
        self._sessions: list[Session] = []
        self._changed: list[Change] = []
        self.entries: dict[str, Entry] = {}
        #: Marks of what was last said of them.
        self.told: dict[str, Mark] = {}
        #: Those of whom nothing was said yet, and who will be asked about.
        self.waiting: set[str] = set()

    async def reach(self, moments: Collection[float], by: float) -> None:
        """Have every clip here that counts and began within `by` of these moments. Whole days are read: most
        questions are about the same ones.
        """
        if not moments:
            return
        low, high = min(moments) - by, max(moments) + by
        if any(first <= low and high < last for first, last in self._spans):
            return
        wanted = [((moment - by) // DAY * DAY, (moment + by) // DAY * DAY + DAY) for moment in moments]
        for first, last in _missing(_joined(wanted), self._spans):
            self.take(await self._reading.between(first, last))
            self._spans = _joined([*self._spans, (first, last)])

    def trim(self) -> None:
        """Forget all where it has become too much; everything that was told must be in the ledger."""
        if len(self.entries) > _MOST:
            self._spans, self._order, self._sessions = [], [], []
            self.entries, self.told, self.waiting = {}, {}, set()

    async def fetch(self, ids: Collection[str]) -> Sequence[Entry]:
        """These clips, wherever they are; who does not count is left out."""
        if missing := [id_ for id_ in ids if id_ not in self.entries]:
            self.take(await self._reading.these(missing))
        return [self.entries[id_] for id_ in ids if id_ in self.entries]

    def known(self, clip: Clip) -> File | None:
        """The clip's file, if the clip says nothing else than is known."""
        entry = self.entries.get(clip.id)
        same = entry is not None and entry.revision == clip.revision and entry.file.meta == clip.meta
        return entry.file if entry is not None and same and entry.file.path == clip.path else None

    def take(self, loaded: Loaded) -> None:
        """Put what the ledger knows beside what is here."""
        for file, revision in loaded.files:
            if file.id not in self.entries or self.entries[file.id].revision < revision:
                self.put(file, revision)
                if file.id in loaded.told:
                    self.told[file.id] = loaded.told[file.id]
                elif file.id in loaded.waiting:
                    self.waiting.add(file.id)

    def put(self, file: File, revision: int) -> Entry:
        """What a clip says of itself now."""
        known = self.entries.get(file.id)
        if known is not None and known.revision == revision and (known.file is file or known.file == file):
            return known
        self.drop(file.id)
        entry = self.entries[file.id] = Entry.of(file, revision, next(self._serials))
        insort(self._order, (entry.wall, file.id))
        self._changed.append(Change(entry.wall, file.id))
        if not self.inside(entry.wall):
            self._sessions = []
        return entry

    def drop(self, id_: str) -> None:
        """It does not count any more."""
        if entry := self.entries.pop(id_, None):
            del self._order[bisect_left(self._order, (entry.wall, id_))]
            self._changed.append(Change(entry.wall, id_))
            self._sessions = []

    def changes(self) -> Sequence[Change]:
        """What came, went or says something else since this was last asked."""
        changed, self._changed = self._changed, []
        return changed

    def inside(self, moment: float) -> Session | None:
        """The known session of that moment: whoever found it had reached for all of it."""
        at = bisect_right(self._sessions, moment, key=lambda session: session.first) - 1
        return self._sessions[at] if at >= 0 and moment <= self._sessions[at].last else None

    def between(self, first: float, last: float) -> list[Entry]:
        """The clips that began from `first` to `last`, in order."""
        low, high = self._range(first, last)
        return [self.entries[id_] for _, id_ in self._order[low:high]]

    def _range(self, first: float, last: float) -> tuple[int, int]:
        """Where they are in the order."""
        return bisect_left(self._order, (first, "")), bisect_right(self._order, (last, "\U0010ffff"))

    def around(self, session: Session) -> tuple[float, float]:
        """From when to when clips are in the problem of a session that was reached for."""
        low, high = self._range(session.first - AROUND, session.last + AROUND)
        margin = AROUND if high - low <= _DENSE else _DENSE_AROUND
        return session.first - margin, session.last + margin

    def sides(self, first: float, last: float) -> set[Side]:
        """Whether there are pictures, and sound, between two moments."""
        found: set[Side] = set()
        low, high = self._range(first, last)
        for _, id_ in self._order[low:high]:
            if side := self.entries[id_].side:
                found.add(side)
            if len(found) == 2:
                break
        return found

    def sessions(self, first: float, last: float) -> list[Session]:
        """The sessions that have a part between two moments that were reached for."""
        found: list[Session] = []
        at = bisect_left(self._order, (first, ""))
        while at < len(self._order) and self._order[at][0] <= last:
            session = self.session(self._order[at][0])
            found.append(session)
            at = bisect_right(self._order, (session.last, "\U0010ffff"))
        return found

    def session(self, moment: float) -> Session:
        """The session in which the clip that began at that moment was recorded."""
        known = self.inside(moment)
        if known is None:
            known = self._find(moment)
            insort(self._sessions, known)
        return known

    def _find(self, moment: float) -> Session:
        order = self._order
        here = bisect_left(order, (moment, ""))
        low = here
        while low and order[low][0] - order[low - 1][0] < GAP and moment - order[low - 1][0] <= LONGEST:
            low -= 1
        high = here
        end = len(order) - 1
        while (
            high < end
            and order[high + 1][0] - order[high][0] < GAP
            and order[high + 1][0] - moment <= LONGEST
        ):
            high += 1
        first, last = order[low][0], order[high][0]
        if last - first <= LONGEST:
            return Session(first, last)
        midnight = moment // DAY * DAY
        inside = order[bisect_left(order, (midnight, "")) : bisect_left(order, (midnight + DAY, ""))]
        return Session(inside[0][0], inside[-1][0])


def _joined(spans: Collection[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _missing(
    wanted: Sequence[tuple[float, float]], known: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The parts of the wanted spans that are in no known one; the known ones are joined."""
    missing: list[tuple[float, float]] = []
    for first, last in wanted:
        for begin, end in known:
            if end <= first or last <= begin:
                continue
            if first < begin:
                missing.append((first, begin))
            first = end  # noqa: PLW2901 - what is left of the span
            if first >= last:
                break
        if first < last:
            missing.append((first, last))
    return missing
