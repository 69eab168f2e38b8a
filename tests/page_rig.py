"""A page that listens on a free port, before an API of few words, and a browser that says just what it is told."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from rushes.page.serve import Page, listening, serving
from rushes.settings import Settings

JSON = {"Content-Type": "application/json"}


class FakeApi:
    """Answers everything, remembers what reached it; of `/v1/events` and `/v1/flood` there is no end."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.streaming, self.stream_ended = trio.Event(), trio.Event()

    async def __call__(self, scope, receive, send) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"")
        self.asked.append((scope["method"], scope["path"], body))
        told = {"status": "ok", "backlog": 17} if scope["path"] == "/health" else {"path": scope["path"]}
        answer = json.dumps(told).encode()
        headers = [(b"content-type", b"application/json")]
        endless = {"/v1/events": b": begun\n\n", "/v1/flood": b"x" * 100_000}.get(scope["path"])
        if endless is None:
            headers.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if endless:
            try:
                while True:
                    await send({"type": "http.response.body", "body": endless, "more_body": True})
                    self.streaming.set()
                    await trio.sleep(3600 if scope["path"] == "/v1/events" else 0)
            finally:
                self.stream_ended.set()
        await send({"type": "http.response.body", "body": answer})


@dataclass
class Answer:
    raw: bytes
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        head, _, self.body = self.raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1]) if first else 0
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def document(self) -> dict:
        return json.loads(self.body)


class Browser:
    """Opens a connection for each request. `headers` go with every one; the cookie it is given is kept."""

    def __init__(self, page: Page, cafile: Path | None = None) -> None:
        self.page = page
        self.port = page.address.port
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http{'s' if page.tls else ''}://{self.host}"
        self.cookie = ""
        self._tls = ssl.create_default_context(cafile=cafile) if cafile else None

    async def connect(self) -> trio.abc.Stream:
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        if self._tls is None:
            return stream
        return trio.SSLStream(stream, self._tls, server_hostname="127.0.0.1", https_compatible=True)

    async def send(self, raw: bytes) -> Answer:
        """Exactly these bytes, and all that comes back."""
        with trio.fail_after(20):
            async with await self.connect() as stream:
                await stream.send_all(raw)
                return Answer(b"".join([piece async for piece in stream]))

    def head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        told = {"Host": self.host, "Connection": "close"}
        if self.cookie:
            told["Cookie"] = self.cookie
        told |= headers
        lines = [f"{name}: {value}" for name, value in told.items() if value]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=_named(headers))

    async def post(self, path: str, document: object = None, **headers: str) -> Answer:
        """As the page's own script posts; a header "" is left out."""
        told = {**JSON, "Origin": self.origin, "Sec-Fetch-Site": "same-origin", **_named(headers)}
        return await self.ask("POST", path, json.dumps(document or {}).encode(), headers=told)

    async def ask(
        self, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] = {}
    ) -> Answer:
        length = {"Content-Length": str(len(body))} if body else {}
        return await self.send(self.head(method, path, {**headers, **length}) + body)

    async def sign_in(self, code: str | None = None) -> Answer:
        answer = await self.post("/enter", {"code": code or self.page.way.links.make().secret})
        if answer.status == 200:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    @property
    def secret(self) -> str:
        return self.cookie.partition("=")[2]


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@asynccontextmanager
async def open_page(state: Path, api: FakeApi, **settings: object) -> AsyncIterator[Browser]:
    with listening(Settings(**{"page": "127.0.0.1:0", **settings}), state) as page:
        async with serving(page, api):
            own = page.certificate
            yield Browser(page, own.certificate if own else None)
