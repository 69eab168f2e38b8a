"""What waits to be written to one socket: frames in order and whole, and volatile messages that may be dropped."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable

import trio

from rushes_masterlockit.protocol import LocalError, Message

#: Volatile messages become frames only as far as the socket is expected to take them, in bytes.
_AHEAD = 16 * 1024


class Outbox:
    """The one writer of a non-blocking socket: what the socket takes it writes at once, the rest as soon as it can.

    `failed` is called with what ended the writing: OSError of a broken connection, or what `encode` raised.
    `waiting` is the bytes that the kernel has not yet taken; `dropped` counts volatile messages that grew too old.
    """

    def __init__(
        self,
        descriptor: int,
        encode: Callable[[Message], bytes],
        failed: Callable[[OSError | LocalError], None],
        *,
        most_volatile: int,
    ) -> None:
        self.waiting = 0
        self.dropped = 0
        self._descriptor = descriptor
        self._encode = encode
        self._failed = failed
        self._most_volatile = most_volatile
        self._frames: list[bytes] = []
        self._rest: memoryview | None = None
        self._volatile: deque[Message] = deque()
        self._moved = trio.Event()
        self._nursery: trio.Nursery | None = None
        self._draining = False

    def start(self, nursery: trio.Nursery) -> None:
        """From now on what a full socket does not take is written when it can be; until then it waits."""
        self._nursery = nursery
        self.push()

    def put(self, frame: bytes) -> None:
        """A frame that is never dropped."""
        self._frames.append(frame)
        self.waiting += len(frame)

    def put_volatile(self, message: Message) -> None:
        """A message that gives way to newer ones. It becomes a frame when its turn comes: a request that was
        dropped has never been sent, and nobody waits for its answer.
        """
        if len(self._volatile) >= self._most_volatile:
            self._volatile.popleft()
            self.dropped += 1
        self._volatile.append(message)

    def push(self) -> None:
        """Write what can be written now. Raises what `encode` does."""
        if self._draining:
            return
        try:
            done = self._write()
        except OSError as failure:
            self._failed(failure)
            return
        if not done and self._nursery is not None:
            self._draining = True
            self._nursery.start_soon(self._drain)

    async def below(self, most: int) -> None:
        """Return when at most `most` bytes wait."""
        while self.waiting > most:
            await self._moved.wait()

    def discard(self) -> None:
        """Forget everything that waits: nobody will read it."""
        self.waiting = 0
        self._frames = []
        self._rest = None
        self._volatile.clear()
        self._tell()

    def _write(self) -> bool:
        """Whether the socket took everything."""
        while (data := self._next()) is not None:
            try:
                sent = os.write(self._descriptor, data)
            except BlockingIOError:
                self._rest = memoryview(data)
                return False
            self.waiting -= sent
            self._rest = None if sent == len(data) else memoryview(data)[sent:]
        return True

    async def _drain(self) -> None:
        try:
            while not self._write():
                self._tell()
                await trio.lowlevel.wait_writable(self._descriptor)
        except (OSError, LocalError) as failure:
            self._failed(failure)
        finally:
            self._draining = False
        self._tell()

    def _next(self) -> bytes | memoryview | None:
        if self._rest is not None:
            return self._rest
        if not self._frames:
            while self._volatile and self.waiting < _AHEAD:
                self.put(self._encode(self._volatile.popleft()))
            if not self._frames:
                return None
        data = self._frames[0] if len(self._frames) == 1 else b"".join(self._frames)
        self._frames = []
        return data

    def _tell(self) -> None:
        self._moved.set()
        self._moved = trio.Event()
