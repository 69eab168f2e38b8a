"""The requests that wait for an answer."""

from __future__ import annotations

import trio
from msgspec.structs import replace

from rushes_masterlockit.protocol import Acked, Connection, Nacked, Request


class _Asked:
    __slots__ = ("answer", "event")

    def __init__(self) -> None:
        self.event = trio.Event()
        self.answer: Acked | Nacked | None = None


class Asking:
    """Who waits for the answer to which very object: equal requests have answers of their own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[int, _Asked] = {}
        self._ended = False

    def distinct(self, request: Request) -> Request:
        """The request to send: a copy where this very object waits already."""
        return replace(request) if id(request) in self._waiting else request

    async def answer(self, request: Request) -> Acked | Nacked | None:
        """To what was just sent; None when the connection ends first. Cancelled, it is waited for no longer."""
        if self._ended:
            return None
        asked = self._waiting[id(request)] = _Asked()
        try:
            await asked.event.wait()
        finally:
            del self._waiting[id(request)]
            if asked.answer is None and not self._ended:
                self._connection.forget(request)
        return asked.answer

    @property
    def count(self) -> int:
        return len(self._waiting)

    def resolve(self, answer: Acked | Nacked) -> bool:
        """Whether somebody waits for it."""
        asked = self._waiting.get(id(answer.request))
        if asked is None:
            return False
        asked.answer = answer
        asked.event.set()
        return True

    def end(self) -> None:
        """Nothing will be answered any more."""
        self._ended = True
        for asked in self._waiting.values():
            asked.event.set()
