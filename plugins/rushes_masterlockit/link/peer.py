"""One TCP connection that speaks the protocol, either role: who reads, who writes, who waits for an answer."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf

import trio

from rushes_masterlockit.link.asking import Asking
from rushes_masterlockit.link.errors import NoAnswerError, PeerLost, RefusedError
from rushes_masterlockit.link.handling import MUCH_WAITING, Handler, Handling
from rushes_masterlockit.link.outbox import Outbox
from rushes_masterlockit.link.sockets import give_up, host_of, last_words, tune, written
from rushes_masterlockit.protocol import (
    NEED_DATA,
    Acked,
    Connection,
    Ended,
    FailureCode,
    LocalError,
    Message,
    Nacked,
    ProtocolError,
    Refusal,
    Request,
    Role,
    Stray,
)

#: One turn of reading, in bytes: small, so that a flood of one peer does not make the others wait.
_TURN = 16 * 1024

#: One turn in the middle of a long message.
_LONG_TURN = 256 * 1024

#: So many messages are handled until others have their turn.
_AT_ONCE = 128

#: What a peer may say while its handler is busy, until we stop reading.
_MOST_BEHIND = 256 * 1024


class Peer:
    """The other end of a connection.

    `name` is for people and may be changed (an alias, once it is known).
    `timeout` is how long an answer may take, `frame_timeout` how long one message may trickle, `flush` how long a
    close may write what waits, in seconds; `most_waiting` is in bytes, `most_volatile` in messages.
    """

    def __init__(
        self,
        stream: trio.SocketStream,
        connection: Connection,
        *,
        name: str = "",
        timeout: float = 10.0,
        frame_timeout: float = 30.0,
        flush: float = 2.0,
        most_waiting: int = 4 * 1024 * 1024,
        most_volatile: int = 64,
    ) -> None:
        tune(stream)
        self.host, port = host_of(stream)
        self.address = written(self.host, port)
        self.name = name or self.address
        self.connection = connection
        self.strays = 0
        #: Requests that were merely sent, and answered, however.
        self.acknowledged = 0
        self._timeout = timeout
        self._frame_timeout = frame_timeout
        self._flush = flush
        self._most_waiting = most_waiting
        self._stream = stream
        self._heard_at = trio.current_time()
        self._reads = True
        self._descriptor = stream.socket.fileno()
        self._out = Outbox(self._descriptor, connection.send, self._lose, most_volatile=most_volatile)
        self._asking = Asking(connection)
        self._handling = Handling(self._out, self._through, patient=connection.role is Role.SERVER)
        self._nursery: trio.Nursery | None = None
        self._reading = trio.CancelScope()
        self._why: Exception | None = None
        self._broken = False
        self._corked = False
        self._trickling = False
        self._closed = trio.Event()

    @property
    def dropped(self) -> int:
        """How many volatile messages gave way to newer ones because the peer reads slowly."""
        return self._out.dropped

    @property
    def unacknowledged(self) -> int:
        """How many requests were merely sent, and not answered yet."""
        return self.connection.pending - self._asking.count

    @property
    def heard_at(self) -> float:
        """Trio's time of the last byte. While it is we who do not read, because our handler is busy, now: what the
        peer said since is not known.
        """
        return self._heard_at if self._reads else trio.current_time()

    @property
    def over(self) -> bool:
        """Whether the connection has ended, or is about to."""
        return self._why is not None

    async def run(self, handle: Handler, *, settled: Callable[[], Awaitable[None]] | None = None) -> None:
        """Read and handle, in order, until the end; the socket is closed when this returns or raises.

        Returns after `aclose` or `close()`. Raises PeerLost for every other end, and what `handle` raised: all
        of these are this peer's alone. `handle` is called for all but the answers to our requests. It may return
        an awaitable: then the next message is handled when that is through, while answers are still read, so
        that it may itself await `request`. A peer that says no more may still listen: what it said last is
        answered first, for as long as an answer may take; `settled` returns when nothing waits beside `handle`.
        """
        if self._nursery is None:
            try:
                await self._live(handle, settled)
            finally:
                self._shut()
        await self._closed.wait()
        if not isinstance(self._why, _ClosedByUs):
            assert self._why is not None
            raise self._why

    async def request(self, request: Request, *, timeout: float | None = None) -> bytes:
        """The data of the acknowledgement. Needs `run` to be running.

        Raises RefusedError, NoAnswerError after `timeout` seconds (the answer, should it come, is a stray), and
        PeerLost. Cancelled, the request is forgotten; the peer may have obeyed it all the same.
        """
        kind = type(request).__name__
        seconds = self._timeout if timeout is None else timeout
        with trio.move_on_after(seconds) as scope:
            await self.room()
            request = self._asking.distinct(request)
            self.send(request)
            answer = await self._asking.answer(request)
        if scope.cancelled_caught:
            raise NoAnswerError(f"{self.name} did not answer {kind} within {seconds:g} s")
        match answer:
            case Acked(data=data):
                return data
            case Nacked(code=code, data=data):
                raise RefusedError(f"{self.name} refused {kind}", code, data)
            case _:
                raise PeerLost(str(self._why))

    async def room(self) -> None:
        """Return when little enough waits to be read by the peer that more may be made for it."""
        await self._out.below(MUCH_WAITING)

    def send(self, message: Message) -> None:
        """An answer or a notification. Never blocks, never drops; silent when the connection is over.

        A peer for which more than `most_waiting` bytes wait already is closed as too slow.
        """
        if self._why is not None:
            return
        frame = self.connection.send(message)
        self._out.put(frame)
        if not self._corked:
            self._out.push()
        if self._out.waiting - len(frame) > self._most_waiting:
            waiting = self._out.waiting / 1024**2
            self._end(PeerLost(f"{self.name} reads too slowly: {waiting:.1f} MiB wait for it"), broken=True)

    def send_volatile(self, message: Message) -> None:
        """Like `send`, for what grows old: while the peer does not read, the newest replace the oldest."""
        if self._why is not None:
            return
        self._out.put_volatile(message)
        if not self._corked:
            self._out.push()

    def close(self, reason: str = "") -> None:
        """End soon: what waits is still written, within a bound. With a reason `run` raises it as PeerLost."""
        self._end(PeerLost(f"{self.name}: {reason}") if reason else _ClosedByUs("the connection was closed"))

    async def aclose(self) -> None:
        """`close()`, and return when it is done; a `run` that comes too late returns, too."""
        self.close()
        if self._nursery is None:
            await self.run(_nobody)
        await self._closed.wait()

    async def _live(self, handle: Handler, settled: Callable[[], Awaitable[None]] | None) -> None:
        async with trio.open_nursery() as self._nursery:
            self._handling.start(handle, self._nursery)
            self._out.start(self._nursery)
            with self._reading:
                await self._read(settled)
            if self._why is None:
                self._end(PeerLost(f"{self.name}: a message was not through after {self._frame_timeout:g} s"))
            await self._wind_down()
            self._nursery.cancel_scope.cancel()

    async def _read(self, settled: Callable[[], Awaitable[None]] | None) -> None:
        handling = self._handling
        behind = 0
        while True:
            await trio.lowlevel.wait_readable(self._descriptor)
            try:
                data = os.read(self._descriptor, _LONG_TURN if self._trickling else _TURN)
            except BlockingIOError:
                continue
            except OSError as failure:
                self._lose(failure)
                return
            if not data:
                with trio.move_on_after(self._timeout):
                    await handling.caught_up()
                    if settled is not None:
                        await settled()
            self._heard_at = trio.current_time()
            self.connection.receive_data(data)
            some = taken = self._take()
            while taken == _AT_ONCE:
                await trio.lowlevel.checkpoint()
                taken = self._take()
            if not some and not self._trickling:
                self._trickling, self._reading.deadline = True, self._heard_at + self._frame_timeout
            if not handling.busy:
                behind = 0
            elif (behind := behind + len(data)) > _MOST_BEHIND:
                self._trickling, self._reading.deadline = False, inf
                self._reads = False
                await handling.caught_up()
                self._reads, self._heard_at = True, trio.current_time()
                behind = 0

    def _take(self) -> int:
        """Give on what is complete, at most _AT_ONCE messages; how many there were. Their answers leave together."""
        taken = 0
        self._corked = True
        try:
            while taken < _AT_ONCE and self._why is None:
                if (event := self.connection.next_event()) is NEED_DATA:
                    break
                taken += 1
                match event:
                    case Acked() | Nacked():
                        self.acknowledged += not self._asking.resolve(event)
                    case Stray():
                        self.strays += 1
                    case Ended():
                        self._end(PeerLost(f"{self.name} closed the connection"))
                    case _:
                        self._handling.give(event)
        except ProtocolError as failure:
            with suppress(LocalError):  # a client, or a handshake that is over: it is not told
                self._out.put(self.connection.send(Refusal(FailureCode.FATAL, str(failure).encode())))
            self._end(PeerLost(f"{self.name}: {failure}"))
        except Exception as bug:  # noqa: BLE001 - the handler's: it ends this peer alone, and `run` raises it
            self._end(bug)
        finally:
            self._corked = False
        self._out.push()
        if taken and self._trickling:
            self._trickling, self._reading.deadline = False, inf
        return taken

    def _through(self, bug: Exception | None) -> None:
        if bug is not None:
            self._end(bug)
        elif self._why is None:
            # While we decided on its hello, the connection kept back what the client said meanwhile.
            self._take()

    def _lose(self, failure: OSError | LocalError) -> None:
        if isinstance(failure, LocalError):  # a bug: what should have been sent cannot be
            self._end(failure)
            return
        fact = failure.strerror or str(failure)
        self._end(PeerLost(f"{self.name}: {fact[:1].lower()}{fact[1:]}"), broken=True)

    def _end(self, why: Exception, *, broken: bool = False) -> None:
        """The first reason stands. Nothing that was asked will be answered."""
        if broken:
            self._broken = True
            self._out.discard()
        if self._why is None:
            self._why = why
            self._reading.cancel()
            self._asking.end()

    async def _wind_down(self) -> None:
        """Within `flush` seconds: finish what was said before the end, write what waits, let the peer read it."""
        with trio.move_on_after(self._flush):
            if isinstance(self._why, PeerLost) and not self._broken:
                await self._handling.caught_up()
            await self._out.below(0)
            if not self._broken:
                await last_words(self._stream)

    def _shut(self) -> None:
        """Whatever happened, the socket is closed, and nobody waits for it any more."""
        self._end(_ClosedByUs("the connection was closed"))
        self._out.discard()
        if self._broken:
            give_up(self._stream)
        else:
            self._stream.socket.close()
        self._closed.set()


def _nobody(_message: Message) -> None:
    """After a close nothing is read."""


class _ClosedByUs(Exception):
    """Nobody's fault."""
