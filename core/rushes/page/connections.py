"""The connections of the page: TLS where there is any, HTTP/1.1, each within its time.

As those of the API, but everybody on the network may open one.
"""

from __future__ import annotations

import logging
import ssl
from typing import cast

import h11
import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.events import Closed, Event
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio.task_group import TaskGroup
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, ConnectionState, LifespanState
from hypercorn.utils import parse_socket_addr
from starlette.types import ASGIApp

from rushes.page.crowd import Crowd
from rushes.page.door import PIECE, READER
from rushes.page.guard import peer_of

LOG = logging.getLogger("rushes.page")
HANDSHAKE_S = 10.0
#: Until the head of a request is there, the first and every other.
IDLE_S = 15.0
#: For each PIECE of what is sent.
STALL_S = 10.0
#: Of a head that is not whole yet; what comes in one piece may have 64 KiB.
HEAD_LIMIT = 16384
#: What a TLS connection begins with: a record of its handshake.
TLS_RECORD = b"\x16"
_TEXT = b"This address speaks HTTPS: begin it with https://\n"
PLAIN_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
    % (len(_TEXT), _TEXT)
)
_Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class Connections:
    """What every connection shares; `tls` is None for a page that only this machine reaches."""

    def __init__(self, app: ASGIApp, tls: ssl.SSLContext | None) -> None:
        self._app = ASGIWrapper(cast("ASGIFramework", app))
        self._tls = tls
        self._crowd = Crowd()
        self._context = WorkerContext(None)
        self._config = Config()
        self._config.errorlog = LOG
        self._config.include_server_header = False
        self._config.keep_alive_timeout = IDLE_S
        self._config.h11_max_incomplete_size = HEAD_LIMIT
        # A body that nobody reads must not hold up the end of its connection: it comes with the answer.
        self._config.max_app_queue_size = 1 << 30

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer one connection until it ends. What a stranger can provoke does not go to the log."""
        try:
            peer = peer_of(stream.socket.getpeername())
            with self._crowd.room(peer) as room:
                if room and (secured := await self._secured(stream)) is not None:
                    await self._answer(stream, secured)
        except Exception as error:  # one connection must not end the server
            if not _left(error):
                LOG.warning("a connection of the page broke", exc_info=True)
        finally:
            await trio.aclose_forcefully(stream)

    async def end(self) -> None:
        """Idle connections end now, the others after their answer."""
        await self._context.terminated.set()

    async def _secured(self, stream: trio.SocketStream) -> _Stream | None:
        """The stream after its handshake; None for one that speaks something else, or does not come to an end."""
        if self._tls is None:
            return stream
        with trio.move_on_after(HANDSHAKE_S):
            first = await stream.socket.recv(1, trio.socket.MSG_PEEK)
            if first == TLS_RECORD:
                secured = trio.SSLStream(stream, self._tls, server_side=True, https_compatible=True)
                await secured.do_handshake()
                return secured
            if first.isalpha():
                await stream.send_all(PLAIN_ANSWER)
                await stream.send_eof()
                while await stream.receive_some(HEAD_LIMIT):  # what is unread would take the answer with it
                    pass
        return None

    async def _answer(self, stream: trio.SocketStream, secured: _Stream) -> None:
        patient = _Patient(secured)
        state = ConnectionState(LifespanState({READER: patient}))
        server = _Http1(self._app, self._config, self._context, state, patient)  # type: ignore[arg-type]
        await server.answer(stream.socket, secure=secured is not stream)


def _left(error: Exception) -> bool:
    """Whether all that happened is that the other end went away."""
    kinds = (OSError, trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError)
    return (error.split(kinds)[1] is None) if isinstance(error, ExceptionGroup) else isinstance(error, kinds)


class _Http1(TCPServer):
    """Hypercorn's connection, for HTTP/1.1 alone."""

    async def answer(self, socket: trio.socket.SocketType, *, secure: bool) -> None:
        """As `run`, which chooses the protocol by itself."""
        client = parse_socket_addr(socket.family, socket.getpeername())
        server = parse_socket_addr(socket.family, socket.getsockname())
        try:
            async with TaskGroup() as group:
                self._task_group = group
                self.protocol = _Protocol(  # type: ignore[assignment]
                    self.app, self.config, self.context, group, ConnectionState(self.state), secure, client, server,
                    self.protocol_send,
                )  # fmt: skip
                await self.idle_task.restart(group, self._idle_timeout)
                await self._read_data()
                await self.idle_task.stop()  # who has left takes no room
        finally:
            await self._close()


class _Protocol(H11Protocol):
    async def handle(self, event: Event) -> None:
        await super().handle(event)
        if isinstance(event, Closed):
            # Who has asked again meanwhile waits for the end of an answer that may have none: nothing is next.
            self.connection.next_event = _nothing  # type: ignore[method-assign]
            await self.can_read.set()

    async def _check_protocol(self, _event: h11.Request) -> None:
        """HTTP/2, which a client may ask for in the clear, is not spoken: such a request is one like any other."""

    async def _create_stream(self, request: h11.Request) -> None:
        """Nor are WebSockets: where the handshake of one is not whole, Hypercorn keeps its connection for ever."""
        kept = [(name, value) for name, value in request.headers if name != b"upgrade"]
        method, target, version = request.method, request.target, request.http_version
        await super()._create_stream(
            h11.Request(method=method, target=target, headers=kept, http_version=version)
        )


def _nothing() -> type[h11.NEED_DATA]:
    return h11.NEED_DATA


class _Patient:
    """A stream of which a reader that takes nothing for STALL_S is taken for gone."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self.receive_some = stream.receive_some
        self.aclose = stream.aclose
        self.gone = False

    async def send_eof(self) -> None:
        """Closing says it."""
        await trio.lowlevel.checkpoint()

    async def send_all(self, data: bytes) -> None:
        self.gone = True  # unless it takes all of it
        for start in range(0, len(data), PIECE):
            with trio.move_on_after(STALL_S) as patience:
                await self._stream.send_all(data[start : start + PIECE])
            if patience.cancelled_caught:
                await self._stream.aclose()
                raise trio.BrokenResourceError("the reader has stopped reading")
        self.gone = False
