"""One part on its way to its url: tried again by itself until it is there, or until no further try can help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial

import trio

from rushes import Clip, Context, Permanent, RushesError, Transient, Unavailable
from rushes.retry import Backoff
from rushes_frameio.refusal.answers import Answer, judge
from rushes_frameio.refusal.failures import HOLD_S
from rushes_frameio.refusal.refusals import Action
from rushes_frameio.refusal.waits import clock_ahead, told_wait
from rushes_frameio.sending.flow import Flow
from rushes_frameio.sending.line import CutError, Lines, Put, SourceError
from rushes_frameio.sending.threads import interruptible

#: Failures in a row of one part, while no other part got through, until the network is called dead ...
CUTS = 5
#: ... or the host too busy for now.
BUSY = 8
#: Answers to one part, whatever else got through: bytes that came over changed, answers of something on the
#: way, redirects.
GARBLED = 4
STRANGE = 5
REDIRECTS = 3


class ExpiredError(Exception):
    """A url takes no more bytes. `doubtful`: they may have arrived all the same, only the answer is missing."""

    def __init__(self, reason: str, *, doubtful: bool) -> None:
        super().__init__(reason)
        self.doubtful = doubtful


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Bytes of a file and where they go. The url is as good as a key: never shown."""

    number: int
    url: str = field(repr=False)
    offset: int
    size: int


@dataclass(kw_only=True, slots=True)
class _Tries:
    """Failures of one part: `cuts` and `busy` since any part of its clip got through, the others in all."""

    cuts: int = 0
    busy: int = 0
    garbled: int = 0
    strange: int = 0
    moved: int = 0
    #: What had got through of all clips at the newest cut.
    heard: int = 0
    #: What had got through, of this clip and of all, when that was looked at last, and at first.
    seen: int
    began: int


async def _at_once() -> None:
    await trio.lowlevel.checkpoint()


@dataclass(kw_only=True, eq=False)
class Courier:
    """Sends parts of one clip, as many at once as `flow` gives slots.

    `rest(seconds)` waits after a failure of the network, and may return sooner when that has come back.
    """

    clip: Clip
    filetype: str
    descriptor: int
    context: Context
    lines: Lines
    flow: Flow
    check: bool
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.5, cap=30.0))
    rest: Callable[[float], Awaitable[object]] = trio.sleep
    #: Entered while an attempt is on its way: the upload host owes an answer.
    #: What it gives is called when the answer is there.
    owing: Callable[[], AbstractContextManager[Callable[[], None]]] = lambda: nullcontext(lambda: None)

    def __post_init__(self) -> None:
        #: Payload bytes handed to the network by ended attempts, whether they arrived or not.
        self.sent = 0
        #: Parts all of whose bytes went out in some attempt that got no answer: they may be there.
        self.unanswered: set[int] = set()
        self._in_hand: set[Put] = set()
        self._arrived = 0

    @property
    def flying(self) -> int:
        """Bytes handed to the network by the attempts in hand."""
        return sum(put.sent for put in self._in_hand)

    @property
    def in_hand(self) -> set[int]:
        """The numbers of the parts that are being sent at this moment."""
        return {put.number for put in self._in_hand}

    async def send(self, part: Part, begin: Callable[[], Awaitable[None]] = _at_once) -> str:
        """Send one part until it is there; returns its ETag.

        `begin()` is awaited once, when it is the part's turn and before its first byte (`Report.proceed`).
        Raises a RushesError, or ExpiredError when the url takes no more bytes. Nothing is sent any more once
        this has returned, raised or been cancelled.
        """
        tries = _Tries(seen=self._arrived, began=self.flow.arrived)
        url = part.url
        first: Callable[[], Awaitable[None]] | None = begin
        while True:
            answer = await self._answered(part, url, first, tries)
            first = None
            action = judge(answer)
            if action is Action.DONE:
                self._arrived += 1
                self.flow.arrived += 1
                self.unanswered.discard(part.number)
                return answer.etag
            if action is Action.FOLLOW and tries.moved < REDIRECTS:
                tries.moved += 1
                url = answer.headers["location"]
                continue
            rest = self.rest if action is Action.NETWORK else trio.sleep
            await rest(self._refused(part, answer, action, tries))

    async def _answered(
        self, part: Part, url: str, first: Callable[[], Awaitable[None]] | None, tries: _Tries
    ) -> Answer:
        """Try until the host answers, whatever that is. Raises where nothing gets through."""
        with ExitStack() as owed:
            while True:
                if tries.seen != self._arrived:  # the world works: only what fails from now on counts
                    tries.seen, tries.cuts, tries.busy = self._arrived, 0, 0
                try:
                    async with self.flow.slot(self, first):
                        first = None
                        # Also while it rests after a cut; a part that waits for its turn is owed nothing.
                        owed.close()
                        answered = owed.enter_context(self.owing())
                        answer = await self._attempt(part, url)
                        answered()
                        return answer
                except CutError as cut:
                    await self.rest(self._cut(part, cut, tries))

    def _cut(self, part: Part, cut: CutError, tries: _Tries) -> float:
        """Seconds until the part is sent again. Raises where it is not."""
        name = self.clip.filename
        self.context.log.debug("%s: part %d: %s: %r", name, part.number, cut, cut.__cause__)
        self.flow.lost()
        tries.cuts += 1
        others, tries.heard = self.flow.arrived != tries.heard, self.flow.arrived
        if tries.cuts < CUTS:
            return self.backoff.wait(tries.cuts)
        text = f"Frame.io's upload host cannot be reached: {cut}"
        if others:  # it is not the network that is dead: nobody else waits for this part
            raise Transient(f"{name}: part {part.number}: {text}") from cut
        raise Unavailable(text, by_itself=True) from cut

    def _refused(self, part: Part, answer: Answer, action: Action, tries: _Tries) -> float:
        """Seconds until the part is sent again. Raises where it is not."""
        name = self.clip.filename
        match action:
            case Action.LATER:
                if answer.status in {429, 503}:
                    self.flow.busy()
                tries.busy += 1
                tries.cuts = 0
                wait = told_wait(answer.headers)
                if tries.busy >= BUSY:
                    raise Transient(f"{name}: the upload host keeps answering {answer}", retry_after=wait)
                return max(self.backoff.wait(tries.busy), wait or 0.0)
            case Action.NETWORK:
                tries.strange += 1
                if tries.strange < STRANGE:
                    return self.backoff.wait(tries.strange)
                text = f"something on the way answers {answer}"
                if self.flow.arrived != tries.began:  # other parts get through: it is this one
                    raise Transient(f"{name}: part {part.number}: {text}", blame="clip")
                raise Unavailable(f"Frame.io's upload host cannot be reached: {text}", by_itself=True)
            case Action.GARBLED:
                tries.garbled += 1
                if tries.garbled >= GARBLED:
                    raise self._unlike(part, answer)
                self.context.log.warning("%s: part %d did not arrive unchanged", name, part.number)
                return 0.0
            case Action.EXPIRED:
                raise ExpiredError(str(answer), doubtful=part.number in self.unanswered)
            case Action.CLOCK:
                ahead = clock_ahead(answer.headers)
                told = "" if ahead is None else f" by {abs(ahead):.0f} s"
                text = f"the upload host says that this machine's clock is wrong{told}; set it"
                raise Unavailable(text, retry_after=HOLD_S)
        what = f"part {part.number} ({part.size} bytes, {self.filetype})"
        raise Permanent(f"{name}: {what} was refused: {answer.evidence}")

    async def _attempt(self, part: Part, url: str) -> Answer:
        """One PUT on one line; a line that died while it lay idle is replaced at once."""
        while True:
            put = Put(
                number=part.number,
                url=url,
                filetype=self.filetype,
                descriptor=self.descriptor,
                offset=part.offset,
                size=part.size,
                check=self.check,
                flow=self.flow,
            )
            line = await self.lines.take(url)
            self._in_hand.add(put)
            try:
                return await interruptible(partial(line.put, put), line.interrupt)
            except CutError as cut:
                if cut.whole:
                    self.unanswered.add(part.number)
                if not line.used:
                    raise
            except SourceError as error:
                raise self._unreadable(error) from error
            finally:
                self._in_hand.discard(put)
                self.sent += put.sent
                self.lines.give(line)

    def _unreadable(self, error: SourceError) -> RushesError:
        self.context.path(self.clip)  # raises MediaGone when the card is gone, Permanent when the file is
        if error.__cause__ is None:
            return Permanent(f"{self.clip.filename}: became shorter while it was uploaded")
        return Transient(f"{self.clip.filename}: cannot be read: {error}", blame="clip")

    def _unlike(self, part: Part, answer: Answer) -> Permanent:
        if answer.told_md5:
            return Permanent(
                f"{self.clip.filename}: part {part.number} has MD5 {answer.md5}, the host says {answer.etag};"
                " set check_etag: false if its ETags are no MD5s"
            )
        return Permanent(
            f"{self.clip.filename}: part {part.number} never arrived unchanged: {answer.evidence}"
        )
