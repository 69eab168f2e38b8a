"""After each connection: what does the hub have that we do not, and get it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import trio

from rushes_masterlockit.client.admitting import leads
from rushes_masterlockit.client.pages import Pace, clips, versions
from rushes_masterlockit.formats import FormatError
from rushes_masterlockit.link import LinkError, NoAnswerError, Peer, PeerLost, RefusedError
from rushes_masterlockit.versions import Order, compare

if TYPE_CHECKING:
    from rushes_masterlockit.repository import Repository

#: Versions that a page asks for at first, and once several have come.
VERSIONS_PAGE, MOST_VERSIONS = 2000, 10_000
CLIPS_PAGE = 200
#: Pages of clips that are on their way at once.
IN_FLIGHT = 2
#: Pages that the ledger may be behind: they become one commit.
BEHIND = 10
#: Single clips refused until the hub is taken to refuse them all.
MOST_REFUSED = 16
#: Connections that ended, or answers that did not come, over one single clip until it is left alone ...
FATAL = 2
#: ... for so long: it may have been the network's fault.
LEFT_ALONE_S = 600.0


@dataclass(eq=False)
class Paces:
    """What earlier connections taught us of this hub."""

    versions: Pace = field(default_factory=lambda: Pace(MOST_VERSIONS, VERSIONS_PAGE))
    clips: Pace = field(default_factory=lambda: Pace(CLIPS_PAGE))
    #: When fetching a single clip failed for good.
    failed: dict[str, list[float]] = field(default_factory=dict)

    def failure(self, id_: str) -> None:
        self.failed.setdefault(id_, []).append(trio.current_time())

    def fatal(self, id_: str) -> bool:
        """Whether it is to be left alone."""
        if id_ not in self.failed:
            return False
        now = trio.current_time()
        return sum(now - at < LEFT_ALONE_S for at in self.failed.get(id_, ())) >= FATAL


class Sync:
    """One comparison with one hub. `progress(done, total)` counts clips that are fetched; `maker` tells which
    device made a clip, "" where nobody knows: the hub does not say.

    What the hub does not list is not deleted: it may have restarted with less than it had.
    """

    def __init__(
        self,
        peer: Peer,
        repository: Repository,
        paces: Paces,
        wrong: Callable[[str, str], None],
        progress: Callable[[int, int], None],
        maker: Callable[[Mapping[str, Any]], str],
    ) -> None:
        self._peer = peer
        self._repository = repository
        self._paces = paces
        self._wrong = wrong
        self._progress = progress
        self._maker = maker
        #: What comes in meanwhile comes from the hub.
        self._before = list(repository.clocks)
        self._listed: set[str] = set()
        #: The hub's clocks where they are not ours.
        self._differs: dict[str, Mapping[str, int]] = {}
        self._missing: deque[str] = deque()
        self._total = 0
        self._refused = 0
        self._failure: Exception | None = None
        self._room = trio.Semaphore(BEHIND)

    async def run(self) -> None:
        """List, compare, fetch. Raises LinkError, and FormatError for an answer that is no list of clips.

        What was fetched before is kept; the next attempt asks for what is missing then.
        """
        await self._list()
        self._total = len(self._missing)
        async with trio.open_nursery() as nursery:
            for _ in range(IN_FLIGHT if self._paces.clips.size > 1 else 1):
                nursery.start_soon(self._work, nursery)
        if self._failure is not None:
            raise self._failure

    def ours(self) -> list[str]:
        """After `run`: clips that the hub lacks, or of which it does not have all that we know."""
        repository, differs = self._repository, self._differs
        lacking = [id_ for id_ in self._before if id_ not in self._listed and not repository.deleted(id_)]
        return lacking + [id_ for id_, theirs in differs.items() if leads(repository, id_, theirs)]

    async def _list(self) -> None:
        clocks = self._repository.clocks
        unreadable = 0
        try:
            async with aclosing(versions(self._peer, self._paces.versions, self._listed)) as pages:
                async for page in pages:
                    unreadable += page.unreadable
                    for theirs in page.fresh:
                        ours = clocks.get(theirs.id)
                        if ours == theirs.version:
                            continue
                        self._differs[theirs.id] = theirs.version
                        if ours is None or compare(theirs.version, ours) in {Order.AFTER, Order.CONCURRENT}:
                            self._miss(theirs.id)
        except (NoAnswerError, PeerLost):
            self._paces.versions.worse()
            raise
        if unreadable:
            self._wrong("list", f"{unreadable} of the clips that the hub lists cannot be read")

    def _miss(self, id_: str) -> None:
        if self._paces.fatal(id_):
            self._wrong(f"clip {id_}", f"clip {id_} cannot be fetched from the hub; it is left out")
        else:
            self._missing.append(id_)

    async def _work(self, nursery: trio.Nursery) -> None:
        pace = self._paces.clips
        while self._missing:
            batch = [self._missing.popleft() for _ in range(min(pace.size, len(self._missing)))]
            try:
                await self._fetch(batch, nursery)
            except RefusedError as refusal:
                if not self._go_on(batch, refusal):
                    self._failure = refusal
                    break
            except (LinkError, FormatError) as failure:
                possible = pace.worse()
                if possible and isinstance(failure, NoAnswerError):
                    # A slow link, or a busy hub: were it gone, who watches the connection would end it.
                    self._missing.extendleft(reversed(batch))
                    continue
                if not possible:
                    self._paces.failure(batch[0])
                self._failure = failure
                break
            else:
                pace.better()
            self._progress(self._total - len(self._missing), self._total)
        if self._failure is not None:
            nursery.cancel_scope.cancel()

    def _go_on(self, batch: Sequence[str], refusal: RefusedError) -> bool:
        """Whether to ask for less at a time, or to leave out a single clip that is refused."""
        if self._paces.clips.too_much():
            self._missing.extendleft(batch)
            return True
        self._refused += 1
        self._wrong(
            "refused", f"the hub does not hand out clip {batch[0]}: {refusal.text or 'it gave no reason'}"
        )
        return self._refused < MOST_REFUSED

    async def _fetch(self, batch: Sequence[str], nursery: trio.Nursery) -> None:
        rest, unread = set(batch), 0
        async with aclosing(clips(self._peer, batch)) as pages:
            async for page, unreadable in pages:
                rest.difference_update(str(clip.get("id")) for clip in page)
                unread += unreadable
                if unreadable:
                    self._wrong("unreadable", f"what the hub says of {unreadable} clip(s) cannot be read")
                await self._room.acquire()
                nursery.start_soon(self._keep, page)
        if 0 < len(rest) < len(batch):
            # Of hubs that cap a page and ignore its range each answer brings some.
            self._missing.extend(id_ for id_ in batch if id_ in rest)
        elif len(rest) > unread:
            self._wrong("absent", f"the hub lists {len(rest) - unread} clips that it does not hand out")

    async def _keep(self, page: Sequence[Mapping[str, Any]]) -> None:
        """Make a page durable, while others are fetched."""
        makers: dict[str, list[Mapping[str, Any]]] = {}
        for clip in page:
            makers.setdefault(self._maker(clip), []).append(clip)
        try:
            async with trio.open_nursery() as nursery:
                for by, made in makers.items():
                    nursery.start_soon(self._say, made, by)
        finally:
            self._room.release()

    async def _say(self, made: Sequence[Mapping[str, Any]], by: str) -> None:
        outcomes = await self._repository.say(made, by)
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        if problems:
            self._wrong("clips", f"{len(problems)} clips of the hub were refused: {problems[0]}")
