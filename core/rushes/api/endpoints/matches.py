"""Matches, and what a person says of them."""

from __future__ import annotations

from typing import Any

from rushes.api.documents.matches import Matches, Pair
from rushes.api.endpoint import Endpoint
from rushes.api.queries import MatchesQuery

_DOES = {
    "accept": "Say that two belong together",
    "reject": "Say that two do not belong together",
    "forget": "Take back what was said of two",
}


def _verb(verb: str) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/v1/matches/{verb}",
        summary=_DOES[verb],
        body=Pair,
        answer=dict[str, Any],
        handle=lambda asked: asked.control.decide(verb, asked.body.clip, asked.body.other),
        errors=(404, 409),
    )


MATCHES = (
    Endpoint(
        method="GET",
        path="/v1/matches",
        summary="Search matches and their candidates, page by page",
        query=MatchesQuery,
        answer=Matches,
        handle=lambda asked: asked.control.matches(asked.query.search),
    ),
    *map(_verb, _DOES),
)
