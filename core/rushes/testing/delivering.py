"""Deliveries of a sink under test, each judged by its receipt and by what has landed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import trio

from rushes.errors import NotYet, Permanent, RushesError, Transient, Unavailable
from rushes.model import Clip, Receipt
from rushes.testing.bench import Bench, must_have
from rushes.testing.promises import answered, broken, demand, expected, kind_of, works
from rushes.testing.reporting import WatchedReport

#: What is there of a clip now: its bytes, or whether it is there whole, with all that belongs to it. Nothing is None.
Landed = Callable[[Clip], bytes | bool | Awaitable[bytes | bool | None] | None]

#: How often a delivery that failed is tried again once its world is whole.
TRIES = 6
#: Real seconds before a retry: where the failure names none, and at most.
SHORT_WAIT_S = 0.05
LONGEST_WAIT_S = 1.0


class Deliveries:
    """One sink in its life; `reopen` gives it another."""

    def __init__(self, bench: Bench, landed: Landed | None) -> None:
        self.bench = bench
        self._landed = landed
        self._lives = AsyncExitStack()
        self.sink: Any = None

    async def __aenter__(self) -> Self:
        await self.reopen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._lives.__aexit__(kind, value, trace)

    async def reopen(self) -> None:
        await self.close()
        with works(f"opening {self.bench.spec.name}"):
            self.sink = await self._lives.enter_async_context(self.bench.life())
        must_have(self.sink, "deliver", self.bench.spec)

    async def close(self) -> None:
        """End the life; what it raised in the meantime comes out here."""
        lives, self._lives = self._lives, AsyncExitStack()
        await lives.aclose()

    async def once(self, clip: Clip, report: WatchedReport) -> Receipt:
        """One call of deliver; raises whatever it raises."""
        receipt = await self.sink.deliver(clip, report.resume, report)
        demand(isinstance(receipt, Receipt), f"deliver returned {receipt!r}, not a rushes.Receipt")
        return receipt  # type: ignore[no-any-return]

    async def whole(self, clip: Clip, report: WatchedReport, content: bytes, doing: str) -> Receipt:
        """A receipt in a whole world, and the clip has landed. A Transient (a rate limit) is tried again."""
        failure = Transient("never tried")
        for _ in range(TRIES):
            with works(doing):
                try:
                    return await self._judged(clip, report, content, doing)
                except Transient as transient:
                    failure = transient
                    await trio.sleep(min(transient.retry_after or SHORT_WAIT_S, LONGEST_WAIT_S))
        raise AssertionError(f"{doing} failed although nothing was wrong: {kind_of(failure)}") from failure

    async def settle(
        self, clip: Clip, report: WatchedReport, content: bytes, doing: str
    ) -> Receipt | Permanent:
        """Tried again as the engine does, in a world that is whole again: a receipt, or parked for a reason."""
        failure: RushesError = Transient("never tried")
        for _ in range(TRIES):
            try:
                return await self._judged(clip, report, content, doing)
            except (Exception, BaseExceptionGroup, SystemExit) as error:  # noqa: BLE001 - judged by `expected`
                failure = expected(error, doing)
            if isinstance(failure, Permanent):
                return failure
            if isinstance(failure, NotYet):
                broken(f"{doing} waits for something although nothing is missing: {failure}", failure)
            if isinstance(failure, Unavailable):
                await self.reopen()
            wait = failure.retry_after if isinstance(failure, Transient | Unavailable) else None
            await trio.sleep(min(wait or SHORT_WAIT_S, LONGEST_WAIT_S))
        sentence = f"{doing} still fails in a whole world after {TRIES} tries: {kind_of(failure)}"
        raise AssertionError(sentence) from failure

    async def _judged(self, clip: Clip, report: WatchedReport, content: bytes, doing: str) -> Receipt:
        receipt = await self.once(clip, report)
        report.judge(doing)
        await self.judge(clip, receipt, content, doing)
        return receipt

    async def judge(self, clip: Clip, receipt: Receipt, content: bytes, doing: str) -> None:
        """A receipt is a promise: what it says is true, and the clip's bytes are there."""
        demand(receipt.where, f"{doing} gave a receipt without where; it says where the clip is")
        demand(
            receipt.sent >= 0 and receipt.size >= 0,
            f"{doing} gave a receipt with {receipt.size} bytes of which {receipt.sent} were sent",
        )
        if self._landed is None:
            return
        there = await answered("landed", self._landed, clip)
        if isinstance(there, bytes):
            demand(
                there == content,
                f"{doing} gave a receipt, but {len(there)} other bytes are there than the clip's {len(content)}",
            )
        demand(
            there is not None,
            f"{doing} gave a receipt, but landed() finds nothing of {clip.filename} there; see that both look in one "
            "place, by the clip's path",
        )
        again = (
            ": a call that is made again finds what the one before left, so write that anew, and add nothing to it"
            if "again" in doing
            else ""
        )
        demand(
            there is not False,
            f"{doing} gave a receipt, but landed() gave False: {clip.filename} or what belongs to it is not there as "
            f"it should be{again}",
        )
