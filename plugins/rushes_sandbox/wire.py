"""What an exchange needs from the connection under it: its body read to the end, and a way to cut it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import trio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The key in an ASGI scope's `state` under which `serve` lends the connection.
CONNECTION = "connection"


@dataclass(frozen=True)
class Connection:
    """One accepted TLS connection."""

    stream: trio.SSLStream[trio.SocketStream]

    async def cut(self) -> None:
        """Reset it, as a network that breaks would: no answer, no goodbye."""
        self.reset()
        await trio.aclose_forcefully(self.stream)

    def reset(self) -> None:
        """As `cut`, at once: whoever reads or writes there finds it closed."""
        raw = self.stream.transport_stream.socket
        if raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()


def described(request: Request) -> str:
    """Method and path, for people."""
    return f"{request.method} {request.scope['path']}"


def connection(scope: Scope) -> Connection:
    found = scope["state"][CONNECTION]
    assert isinstance(found, Connection)
    return found


def payload(message: Message) -> bytes:
    """What the other side sent with it: a piece of a body, or of a socket's talk."""
    return message.get("body") or message.get("bytes") or (message.get("text") or "").encode()


async def read(receive: Receive, take: Callable[[bytes], object]) -> bool:
    """Hand every piece of a body to `take`; return whether it came to its end or the client went away."""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return False
        if piece := message.get("body", b""):
            take(piece)
        if not message.get("more_body", False):
            return True


async def drain(receive: Receive) -> int:
    """Read the rest of a body, or as much as comes; return how many bytes that was."""
    lengths: list[int] = []
    await read(receive, lambda piece: lengths.append(len(piece)))
    return sum(lengths)


class WholeBodies:
    """Reads a request's body to its end before an answer starts.

    Hypercorn's queue of body pieces is bounded: an answer that comes earlier than the last of them would
    block it for good. Nothing is sent to a client that has gone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ended = gone = False

        async def listen() -> Message:
            nonlocal ended, gone
            message: dict[str, Any] = dict(await receive())
            gone = gone or message["type"] == "http.disconnect"
            ended = ended or not message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            if not ended:
                await drain(listen)
            if not gone:
                await send(message)

        await self._app(scope, listen, answer)
