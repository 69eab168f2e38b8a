"""The sessions with all that may have to do with them, each solved as often as something in it is new."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import trio

from rushes.timecode import FLICKS
from rushes_match.library.assembly import Assembly, Token
from rushes_match.library.entry import Entry
from rushes_match.library.patching import patched
from rushes_match.library.problem import NOTHING, Outcome, Problem
from rushes_match.library.shelf import AROUND, HOUR, TO_EDGE, Change, Session, Shelf
from rushes_match.library.solving import solved, solved_near
from rushes_match.library.strays import Strays

#: Outcomes that are kept.
_MOST_KEPT = 40
#: A smaller problem is solved at once; a thread costs more than it.
_THREAD = 200
#: In a larger problem a small change is solved alone, until this share of it has changed.
_LARGE, _SHARE = 1_500, 0.5
_SMALL_CHANGE = 32
#: Clocks are set anew now and then: what was learned at another time of the day is learned again.
_LEARNED = 10 * HOUR
#: What began within this time of a change may touch it.
_NEAR = HOUR


@dataclass(slots=True)
class _Kept:
    """`token` tells the problem it is the outcome of, None once it was patched; `alone` has no guests of other days."""

    token: Token | None
    outcome: Outcome
    size: int
    alone: bool
    patches: int = 0


class Rooms:
    """Asked by one task at a time."""

    def __init__(self, assembly: Assembly, shelf: Shelf, strays: Strays) -> None:
        self._assembly = assembly
        self._shelf = shelf
        self._strays = strays
        #: Clips of whom something else may be true than they were told.
        self.open: set[str] = set()
        self._kept: dict[Session, _Kept] = {}
        #: Those of which nothing is new since.
        self._fresh: set[Session] = set()
        self._near: dict[Session, Sequence[Session]] = {}
        self._news: tuple[Collection[float], frozenset[str]] = (), frozenset()

    async def session(self, moment: float) -> Session:
        """The session of that moment."""
        if known := self._shelf.inside(moment):
            return known
        await self._shelf.reach([moment], TO_EDGE)
        return self._shelf.session(moment)

    def renew(self) -> None:
        """Something is new that may be about any clip."""
        self._fresh, self._near = set(), {}

    async def take_up(
        self, changes: Sequence[Change], moments: Collection[float], clips: Collection[str]
    ) -> None:
        """Clips came, went or say something else; at these `moments` something is new, of these `clips`."""
        self._news = moments, frozenset(clips)
        if not changes:
            return
        self._near = {}
        touched = {
            session
            for session in self._fresh
            if not self._kept[session].alone
            or any(_within(self._shelf.around(session), change.moment) for change in changes)
        }
        if not await self._patch(changes, touched):
            self._fresh -= touched

    async def around(self, session: Session) -> Sequence[Session]:
        """The sessions in whose problems clips of this one may be, itself among them, in order."""
        if session not in self._near:
            await self._shelf.reach([session.first, session.last], AROUND)
            first, last = self._shelf.around(session)
            await self._shelf.reach([first, last], TO_EDGE)
            found = set(self._shelf.sessions(first, last))
            if self._strays.look(found):
                self._near = {}  # whoever was asked about before may have had to do with these
            seen = self._assembly.seen(session)
            if seen is not None:
                found.update(self._strays.near("picture", *seen))
                if self._strays.is_stray(session):
                    found |= {
                        await self.session(entry.wall) for entry in await self._assembly.seen_with(session)
                    }
            home = self._shelf.between(session.first, session.last)
            found |= {await self.session(entry.wall) for entry in await self._assembly.decided_with(home)}
            self._near[session] = sorted(found)
        return self._near[session]

    async def outcome(self, session: Session) -> Outcome:
        """The session solved, as of now."""
        if session not in self._fresh:
            problem, token, alone = await self._assembly.problem(session)
            before = self._before(session)
            if before is None or before.token != token:
                found = await self._solved(problem, before.outcome if before else NOTHING)
                self._look_at(session, found, before.outcome if before else None)
                before = _Kept(token, found, len(problem.entries), alone)
            self._kept[session] = before
            self._fresh.add(session)
            while len(self._kept) > _MOST_KEPT:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._fresh.discard(oldest)
        return self._kept[session].outcome

    async def _solved(self, problem: Problem, before: Outcome) -> Outcome:
        if len(problem.entries) < _THREAD:
            await trio.lowlevel.checkpoint()
            return solved(problem, before)
        return await trio.to_thread.run_sync(solved, problem, before)

    def _look_at(self, session: Session, found: Outcome, before: Outcome | None) -> None:
        """Who may have to be told something else. What nobody looked at in this run is as it was last told, but in the
        sessions of what is new.
        """
        moments, clips = self._news
        if before is not None or any(_within((session.first, session.last), at) for at in moments):
            self.open |= found.changed(before or NOTHING)
        self.open |= found.partners(clips)

    def _before(self, session: Session) -> _Kept | None:
        """What was found out of the session that has become this one; of several the first."""
        past = [one for one in self._kept if one.first <= session.last and session.first <= one.last]
        known = [self._kept.pop(one) for one in past]
        self._fresh.difference_update(past)
        for other in known[1:]:
            self.open |= other.outcome.changed(NOTHING)
        return known[0] if known else None

    # -- small changes in large sessions -------------------------------------------------------------------

    async def _patch(self, changes: Sequence[Change], touched: Collection[Session]) -> bool:
        """Solve again only what the changes touch; False where that would not do."""
        changed = frozenset(change.clip for change in changes)
        kept = [self._kept[session] for session in touched]
        if not kept or len(changed) > _SMALL_CHANGE:
            return False
        if any(one.size < _LARGE or not one.alone or one.patches > one.size * _SHARE for one in kept):
            return False
        here = {self._shelf.session(change.moment) for change in changes}
        if not here <= set(touched):
            return False
        ids = changed.union(*(one.outcome.partners(changed) for one in kept))
        entries = {entry.file.id: entry for change in changes for entry in self._close(change.moment)}
        entries |= {id_: self._shelf.entries[id_] for id_ in ids if id_ in self._shelf.entries}
        problem = await self._assembly.made(min(here), list(entries.values()), dict(entries))
        learned = {
            (offset.picture, offset.sound, offset.at): offset
            for one in kept
            for offset in one.outcome.offsets
            if any(abs(offset.at / FLICKS - change.moment) < _LEARNED for change in changes)
        }
        places = {place: name for one in kept for place, name in one.outcome.streams.items()}
        problem = replace(problem, streams=places)
        near, solved_ids = solved_near(problem, ids & entries.keys(), list(learned.values()))
        for session in touched:
            one = self._kept[session]
            home = frozenset(
                entry.file.id for entry in problem.entries if session.first <= entry.wall <= session.last
            )
            if home & (solved_ids | changed) or one.outcome.partners(changed):
                before = one.outcome
                one.outcome = patched(before, near, changed=changed, solved=ids | solved_ids, home=home)
                self.open |= solved_ids | ids
            one.token = None
            one.patches += len(changed)
        return True

    def _close(self, moment: float) -> Sequence[Entry]:
        return self._shelf.between(moment - _NEAR, moment + _NEAR)


def _within(span: tuple[float, float], moment: float) -> bool:
    return span[0] <= moment <= span[1]
