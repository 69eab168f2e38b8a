"""The ledger: every clip, record, job and checkpoint; one writer, group commit, read-only queries beside it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import trio

from rushes.errors import LedgerError
from rushes.ledger.database import MEMORY, Database, LedgerRefusedError, Query, open_database
from rushes.ledger.rows import drop_stored, put_stored
from rushes.ledger.write import Change
from rushes.retry import Backoff

LOG = logging.getLogger("rushes.ledger")
T = TypeVar("T")

#: `post` waits once this many changes are not durable yet: nothing queues in memory without a number.
MOST_PENDING = 20_000


class Ledger:
    """Writes in groups: what waits is committed as soon as the last commit ends (no timer).

    Made by `open_ledger`. With a file the work is done in threads, with MEMORY inline.
    """

    def __init__(self, database: Database) -> None:
        self.path = database.path
        #: Why nothing can be written at the moment; "" when all is well.
        self.trouble = ""
        #: Called with the changes of each commit once they are durable.
        self.on_commit: Callable[[Sequence[Change]], None] = lambda _changes: None
        self._database = database
        self._inline = database.path == MEMORY
        self._pending: list[Change] = []
        self._next = _Commit()
        self._current = _Commit()
        self._current.done()
        self._given_up = trio.Event()
        self._wake = trio.Event()
        self._writing = trio.CapacityLimiter(1)
        self._reading = trio.CapacityLimiter(4)
        self._swap = threading.Lock()

    def post(self, changes: Iterable[Change]) -> _Commit:
        """Queue changes for the next commit without waiting; the answer can be awaited for their durability."""
        self._pending.extend(changes)
        self._wake.set()
        return self._next

    async def write(self, changes: Iterable[Change]) -> None:
        """Return when the changes, and all that was posted before, are durable. Raises LedgerError after `give_up`."""
        written = self.post(changes)
        await (written if self._pending else self._current).wait()

    async def room(self) -> None:
        """Return when not too many changes are waiting: call it before a `post` that nobody awaits."""
        while len(self._pending) > MOST_PENDING:
            await self._next.wait()

    def give_up(self) -> None:
        """Stop trying to write to a disk that takes nothing: everyone who waits gets LedgerError."""
        self._given_up.set()

    async def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of one read-only query."""
        return await self.read(lambda query: query(sql, parameters))

    async def read(self, view: Callable[[Query], T]) -> T:
        """What `view` makes of its queries: one read-only snapshot, on a cursor closed before this returns."""
        return await self._in_thread(lambda: self._read(view), self._reading)

    def _read(self, view: Callable[[Query], T]) -> T:
        with self._swap:
            database = self._database
        return database.read(view)

    async def keep_writing(self) -> None:
        """The writer's life: run it in a nursery until cancelled; what is queued by then is still committed."""
        try:
            while True:
                await self._wake.wait()
                with trio.CancelScope(shield=True):
                    await self._commit_pending()
        finally:
            with trio.CancelScope(shield=True):
                await self._commit_pending()

    async def _commit_pending(self) -> None:
        while self._pending:
            changes, self._pending = self._pending, []
            self._current, self._next = self._next, _Commit()
            try:
                await self._commit(changes)
            except LedgerError as error:
                self._current.failed(error)
            else:
                self.on_commit(changes)
                self._current.done()
        self._wake = trio.Event()

    async def _commit(self, changes: list[Change]) -> None:
        """Commit, for as long as it takes: a full disk makes everything wait and loses nothing."""
        failures = 0
        committed = False

        def attempt() -> None:
            nonlocal committed
            if not committed:
                self._database.commit(changes)
                committed = True
            self._database.acknowledge()

        while True:
            try:
                await self._in_thread(attempt, self._writing)
            except LedgerRefusedError:
                raise
            except LedgerError as error:
                failures += 1
                self.trouble = f"{error}; free some space on that disk"
                if failures == 1:
                    LOG.error("%s", self.trouble)  # noqa: TRY400 - expected, and told in one line
                with trio.move_on_after(Backoff(first=0.2, cap=5).wait(failures)):
                    await self._given_up.wait()
                if self._given_up.is_set():
                    raise LedgerError(self.trouble) from error
                await self._in_thread(self._reopen, self._writing)
            else:
                if failures:
                    LOG.warning("%s: can be written again", self.path)
                self.trouble = ""
                return

    def _reopen(self) -> None:
        with self._swap:
            if self._database.well():
                return
            self._database.close()
            try:
                self._database = open_database(self.path)
            except LedgerError as error:
                self.trouble = str(error)

    async def _in_thread(self, work: Callable[[], T], limiter: trio.CapacityLimiter) -> T:
        if self._inline:
            await trio.lowlevel.checkpoint()
            return work()
        return await trio.to_thread.run_sync(work, limiter=limiter)

    def close(self) -> None:
        """Close the file; DuckDB folds the log into it."""
        self._database.close()


class _Commit:
    """The durability of the changes of one group."""

    def __init__(self) -> None:
        self._over = trio.Event()
        self._error: LedgerError | None = None

    def done(self) -> None:
        self._over.set()

    def failed(self, error: LedgerError) -> None:
        self._error = error
        self._over.set()

    async def wait(self) -> None:
        await self._over.wait()
        if self._error is not None:
            raise LedgerError(str(self._error)) from self._error


class LedgerStore:
    """A component's `Store` in the ledger."""

    def __init__(self, ledger: Ledger, component: str) -> None:
        self._ledger = ledger
        self._component = component

    async def get(self, key: str, default: Any = None, /) -> Any:
        """The value under `key`."""
        rows = await self._ledger.query(
            "SELECT value FROM store WHERE component = ? AND key = ?", [self._component, key]
        )
        return json.loads(rows[0][0]) if rows else default

    async def set(self, key: str, value: Any, /) -> None:
        """Durable when it returns."""
        await self._ledger.write([put_stored(self._component, key, value)])

    async def delete(self, key: str, /) -> None:
        """Durable when it returns."""
        await self._ledger.write([drop_stored(self._component, key)])


@asynccontextmanager
async def open_ledger(path: Path, *, patience: float = 0.0) -> AsyncIterator[Ledger]:
    """The ledger at `path` (or MEMORY) with its writer running; closed, all written, on leaving."""
    database = (
        open_database(path)
        if path == MEMORY
        else await trio.to_thread.run_sync(lambda: open_database(path, patience=patience))
    )
    ledger = Ledger(database)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ledger.keep_writing)
            try:
                yield ledger
            finally:
                nursery.cancel_scope.cancel()
    finally:
        ledger.close()
