"""Requests to their endpoints and back: what is asked is decoded; what comes of it is a document, errors too."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rushes.api.decoding import UnprocessableError, decode_body, decode_query, read_body
from rushes.api.endpoint import JSON, Asked, Endpoint, Service
from rushes.api.wire import encode, problem
from rushes.engine.searches import SearchError

LOG = logging.getLogger("rushes.api")


def route(endpoint: Endpoint, service: Service) -> Route:
    """The endpoint as the framework has it."""

    async def answer(request: Request) -> Response:
        try:
            return _response(await _asked(endpoint, service, request))
        except HTTPException:
            raise
        except ClientDisconnect:
            return document({"error": "the request broke off", "type": "Unprocessable"}, 400)
        except (UnprocessableError, SearchError) as refusal:
            return document({"error": str(refusal), "type": "Unprocessable"}, 422)
        except Exception as error:  # whatever it is, who asked is told
            status, told = problem(error)
            if status == 500:
                LOG.exception("%s %s", endpoint.method, endpoint.path)
            return document(told, status)

    return Route(endpoint.path, answer, methods=[endpoint.method])


async def _asked(endpoint: Endpoint, service: Service, request: Request) -> Mapping[str, Any] | Response:
    raw = await read_body(request)
    query = decode_query(request.scope["query_string"], endpoint.query)
    body = None if endpoint.body is None else decode_body(raw, endpoint.body)
    return await endpoint.handle(Asked(service=service, request=request, query=query, body=body))


def _response(answer: Mapping[str, Any] | Response) -> Response:
    return answer if isinstance(answer, Response) else document(answer)


def document(told: Mapping[str, Any], status: int = 200) -> Response:
    """A document as an answer that nobody keeps."""
    return Response(encode(told), status, media_type=JSON, headers={"cache-control": "no-store"})


async def no_endpoint(request: Request, error: Exception) -> Response:
    """The answer where the framework found none."""
    assert isinstance(error, HTTPException)
    with suppress(UnprocessableError, ClientDisconnect):
        await read_body(request)
    path = ascii(request.scope["path"][:80])
    if error.status_code == 404:
        told = {"error": f"nothing is at {path}; see /v1/openapi.json", "type": "NotFound"}
    else:
        told = {"error": f"{request.method} does not go to {path}: {error.detail}", "type": "NotAllowed"}
    response = document(told, error.status_code)
    response.headers.update(error.headers or {})
    return response
