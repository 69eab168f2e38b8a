"""What each day brought."""

from __future__ import annotations

from rushes.api.documents.reports import Days
from rushes.api.endpoint import Endpoint

REPORTS = (
    Endpoint(
        method="GET",
        path="/v1/reports",
        summary="The days on which something was seen",
        answer=Days,
        handle=lambda asked: asked.control.days(),
    ),
)
