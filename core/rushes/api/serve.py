"""The server: Hypercorn's connections on a socket of our own.

Hypercorn's `serve` lets an exception of one connection end the server, and shields a write to a reader that
has stopped reading for ever; a view may do neither to a pipeline. So we accept, and bound, ourselves.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, ConnectionState, LifespanState

from rushes.api.address import listening
from rushes.api.app import build
from rushes.api.control import Control

LOG = logging.getLogger("rushes.api")
GRACE_S = 2.0
STALL_S = 5.0


class _Patient:
    """A connection's stream; a reader that takes nothing for STALL_S is taken for gone."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self.socket = stream.socket
        self.receive_some = stream.receive_some
        self.send_eof = stream.send_eof
        self.aclose = stream.aclose

    async def send_all(self, data: bytes) -> None:
        with trio.move_on_after(STALL_S) as patience:
            await self._stream.send_all(data)
        if patience.cancelled_caught:
            await self._stream.aclose()
            raise trio.BrokenResourceError("the reader has stopped reading")


@asynccontextmanager
async def open_api(control: Control, path: Path, state: Path) -> AsyncIterator[None]:
    """Serve `control` on the socket `path` while inside; on leaving, requests in flight get GRACE_S."""
    closing = trio.Event()
    app = ASGIWrapper(cast("ASGIFramework", build(control, closing)))
    context = WorkerContext(None)
    config = Config()
    config.errorlog = LOG
    config.include_server_header = False

    async def serve(stream: trio.SocketStream) -> None:
        try:
            # Typed for TLS streams only; a plain one is told apart by what it lacks.
            server = TCPServer(app, config, context, ConnectionState(LifespanState({})), _Patient(stream))  # type: ignore[arg-type]
            await server.run()
        except Exception:  # one connection must not end the server
            LOG.warning("a connection broke", exc_info=True)

    with listening(path, state) as sock:
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))
        async with trio.open_nursery() as connections:
            async with trio.open_nursery() as accepting:
                accepting.start_soon(
                    partial(trio.serve_listeners, serve, [listener], handler_nursery=connections)
                )
                yield
                accepting.cancel_scope.cancel()
            closing.set()
            await context.terminated.set()
            connections.cancel_scope.deadline = trio.current_time() + GRACE_S
