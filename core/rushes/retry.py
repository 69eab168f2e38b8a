"""Backoff on trio's clock (virtual in tests): full jitter, a cap, a server's own wait honoured."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import trio

from rushes.errors import Transient

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Waits in seconds: `first * factor ** n` up to `cap`, times a random share between 1 - `jitter` and 1."""

    first: float = 1.0
    factor: float = 2.0
    cap: float = 60.0
    jitter: float = 0.5

    def wait(self, failures: int, rng: random.Random | None = None) -> float:
        """Seconds to wait after that many failures in a row (1 for the first)."""
        full = min(self.cap, self.first * self.factor ** min(failures - 1, 64))
        return full * (1 - self.jitter * (rng or random).random())


async def retry(
    attempt: Callable[[], Awaitable[T]],
    *,
    attempts: int | None = None,
    backoff: Backoff | None = None,
    rng: random.Random | None = None,
) -> T:
    """Await `attempt()` until it does not raise Transient; the last Transient escapes after `attempts` tries.

    `attempts=None` tries for ever. A Transient's own `retry_after` replaces the backoff when it is longer.
    """
    backoff = backoff or Backoff()
    failures = 0
    while True:
        try:
            return await attempt()
        except Transient as failure:
            failures += 1
            if attempts is not None and failures >= attempts:
                raise
            wait = backoff.wait(failures, rng)
            await trio.sleep(max(wait, failure.retry_after or 0.0))
