"""Annotating: batches of admitted clips go through every annotator of `prepare:`, then to planning."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from rushes.contract import Annotator
from rushes.engine.host import Host, only_cause
from rushes.engine.journal import Journal
from rushes.engine.merge import merged
from rushes.engine.planner import Planner
from rushes.engine.pulse import Pulse
from rushes.errors import MediaGone, RushesError, Unavailable
from rushes.ledger import Ledger
from rushes.ledger.rows import StoredFinding, put_clip, put_finding, read_finding
from rushes.ledger.write import Change
from rushes.model import Clip, Finding

#: Clips of one call of an annotator: large enough to spread a commit, small enough to show results early.
BATCH = 256
#: Intake waits above this: nothing queues in memory without a number.
MOST_WAITING = 5_000


class Preparation:
    """The stage between intake and planning."""

    def __init__(self, hosts: Sequence[Host], planner: Planner, ledger: Ledger, journal: Journal, pulse: Pulse) -> None:
        self._hosts = hosts
        self._planner = planner
        self._ledger = ledger
        self._journal = journal
        self._pulse = pulse
        self._waiting: deque[Clip] = deque()
        self._absent: dict[str, list[Clip]] = {}
        self._busy = 0
        self._turns = {host.component.id: _Lent() for host in hosts}

    async def add(self, clips: Sequence[Clip]) -> None:
        """Take clips whose rows and backlog are durable; waits while too many are waiting already."""
        self._waiting.extend(clips)
        self._pulse.beat()
        while len(self._waiting) > MOST_WAITING:
            await self._pulse.after(self._pulse.count)

    @property
    def idle(self) -> bool:
        """Whether every admitted clip is planned, apart from those whose card is gone."""
        return not (self._waiting or self._busy)

    @property
    def absent(self) -> set[str]:
        """Volumes that clips wait for."""
        return set(self._absent)

    def volume_back(self, volume: str) -> None:
        """Its clips can be looked at again."""
        self._waiting.extend(self._absent.pop(volume, ()))
        self._pulse.beat()

    async def serve(self, host: Host) -> None:
        """Keep one annotator open and lend it to the batches."""
        await host.live(self._turns[host.component.id].lend)

    async def run(self) -> None:
        """Annotate and plan batch after batch."""
        while True:
            seen = self._pulse.count
            if not self._waiting:
                await self._pulse.after(seen)
                continue
            # The newest revision of a clip is the one to look at.
            batch = {clip.id: clip for clip in (self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting))))}
            self._busy = len(batch)
            try:
                await self._prepare(list(batch.values()))
            finally:
                self._busy = 0
                self._pulse.beat()

    async def _prepare(self, clips: list[Clip]) -> None:
        if self._hosts:
            findings: list[tuple[str, Finding]] = []
            for host in self._hosts:
                found, clips = await self._annotate(host, clips)
                findings += [(host.component.id, finding) for finding in found]
            clips = await self._merge(clips, findings)
        if clips:
            await self._planner.plan(clips)

    async def _annotate(self, host: Host, clips: list[Clip]) -> tuple[list[Finding], list[Clip]]:
        """What the annotator found, and the clips whose media was there."""
        turn = self._turns[host.component.id]
        while clips:
            part: Annotator = await turn.borrow()
            try:
                return list(await part.annotate(clips)), clips
            except (Exception, BaseExceptionGroup) as failure:
                cause = only_cause(failure)
                if not isinstance(cause, Exception):
                    raise
                if isinstance(cause, MediaGone):
                    gone = [clip for clip in clips if clip.volume == cause.volume]
                    self._absent.setdefault(cause.volume, []).extend(gone)
                    clips = [clip for clip in clips if clip.volume != cause.volume]
                    self._pulse.beat()
                elif isinstance(cause, Unavailable):
                    turn.give_back(cause)
                elif len(clips) == 1:
                    return [self._blamed(host, clips[0], cause)], clips
                else:
                    # One clip's trouble must not be the others': find it by halves.
                    half = len(clips) // 2
                    first, here = await self._annotate(host, clips[:half])
                    second, there = await self._annotate(host, clips[half:])
                    return first + second, here + there
        return [], []

    def _blamed(self, host: Host, clip: Clip, cause: Exception) -> Finding:
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

    async def _merge(self, clips: list[Clip], found: Sequence[tuple[str, Finding]]) -> list[Clip]:
        """The clips with what is now known of them, findings and clips durable in one commit."""
        by_clip: dict[str, dict[str, StoredFinding]] = {clip.id: {} for clip in clips}
        rows = await self._ledger.query(
            "SELECT clip, annotator, basis, data, problem FROM findings WHERE clip IN (SELECT unnest(?::VARCHAR[]))",
            [list(by_clip)],
        )
        for stored in map(read_finding, rows):
            by_clip[stored.finding.clip][stored.annotator] = stored
        changes: list[Change] = []
        for annotator, finding in found:
            if finding.clip in by_clip:
                by_clip[finding.clip][annotator] = StoredFinding(annotator=annotator, finding=finding)
                changes += put_finding(annotator, finding)
        known = [replace(clip, meta=merged(by_clip[clip.id].values())) for clip in clips]
        await self._ledger.write([*changes, *map(put_clip, known)])
        return known


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
