"""The handler's turns: messages one by one and in order, whether it answers at once or has to wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

import trio

from rushes_masterlockit.link.outbox import Outbox
from rushes_masterlockit.protocol import Message

#: Called for each message. Where it returns an awaitable, the next message is handled when that is through.
Handler = Callable[[Message], Awaitable[None] | None]

#: How much may wait for a slow reader until we do no more work for it, in bytes.
MUCH_WAITING = 256 * 1024


class Handling:
    """`through(None)` is called when the handler had been busy and has caught up, `through(bug)` when it raised.

    `patient`: no more is done for a peer until it has read what was done. Of two peers one must not be: both
    would wait for the other to read, for ever.
    """

    def __init__(self, outbox: Outbox, through: Callable[[Exception | None], None], *, patient: bool) -> None:
        self._outbox = outbox
        self._through = through
        self._patient = patient
        self._handle: Handler | None = None
        self._nursery: trio.Nursery | None = None
        self._backlog: deque[Message] = deque()
        self._idle: trio.Event | None = None

    def start(self, handle: Handler, nursery: trio.Nursery) -> None:
        self._handle, self._nursery = handle, nursery

    @property
    def busy(self) -> bool:
        return self._idle is not None

    def give(self, message: Message) -> None:
        """Handle it, now or in its turn. Raises what the handler raises now."""
        if self._idle is not None:
            self._backlog.append(message)
            return
        assert self._handle is not None
        later = self._handle(message)
        if later is not None or self._held_back():
            assert self._nursery is not None
            self._idle = trio.Event()
            self._nursery.start_soon(self._work, later)

    async def caught_up(self) -> None:
        """Return when all that was given is handled."""
        if self._idle is not None:
            await self._idle.wait()

    def _held_back(self) -> bool:
        return self._patient and self._outbox.waiting > MUCH_WAITING

    async def _work(self, later: Awaitable[None] | None) -> None:
        assert self._handle is not None
        bug = None
        try:
            while True:
                if later is not None:
                    await later
                if self._held_back():
                    await self._outbox.below(MUCH_WAITING)
                if not self._backlog:
                    break
                await trio.lowlevel.checkpoint()
                later = self._handle(self._backlog.popleft())
        except Exception as raised:  # noqa: BLE001 - it ends this peer alone, whose `run` raises it
            bug = raised
            self._backlog.clear()
        finally:
            assert self._idle is not None
            self._idle.set()
            self._idle = None
        self._through(bug)
