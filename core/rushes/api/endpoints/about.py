"""The API itself: what it offers, whether it is well, what a monitor counts."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from rushes.api.answering import document
from rushes.api.control import Document
from rushes.api.documents.status import Health
from rushes.api.endpoint import Asked, Endpoint


async def _openapi(asked: Asked) -> Document:
    from rushes.api.openapi import openapi  # noqa: PLC0415 - few ask

    return openapi(asked.service.endpoints)


async def _health(asked: Asked) -> Response:
    told = asked.control.health()
    status = "trouble" if told["trouble"] else "draining" if told["draining"] else "ok"
    return document({"status": status, **told}, 503 if status == "trouble" else 200)


async def _metrics(asked: Asked) -> Response:
    from rushes.api.metrics import CONTENT_TYPE, exposition  # noqa: PLC0415 - few ask, and it is not light

    text = exposition(await asked.control.status(), asked.control.health())
    return Response(text, headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})


ABOUT = (
    Endpoint(
        method="GET",
        path="/v1/openapi.json",
        summary="This document",
        answer=dict[str, Any],
        handle=_openapi,
    ),
    Endpoint(
        method="GET",
        path="/health",
        summary="Whether all is well; 503 while nothing can be written",
        answer=Health,
        handle=_health,
        also=(503,),
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        summary="Counters and gauges for Prometheus",
        answer=None,
        media_type="text/plain",
        handle=_metrics,
    ),
)
