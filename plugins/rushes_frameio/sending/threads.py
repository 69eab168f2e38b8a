"""Blocking work in a thread that cancellation can reach."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import trio

if TYPE_CHECKING:
    import outcome

T = TypeVar("T")


async def interruptible(work: Callable[[], T], interrupt: Callable[[], None]) -> T:
    """Run `work()` in a thread; when cancelled, call `interrupt()`, which must end it, and wait for that.

    What an interrupted `work` raises or returns is dropped: it was cancelled. The thread has ended when this
    returns or raises, so files that it used may be closed.
    """
    await trio.lowlevel.checkpoint_if_cancelled()
    token = trio.lowlevel.current_trio_token()
    ended = trio.Event()
    results: list[outcome.Outcome[T]] = []

    def deliver(result: outcome.Outcome[T]) -> None:
        results.append(result)
        with suppress(trio.RunFinishedError):
            token.run_sync_soon(ended.set)

    trio.lowlevel.start_thread_soon(work, deliver)
    try:
        await ended.wait()
    except trio.Cancelled:
        interrupt()
        with trio.CancelScope(shield=True):
            await ended.wait()
        raise
    return results.pop().unwrap()
