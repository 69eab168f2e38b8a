"""Whether the service answers. Calls tell it as they go; `/health` is asked only while something else failed and
nothing has been heard since (seed manage-status-and-state; reference, section 6).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from rushes import Unavailable
from rushes.retry import Backoff
from rushes_frameio.reach.silence import Silence
from rushes_frameio.refusal.failures import Refused

#: Seconds for an answer to `/health`: a link that is full of an upload is slow to answer.
PATIENCE_S = 10.0


class Service:
    """`answers` is what is known now."""

    def __init__(self, ask: Callable[[], Awaitable[None]]) -> None:
        """`ask()` returns when the service answers; raises Unavailable or Refused."""
        self._ask = ask
        self._told: Callable[[bool], None] = lambda _answers: None
        self._backoff = Backoff(cap=8.0)
        self._heard = 0
        self._doubted = trio.Event()
        self._stirred = trio.Event()
        self._back = trio.Event()
        self.answers = False
        self.silence = Silence()
        #: When the network last failed and when the service was last heard, by trio's clock.
        self.failed_at = float("-inf")
        self.heard_at = float("-inf")
        #: Seconds that this machine's clock is ahead of the service's, 0 as far as anybody knows.
        self.skew = 0.0

    def answered(self) -> None:
        """The service has said something."""
        self._heard += 1
        self.heard_at = trio.current_time()
        self.silence.heard()
        self._stirred.set()
        if not self.answers:
            self._set(True)
            back, self._back = self._back, trio.Event()
            back.set()

    def doubt(self) -> None:
        """Something failed that may be the network's fault: find out."""
        self.failed_at = trio.current_time()
        self._doubted.set()

    def stir(self) -> None:
        """The network has changed: what was not there may be there now, and the other way round."""
        self._doubted.set()
        self._stirred.set()

    async def back(self) -> None:
        """Return when the service answers again after it did not."""
        await self._back.wait()

    async def rest(self, seconds: float) -> None:
        """Sleep so long after a failure of the network, or until the network has come back meanwhile."""
        self.doubt()
        with trio.move_on_after(seconds):
            await self._back.wait()

    async def watch(self, told: Callable[[bool], None]) -> None:
        """Settle doubts until cancelled; `told(answers)` is called now and at every change."""
        self._told = told
        told(self.answers)
        try:
            while True:
                await self._doubted.wait()
                self._doubted = trio.Event()
                await self._settle()
        finally:
            self._told = lambda _answers: None

    async def _settle(self) -> None:
        heard, failures = self._heard, 0
        while self._heard == heard:
            self._stirred = trio.Event()
            if await self._try():
                self.answered()
                return
            if self._heard == heard:
                failures += 1
                self._set(False)
                with trio.move_on_after(self._backoff.wait(failures)):
                    await self._stirred.wait()

    async def _try(self) -> bool:
        try:
            with self.silence.calls.owing(), trio.fail_after(PATIENCE_S):
                await self._ask()
        except (Unavailable, Refused, trio.TooSlowError):
            return False
        return True

    def _set(self, answers: bool) -> None:
        if self.answers != answers:
            self.answers = answers
            self._told(answers)
