"""The door of the page: who may pass, to what. An ASGI app around that of the API."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qs

import trio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rushes.errors import RushesError
from rushes.page.assets import INDEX, Assets
from rushes.page.bodies import read_body, replay
from rushes.page.guard import (
    Asked,
    RefusedError,
    check_change,
    check_host,
    check_origin,
    protected,
    read_asked,
)
from rushes.page.links import Links, Tries
from rushes.page.pace import Pace
from rushes.page.qr import qr_svg
from rushes.page.sessions import Session, Sessions

LOG = logging.getLogger("rushes.page")
#: For browsers; how long a session is good is ours to say. They keep none for longer than 400 days.
COOKIE_AGE_S = 400 * 86400
#: Each is to be taken within the patience of its connection, also over a poor network.
PIECE = 16384
CODE_LIMIT = 4096
BODY_LIMIT = 1 << 20
#: Under which a request's `state` has its connection; `gone` tells that nobody takes the answer any more.
READER = "rushes.reader"
SIGN_IN = "not signed in; run: pipeline open FILE"


@dataclass(frozen=True, kw_only=True)
class Doorway:
    """What the door needs to know. `names` are those that the page goes by, `cookie` is one for each pipeline."""

    names: frozenset[str]
    cookie: str
    sessions: Sessions
    links: Links
    tries: Tries
    pace: Pace
    assets: Assets


class Door:
    """Answers the page's own requests, and hands on those of who is signed in."""

    def __init__(self, way: Doorway, api: ASGIApp) -> None:
        self._way = way
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        path = scope["path"]

        async def told(message: Message) -> None:
            await send(protected(message, path))

        try:
            await self._answer(scope, receive, told)
        except RefusedError as refusal:
            await _respond(told, refusal.status, refusal.body, refusal.headers)
        except RushesError as error:  # the state folder is full
            LOG.warning("%s", error)
            await _respond(told, 503, RefusedError(503, str(error)).body)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = read_asked(scope)
        check_host(asked, self._way.names)
        asset = asked.path in self._way.assets
        check_origin(asked, document=asset)
        session = self._session(asked)
        if not asked.changes and _has_body(asked):
            raise RefusedError(400, "a GET has no body")
        if session is None:
            _check_stranger(asked)
            await self._way.pace.step(asked.peer)
        if asked.method not in {"GET", "HEAD", "POST"}:
            raise RefusedError(405, "only GET and POST", {"Allow": "GET, HEAD, POST"})
        if asset and not asked.changes:
            await self._show(asked, send)
        elif (asked.method, asked.path) == ("POST", "/enter"):
            await self._enter(asked, receive, send)
        elif session is not None and asked.path == "/qr" and not asked.changes:
            await self._draw(scope, send)
        elif session is not None:
            await self._hand_on(session, asked, scope, receive, send)
        elif asked.path == "/health" and not asked.changes:
            await self._health(scope, receive, send)
        else:
            raise RefusedError(401, SIGN_IN, {"WWW-Authenticate": "Bearer"})

    async def _show(self, asked: Asked, send: Send) -> None:
        asset = self._way.assets.get(asked.path)
        keep = "no-store" if asked.path in {"/", INDEX} else "no-cache"
        headers = {"Content-Type": asset.media_type, "ETag": asset.etag, "Cache-Control": keep}
        known = [tag.strip().removeprefix("W/") for tag in asked.headers.get("if-none-match", "").split(",")]
        if keep == "no-cache" and asset.etag in known:
            await _respond(send, 304, b"", headers)
        else:
            await _respond(send, 200, asset.content, headers)

    async def _draw(self, scope: Scope, send: Send) -> None:
        """The `text` of the query as a QR code: what the page shows to a phone."""
        text = parse_qs(scope["query_string"].decode("latin-1")).get("text", [""])[0]
        try:
            drawing = qr_svg(text)
        except RushesError as error:
            raise RefusedError(422, str(error)) from error
        await _respond(send, 200, drawing, {"Content-Type": "image/svg+xml"})

    async def _enter(self, asked: Asked, receive: Receive, send: Send) -> None:
        check_change(asked, by_browser=True)
        code = _member(await read_body(receive, asked.headers, CODE_LIMIT), "code")
        # Others may be behind the same address: whoever guesses there keeps nobody out who has a link.
        wait = self._way.tries.wait(asked.peer)
        if not self._way.links.take(code, by_link_alone=wait > 0):
            if wait > 0:
                told = {"Retry-After": str(int(wait) + 1)}
                raise RefusedError(429, f"too many wrong codes; try again in {int(wait) + 1} s", told)
            self._way.tries.wrong(asked.peer)
            LOG.warning("page: a wrong code from %s", asked.peer)
            raise RefusedError(
                401, "this code is not good, or no longer; for a new one run: pipeline open FILE"
            )
        secret = await self._way.sessions.enter()
        LOG.info("page: signed in from %s", asked.peer)
        await _respond(
            send, 200, b'{"entered":true}', {"Set-Cookie": self._cookie(asked, secret, COOKIE_AGE_S)}
        )

    async def _hand_on(
        self, session: Session, asked: Asked, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if asked.changes:
            check_change(asked, by_browser=session.browser)
            if not session.writes:
                raise RefusedError(
                    403,
                    "this token only reads; for one that changes: pipeline open FILE --token NAME --write",
                )
            body = await read_body(receive, asked.headers, BODY_LIMIT)
            if asked.path == "/leave" and session.browser:
                await self._way.sessions.leave(session)
                await _respond(send, 200, b'{"left":true}', {"Set-Cookie": self._cookie(asked, "", 0)})
                return
            receive = replay(body, receive)
        begun = False

        with self._way.sessions.using(session) as answering:

            async def noted(message: Message) -> None:
                nonlocal begun
                begun = True
                await send(message)
                if scope["state"][READER].gone:  # a film would be read to its end for nobody
                    answering.cancel()

            with suppress(RushesError):  # a full disk signs nobody out
                await self._way.sessions.note(session)
            await self._api(scope, receive, noted)
        if answering.cancelled_caught and not begun:
            raise RefusedError(401, SIGN_IN)

    async def _health(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The word alone: how much there is to do is not for everybody."""
        status, body = 500, b""

        async def heard(message: Message) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")
            await trio.lowlevel.checkpoint()

        await self._api({**scope, "method": "GET"}, receive, heard)
        word = str(json.loads(body).get("status", ""))
        if not word:
            raise RefusedError(404, "no such thing")
        await _respond(send, status, json.dumps({"status": word}).encode())

    def _session(self, asked: Asked) -> Session | None:
        """Whose request it is. A token is no cookie and a cookie no token: what leaks one way is not good the other."""
        if (told := asked.headers.get("authorization")) is not None:
            scheme, _, secret = told.partition(" ")
            session = self._way.sessions.find(secret.strip()) if scheme.lower() == "bearer" else None
            return None if session is None or session.browser else session
        for header in asked.cookies:
            for part in header.split(";"):
                name, _, secret = part.strip().partition("=")
                # Another page of this machine can set a cookie of that name as well: any good one counts.
                if name == self._way.cookie and (session := self._way.sessions.find(secret)):
                    return session if session.browser else None
        return None

    def _cookie(self, asked: Asked, secret: str, age_s: int) -> str:
        secure = "; Secure" if asked.scheme == "https" else ""
        return f"{self._way.cookie}={secret}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict{secure}"


def _check_stranger(asked: Asked) -> None:
    """Refuse a body that nobody will read, before it waits its turn: meanwhile all of it would be kept."""
    if not _has_body(asked):
        return
    if asked.path != "/enter":
        raise RefusedError(401, SIGN_IN, {"WWW-Authenticate": "Bearer"})
    if "transfer-encoding" in asked.headers or int(asked.headers["content-length"]) > CODE_LIMIT:
        raise RefusedError(413, f"the body is longer than {CODE_LIMIT} bytes, or does not say how long it is")


def _has_body(asked: Asked) -> bool:
    return "transfer-encoding" in asked.headers or asked.headers.get("content-length", "0") != "0"


def _member(body: bytes, name: str) -> str:
    try:
        value = json.loads(body)[name]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RefusedError(422, f'the body must be {{"{name}": text}}') from error
    if not isinstance(value, str):
        raise RefusedError(422, f'the body must be {{"{name}": text}}')
    return value


async def _respond(send: Send, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    told = {"Content-Type": "application/json", **(headers or {})}
    if status != 304:
        told["Content-Length"] = str(len(body))
    raw = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    for start in range(0, len(body), PIECE) or [0]:
        more = start + PIECE < len(body)
        await send({"type": "http.response.body", "body": body[start : start + PIECE], "more_body": more})
