"""What a fault rule does to an exchange."""

from __future__ import annotations

import trio
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.faults import Fault, Faults
from rushes_sandbox.limits import RATES
from rushes_sandbox.s3errors import s3_error, s3_error_of
from rushes_sandbox.uploads import Uploads
from rushes_sandbox.wire import connection, drain, payload

_LOGIN_PAGE = "<!doctype html><title>Hotel Wi-Fi</title><h1>Please accept our terms</h1>"
_TITLES = {401: "Not Authorized", 409: "Channel Paused"}


class Faulty:
    """Applies the rules; `uploads` counts body bytes that it never sees, and lets urls expire."""

    def __init__(self, app: ASGIApp, faults: Faults, uploads: Uploads) -> None:
        self._app = app
        self._faults = faults
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] != "lifespan" and not scope["path"].startswith("/_sandbox/"):
            fault = self._faults.take(f"{scope.get('method', 'GET')} {scope['path']}")
        if fault is None:
            await self._app(scope, receive, send)
            return
        await trio.sleep(fault.delay_s)
        if fault.rate is not None:
            receive = _shaped(receive, fault.rate)
        await self._break(fault, scope, receive, send)

    async def _break(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.hang and fault.cut_after is None:
            await self._faults.cleared()
            await connection(scope).cut()
        elif fault.reset:
            await connection(scope).cut()
        elif fault.cut_after is not None:
            # A socket was accepted long before it is cut; a request that came whole gets no answer.
            answer = send if scope["type"] == "websocket" else self._no_answer(fault, scope)
            await self._app(scope, self._stopping(fault, fault.cut_after, scope, receive), answer)
        elif fault.swallow_answer:
            await self._app(scope, receive, self._no_answer(fault, scope))
        elif fault.expired:
            self._uploads.expire(scope["query_string"].decode("latin-1"))
            await self._app(scope, receive, send)
        elif fault.html or fault.code is not None or fault.status is not None:
            if scope["type"] == "http":
                self._uploads.count(scope["path"], await drain(receive))
            await _answer(fault, scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stop(self, fault: Fault, scope: Scope) -> None:
        """Cut the connection, after a stall where the rule says so."""
        if fault.hang:
            await self._faults.cleared()
        await connection(scope).cut()

    def _stopping(self, fault: Fault, after: int, scope: Scope, receive: Receive) -> Receive:
        left = after

        async def read() -> Message:
            nonlocal left
            if left <= 0:
                await self._stop(fault, scope)
                return {"type": f"{scope['type']}.disconnect", "code": 1006}
            message = await receive()
            left -= len(payload(message))
            return message

        return read

    def _no_answer(self, fault: Fault, scope: Scope) -> Send:
        async def swallow(_message: Message) -> None:
            await self._stop(fault, scope)

        return swallow


def _shaped(receive: Receive, rate: float) -> Receive:
    async def read() -> Message:
        message = await receive()
        await trio.sleep(len(payload(message)) / rate)
        return message

    return read


def _answer(fault: Fault, scope: Scope) -> Response:
    answer = _body(fault, scope["path"])
    if fault.retry_after is not None:
        answer.headers["retry-after"] = str(fault.retry_after)
    if fault.location is not None:
        answer.headers["location"] = fault.location
    elif answer.status_code == 307:
        host = dict(scope["headers"])[b"host"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        answer.headers["location"] = f"https://{host}{scope['path']}?{query}"
    return answer


def _body(fault: Fault, path: str) -> Response:
    if fault.html:
        return HTMLResponse(_LOGIN_PAGE, fault.status or 200)
    if path.startswith(("/parts/", "/uploads/")):
        refusal = s3_error_of(fault.status or 500)
        return (refusal if fault.code is None else s3_error(fault.code, fault.status)).answer()
    if fault.code is not None:
        return json_answer({"error": fault.code}, fault.status or 400)
    status = fault.status or 500
    headers = RATES["assets"].headers(0) if status == 429 else {}
    title = fault.title or _TITLES.get(status, "")
    return ApiRefused(status, "A fault rule of the sandbox.", title=title, headers=headers).answer()
