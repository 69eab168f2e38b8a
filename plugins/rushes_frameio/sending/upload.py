"""The parts of one clip on their way into one asset: several at once, each tried again by itself.

A part's failure is its own: one 503 does not cancel the siblings. What ends the whole upload is a failure
that no further try can help, or a world in which no part gets anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import trio

from rushes import Context, Permanent, Report, RushesError
from rushes_frameio.sending.asset import Asset
from rushes_frameio.sending.part import Courier, ExpiredError, Part

PROGRESS_EVERY_S = 0.25


class Upload:
    def __init__(
        self,
        asset: Asset,
        courier: Courier,
        report: Report,
        context: Context,
        *,
        stream: BinaryIO,
        resumed: bool = False,
    ) -> None:
        """`stream` is what the courier reads. `resumed`: an earlier call worked on this asset, and its last parts may
        have arrived without a report.
        """
        self._asset = asset
        self._courier = courier
        self._report = report
        self._context = context
        self._stream = stream
        self._resumed = resumed
        self._there = 0
        self._left: set[int] = set()
        self._failure: RushesError | ExpiredError | None = None

    @property
    def sent(self) -> int:
        """Payload bytes handed to the network by ended attempts, whether they arrived or not."""
        return self._courier.sent

    async def run(self, done: Mapping[int, str]) -> None:
        """Send every part that is not in `done`; returns when all are there and reported.

        Raises a RushesError, or ExpiredError when the asset takes no more parts; it is `doubtful` when the
        asset may be complete and only answers are missing.
        """
        self._left = set(range(1, len(self._asset.urls) + 1)).difference(done)
        at_once = self._courier.flow.most
        if self._resumed and len(self._left) <= at_once:
            self._courier.unanswered |= self._left
        self._there = sum(self._asset.span(number)[1] for number in done)
        numbers = iter(sorted(self._left))
        async with trio.open_nursery() as watch:
            watch.start_soon(self._show_progress)
            async with trio.open_nursery() as workers:
                for _ in range(min(at_once, len(self._left))):
                    workers.start_soon(self._work, numbers, workers.cancel_scope)
            watch.cancel_scope.cancel()
        if self._failure is not None:
            raise self._failure
        self._context.progress(self._asset.size, self._asset.size)

    async def _work(self, numbers: Iterator[int], siblings: trio.CancelScope) -> None:
        try:
            for number in numbers:
                offset, size = self._asset.span(number)
                part = Part(number=number, url=self._asset.urls[number - 1], offset=offset, size=size)
                etag = await self._courier.send(part, self._begin)
                await self._report.part(number, etag)
                self._left.discard(number)
                self._there += size
        except ExpiredError as expired:
            doubtful = expired.doubtful and self._left <= self._courier.unanswered | self._courier.in_hand
            self._fail(ExpiredError(str(expired), doubtful=doubtful), siblings)
        except RushesError as failure:
            self._fail(failure, siblings)

    async def _begin(self) -> None:
        """Let a part go unless the file has changed: an asset of old bytes and new ones must never be complete."""
        await trio.to_thread.run_sync(self._verify)
        await self._report.proceed()

    def _verify(self) -> None:
        clip = self._courier.clip
        try:
            self._context.verify(clip, self._stream)
        except Permanent:
            self._context.path(clip)  # raises MediaGone when the card is gone
            raise

    def _fail(self, failure: RushesError | ExpiredError, siblings: trio.CancelScope) -> None:
        self._failure = self._failure or failure
        siblings.cancel()

    async def _show_progress(self) -> None:
        while True:
            self._context.progress(self._there + self._courier.flying, self._asset.size)
            await trio.sleep(PROGRESS_EVERY_S)
