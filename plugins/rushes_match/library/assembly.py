"""What a session's problem is made of: its clips, those around, guests of other days, and all that is said of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from rushes_match.items import Decision
from rushes_match.kin import File
from rushes_match.library.entry import Entry
from rushes_match.library.problem import Problem
from rushes_match.library.reading import Reading
from rushes_match.library.shelf import AROUND, Session, Shelf
from rushes_match.library.spoken import Spoken, day_of, telling
from rushes_match.library.strays import NEAR, Strays
from rushes_match.library.tellers import Tellers
from rushes_match.options import MatchOptions

#: Guests of a session, first seen around its time.
_MOST_GUESTS = 2_000

Token = tuple[object, ...]


class Assembly:
    """Makes problems; the same token is the same problem."""

    def __init__(
        self,
        options: MatchOptions,
        reading: Reading,
        shelf: Shelf,
        strays: Strays,
        spoken: Spoken,
        tellers: Tellers,
    ) -> None:
        self._options = options
        self._reading = reading
        self._shelf = shelf
        self._strays = strays
        self._spoken = spoken
        self._tellers = tellers
        self.decisions: tuple[Decision, ...] = ()
        #: Ids of the devices on the set's network, by their names.
        self.devices: Mapping[str, str] = {}

    async def problem(self, session: Session) -> tuple[Problem, Token, bool]:
        """The problem, its token, and whether it has only clips of its own days."""
        await self._shelf.reach([session.first, session.last], AROUND)
        entries = {entry.file.id: entry for entry in self._shelf.between(*self._shelf.around(session))}
        home = [entry for entry in entries.values() if session.first <= entry.wall <= session.last]
        guests = await self._guests(session)
        for guest in guests:
            entries.setdefault(guest.file.id, guest)
        problem = await self.made(session, home, entries)
        decided = await self._given_to(problem.home)
        token: Token = (
            tuple(sorted(entry.serial for entry in problem.entries)),
            problem.home,
            tuple(problem.records),
            self.decisions,
            tuple(self.devices.items()),
        )
        return problem, token, not (guests or decided or self._strays.is_stray(session))

    async def made(self, session: Session, home: Sequence[Entry], entries: dict[str, Entry]) -> Problem:
        """The problem of these clips, with all that is said about those of the home."""
        days = {day_of(entry.file.seen) for entry in home}
        first, last = self._shelf.around(session)
        days.update(range(day_of(first), day_of(last) + 1))
        tellers = self._tellers.about(entry.file for entry in home)
        about = frozenset(entry.file.id for entry in home) | {file.id for file in tellers}
        given = await self._given_to(about)
        for entry in (*await self._shelf.fetch([file.id for file in tellers]), *given):
            entries.setdefault(entry.file.id, entry)
        said = {
            file.id: file for file in (*tellers, *(entry.file for entry in given)) if "sidecar" in file.meta
        }
        names = _names(entry.file for entry in home) if self._spoken.is_named else ()
        return Problem(
            home=about,
            entries=list(entries.values()),
            sidecars=[said[id_] for id_ in sorted(said)],
            records=await self._spoken.on(days, self.accepted(entry.file.id for entry in home), names),
            decisions=self.decisions,
            hand=self._options.offsets,
            margin=self._options.margin,
            devices=self.devices,
        )

    async def decided_with(self, home: Sequence[Entry]) -> Sequence[Entry]:
        """The clips that belong to one of these by a person's word, whenever they were made."""
        return await self._given_to(entry.file.id for entry in home)

    async def _given_to(self, ids: Iterable[str]) -> Sequence[Entry]:
        accepted = self.accepted(ids)
        return await self._shelf.fetch(accepted) if accepted else ()

    def accepted(self, ids: Iterable[str]) -> Collection[str]:
        """Ids of the clips and records that a person gave to one of these clips and records, in order."""
        known = set(ids) if self.decisions else set()
        pairs = [(one.picture, one.sound) for one in self.decisions if one.accept]
        return sorted({other for pair in pairs for one, other in (pair, pair[::-1]) if one in known})

    def seen(self, session: Session) -> tuple[float, float] | None:
        """When the first and the last of its recordings were first seen."""
        home = self._shelf.between(session.first, session.last)
        seen = [entry.file.seen for entry in home if entry.side]
        return (min(seen), max(seen)) if seen else None

    async def seen_with(self, session: Session) -> Sequence[Entry]:
        """Of a session with one side alone: clips of the other side that were first seen around its time."""
        seen = self.seen(session)
        if seen is None:
            return ()
        kind = "audio" if "picture" in self._shelf.sides(*self._shelf.around(session)) else "video"
        ids = await self._reading.seen_near(kind, seen[0] - NEAR, seen[1] + NEAR, _MOST_GUESTS)
        return await self._shelf.fetch(ids)

    async def _guests(self, session: Session) -> Sequence[Entry]:
        """Clips of other days that may be of this one."""
        seen = self.seen(session)
        if seen is None:
            return ()
        guests = list(await self.seen_with(session)) if self._strays.is_stray(session) else []
        for stray in self._strays.near("sound", *seen):
            await self._shelf.reach([stray.first, stray.last], 0)
            guests += self._shelf.between(stray.first, stray.last)
        return guests


def _names(files: Iterable[File]) -> frozenset[str]:
    """What records may call these clips, of whatever day they are."""
    return telling(
        name
        for file in files
        if file.kind in ("video", "audio")
        for name in (file.filename, file.text("clip_name"))
    )
