"""One accepted connection: its TLS handshake, then Hypercorn."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING, cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from starlette.types import ASGIApp

from rushes_sandbox.violations import Violations
from rushes_sandbox.wire import CONNECTION, Connection

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework

_LOG = logging.getLogger("rushes.sandbox")
#: Seconds that a client has for it.
_HANDSHAKE = 60
_PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 44\r\n\r\n"
    b"Plain HTTP was sent to a port of HTTPS only."
)


class ServerConfig(Config):
    """Hypercorn's settings; the Date of answers comes from the server's clock, which may be wrong."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.errorlog = _LOG
        self.keep_alive_timeout = 30
        self.include_server_header = False
        self.include_date_header = False
        self._clock = clock

    def response_headers(self, protocol: str) -> list[tuple[bytes, bytes]]:
        date = (b"date", formatdate(self._clock(), usegmt=True).encode())
        return [date, *super().response_headers(protocol)]


class Listener:
    """What `trio.serve_listeners` hands connections to."""

    def __init__(self, app: ASGIApp, violations: Violations, clock: Callable[[], float]) -> None:
        self._app = ASGIWrapper(cast("ASGIFramework", app))
        self._violations = violations
        self._config = ServerConfig(clock)

    async def serve(self, stream: trio.SSLStream[trio.SocketStream]) -> None:
        """Run one connection; `hypercorn.trio.serve` would not lend it to the faults that cut it."""
        try:
            with trio.fail_after(_HANDSHAKE):
                await stream.do_handshake()
        except (trio.BrokenResourceError, trio.TooSlowError) as error:
            await self._refuse(stream.transport_stream, error.__cause__)
            return
        state = ConnectionState({CONNECTION: Connection(stream)})
        try:
            await TCPServer(self._app, self._config, WorkerContext(None), state, stream)
        except* Exception:  # noqa: BLE001 - a broken connection must not end the service
            _LOG.exception("a connection ended with an error")

    async def _refuse(self, raw: trio.SocketStream, cause: BaseException | None) -> None:
        """Answer who speaks plain HTTP, as it is known from what TLS made of it; note it."""
        if isinstance(cause, ssl.SSLError) and cause.reason == "HTTP_REQUEST":
            self._violations.note("plain HTTP", "spoken to a port of HTTPS only")
            with suppress(trio.BrokenResourceError):
                await raw.send_all(_PLAIN)
        await trio.aclose_forcefully(raw)
