"""Annotating: batches of admitted clips go through every annotator of `prepare:`, then to planning.

Growing clips are planned at once, beside the batches: a half-written file would be called broken.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import trio

from rushes.contract import Annotator
from rushes.engine.host import NOT_OURS, Host, only_cause
from rushes.engine.journal import Journal
from rushes.engine.merge import merged
from rushes.engine.planner import Matches, Planner
from rushes.engine.pulse import Pulse
from rushes.engine.work import MOST_FAULTS
from rushes.errors import MediaGone, RushesError, Transient, Unavailable
from rushes.ledger import Ledger, Query
from rushes.ledger.rows import StoredFinding, put_clip, put_finding, read_clip, read_finding
from rushes.ledger.schema import CLIPS
from rushes.model import Clip, Finding
from rushes.retry import Backoff

#: Clips of one call of an annotator: large enough to spread a commit, small enough to show results early.
BATCH = 256
#: Intake waits above this: nothing queues in memory without a number.
MOST_WAITING = 5_000

CLIP_ID, SUPERSEDED = CLIPS.names.index("id"), CLIPS.names.index("superseded")
OVERWRITTEN = "another recording took its name before it was delivered"


@dataclass(frozen=True, slots=True)
class Known:
    """Clips with all that is known of them; those among them that lost their name to another recording; who has
    said something about which before (clip, annotator); the routes they match.
    """

    clips: list[Clip]
    gone: set[str]
    told: set[tuple[str, str]]
    matches: Matches


class Preparation:
    """The stage between intake and planning."""

    def __init__(
        self,
        hosts: Sequence[Host],
        planner: Planner,
        ledger: Ledger,
        journal: Journal,
        pulse: Pulse,
        clip_rows: trio.Lock,
    ) -> None:
        self._clip_rows = clip_rows
        self._hosts = hosts
        self._planner = planner
        self._ledger = ledger
        self._journal = journal
        self._pulse = pulse
        self._waiting: deque[Clip] = deque()
        self._growing: deque[Clip] = deque()
        self._absent: dict[str, list[Clip]] = {}
        self._busy = 0
        self._turns = {host.component.id: _Lent() for host in hosts}

    def enqueue(self, clips: Sequence[Clip]) -> None:
        """Take clips whose rows and backlog are durable."""
        for clip in clips:
            (self._waiting if clip.complete else self._growing).append(clip)
        self._pulse.beat()

    async def room(self) -> None:
        """Return when not too many clips are waiting."""
        while len(self._waiting) > MOST_WAITING:
            await self._pulse.after(self._pulse.count)

    @property
    def idle(self) -> bool:
        """Whether every admitted clip is planned, apart from those whose card is gone."""
        return not (self._waiting or self._growing or self._busy)

    @property
    def absent_cards(self) -> dict[str, str]:
        """The cards that clips wait for, by volume."""
        return {volume: clips[0].card or volume for volume, clips in self._absent.items() if clips}

    def volume_back(self, volume: str) -> None:
        """Its clips can be looked at again."""
        self._waiting.extend(self._absent.pop(volume, ()))
        self._pulse.beat()

    async def serve(self, host: Host) -> None:
        """Keep one annotator open and lend it to the batches."""
        await host.live(self._turns[host.component.id].lend)

    async def run(self) -> None:
        """Annotate and plan batch after batch."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._work, self._waiting, self._prepare)
            nursery.start_soon(self._work, self._growing, self._plan_growing)

    async def _work(self, line: deque[Clip], work: Callable[[list[Clip]], Awaitable[None]]) -> None:
        while True:
            seen = self._pulse.count
            if not line:
                await self._pulse.after(seen)
                continue
            # The newest revision of a clip is the one to look at; one that waited for its card may be older.
            batch: dict[str, Clip] = {}
            for _ in range(min(BATCH, len(line))):
                clip = line.popleft()
                if clip.id not in batch or batch[clip.id].revision < clip.revision:
                    batch[clip.id] = clip
            self._busy += len(batch)
            try:
                await work(list(batch.values()))
            finally:
                self._busy -= len(batch)
                self._pulse.beat()

    async def _plan_growing(self, clips: list[Clip]) -> None:
        async with self._clip_rows:
            known = await self._ledger.read(lambda query: self._look(query, clips, []))
            # One that is complete by now is in the other line.
            still = [clip for clip in known.clips if not clip.complete]
            await self._ledger.write(self._planner.plan(still, known.matches))

    async def _prepare(self, clips: list[Clip]) -> None:
        found: list[tuple[str, Finding]] = []
        for host in self._hosts:
            findings, clips = await self._annotate(host, clips)
            found += [(host.component.id, finding) for finding in findings]
        # Held from reading to writing: intake may be about to give a clip another revision.
        async with self._clip_rows:
            known = await self._ledger.read(lambda query: self._look(query, clips, found))
            current = {clip.id for clip in known.clips}
            said = [
                change
                for by, finding in found
                if finding.clip in current
                for change in put_finding(by, finding, first=(finding.clip, by) not in known.told)
            ]
            rows = [put_clip(clip, superseded=clip.id in known.gone) for clip in known.clips if self._hosts]
            await self._ledger.write([*said, *rows, *self._planner.plan(known.clips, known.matches)])

    def _look(self, query: Query, clips: Sequence[Clip], found: Sequence[tuple[str, Finding]]) -> Known:
        """The clips as they are now, with what was just found."""
        told: set[tuple[str, str]] = set()
        revisions = {clip.id: clip.revision for clip in clips}
        names = list(revisions)
        rows = query("SELECT * FROM clips WHERE id IN (SELECT unnest(?::VARCHAR[])) ORDER BY path", [names])
        gone = {row[CLIP_ID] for row in rows if row[SUPERSEDED]}
        current = [clip for clip in map(read_clip, rows) if clip.revision == revisions[clip.id]]
        if self._hosts:
            by_clip: dict[str, dict[str, StoredFinding]] = {clip.id: {} for clip in current}
            stored = query(
                "SELECT clip, annotator, basis, data, problem FROM findings "
                "WHERE clip IN (SELECT unnest(?::VARCHAR[]))",
                [names],
            )
            told = {(clip, annotator) for clip, annotator, *_ in stored}
            fresh = [StoredFinding(annotator=annotator, finding=finding) for annotator, finding in found]
            for each in [*map(read_finding, stored), *fresh]:
                if each.finding.clip in by_clip:
                    by_clip[each.finding.clip][each.annotator] = each
            current = [replace(clip, meta=merged(by_clip[clip.id].values())) for clip in current]
        # Its bytes were gone before anything was done with them: that is to be seen, not passed over.
        current = [
            replace(clip, meta={**clip.meta, "problem": OVERWRITTEN}) if clip.id in gone else clip
            for clip in current
        ]
        return Known(current, gone, told, self._planner.matches(query, current))

    async def _annotate(self, host: Host, clips: list[Clip]) -> tuple[list[Finding], list[Clip]]:
        """What the annotator found, and the clips whose media was there."""
        turn = self._turns[host.component.id]
        failures = faults = 0
        while clips:
            part: Annotator = await turn.borrow()
            try:
                found = _checked(await part.annotate(clips), clips)
            except (Exception, BaseExceptionGroup, SystemExit) as failure:
                cause = only_cause(failure)
                if isinstance(cause, NOT_OURS):
                    raise
            else:
                host.worked()
                return found, clips
            gone = [clip for clip in clips if isinstance(cause, MediaGone) and clip.volume == cause.volume]
            if isinstance(cause, MediaGone) and gone:
                self._absent.setdefault(cause.volume, []).extend(gone)
                clips = [clip for clip in clips if clip.volume != cause.volume]
                self._pulse.beat()
            elif isinstance(cause, Unavailable):
                turn.give_back(cause)
            elif isinstance(cause, Transient) and faults < MOST_FAULTS - 1:
                failures += 1
                faults += cause.blame == "clip"
                await trio.sleep(max(Backoff().wait(failures), cause.retry_after or 0.0))
            elif len(clips) == 1:
                return [self._blamed(host, clips[0], cause)], clips
            else:
                # One clip's trouble must not be the others': find it by halves.
                half = len(clips) // 2
                first, here = await self._annotate(host, clips[:half])
                second, there = await self._annotate(host, clips[half:])
                return first + second, here + there
        return [], []

    def _blamed(self, host: Host, clip: Clip, cause: BaseException) -> Finding:
        name = host.component.use
        if isinstance(cause, RushesError):
            return Finding(clip=clip.id, problem=f"{name}: {cause}")
        problem = f"bug in {name}: {type(cause).__name__}: {cause}"
        detail = "".join(traceback.format_exception(cause))
        event = self._journal.event(
            "component.failed", clip=clip.id, component=host.component.id, reason=problem, traceback=detail
        )
        self._ledger.post([event])
        return Finding(clip=clip.id, problem=problem)


def _checked(findings: Sequence[Finding], clips: Sequence[Clip]) -> list[Finding]:
    """The findings, if they are findings about these clips; a TypeError is the annotator's bug."""
    asked = {clip.id for clip in clips}
    for finding in findings:
        if not isinstance(finding, Finding) or finding.clip not in asked:
            raise TypeError(
                f"an annotator answers with findings about the clips it was asked for, not {finding!r:.100}"
            )
    return list(findings)


class _Lent:
    """Hands an open annotator from its host's life to the batches."""

    def __init__(self) -> None:
        self._part: Annotator | None = None
        self._pulse = Pulse()
        self._lost: Unavailable | None = None

    async def lend(self, part: Annotator) -> None:
        """The host's `life`: ends, by raising, when a batch found the component without its world."""
        self._part, self._lost = part, None
        self._pulse.beat()
        try:
            while True:
                seen = self._pulse.count
                if self._lost is not None:
                    raise self._lost
                await self._pulse.after(seen)
        finally:
            self._part = None

    async def borrow(self) -> Annotator:
        """The open annotator, as soon as there is one."""
        while True:
            seen = self._pulse.count
            if self._part is not None and self._lost is None:
                return self._part
            await self._pulse.after(seen)

    def give_back(self, lost: Unavailable) -> None:
        """It has lost its world."""
        self._lost = lost
        self._pulse.beat()
