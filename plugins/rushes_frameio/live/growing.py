"""The parts of a file that grows: sent when they are there, compared when they were sent, all but the last one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import trio

from rushes import Context, NotYet, Permanent, Report, RushesError, Transient
from rushes_frameio.live.asking import Asking
from rushes_frameio.live.heads import LOOKED_AT, final_from_start
from rushes_frameio.live.overlap import Overlap
from rushes_frameio.live.proof import Sums
from rushes_frameio.live.recording import Recording
from rushes_frameio.live.rereading import Rereading
from rushes_frameio.live.stride import Stride
from rushes_frameio.refusal.failures import Refused
from rushes_frameio.sending.part import Courier, ExpiredError, Part

#: Parts that have their url and are being sent, or about to be: enough to keep a fast link busy until the next call.
MOST_ASKED = 16
#: Seconds for comparing what was sent once the file has ended, while nothing else is left to be sent.
BUDGET_S = 0.8
#: A part that changes again after it was sent again waits for the end of the file.
CHANGES = 2
#: Urls of one part that may expire in a row.
EXPIRED = 3
PROGRESS_EVERY_S = 0.25


#: The file ended before bytes that were sent or asked for: the asset can become no whole.
SHORTER = "ended shorter than it was while it was sent"


class UnfitError(Exception):
    """The asset cannot become what the file is in the end: why, as a part of a sentence."""


class Growing:
    """One call's work on one asset. Part 1 is the head, which most formats rewrite at the end."""

    def __init__(
        self,
        *,
        stride: Stride,
        courier: Courier,
        asking: Asking,
        report: Report,
        context: Context,
        sent: Mapping[int, Sums],
        overlap: Overlap,
    ) -> None:
        """`sent` are the parts that are there already."""
        self._stride = stride
        self._courier = courier
        self._asking = asking
        self._report = report
        self._context = context
        self._overlap = overlap
        self._beat = trio.Event()
        self.recording = Recording(context, courier.clip, courier.descriptor, stride.end(1), self._tell)
        self.rereading = Rereading(courier.descriptor, stride, self._differs)
        self._there: set[int] = set(sent)
        for number, sums in sent.items():
            self.rereading.sent(number, sums)
        self._flying: set[int] = set()
        self._proceeded: set[int] = set()
        self._changes: Counter[int] = Counter()
        self._expired: Counter[int] = Counter()
        self._head_is_final: bool | None = None
        self._halted = ""
        self._resumed = bool(sent)
        self._deadline = float("inf")
        self._failure: RushesError | UnfitError | None = None
        self._scope = trio.CancelScope()

    async def run(self) -> None:
        """Return when the file has ended and every part but the one that ends it is there.

        Raises a RushesError, or UnfitError.
        """
        async with trio.open_nursery() as nursery:
            self._scope = nursery.cancel_scope
            for work in (
                self.recording.follow,
                self.recording.look,
                self._compare,
                self._heed,
                self._show_progress,
            ):
                nursery.start_soon(self._guarded, work)
            nursery.start_soon(self._guarded, partial(self._send_all, nursery))
        if self._failure is not None:
            raise self._failure

    @property
    def _hurried(self) -> bool:
        """Whether the recording ended before our eyes: what was cut off may have been repaired, all is compared."""
        return self.recording.grew or not self._resumed

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """The first failure of any task ends them all."""
        try:
            await work()
            return
        except (RushesError, UnfitError) as failure:
            self._failure = self._failure or failure
        except OSError as error:
            self._failure = self._failure or self.unreadable(error)
        self._scope.cancel()

    async def send(self, part: Part, sums: Sums) -> None:
        """Send a part until it is there and reported. Raises a RushesError, or ExpiredError."""
        try:
            if part.number in self._proceeded:
                etag = await self._courier.send(part)
            else:
                etag = await self._courier.send(part, self._report.proceed)
        except ExpiredError:
            self._proceeded.add(part.number)  # with its next url it is still the same part in flight
            raise
        await self._report.part(part.number, sums.value(etag))
        self._proceeded.discard(part.number)

    def unreadable(self, error: OSError) -> RushesError:
        """What it means for the clip that its file could not be read."""
        clip = self.recording.clip
        try:
            self._context.path(clip)  # raises MediaGone when the card is gone
        except RushesError as failure:
            return failure
        return Transient(f"{clip.filename}: cannot be read: {error.strerror}", blame="clip")

    async def _send_all(self, nursery: trio.Nursery) -> None:
        while True:
            now, beat = trio.current_time(), self._beat
            ended = self.recording.ended
            if ended and self._hurried and self._deadline == float("inf"):
                self._deadline = now + BUDGET_S
            ready = await self._ready()
            batch = ready[: max(0, MOST_ASKED - len(self._flying))]
            # The end is in a hurry, a backlog is not: many small calls would meet the rate limit.
            due = now if ended and len(batch) == len(ready) else self._asking.due
            if batch and now >= due:
                for number, url in zip(batch, await self._urls(batch), strict=True):
                    self._flying.add(number)
                    nursery.start_soon(self._guarded, partial(self._work, number, url))
                continue
            if not self._flying:
                if self._halted:
                    raise NotYet(self._halted)
                if ended and not ready and (self.rereading.finished or now >= self._deadline):
                    self._scope.cancel()
                    return
            idle = ended and not ready and not self._flying and now < self._deadline
            wake = due if batch else self._deadline if idle else float("inf")
            with trio.move_on_at(wake):
                await beat.wait()

    async def _ready(self) -> list[int]:
        """The parts that are to be sent now, in order."""
        recording = self.recording
        length = recording.settled
        if self._halted or not length:
            return []
        try:
            last = self._stride.last(length)
        except ValueError as error:
            raise Permanent(f"{recording.clip.filename}: larger than Frame.io takes") from error
        if recording.ended and last <= self._asking.highest:
            raise UnfitError(SHORTER)
        if self._head_is_final is None and last > 1:
            beginning = await trio.to_thread.run_sync(os.pread, self._courier.descriptor, LOOKED_AT, 0)
            self._head_is_final = final_from_start(beginning)
        first = 1 if recording.ended or self._head_is_final else 2
        busy = self._there | self._flying
        return [
            number
            for number in range(first, last)
            if number not in busy and (recording.ended or self._changes[number] < CHANGES)
        ]

    async def _urls(self, numbers: list[int]) -> tuple[str, ...]:
        try:
            return await self._asking.urls({number: self._stride.span(number)[1] for number in numbers})
        except Refused as refused:
            raise self._overlap.judge(refused, self.recording.clip) from refused

    async def _work(self, number: int, url: str) -> None:
        name, ended = self.recording.clip.filename, self.recording.ended
        offset, size = self._stride.span(number)
        try:
            # Before, not after: bytes that change from now on differ from these digests.
            sums = await self.rereading.sums(number, size)
            await self.send(Part(number=number, url=url, offset=offset, size=size), sums)
        except ExpiredError as expired:
            self._expired[number] += 1
            if self._expired[number] >= EXPIRED:
                text = f"{name}: fresh urls of part {number} are refused: {expired}"
                raise Transient(text, blame="clip") from expired
        except EOFError as error:
            if self.recording.ended:
                raise UnfitError(SHORTER) from error
            raise Transient(f"{name}: became shorter while it was recorded", blame="clip") from error
        else:
            self._expired.pop(number, None)
            self._there.add(number)
            self.rereading.sent(number, sums, last=ended)
        finally:
            self._flying.discard(number)
            self._tell()

    async def _compare(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._guarded, self.rereading.keep)
            while not self.recording.ended:
                await self._beat.wait()
            nursery.cancel_scope.cancel()
        while True:
            await self.rereading.finish()
            self._tell()
            await self._beat.wait()

    def _differs(self, number: int) -> None:
        self._changes[number] += 1
        self._there.discard(number)
        clip = self.recording.clip
        self._context.log.info("%s: part %d changed after it was sent; sent again", clip.filename, number)
        self._tell()

    async def _heed(self) -> None:
        self._halted = await self._overlap.halt(self.recording)
        self._tell()

    async def _show_progress(self) -> None:
        while True:
            there = sum(self._stride.span(number)[1] for number in self._there)
            self._context.progress(there + self._courier.flying, self.recording.size)
            await trio.sleep(PROGRESS_EVERY_S)

    def _tell(self) -> None:
        self._beat.set()
        self._beat = trio.Event()
