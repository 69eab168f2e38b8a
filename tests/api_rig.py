"""The API as an ASGI app without a socket, and its answers held against its own OpenAPI document."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import httpx
import jsonschema
import trio

from rushes.api.app import build
from rushes.api.endpoints import ENDPOINTS
from rushes.api.openapi import openapi

DOCUMENT = openapi(ENDPOINTS)


@asynccontextmanager
async def asking(control, extra=()):
    """A client of the app over `control`."""
    app = build(control, trio.Event(), extra)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://pipeline") as client:
        yield client


def holds(method: str, path: str, response: httpx.Response, document: dict[str, Any] = DOCUMENT) -> Any:
    """What the answer says, which is as the document promises for that status; `path` is the template."""
    operation = document["paths"][path][method.lower()]
    assert str(response.status_code) in operation["responses"], (
        method,
        path,
        response.status_code,
        response.text,
    )
    media_type = response.headers["content-type"].partition(";")[0]
    kinds = operation["responses"][str(response.status_code)]["content"]
    assert media_type in kinds, (method, path)
    content = kinds[media_type]
    if media_type != "application/json":
        return response.text
    told = json.loads(response.content)
    schema = {**content["schema"], "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(told)
    return told


class Reader:
    """Someone who reads `/v1/events` of an app; `frames` are what came, with trio's time of each."""

    def __init__(self, app, query: str = "", *, last_event_id: str = "") -> None:
        self.frames: list[tuple[float, str]] = []
        self.status = 0
        self._app = app
        self._gone = trio.Event()
        self._asked = False
        headers = [(b"last-event-id", last_event_id.encode())] if last_event_id else []
        self._scope = {
            "type": "http", "method": "GET", "path": "/v1/events", "root_path": "",
            "query_string": query.encode(), "headers": headers, "http_version": "1.1", "scheme": "http",
            "server": None,
        }  # fmt: skip

    async def read(self) -> None:
        """Until `leave` is called."""
        await self._app(self._scope, self._receive, self._send)

    def leave(self) -> None:
        self._gone.set()

    def live(self) -> list[tuple[float, dict[str, Any]]]:
        """The statuses that came."""
        return [
            (at, json.loads(frame.split("data: ", 1)[1]))
            for at, frame in self.frames
            if frame.startswith("event: live\n")
        ]

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
        for frame in message.get("body", b"").decode().split("\n\n"):
            if frame:
                self.frames.append((trio.current_time(), frame))


async def call(
    app,
    method: str,
    path: str,
    query: bytes = b"",
    body: bytes = b"",
    headers: dict[bytes, bytes] | None = None,
) -> tuple[int, bytes]:
    """One request as the server would hand it on, whatever is in it; who asks leaves once all is sent."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    answer: list[bytes] = []
    status = 0

    async def receive():
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message):
        nonlocal status
        status = message.get("status", status)
        answer.append(message.get("body", b""))

    scope = {
        "type": "http", "method": method, "path": unquote(path), "root_path": "", "query_string": query,
        "headers": list((headers or {}).items()), "http_version": "1.1", "scheme": "http", "server": None,
    }  # fmt: skip
    await app(scope, receive, send)
    return status, b"".join(answer)
