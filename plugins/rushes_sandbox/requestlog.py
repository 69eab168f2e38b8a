"""Every request that came, without its secrets: no header but two, no query, no body of an auth call."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import trio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.book import Clock, iso

#: So many of the latest are kept, with bodies of up to so many bytes.
MOST = 20_000
LONGEST_BODY = 8192
#: Calls whose bodies hold no secret.
_TOLD = ("/v2/devices/", "/v2/assets")
#: What the answer to a request ends with; a socket's is the accept.
_LAST = {"http.response.body", "websocket.http.response.body", "websocket.accept", "websocket.close"}


@dataclass(kw_only=True)
class _Seen:
    """One exchange under way; `status` stays None when no answer began."""

    keeps_body: bool
    kept: bool = False
    status: int | None = None
    received: int = 0
    body: bytearray = field(default_factory=bytearray)

    def take(self, message: Message) -> None:
        piece = message.get("body", b"")
        self.received += len(piece)
        if self.keeps_body and self.received <= LONGEST_BODY:
            self.body += piece

    def answered(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.status = message["status"]
            case "websocket.accept":
                self.status = 101
            case "websocket.close" if self.status is None:
                self.status = 403

    def document(self) -> Any:
        """The JSON body, None where there is none or it is too long."""
        if self.received <= LONGEST_BODY:
            with suppress(ValueError, RecursionError):
                return json.loads(self.body)
        return None


class RequestLog:
    """Keeps an entry for each exchange that was answered or lost, `/_sandbox/` apart; of a socket, the connect."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: deque[dict[str, Any]] = deque(maxlen=MOST)
        self._count = 0

    def after(self, seq: int) -> Sequence[dict[str, Any]]:
        """The entries above that number, oldest first.

        Each is {"seq", "at", "method", "path", "status", "seconds", "bytes", "client_version", "host",
        "body"}: `at` is the start, `status` None for a request that got no answer, `bytes` those of its body,
        `body` the document of a device's call.
        """
        return [entry for entry in self._entries if entry["seq"] > seq]

    def routes(self) -> list[Route]:
        return [Route("/_sandbox/log", self.read, methods=["GET"])]

    async def read(self, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not re.fullmatch("[0-9]{1,15}", after):
            raise ApiRefused(400, "after: write the number of the last entry you have")
        return json_answer(self.after(int(after)))

    def wrap(self, app: ASGIApp) -> ASGIApp:
        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan" or scope["path"].startswith("/_sandbox/"):
                await app(scope, receive, send)
                return
            seen = _Seen(keeps_body=scope["path"].startswith(_TOLD))
            at, start = self._clock(), trio.current_time()

            async def listen() -> Message:
                message = await receive()
                seen.take(message)
                return message

            def keep() -> None:
                if not seen.kept:
                    seen.kept = True
                    self._keep(scope, seen, at, trio.current_time() - start)

            async def answer(message: Message) -> None:
                seen.answered(message)
                if message["type"] in _LAST and not message.get("more_body", False):
                    keep()  # before the client knows of it, so that it finds its own request here
                await send(message)

            try:
                await app(scope, listen, answer)
            finally:
                keep()

        return logged

    def _keep(self, scope: Scope, seen: _Seen, at: float, seconds: float) -> None:
        headers = Headers(scope=scope)
        self._count += 1
        self._entries.append(
            {
                "seq": self._count,
                "at": iso(at),
                "method": scope.get("method", "GET"),
                "path": scope["path"],
                "status": seen.status,
                "seconds": round(seconds, 6),
                "bytes": seen.received,
                "client_version": headers.get("x-client-version"),
                "host": headers.get("host"),
                "body": seen.document(),
            }
        )
