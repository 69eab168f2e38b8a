"""Rules that change."""

from __future__ import annotations

from rushes.api.documents.rules import History, Reloaded, Rules
from rushes.api.endpoint import Endpoint

RULES = (
    Endpoint(
        method="GET",
        path="/v1/rules",
        summary="The rules that are followed",
        answer=Rules,
        handle=lambda asked: asked.control.rules(),
    ),
    Endpoint(
        method="POST",
        path="/v1/history",
        summary="What other rules would make of all that was seen",
        body=Rules,
        answer=History,
        handle=lambda asked: asked.control.history(asked.body),
        errors=(409,),
    ),
    Endpoint(
        method="POST",
        path="/v1/reload",
        summary="Read the pipeline's file again and follow its rules",
        answer=Reloaded,
        handle=lambda asked: asked.control.reload(),
        errors=(409, 422),
    ),
)
