"""What a component is asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from rushes.api.endpoint import Asked, Endpoint
from rushes.api.stream import Answer, Stream
from rushes.api.wire import problem

LOG = logging.getLogger("rushes.api")


async def _act(asked: Asked) -> Response:
    component, action = asked.path("id"), asked.path("action")

    async def body(answer: Answer) -> None:
        async def tell(facts: Mapping[str, Any]) -> None:
            await answer.line({"tell": facts})

        try:
            await answer.line({"result": await asked.control.act(component, action, asked.body, tell)})
        except Exception as error:  # whatever it is, who asked is told
            status, document = problem(error)
            if status == 500:
                LOG.exception("action %s of %s", action, component)
            await answer.line(document, status=status)

    return Stream(body, media_type="application/x-ndjson", closing=asked.service.closing)


COMPONENTS = (
    Endpoint(
        method="POST",
        path="/v1/components/{id}/{action}",
        summary="Ask a component; lines of `tell`, then one of `result`. Closing the request cancels it",
        body=dict[str, str],
        answer=None,
        media_type="application/x-ndjson",
        handle=_act,
        errors=(404, 409),
    ),
)
