"""From candidates to admitted clips: examine what is due in threads, admit what is ready in batches."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import trio

from rushes import Clip
from rushes_folder.candidate import NO_INODES, Candidate, Grown, Ready
from rushes_folder.examine import Examiner
from rushes_folder.growing import Growing
from rushes_folder.pending import Pending

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rushes import Context, Intake
    from rushes_folder.candidate import Outcome, Place, Stat
    from rushes_folder.index import Index
    from rushes_folder.names import Names
    from rushes_folder.options import FolderOptions

#: Files that are examined and admitted together at most.
BATCH = 1000
#: Threads that read files at once: enough to hide a card's latency, too few to starve a copy.
READERS = 4
#: Files that one thread call examines: a big batch does not cost a thread call each.
SHARE = 32


class Admitter:
    """Admits the candidates of `pending` as they get complete."""

    def __init__(
        self, options: FolderOptions, context: Context, names: Names, index: Index, intake: Intake
    ) -> None:
        self._options = options
        self._context = context
        self._names = names
        self._index = index
        self._intake = intake
        self.growing = Growing(names, wanted=options.growing)
        self._examiner = Examiner(
            self.growing,
            settle=options.settle,
            patience=options.patience,
            follow=options.symlinks == "follow",
        )
        self._readers = trio.CapacityLimiter(READERS)
        self._awaited: set[str] = set()
        self._awaited_since: float | None = None
        self._shown = 0
        self.pending = Pending()
        self.done = trio.Event()

    def expect(self, places: Iterable[Place]) -> None:
        """Set `done` once these files are admitted, or gone, or still growing after all patience."""
        self._awaited = {place.path for place in places}
        self._awaited_since = trio.current_time()
        self._dealt_with(())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            batch = self.pending.take(BATCH)
            if batch:
                await self._settle(await self._examine(batch))
            else:
                self._show_waiting()
                await self.pending.wait()

    async def _examine(self, batch: Sequence[Candidate]) -> list[Outcome]:
        work = [(candidate, self._known(candidate)) for candidate in batch]
        outcomes: list[Outcome] = []

        async def share(part: Sequence[tuple[Candidate, Stat | None]]) -> None:
            look = partial(self._look, part, trio.current_time(), time.time())
            # Only reads: on shutdown a thread that hangs on a dead share is left behind.
            outcomes.extend(
                await trio.to_thread.run_sync(look, abandon_on_cancel=True, limiter=self._readers)
            )

        async with trio.open_nursery() as nursery:
            for start in range(0, len(work), SHARE):
                nursery.start_soon(share, work[start : start + SHARE])
        return outcomes

    def _look(self, part: Sequence[tuple[Candidate, Stat | None]], now: float, wall: float) -> list[Outcome]:
        return [self._examiner.examine(candidate, known, now, wall) for candidate, known in part]

    def _known(self, candidate: Candidate) -> Stat | None:
        place = candidate.place
        return self._index.of(place.volume.id).get(place.relative)

    async def _settle(self, outcomes: Sequence[Outcome]) -> None:
        admitted: list[Ready | Grown] = []
        dealt_with = []
        for outcome in outcomes:
            if isinstance(outcome, (Ready, Grown)):
                admitted.append(outcome)
            if isinstance(outcome, (Candidate, Grown)):
                candidate = outcome.candidate if isinstance(outcome, Grown) else outcome
                self.pending.again(candidate)
                if not self._worth_awaiting():
                    dealt_with.append(candidate.place)
            else:
                dealt_with.append(outcome.candidate.place)
        if admitted:
            await self._intake.clips([self._clip(outcome) for outcome in admitted])
            for outcome in admitted:
                if isinstance(outcome, Ready):
                    place = outcome.candidate.place
                    self._index.put(place.volume.id, place.relative, outcome.stat)
        self._dealt_with(dealt_with)

    def _worth_awaiting(self) -> bool:
        """A file of the first scan that is not complete by then has been growing since."""
        since = self._awaited_since
        return (
            since is not None and trio.current_time() <= since + self._options.patience + self._options.settle
        )

    def _dealt_with(self, places: Iterable[Place]) -> None:
        if self._awaited_since is not None and not self.done.is_set():
            self._awaited.difference_update(place.path for place in places)
            if not self._awaited:
                self.done.set()

    def _clip(self, found: Ready | Grown) -> Clip:
        place = found.candidate.place
        name = place.relative.rpartition("/")[2]
        clip = Clip(
            volume=place.volume.id,
            path=place.relative,
            card=place.volume.label,
            kind=self._names.kind(name),
            role=self._names.role(name),
            size=found.stat.size,
            mtime_ns=found.stat.mtime_ns,
            inode=found.stat.inode,
            complete=False,
            born=found.candidate.born,
            meta={"device": self._options.device} if self._options.device else {},
        )
        if isinstance(found, Grown):
            # A number that may change as it grows would make another recording of it.
            return replace(clip, inode=0) if place.volume.fstype in NO_INODES else clip
        return replace(
            clip,
            complete=True,
            head=found.head,
            tail=found.tail,
            completed_by=found.candidate.rule,
            meta={**clip.meta, "problem": found.problem} if found.problem else clip.meta,
        )

    def _show_waiting(self) -> None:
        if len(self.pending) != self._shown:
            self._shown = len(self.pending)
            self._context.show(incomplete=self._shown or None)
