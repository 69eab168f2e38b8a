"""The set's memory: every clip, slate and clap that was said, durable before anyone is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import trio
from trio import TaskStatus

from rushes import Unavailable
from rushes_masterlockit.formats import Demand
from rushes_masterlockit.repository.archive import Archive
from rushes_masterlockit.repository.batch import Batch, DeleteVsEdit, Outcome
from rushes_masterlockit.repository.disputes import Disputes
from rushes_masterlockit.repository.index import Clocks, Index, Version
from rushes_masterlockit.repository.learning import entries
from rushes_masterlockit.repository.notes import NoteKind, note_of
from rushes_masterlockit.repository.writer import MOST, GroupWriter, Wish
from rushes_masterlockit.versions import Order, compare

#: Others get their turn after so many clips.
_TURN = 200

_encode = msgspec.json.Encoder().encode


class Repository:
    """Clips are told apart by id; what is said of one meets what is held by vector clock (reference, section 5).

    `own` is our device id, 16 hex digits: who edits, merges and deletes here. With `bodies` the JSON of every live
    clip is kept in memory, for a hub that serves pages. `rate` tells the project's timecode rate of the moment ("":
    nobody knows), `now` the time in seconds since the epoch.
    """

    def __init__(
        self,
        archive: Archive,
        own: str,
        *,
        bodies: bool,
        rate: Callable[[], str],
        now: Callable[[], float],
        delete_vs_edit: DeleteVsEdit = "edit",
    ) -> None:
        #: Called in order with each outcome that changed a clip, and who said it, once it is durable.
        self.changed: list[Callable[[Outcome, str], None]] = []
        self._archive = archive
        self._own = own
        self._bodies = bodies
        self._rate = rate
        self._now = now
        self._delete_vs_edit = delete_vs_edit
        self._index = Index()
        self._notes: set[str] = set()
        self._disputes = Disputes()
        self._writer = GroupWriter(self._prepare, self._commit)

    async def load(self) -> None:
        """Learn what is held: once, first."""
        bodies: dict[str, bytes] = {}
        if self._bodies:
            async for part in self._archive.live_bodies():
                bodies.update(part)
        for alike in await self._archive.heads():
            for number, entry in enumerate(entries(alike, bodies)):
                if number % _TURN == _TURN - 1:
                    await trio.lowlevel.checkpoint()
                self._index.put(entry)
        disputed = await self._archive.fetch(await self._archive.disputed())
        for identity, stored in disputed.items():
            self._disputes.put(identity, stored.data, stored.conflicts)
        if self._bodies:
            self._index.everything()
        self._notes.update(await self._archive.note_ids())

    async def run(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Write what is said, until cancelled."""
        task_status.started()
        await self._writer.run()

    # What changes it. Each returns when that is durable and raises Unavailable where the ledger takes nothing: then
    # nothing has changed. Who is cancelled meanwhile cannot know; the whole of it is written, or nothing.

    async def say(self, clips: Sequence[Mapping[str, Any]], by: str) -> Sequence[Outcome]:
        """Absorb what the device `by` said, with one outcome each, in order. A clip that is refused stops no other.

        More than a write takes is written in parts, each durable for itself.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(clips), MOST):
            said: list[Outcome] = await self._writer.write(self._saying(clips[start : start + MOST], by))
            outcomes += said
        return outcomes

    async def note(self, kind: NoteKind, data: Mapping[str, Any], by: str) -> None:
        """Keep a slate info or a clap. Said again, a clap is no second one, and a slate info is the newest again."""
        note = note_of(kind, data, by)

        async def absorb(batch: Batch) -> None:
            if kind == "slate" or note.id not in self._notes:
                batch.notes[note.id] = note

        await self._writer.write(Wish(1, tuple, absorb))

    async def edit(self, identity: str, changes: Mapping[str, Any]) -> Outcome:
        """Change members of a clip ourselves (a merge patch: null removes), or make one."""

        async def absorb(batch: Batch) -> Outcome:
            return batch.edit(identity, changes)

        return await self._writer.write(Wish(1, lambda: self._known([identity]), absorb))

    async def delete(self, demand: Demand) -> int:
        """Make tombstones of all that match, said before this call; the number of them."""
        await self._writer.write(Wish(0, tuple, _nothing))
        return await self._each(self.ids(demand), Batch.bury)

    async def settle(self, ids: Sequence[str] | None = None) -> int:
        """Forget the conflicts of these clips (None: of all): a person has looked at them. The number of clips."""
        return await self._each(self._disputes.ids() if ids is None else ids, Batch.settle)

    # What it tells

    @property
    def clocks(self) -> Clocks:
        """The vector clock of every clip, tombstones too, by id."""
        return self._index.clocks

    @property
    def count(self) -> int:
        """How many clips there are, without tombstones."""
        return self._index.count

    def deleted(self, identity: str) -> bool:
        """Whether it is a tombstone; False for a clip nobody knows."""
        return self._index.deleted(identity)

    def device(self, identity: str) -> str:
        """Who said the clip first, 16 hex digits; "" for a clip nobody knows."""
        entry = self._index.entries.get(identity)
        return "" if entry is None else entry.facts.device

    @property
    def project_rate(self) -> str:
        """The project's timecode rate that the newest clip was counted at which knows one; "" where none does."""
        entries = self._index.entries
        newest = (entries[identity] for identity in reversed(self._index.everything()))
        return next((entry.rate for entry in newest if entry.rate_from == "project"), "")

    def rates(self, ids: Iterable[str]) -> dict[str, str]:
        """Of each clip that was counted at the project's rate, which one that was."""
        entries = self._index.entries
        return {
            identity: entries[identity].rate for identity in ids if entries[identity].rate_from == "project"
        }

    def ids(self, demand: Demand) -> Sequence[str]:
        """The clips that match, in a stable order: creation, then id. Not to be changed."""
        return self._index.everything() if demand.empty else list(self._index.matching(demand))

    def matching(self, demand: Demand) -> Iterator[str]:
        """The same clips, each looked at when it is asked for; what comes in meanwhile is not among them."""
        return iter(self._index.everything()) if demand.empty else self._index.matching(demand)

    def versions(self, ids: Iterable[str]) -> list[bytes]:
        """Of each live clip `{"id", "type", "version"}` as JSON (ListType 2)."""
        known = (self._index.entries.get(identity) for identity in ids)
        live = (entry.facts for entry in known if entry is not None and not entry.facts.deleted)
        return [_encode(Version(clip.id, clip.type, clip.clock)) for clip in live]

    async def bodies(self, ids: Sequence[str]) -> list[bytes]:
        """Each live clip as JSON (ListType 1)."""
        live = [
            identity
            for identity in ids
            if identity in self._index.entries and not self._index.deleted(identity)
        ]
        if not self._bodies:
            held = await self._archive.bodies(live)
            return [held[identity] for identity in live]
        return [body for identity in live if (body := self._index.entries[identity].body) is not None]

    async def notes(self, kind: NoteKind) -> list[Mapping[str, Any]]:
        """What was said in slate infos or claps, the oldest first, with `device` and `seen` (seconds)."""
        notes = await self._archive.notes(kind)
        return [{**note.data, "device": note.device, "seen": note.seen} for note in notes]

    def conflicts(self) -> list[dict[str, Any]]:
        """What was said in two ways: clip, name, path, kept, lost, at, clock, editorial."""
        return self._disputes.all()

    @property
    def editorial(self) -> int:
        """How many conflicts are of what an editor goes by: circled, print, waste."""
        return self._disputes.editorial

    # The inside

    def _saying(self, clips: Sequence[Mapping[str, Any]], by: str) -> Wish[Batch, list[Outcome]]:
        async def absorb(batch: Batch) -> list[Outcome]:
            outcomes = []
            for number, clip in enumerate(clips):
                if number % _TURN == _TURN - 1:
                    await trio.lowlevel.checkpoint()
                outcomes.append(batch.say(clip, by))
            return outcomes

        return Wish(len(clips), lambda: self._newer(clips), absorb)

    def _newer(self, clips: Iterable[Mapping[str, Any]]) -> Iterable[str]:
        """The known ones that are said in no older version: what is held of them matters."""
        clocks = self._index.clocks
        for clip in clips:
            identity, version = clip.get("id"), clip.get("version")
            if not isinstance(identity, str) or not isinstance(version, dict):
                continue
            held = clocks.get(identity)
            if held is not None and compare(version, held) is not Order.BEFORE:
                yield identity

    def _known(self, ids: Iterable[str]) -> Iterable[str]:
        return (identity for identity in ids if identity in self._index.entries)

    async def _each(self, ids: Sequence[str], change: Callable[[Batch, str], bool]) -> int:
        done = 0
        for start in range(0, len(ids), MOST):
            done += await self._writer.write(self._changing(ids[start : start + MOST], change))
        return done

    def _changing(self, ids: Sequence[str], change: Callable[[Batch, str], bool]) -> Wish[Batch, int]:
        async def absorb(batch: Batch) -> int:
            return sum(change(batch, identity) for identity in ids)

        return Wish(len(ids), lambda: self._known(ids), absorb)

    async def _prepare(self, ids: set[str]) -> Batch:
        held = await self._archive.fetch(list(ids))
        if lost := ids - held.keys():
            raise Unavailable(
                f"the ledger has lost {len(lost)} records that were in it; open the pipeline again"
            )
        return Batch(
            self._index,
            held,
            own=self._own,
            rate=self._rate(),
            bodies=self._bodies,
            delete_vs_edit=self._delete_vs_edit,
        )

    async def _commit(self, batch: Batch) -> None:
        records = batch.records(self._archive.source, self._now())
        if not records:
            return
        await self._archive.write(records)
        for identity, change in batch.changes.items():
            self._index.put(change.entry)
            self._disputes.put(identity, change.stored.data, change.stored.conflicts)
        self._notes.update(batch.notes)
        for outcome, by in batch.told:
            for tell in self.changed:
                tell(outcome, by)


async def _nothing(_batch: Batch) -> None:
    """A wish that is granted once all before it are."""
