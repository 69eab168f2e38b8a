"""The parts of one clip on their way into one asset: several at once, each tried again by itself.

A part's failure is its own: one 503 does not cancel the siblings. What ends the whole upload is a failure
that no further try can help, or a world in which no part gets anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import trio

from rushes import Clip, Context, Permanent, Report, RushesError, Transient, Unavailable
from rushes.retry import Backoff
from rushes_frameio.answers import Answer, Verdict, judge
from rushes_frameio.asset import Asset
from rushes_frameio.failures import quote, seconds
from rushes_frameio.line import CutError, Lines, Put, SourceError
from rushes_frameio.threads import interruptible

#: Failures in a row of one part, while no other part got through, until the network is called dead ...
CUTS = 5
#: ... or the host too busy for now, or the bytes impossible to bring over unchanged.
BUSY = 8
GARBLED = 4
REDIRECTS = 3
PROGRESS_EVERY_S = 0.25


class ExpiredError(Exception):
    """The asset's urls take no more parts. `doubtful`: it may be complete, only answers are missing."""

    def __init__(self, reason: str, *, doubtful: bool) -> None:
        super().__init__(reason)
        self.doubtful = doubtful


@dataclass(kw_only=True)
class _Tries:
    """Failures of one part since any part got through."""

    cuts: int = 0
    busy: int = 0
    garbled: int = 0
    moved: int = 0
    seen: int = 0


@dataclass(kw_only=True)
class Upload:
    clip: Clip
    asset: Asset
    descriptor: int
    context: Context
    report: Report
    lines: Lines
    parts_in_flight: int
    check: bool
    #: Whether an earlier call worked on this asset: its last parts may have arrived without a report.
    resumed: bool = False
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.5, cap=30.0))

    def __post_init__(self) -> None:
        #: Payload bytes handed to the network by ended attempts, whether they arrived or not.
        self.sent = 0
        self._there = 0
        self._flying: set[Put] = set()
        self._arrived = 0
        self._unanswered: set[int] = set()
        self._left: set[int] = set()
        self._failure: RushesError | ExpiredError | None = None

    async def run(self, done: Mapping[int, str]) -> None:
        """Send every part that is not in `done`; returns when all are there and reported.

        Raises a RushesError, or ExpiredError when the asset takes no more parts.
        """
        self._left = set(range(1, len(self.asset.urls) + 1)).difference(done)
        if self.resumed and len(self._left) <= self.parts_in_flight:
            self._unanswered = set(self._left)
        self._there = sum(self.asset.span(number)[1] for number in done)
        numbers = iter(sorted(self._left))
        async with trio.open_nursery() as watch:
            watch.start_soon(self._show_progress)
            async with trio.open_nursery() as workers:
                for _ in range(min(self.parts_in_flight, len(self._left))):
                    workers.start_soon(self._work, numbers, workers.cancel_scope)
            watch.cancel_scope.cancel()
        if self._failure is not None:
            raise self._failure
        self.context.progress(self.asset.size, self.asset.size)

    async def _work(self, numbers: Iterator[int], siblings: trio.CancelScope) -> None:
        try:
            for number in numbers:
                await self.report.proceed()
                etag = await self._part(number)
                await self.report.part(number, etag)
                self._left.discard(number)
                self._there += self.asset.span(number)[1]
        except (RushesError, ExpiredError) as failure:
            self._failure = self._failure or failure
            siblings.cancel()

    async def _part(self, number: int) -> str:
        """Send one part until it is there; returns its ETag."""
        tries = _Tries()
        url = self.asset.urls[number - 1]
        while True:
            if tries.seen != self._arrived:  # the world works: only what fails from now on counts
                tries = _Tries(seen=self._arrived, garbled=tries.garbled)
            try:
                answer = await self._attempt(number, url)
            except CutError as cut:
                tries.cuts += 1
                if tries.cuts >= CUTS:
                    text = f"Frame.io's upload host cannot be reached: {quote(cut)}"
                    raise Unavailable(text) from cut
                await trio.sleep(self.backoff.wait(tries.cuts))
                continue
            match judge(answer):
                case Verdict.THERE:
                    self._arrived += 1
                    return answer.etag
                case Verdict.MOVED if tries.moved < REDIRECTS:
                    tries.moved += 1
                    url = answer.headers["location"]
                case Verdict.GARBLED:
                    tries.garbled += 1
                    if tries.garbled >= GARBLED:
                        raise self._unlike(number, answer)
                    self.context.log.warning(
                        "%s: part %d did not arrive unchanged", self.clip.filename, number
                    )
                case Verdict.BUSY:
                    tries.busy += 1
                    tries.cuts = 0
                    wait = seconds(answer.headers.get("retry-after"))
                    if tries.busy >= BUSY:
                        text = f"{self.clip.filename}: the upload host keeps answering {answer}"
                        raise Transient(text, retry_after=wait)
                    await trio.sleep(max(self.backoff.wait(tries.busy), wait or 0.0))
                case Verdict.NETWORK:
                    tries.cuts += 1
                    if tries.cuts >= CUTS:
                        text = (
                            f"Frame.io's upload host cannot be reached: something on the way answers {answer}"
                        )
                        raise Unavailable(text)
                    await trio.sleep(self.backoff.wait(tries.cuts))
                case Verdict.EXPIRED:
                    raise ExpiredError(str(answer), doubtful=self._may_be_complete(number))
                case Verdict.MOVED | Verdict.HOPELESS:
                    raise Permanent(f"{self.clip.filename}: part {number} was refused: {answer}")

    async def _attempt(self, number: int, url: str) -> Answer:
        """One PUT on one line; a line that died while it lay idle is replaced at once."""
        while True:
            offset, size = self.asset.span(number)
            put = Put(
                number=number,
                url=url,
                filetype=self.asset.filetype,
                descriptor=self.descriptor,
                offset=offset,
                size=size,
                check=self.check,
            )
            line = await self.lines.take(url)
            self._flying.add(put)
            try:
                return await interruptible(partial(line.put, put), line.interrupt)
            except CutError as cut:
                if cut.whole:
                    self._unanswered.add(number)
                if not line.used:
                    raise
            except SourceError as error:
                raise self._unreadable(error) from error
            finally:
                self._flying.discard(put)
                self.sent += put.sent
                self.lines.give(line)

    def _may_be_complete(self, number: int) -> bool:
        """Whether every part that was not reported may have arrived all the same."""
        flying = {put.number for put in self._flying}
        return number in self._unanswered and self._left <= self._unanswered | flying

    def _unreadable(self, error: SourceError) -> RushesError:
        self.context.path(self.clip)  # raises MediaGone when the card is gone, Permanent when the file is
        if error.__cause__ is None:
            return Permanent(f"{self.clip.filename}: became shorter while it was uploaded")
        return Transient(f"{self.clip.filename}: cannot be read: {error}", blame="clip")

    def _unlike(self, number: int, answer: Answer) -> Permanent:
        if answer.md5:
            return Permanent(
                f"{self.clip.filename}: part {number} has MD5 {answer.md5}, the host says {answer.etag};"
                " set check_etag: false if its ETags are no MD5s"
            )
        return Permanent(f"{self.clip.filename}: part {number} never arrived unchanged: {answer}")

    async def _show_progress(self) -> None:
        while True:
            flying = sum(put.sent for put in self._flying)
            self.context.progress(self._there + flying, self.asset.size)
            await trio.sleep(PROGRESS_EVERY_S)
