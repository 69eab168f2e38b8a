"""Cards: whether one may be formatted."""

from __future__ import annotations

from rushes.api.documents.cards import Cards
from rushes.api.endpoint import Endpoint

CARDS = (
    Endpoint(
        method="GET",
        path="/v1/cards",
        summary="The cards that came last, and who has all of them",
        answer=Cards,
        handle=lambda asked: asked.control.cards(),
    ),
)
