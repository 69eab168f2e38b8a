"""Sessions that have pictures alone, or sound alone: a clock may be days or years off there.

The pipeline's own clock knows better: what was first seen together was probably shot together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rushes_match.items import Side
from rushes_match.library.reading import Reading
from rushes_match.library.shelf import GAP, HOUR, Session, Shelf

#: Cards are seen so long after they were shot, at most.
NEAR = 12 * HOUR


@dataclass(frozen=True, slots=True)
class Stray:
    """A session of one side, and when the first and the last of its clips were first seen."""

    session: Session
    side: Side
    first: float
    last: float


class Strays:
    """All of them in the catalog: exact around what was looked at in this run, to the hour elsewhere."""

    def __init__(self, reading: Reading, shelf: Shelf) -> None:
        self._reading = reading
        self._shelf = shelf
        self._all: list[Stray] = []

    async def load(self) -> None:
        """What the ledger has."""
        runs: list[tuple[Session, set[Side], float, float]] = []
        for hour, kind, first, last in await self._reading.hours():
            side: Side = "picture" if kind == "video" else "sound"
            begin, end = hour * HOUR, (hour + 1) * HOUR
            if runs and begin - runs[-1][0].last < GAP:
                session, sides, low, high = runs[-1]
                runs[-1] = Session(session.first, end), sides | {side}, min(low, first), max(high, last)
            else:
                runs.append((Session(begin, end), {side}, first, last))
        self._all = [
            Stray(session, side, first, last) for session, sides, first, last in runs if len(sides) == 1
            for side in sides
        ]  # fmt: skip

    def look(self, sessions: Iterable[Session]) -> bool:
        """What these sessions are by now; whether that is news."""
        before = set(self._all)
        for session in sessions:
            self._all = [
                stray
                for stray in self._all
                if stray.session.last < session.first or session.last < stray.session.first
            ]
            sides = self._shelf.sides(*self._shelf.around(session))
            if len(sides) > 1:
                continue
            seen = [
                entry.file.seen for entry in self._shelf.between(session.first, session.last) if entry.side
            ]
            if seen:
                self._all.append(Stray(session, next(iter(sides)), min(seen), max(seen)))
        return before != set(self._all)

    def is_stray(self, session: Session) -> bool:
        """Whether the session, and a day around it, has one side alone."""
        return len(self._shelf.sides(*self._shelf.around(session))) == 1

    def near(self, side: Side, first: float, last: float) -> Sequence[Session]:
        """Those of a side that were seen around that time, in order."""
        return sorted(
            stray.session
            for stray in self._all
            if stray.side == side and stray.first <= last + NEAR and first - NEAR <= stray.last
        )
