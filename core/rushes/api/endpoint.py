"""One endpoint of the API as data: its address, the types of what is asked and answered, and who answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import trio
from starlette.requests import Request
from starlette.responses import Response

from rushes.api.control import Control, Document
from rushes.api.live import LiveStatus
from rushes.api.queries import Query

JSON = "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What all endpoints of one app share; streams end when `closing` is set, and beat every `beat_s` when idle."""

    control: Control
    closing: trio.Event
    beat_s: float
    live: LiveStatus
    endpoints: Sequence[Endpoint]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request; `query` and `body` are of their endpoint's types, `body` is None where it takes none."""

    service: Service
    request: Request
    query: Any
    body: Any

    @property
    def control(self) -> Control:
        """The engine."""
        return self.service.control

    def path(self, name: str) -> str:
        """What stands in the address where the endpoint has `{name}`."""
        return str(self.request.path_params[name])


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """`summary` is a line, `description` what a line cannot tell. `answer` is the type of the document (None: not
    JSON), `errors` the statuses of its own problems.

    `handle` answers a document, or a Response where that says more. What it raises becomes a `Problem`. A `status` of
    an answer that is no problem but not a 200 stands in `also`; media types that it may be asked for instead stand in
    `others`.
    """

    method: Literal["GET", "POST"]
    path: str
    summary: str
    answer: Any
    handle: Callable[[Asked], Awaitable[Document | Response]]
    query: type[Query] = Query
    body: Any = None
    media_type: str = JSON
    errors: Sequence[int] = ()
    also: Sequence[int] = field(default=())
    others: Sequence[str] = ()
    description: str = ""
