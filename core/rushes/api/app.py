"""The routes: each asks the engine and answers its document; errors are documents too."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rushes.api.control import Control
from rushes.api.events import follow
from rushes.api.stream import Answer, Stream
from rushes.api.wire import STATES, VERBS, encode, problem
from rushes.events import Event

LOG = logging.getLogger("rushes.api")
BODY_LIMIT = 1 << 20


class _Unprocessable(Exception):
    """The request says something that cannot be meant; its text is the answer."""


def build(control: Control, closing: trio.Event, *, heartbeat_s: float = 15.0) -> Starlette:
    """The app over one engine; streams end when `closing` is set, and beat every `heartbeat_s` when idle."""
    api = _Api(control, closing, heartbeat_s)
    routes = [
        Route("/v1/status", _documents(api.status)),
        Route("/v1/components", _documents(api.components)),
        Route("/v1/jobs", _documents(api.jobs)),
        Route("/v1/jobs/{verb}", _documents(api.queue), methods=["POST"]),
        Route("/v1/queue/add", _documents(api.add), methods=["POST"]),
        Route("/v1/history", _documents(api.history), methods=["POST"]),
        Route("/v1/reload", _documents(api.reload), methods=["POST"]),
        Route("/v1/switches/{word}", _documents(api.switch), methods=["POST"]),
        Route("/v1/clips/{ref:path}", _documents(api.clip)),
        Route("/v1/components/{id}/{action}", _documents(api.act), methods=["POST"]),
        Route("/v1/events", _documents(api.events)),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error})


class _Api:
    def __init__(self, control: Control, closing: trio.Event, heartbeat_s: float) -> None:
        self._control = control
        self._closing = closing
        self._heartbeat_s = heartbeat_s

    async def status(self, _request: Request) -> Mapping[str, Any]:
        return await self._control.status()

    async def components(self, _request: Request) -> Mapping[str, Any]:
        return {"components": (await self._control.status())["components"]}

    async def jobs(self, request: Request) -> Mapping[str, Any]:
        asked = {word for value in request.query_params.getlist("state") for word in value.split(",") if word}
        if unknown := sorted(asked.difference(STATES)):
            raise _Unprocessable(f"no such state: {', '.join(unknown)}; there are {', '.join(STATES)}")
        return await self._control.jobs(asked or None)

    async def queue(self, request: Request) -> Mapping[str, Any]:
        verb = request.path_params["verb"]
        if verb not in VERBS:
            raise HTTPException(404, f"no such verb: {verb}; there are {', '.join(VERBS)}")
        body = await _body(request)
        ids, every = body.get("ids", []), body.get("all", False)
        if (
            not isinstance(ids, list)
            or not all(isinstance(id_, str) for id_ in ids)
            or not isinstance(every, bool)
        ):
            raise _Unprocessable('the body must be {"ids": [text, ...], "all": true or false}')
        if bool(ids) == every:
            raise _Unprocessable('name jobs in "ids", or set "all", not both and not neither')
        return await self._control.queue(verb, ids, all=every)

    async def add(self, request: Request) -> Mapping[str, Any]:
        body = await _body(request)
        clip, sink = body.get("clip"), body.get("sink")
        if not isinstance(clip, str) or not isinstance(sink, str):
            raise _Unprocessable('the body must be {"clip": text, "sink": text}')
        return await self._control.add(clip, sink)

    async def switch(self, request: Request) -> Mapping[str, Any]:
        names = (await _body(request)).get("names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _Unprocessable('the body must be {"names": [text, ...]}; none means all')
        return await self._control.switch(request.path_params["word"], names)

    async def history(self, request: Request) -> Mapping[str, Any]:
        return await self._control.history(await _body(request))

    async def reload(self, _request: Request) -> Mapping[str, Any]:
        return await self._control.reload()

    async def clip(self, request: Request) -> Mapping[str, Any]:
        return await self._control.clip(request.path_params["ref"])

    async def act(self, request: Request) -> Response:
        arguments = await _body(request)
        if not all(isinstance(value, str) for value in arguments.values()):
            raise _Unprocessable("arguments must be texts by name")
        component, action = request.path_params["id"], request.path_params["action"]

        async def body(answer: Answer) -> None:
            async def tell(facts: Mapping[str, Any]) -> None:
                await answer.line({"tell": facts})

            try:
                await answer.line({"result": await self._control.act(component, action, arguments, tell)})
            except Exception as error:  # whatever it is, who asked is told
                status, document = problem(error)
                if status == 500:
                    LOG.exception("action %s of %s", action, component)
                await answer.line(document, status=status)

        return Stream(body, media_type="application/x-ndjson", closing=self._closing)

    async def events(self, request: Request) -> Response:
        text = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
        if not text.isascii() or not text.isdigit():
            raise _Unprocessable("after (or Last-Event-ID) must be the number of an event")
        after = int(text)

        async def body(answer: Answer) -> None:
            async def write(batch: Sequence[Event]) -> None:
                await answer.write(b"".join(map(_frame, batch)) or b": beat\n\n")

            await answer.write(b": events of rushes\n\n")
            await follow(self._control, after, write, beat_s=self._heartbeat_s)

        return Stream(body, media_type="text/event-stream", closing=self._closing)


def _frame(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, event.kind.encode(), encode(asdict(event)))


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of the request, {} where there is no body."""
    raw = b""
    async with aclosing(request.stream()) as pieces:
        async for piece in pieces:
            raw += piece
            if len(raw) > BODY_LIMIT:
                raise _Unprocessable(f"the body is longer than {BODY_LIMIT} bytes")
    try:
        body = json.loads(raw) if raw else {}
    except (ValueError, RecursionError) as error:
        raise _Unprocessable("the body is not JSON") from error
    if not isinstance(body, dict):
        raise _Unprocessable("the body must be a JSON object")
    return body


Endpoint = Callable[[Request], Awaitable[Mapping[str, Any] | Response]]


def _documents(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        try:
            answer = await endpoint(request)
            return answer if isinstance(answer, Response) else _document(answer)
        except HTTPException:
            raise
        except ClientDisconnect:
            return _document({"error": "the request broke off", "type": "Unprocessable"}, 400)
        except _Unprocessable as refusal:
            return _document({"error": str(refusal), "type": "Unprocessable"}, 422)
        except Exception as error:  # whatever it is, who asked is told
            status, document = problem(error)
            if status == 500:
                LOG.exception("%s %s", request.method, request.url.path)
            return _document(document, status)

    return answered


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _document({"error": str(error.detail), "type": "NotFound"}, error.status_code)


def _document(document: Mapping[str, Any], status: int = 200) -> Response:
    return Response(encode(document), status, media_type="application/json")
