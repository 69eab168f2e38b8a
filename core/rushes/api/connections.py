"""Hypercorn's side of a connection. Loaded at the first one: most runs with `--once` end without any."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, ConnectionState, LifespanState

from rushes.api.app import build
from rushes.api.control import Control
from rushes.api.endpoint import Endpoint

LOG = logging.getLogger("rushes.api")
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


class Connections:
    """What every connection shares. Streams end when `closing` is set."""

    def __init__(self, control: Control, closing: trio.Event, extra: Sequence[Endpoint] = ()) -> None:
        self._app = ASGIWrapper(cast("ASGIFramework", build(control, closing, extra)))
        self._context = WorkerContext(None)
        self._config = Config()
        self._config.errorlog = LOG
        self._config.include_server_header = False

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer one connection until it ends; whatever breaks it goes to the log."""
        try:
            # Typed for TLS streams only; a plain one is told apart by what it lacks.
            state, patient = ConnectionState(LifespanState({})), _Patient(stream)
            await TCPServer(self._app, self._config, self._context, state, patient).run()  # type: ignore[arg-type]
        except Exception:  # one connection must not end the server
            LOG.warning("a connection broke", exc_info=True)

    async def end(self) -> None:
        """Idle connections end now, the others after their answer."""
        await self._context.terminated.set()
