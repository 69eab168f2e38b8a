"""Faults on order: rules that make the next matching requests go wrong in a chosen way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import trio
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rushes_sandbox.answers import STORAGE_FAULTS, ApiRefused, StorageRefused
from rushes_sandbox.wire import connection, drain

_LOGIN_PAGE = "<!doctype html><title>Hotel Wi-Fi</title><h1>Please accept our terms</h1>"


class Fault(BaseModel):
    """One rule: the next `times` requests whose "METHOD /path" starts with `match` go wrong.

    `delay_s` waits first and can stand alone. Of the others one is taken, in this order: `hang` (nothing is
    read or answered until the faults are cleared), `cut_after` (reset once that many bytes of the body came,
    or instead of the answer), `swallow_answer` (the work is done, then the connection is reset), `html` (a
    login page with `status`, 200 if none), `status` (with `retry_after` seconds as header).
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    match: str
    times: Annotated[int, Field(ge=1)] = 1
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 0
    hang: bool = False
    cut_after: Annotated[int, Field(ge=0)] | None = None
    swallow_answer: bool = False
    html: bool = False
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None


_RULES: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


class Faults:
    """The rules in force; the first that matches is taken."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._cleared = trio.Event()

    def add(self, rules: Any) -> None:
        """Add rules, given as JSON values; raises pydantic's ValidationError."""
        self._rules += _RULES.validate_python(rules)

    def clear(self) -> None:
        """Forget every rule and reset the connections that hang."""
        self._rules.clear()
        self._cleared.set()
        self._cleared = trio.Event()

    def left(self) -> Sequence[dict[str, Any]]:
        return [rule.model_dump(exclude_defaults=True) for rule in self._rules]

    def take(self, request: str) -> Fault | None:
        for rule in self._rules:
            if request.startswith(rule.match):
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
                return rule
        return None

    async def hang(self) -> None:
        await self._cleared.wait()


class Faulty:
    """Applies the rules; `count(path, n)` is told of body bytes that the service behind never sees."""

    def __init__(self, app: ASGIApp, faults: Faults, count: Callable[[str, int], None]) -> None:
        self._app = app
        self._faults = faults
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        backstage = scope["type"] != "http" or path.startswith("/_sandbox/")
        fault = None if backstage else self._faults.take(f"{scope['method']} {path}")
        if fault is None:
            await self._app(scope, receive, send)
            return
        await trio.sleep(fault.delay_s)
        if fault.hang:
            await self._faults.hang()
            await connection(scope).cut()
        elif fault.cut_after is not None:
            await self._app(scope, _cut_body(scope, receive, fault.cut_after), _cut_answer(scope))
        elif fault.swallow_answer:
            await self._app(scope, receive, _cut_answer(scope))
        elif fault.html or fault.status is not None:
            self._count(path, await drain(receive))
            await _answer(fault, path)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _answer(fault: Fault, path: str) -> Response:
    if fault.html or fault.status is None:
        return HTMLResponse(_LOGIN_PAGE, fault.status or 200)
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    if path.startswith(("/parts/", "/uploads/")):
        answer = StorageRefused(fault.status, *STORAGE_FAULTS.get(fault.status, STORAGE_FAULTS[500])).answer()
        answer.headers.update(headers)
        return answer
    title = {401: "Not Authorized", 409: "Channel Paused"}.get(fault.status, "")
    return ApiRefused(fault.status, "A fault rule of the sandbox.", title=title, headers=headers).answer()


def _cut_body(scope: Scope, receive: Receive, after: int) -> Receive:
    left = after

    async def read() -> Message:
        nonlocal left
        if left <= 0:
            await connection(scope).cut()
            return {"type": "http.disconnect"}
        message = await receive()
        left -= len(message.get("body", b""))
        return message

    return read


def _cut_answer(scope: Scope) -> Send:
    async def swallow(_message: Message) -> None:
        await connection(scope).cut()

    return swallow
