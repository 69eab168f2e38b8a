"""The app: a table of endpoints over one engine. Who may ask is not its affair, but of whoever serves it."""

from __future__ import annotations

from collections.abc import Sequence

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from rushes.api.answering import no_endpoint, route
from rushes.api.control import Control
from rushes.api.endpoint import Endpoint, Service
from rushes.api.endpoints import ENDPOINTS
from rushes.api.live import LiveStatus


def build(
    control: Control, closing: trio.Event, extra: Sequence[Endpoint] = (), *, beat_s: float = 4.0
) -> Starlette:
    """The app over one engine, with `extra` endpoints told of in its OpenAPI document as its own are.

    Streams end when `closing` is set, and beat every `beat_s` when idle.
    """
    service = Service(
        control=control,
        closing=closing,
        beat_s=beat_s,
        live=LiveStatus(control),
        endpoints=(*ENDPOINTS, *extra),
    )
    routes = [route(endpoint, service) for endpoint in service.endpoints]
    app = Starlette(routes=routes, exception_handlers={HTTPException: no_endpoint})
    # A redirect would be built from whatever the request calls its host.
    app.router.redirect_slashes = False
    return app
