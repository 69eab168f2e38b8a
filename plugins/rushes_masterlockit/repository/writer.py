"""Group commit: whatever waits is written together, as soon as the last write has ended. No timer."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, TypeVar

import trio

from rushes import RushesError, Unavailable

T = TypeVar("T")
B = TypeVar("B")

#: A write takes on no more wishes when it has so many clips: nobody waits long, and no write holds the loop long.
MOST = 2_000


class Wish(Generic[B, T]):
    """What one caller wants written. `size` is its share of a write; `needs` tells, when its turn comes, which clips
    must be at hand; `absorb` puts it into the batch and gives the answer that is valid once that is durable.
    """

    def __init__(
        self, size: int, needs: Callable[[], Iterable[str]], absorb: Callable[[B], Awaitable[T]]
    ) -> None:
        self.size = size
        self.needs = needs
        self.absorb = absorb
        self._over = trio.Event()
        self._answer: T
        self._error: RushesError | None = None

    def granted(self, answer: T) -> None:
        self._answer = answer
        self._over.set()

    def failed(self, error: RushesError) -> None:
        self._error = error
        self._over.set()

    async def answer(self) -> T:
        """The answer, once all of it is durable. Raises Unavailable where nothing of it is."""
        await self._over.wait()
        if self._error is not None:
            raise Unavailable(str(self._error)) from self._error
        return self._answer


class GroupWriter(Generic[B]):
    """The one writer: `prepare` makes a batch with these clips at hand, `commit` makes it durable, then known."""

    def __init__(
        self, prepare: Callable[[set[str]], Awaitable[B]], commit: Callable[[B], Awaitable[None]]
    ) -> None:
        self._prepare = prepare
        self._commit = commit
        self._waiting: deque[Wish[B, Any]] = deque()
        self._taken: list[Wish[B, Any]] = []
        self._wake = trio.Event()
        self._closed: Unavailable | None = None

    async def write(self, wish: Wish[B, T]) -> T:
        """The wish's answer. A caller that is cancelled meanwhile leaves its wish behind, to be granted as a whole."""
        if self._closed is not None:
            raise self._closed
        self._waiting.append(wish)
        self._wake.set()
        return await wish.answer()

    async def run(self) -> None:
        """Write until cancelled. Whoever waits then, or comes later, gets Unavailable."""
        try:
            while True:
                await self._wake.wait()
                while self._waiting:
                    self._take()
                    await self._grant(self._taken)
                self._wake = trio.Event()
        finally:
            self._closed = Unavailable("the set's records are closed; nothing more is written")
            for wish in [*self._taken, *self._waiting]:
                wish.failed(self._closed)

    def _take(self) -> None:
        self._taken, size = [], 0
        while self._waiting and (not self._taken or size + self._waiting[0].size <= MOST):
            wish = self._waiting.popleft()
            self._taken.append(wish)
            size += wish.size

    async def _grant(self, wishes: list[Wish[B, Any]]) -> None:
        try:
            batch = await self._prepare({identity for wish in wishes for identity in wish.needs()})
            answers = [await wish.absorb(batch) for wish in wishes]
            await self._commit(batch)
        except RushesError as error:
            if len(wishes) == 1:
                wishes[0].failed(error)
                return
            # What cannot be stored may be in one of them alone: the others are not to fail with it.
            for wish in wishes:
                await self._grant([wish])
        else:
            for wish, answer in zip(wishes, answers, strict=True):
                wish.granted(answer)
