"""Parts that were sent are read again and compared: a recorder may have rewritten them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import trio

from rushes_frameio.live.proof import Reading, Sums
from rushes_frameio.live.stride import Stride
from rushes_frameio.sending.threads import interruptible

#: Seconds from sending a part to reading it again, and from then on to each next time.
FIRST_S = 5.0
AGAIN_S = 30.0
#: The share of the time that is spent on it while the file grows: the recorder needs the disk.
SHARE = 0.1
PAUSE_S = 0.1
#: How many sent parts tell whether this is still the same recording.
SAMPLES = 8


class Rereading:
    """Compares the sent parts of one file with what is there now, and tells `changed(number)`."""

    def __init__(self, descriptor: int, stride: Stride, changed: Callable[[int], None]) -> None:
        self._descriptor = descriptor
        self._stride = stride
        self._changed = changed
        self._sums: dict[int, Sums] = {}
        #: When a part is due, and the parts that were compared as a whole since they were sent.
        self._due: dict[int, float] = {}
        self._compared: set[int] = set()
        #: Parts compared since the file ended: whole ones, and their ends alone.
        self._wholes: set[int] = set()
        self._ends: set[int] = set()

    def sent(self, number: int, sums: Sums, *, last: bool = False) -> None:
        """A part is there, or was before this process. `last`: its digests are of the file that has ended."""
        self._sums[number] = sums
        self._due[number] = trio.current_time() + FIRST_S
        self._compared.discard(number)
        if last:
            self._wholes.add(number)

    @property
    def finished(self) -> bool:
        """Whether every sent part is as it was sent, in the file that has ended."""
        return self._sums.keys() <= self._wholes

    @property
    def told(self) -> str:
        """For people: how much was compared with the file that has ended."""
        count, wholes = len(self._sums), len(self._wholes)
        if wholes == count:
            return "every part compared with the ended file"
        return f"{wholes} of {count} parts compared with the ended file, of {len(self._ends)} more both ends"

    async def sums(self, number: int, size: int) -> Sums:
        """Digests of a part as it is now. Raises OSError, and EOFError where the file is shorter."""
        reading = Reading(self._descriptor)
        return await interruptible(partial(reading.sums, self._stride.span(number)[0], size), reading.stop)

    async def keep(self) -> None:
        """Compare part after part while the file grows, never in a hurry; until cancelled."""
        while True:
            now = trio.current_time()
            number = self._next(now)
            if number is None:
                await trio.sleep(FIRST_S / 2)
                continue
            await self._compare(number)
            await trio.sleep(max(PAUSE_S, (trio.current_time() - now) * (1 / SHARE - 1)))

    def _next(self, now: float) -> int | None:
        """The part to compare now: one that never was before any that was, else the one that waits longest."""
        ready = [number for number, due in self._due.items() if due <= now]
        return min(ready, key=lambda number: (number in self._compared, self._due[number]), default=None)

    async def finish(self) -> None:
        """Compare all of them with the file that has ended, what tells most first; to be cancelled in time.

        First whole the parts that never were compared, then the ends of the others, then these whole; each
        time the newest first: they are likelier to have been rewritten, and to be in memory.
        """
        while left := sorted(self._sums.keys() - self._wholes, reverse=True):
            others = [number for number in left if number in self._compared]
            for number in left:
                if number not in self._compared:
                    await self._compare(number, last=True)
            for number in others:
                await self._compare_ends(number)
            for number in others:
                if number in self._sums:
                    await self._compare(number, last=True)

    async def other_file(self) -> bool:
        """Whether none of the sent parts that are looked at is what it was. Raises OSError."""
        numbers = sorted(self._sums)
        chosen = numbers[:: max(1, len(numbers) // SAMPLES)][:SAMPLES]
        for number in chosen:
            if await self._now(number) == self._sums[number]:
                return False
        return len(chosen) > 1

    async def _now(self, number: int) -> Sums | None:
        """Digests of a sent part as it is now; None where the file ends before it does."""
        try:
            return await self.sums(number, self._stride.span(number)[1])
        except EOFError:
            return None

    async def _compare(self, number: int, *, last: bool = False) -> None:
        now = await self._now(number)
        # A file that has become shorter is judged when it ends.
        if now is not None and now != self._sums[number]:
            self._tell(number)
            return
        self._due[number] = trio.current_time() + AGAIN_S
        self._compared.add(number)
        if last:
            self._wholes.add(number)
            self._ends.discard(number)

    async def _compare_ends(self, number: int) -> None:
        reading = Reading(self._descriptor)
        try:
            ends = await interruptible(partial(reading.ends, *self._stride.span(number)), reading.stop)
        except EOFError:
            return
        if ends != self._sums[number].ends:
            self._tell(number)
        else:
            self._ends.add(number)

    def _tell(self, number: int) -> None:
        """Forget a part that is not what was sent, until it is sent again."""
        del self._sums[number], self._due[number]
        self._compared.discard(number)
        self._ends.discard(number)
        self._changed(number)
