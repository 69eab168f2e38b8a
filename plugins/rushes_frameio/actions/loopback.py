"""Where a browser comes back to after a login: one port of this machine, for one answer (RFC 8252, section 7.3)."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import escape
from urllib.parse import parse_qs, urlsplit

import trio

HOST = "127.0.0.1"
PATH = "/callback"
#: Bytes of a request's head, and seconds for it to come: a browser is quick and brief.
LONGEST_HEAD = 16 * 1024
PATIENCE_S = 10.0
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n"
)


class Loopback:
    """Made by `open_loopback`. `redirect_uri` is where it listens."""

    def __init__(self, port: int, state: str) -> None:
        self.redirect_uri = f"http://{HOST}:{port}{PATH}"
        self._state = state
        self._answer: Mapping[str, str] | None = None
        self._came = trio.Event()

    async def answer(self) -> Mapping[str, str]:
        """The query of the first request that has our state: `code`, or `error`."""
        await self._came.wait()
        assert self._answer is not None
        return self._answer

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer one request; what is not the one that is waited for is told so, and changes nothing."""
        async with stream:
            with trio.move_on_after(PATIENCE_S):
                try:
                    status, text = self._judged(await _target(stream))
                    await stream.send_all(_page(status, text))
                except trio.BrokenResourceError:
                    return

    def _judged(self, target: str) -> tuple[str, str]:
        try:
            url = urlsplit(target)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
        except ValueError:
            return "400 Bad Request", "This is no address."
        if url.path != PATH:
            return "404 Not Found", "Nothing is here."
        if not hmac.compare_digest(query.get("state", "").encode(), self._state.encode()):
            return "400 Bad Request", "This is not the login that was asked for. Start it again."
        if self._answer is not None:
            return "410 Gone", "This login is over. Start it again."
        self._answer = query
        self._came.set()
        if "code" in query:
            return "200 OK", "You are logged in. You may close this page and go back to where you began."
        return "200 OK", "The login was declined. You may close this page."


@asynccontextmanager
async def open_loopback(state: str) -> AsyncIterator[Loopback]:
    """Listen on a free port of 127.0.0.1 for a redirect that brings `state`."""
    [listener] = await trio.open_tcp_listeners(0, host=HOST)
    loopback = Loopback(listener.socket.getsockname()[1], state)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, loopback.serve, [listener])
        yield loopback
        nursery.cancel_scope.cancel()


async def _target(stream: trio.SocketStream) -> str:
    """The target of a GET request; "" for anything else."""
    head = b""
    while b"\r\n\r\n" not in head:
        received = await stream.receive_some(4096)
        head += received
        if not received or len(head) > LONGEST_HEAD:
            return ""
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    return words[1] if len(words) == 3 and words[0] == "GET" else ""


def _page(status: str, text: str) -> bytes:
    body = f"<!doctype html><html lang=en><title>Rushes</title><p>{escape(text)}</p></html>\n".encode()
    return f"HTTP/1.1 {status}\r\n{_HEADERS}Content-Length: {len(body)}\r\n\r\n".encode() + body
