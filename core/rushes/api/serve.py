"""The server: Hypercorn's connections on a socket of our own.

Hypercorn's `serve` lets an exception of one connection end the server, and shields a write to a reader that
has stopped reading for ever; a view may do neither to a pipeline. So we accept, and bound, ourselves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from rushes.api.address import listening
from rushes.api.control import Control

if TYPE_CHECKING:
    from rushes.api.connections import Connections
    from rushes.api.endpoint import Endpoint

GRACE_S = 2.0


class _Server:
    def __init__(self, control: Control, extra: Sequence[Endpoint]) -> None:
        self._control = control
        self._extra = extra
        self._closing = trio.Event()
        self._connections: Connections | None = None

    async def serve(self, stream: trio.SocketStream) -> None:
        if self._connections is None:
            from rushes.api.connections import Connections  # noqa: PLC0415 - 0.1 s that few runs need

            self._connections = Connections(self._control, self._closing, self._extra)
        await self._connections.serve(stream)

    async def end(self) -> None:
        self._closing.set()
        if self._connections is not None:
            await self._connections.end()


@asynccontextmanager
async def open_api(
    control: Control, path: Path, state: Path, extra: Sequence[Endpoint] = ()
) -> AsyncIterator[None]:
    """Serve `control`, and `extra` endpoints, on the socket `path` while inside.

    On leaving, requests in flight get GRACE_S.
    """
    server = _Server(control, extra)
    with listening(path, state) as sock:
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))
        async with trio.open_nursery() as connections:
            async with trio.open_nursery() as accepting:
                accepting.start_soon(
                    partial(trio.serve_listeners, server.serve, [listener], handler_nursery=connections)
                )
                yield
                accepting.cancel_scope.cancel()
            await server.end()
            connections.cancel_scope.deadline = trio.current_time() + GRACE_S
