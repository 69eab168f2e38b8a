"""Where clips, records and decisions come together, and what is said of each clip."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import trio

from rushes import Catalog, Clip, Finding, Store
from rushes_match.items import Offset, Pair
from rushes_match.kin import File
from rushes_match.library.assembly import Assembly
from rushes_match.library.decisions import decisions
from rushes_match.library.entry import Entry
from rushes_match.library.findings import finding
from rushes_match.library.moments import began
from rushes_match.library.offsets import Offsets
from rushes_match.library.problem import Kin
from rushes_match.library.reading import Reading
from rushes_match.library.rooms import Rooms
from rushes_match.library.saying import Mark, mark
from rushes_match.library.shelf import AROUND, DAY, TO_EDGE, Session, Shelf
from rushes_match.library.spoken import Spoken
from rushes_match.library.strays import Strays
from rushes_match.library.tellers import Tellers, is_teller
from rushes_match.options import MatchOptions


class Desk:
    """Whoever asks waits for the one before: what is known must not change while it is being solved."""

    def __init__(self, catalog: Catalog, store: Store, annotator: str, options: MatchOptions) -> None:
        self._turn = trio.Lock()
        #: Ids of the clips that have a name; asked for all names of a question at once, each costs a look at all clips.
        self._called: dict[str, Sequence[str]] = {}
        self._store = store
        self._reading = Reading(catalog, annotator)
        self._shelf = Shelf(self._reading)
        self._strays = Strays(self._reading, self._shelf)
        self._spoken = Spoken(self._reading)
        self._tellers = Tellers()
        self._offsets = Offsets(store)
        self._assembly = Assembly(
            options, self._reading, self._shelf, self._strays, self._spoken, self._tellers
        )
        self._rooms = Rooms(self._assembly, self._shelf, self._strays)

    async def load(self) -> None:
        """What the ledger knows of the whole catalog, kept small."""
        await self.reload()
        await self._strays.load()
        await self._spoken.load()
        for file, _ in (await self._reading.tellers()).files:
            if is_teller(file):
                self._tellers.put(file)

    async def reload(self) -> None:
        """What people decided."""
        async with self._turn:
            self._assembly.decisions = tuple(await decisions(self._store))
            self._rooms.renew()

    async def _meet(self) -> None:
        """Who is on the set's network by now."""
        devices = await self._reading.devices()
        if devices != self._assembly.devices:
            self._assembly.devices = devices
            self._rooms.renew()

    # -- what is asked -------------------------------------------------------------------------------------

    async def annotate(self, clips: Sequence[Clip]) -> Sequence[Finding]:
        """One finding for each clip, in order."""
        async with self._turn:
            return await self._annotated(clips)

    async def _annotated(self, clips: Sequence[Clip]) -> Sequence[Finding]:
        self._shelf.trim()
        self._called = {}
        await self._meet()
        files = {clip.id: self._shelf.known(clip) or File.of(clip) for clip in clips}
        before = {id_: self._shelf.entries[id_] for id_ in files if id_ in self._shelf.entries}
        moments = {entry.wall for entry in before.values()}
        moments |= {
            began(file)[0] for id_, file in files.items() if id_ not in before or before[id_].file is not file
        }
        await self._shelf.reach(moments, TO_EDGE)
        named: set[str] = set()
        for clip in clips:
            entry = self._shelf.put(files[clip.id], clip.revision)
            self._shelf.waiting.discard(clip.id)
            if entry.teller:
                named |= self._tellers.put(entry.file)
        moments.update(await self._drop_gone(clips))
        moments.update(entry.wall for entry in await self._named(named))
        if named:
            self._rooms.renew()
        await self._solve(moments, files.keys())
        findings = [await self._finding(id_) for id_ in files]
        for found in findings:
            self._shelf.told[found.clip] = mark(found)
        return findings

    async def told(self, records: Sequence[str]) -> None:
        """Something was said: solve again what it may be about."""
        async with self._turn:
            await self._hear(records)

    async def _hear(self, records: Sequence[str]) -> None:
        self._called = {}
        await self._meet()
        days, names = await self._spoken.told(records)
        self._rooms.renew()
        # What they said before may have been about other days, and unsaid while nobody listened.
        heard = await self._shelf.fetch(
            [*await self._reading.linked_to(records), *self._assembly.accepted(records)]
        )
        self._rooms.open |= {entry.file.id for entry in heard}
        moments = {entry.wall for entry in (*heard, *await self._named(names))}
        for day in days:
            first, last = day * DAY, (day + 1) * DAY
            await self._shelf.reach([first, last], AROUND + TO_EDGE)
            sessions = set(self._shelf.sessions(first - AROUND, last + AROUND))
            for side in ("picture", "sound"):
                sessions.update(self._strays.near(side, first, last))
            moments |= {session.first for session in sessions}
        await self._solve(moments)

    async def affected(self, told: Collection[str]) -> Collection[str]:
        """The clips, but for those that were `told` just now, that are to be told something else."""
        async with self._turn:
            self._called = {}
            marks: dict[str, Mark] = {}
            # To look at one may show that something else is true of another.
            while known := (
                (self._rooms.open & self._shelf.entries.keys())
                - set(told)
                - self._shelf.waiting
                - marks.keys()
            ):
                await self._named({name for id_ in known for name in self._tellers.names(id_)})
                for id_ in sorted(known):
                    marks[id_] = mark(await self._finding(id_))
            self._rooms.open = set()
            return [id_ for id_, now in marks.items() if now != self._shelf.told.get(id_)]

    async def _solve(self, moments: Collection[float], clips: Collection[str] = ()) -> None:
        """Solve every session in whose problem clips of these moments may be; of these `clips` something is new."""
        learned: dict[Session, Sequence[Offset]] = {}
        await self._rooms.take_up(self._shelf.changes(), moments, clips)
        for home in sorted({await self._rooms.session(moment) for moment in moments}):
            for session in await self._rooms.around(home):
                if session not in learned:
                    learned[session] = (await self._rooms.outcome(session)).offsets
        await self._offsets.keep(learned)

    # -- clips ---------------------------------------------------------------------------------------------

    async def _finding(self, id_: str) -> Finding:
        entry = self._shelf.entries[id_]
        kin = await self._kin(entry)
        lead = self._shelf.entries.get(kin.lead, entry)
        session = await self._rooms.session(lead.wall)
        if lead.side == "picture":
            led = await self._rooms.outcome(session)
            return finding(entry, kin, led.pairs.get(kin.lead, ()), led.heard.get(kin.lead, {}))
        pairs: dict[str, Pair] = {}
        if lead.side == "sound":
            for home in await self._rooms.around(session):
                for pair in (await self._rooms.outcome(home)).pairs.get(kin.lead, ()):
                    if not await self._is_copy(pair.picture):
                        pairs[pair.picture] = pair
        return finding(entry, kin, list(pairs.values()), {})

    async def _kin(self, entry: Entry) -> Kin:
        """What the session of the clip says; of one that is about others, the first of theirs that knows its original,
        or kin of it.
        """
        id_ = entry.file.id
        if entry.teller:
            about: Kin | None = None
            for other in await self._named(self._tellers.names(id_)):
                kin = (await self._rooms.outcome(await self._rooms.session(other.wall))).kin.get(id_)
                if kin is None or not kin.links:
                    continue
                if "proxy_of" in kin.silent:
                    return kin  # in its own session its original may not be known
                about = about or kin
            if about is not None:
                return about
        return (await self._rooms.outcome(await self._rooms.session(entry.wall))).kin.get(id_) or Kin(id_)

    async def _is_copy(self, id_: str) -> bool:
        """Whether it is a proxy of a recording of another session: in its own nobody knows."""
        entry = self._shelf.entries.get(id_)
        return entry is not None and entry.teller and "proxy_of" in (await self._kin(entry)).silent

    # -- facts ---------------------------------------------------------------------------------------------

    async def _drop_gone(self, clips: Sequence[Clip]) -> Collection[float]:
        """Take clips away that lost their names to these; the moments at which something is missing now."""
        gone = await self._reading.gone([(clip.volume, clip.path) for clip in clips])
        moments = {self._shelf.entries[id_].wall for id_ in gone if id_ in self._shelf.entries}
        for id_ in gone:
            self._tellers.drop(id_)
            self._shelf.drop(id_)
        if gone:
            left = await self._shelf.fetch(await self._reading.linked_to(gone))
            self._rooms.open |= {entry.file.id for entry in left}
            moments |= {entry.wall for entry in left}
        return moments

    async def _named(self, names: Collection[str]) -> Sequence[Entry]:
        """The clips that a sidecar or proxy is about."""
        if not names:
            return ()
        plain = {name.removeprefix("reel ").lower() for name in names}
        if missing := plain - self._called.keys():
            self._called |= await self._reading.named(missing)
        return await self._shelf.fetch(sorted({id_ for name in plain for id_ in self._called[name]}))
