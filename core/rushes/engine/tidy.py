"""Work files live until their job is over; what no unfinished job names is removed at start."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import trio

from rushes.engine.board import Board
from rushes.engine.journal import Journal
from rushes.engine.pulse import Pulse
from rushes.ledger import Ledger


class Tidy:
    """Removes folders of work files, one a step, named `<job>.<number>...`."""

    def __init__(self, work: Path, board: Board, ledger: Ledger, journal: Journal, pulse: Pulse) -> None:
        self._work = work
        self._board = board
        self._ledger = ledger
        self._journal = journal
        self._pulse = pulse

    async def at_start(self) -> None:
        """Remove what a run that died left behind."""
        keep = set(self._board.jobs)
        await trio.to_thread.run_sync(self._remove_others, keep)

    def _remove_others(self, keep: set[str]) -> None:
        self._work.mkdir(parents=True, exist_ok=True)
        for folder in self._work.iterdir():
            if folder.name.partition(".")[0] not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    async def run(self) -> None:
        """Remove the files of jobs as they end."""
        while True:
            seen = self._pulse.count
            await self.sweep()
            await self._pulse.after(seen)

    async def sweep(self) -> None:
        """Remove the files of the jobs that have ended, once that they ended is durable."""
        jobs, self._board.settled_jobs = self._board.settled_jobs, []
        if not jobs:
            return
        # Shielded: the jobs are off the board, nobody else would look for their files before the next start.
        with trio.CancelScope(shield=True):
            await self._ledger.write(
                [self._journal.event("job.settled", clip=job.clip, job=job.id) for job, _ in jobs]
            )
            if folders := [name for job, steps in jobs if job.steps for name in steps]:
                await trio.to_thread.run_sync(self._remove, folders)

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            shutil.rmtree(self._work / name, ignore_errors=True)
