"""Answers without an end: lines written while something happens, given up when the reader leaves.

Starlette's StreamingResponse wants an async generator, which must not yield inside a nursery; here the body
is a function that is handed an Answer.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import trio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rushes.api.endpoint import JSON
from rushes.api.wire import encode

LOG = logging.getLogger("rushes.api")


class Answer:
    """The writing end of one response, for any number of tasks; the status goes out with the first bytes."""

    def __init__(self, send: Send, media_type: str) -> None:
        self._send = send
        self._media_type = media_type
        self._whole = trio.Lock()
        self.started = False

    async def write(self, data: bytes, *, status: int = 200) -> None:
        """Send bytes now; `status` counts only for the first ones. An answer that begins as a problem is JSON."""
        async with self._whole:
            if not self.started:
                self.started = True
                kind = self._media_type if status == HTTPStatus.OK else JSON
                headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
                await self._send({"type": "http.response.start", "status": status, "headers": headers})
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def line(self, document: Mapping[str, Any], *, status: int = 200) -> None:
        """Send a document as one line of JSON."""
        await self.write(encode(document) + b"\n", status=status)

    async def end(self) -> None:
        """No more bytes."""
        if not self.started:
            await self.write(b"", status=503)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class Stream(Response):
    """Runs `body(answer)` until it returns, the reader leaves or `closing` is set."""

    def __init__(
        self, body: Callable[[Answer], Awaitable[None]], *, media_type: str, closing: trio.Event
    ) -> None:
        super().__init__(media_type=media_type)
        self._body = body
        self._type = media_type
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = Answer(send, self._type)
        if scope["method"] == "HEAD":
            await answer.write(b"")
            await answer.end()
            return
        gone = False

        async with trio.open_nursery() as nursery:

            async def reader_left() -> None:
                nonlocal gone
                while (await receive())["type"] != "http.disconnect":
                    pass
                gone = True
                nursery.cancel_scope.cancel()

            async def pipeline_stops() -> None:
                await self._closing.wait()
                nursery.cancel_scope.cancel()

            nursery.start_soon(reader_left)
            nursery.start_soon(pipeline_stops)
            try:
                await self._body(answer)
            except Exception:  # the head of the answer is out: nothing is left but to end it
                LOG.exception("an answer broke off")
            nursery.cancel_scope.cancel()
        if not gone:
            await answer.end()
