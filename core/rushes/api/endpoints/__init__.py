"""Every endpoint of the API, by subject. Where two addresses fit, the first counts."""

from __future__ import annotations

from collections.abc import Sequence

from rushes.api.endpoint import Endpoint
from rushes.api.endpoints.about import ABOUT
from rushes.api.endpoints.cards import CARDS
from rushes.api.endpoints.clips import CLIPS
from rushes.api.endpoints.components import COMPONENTS
from rushes.api.endpoints.events import EVENTS
from rushes.api.endpoints.jobs import JOBS
from rushes.api.endpoints.matches import MATCHES
from rushes.api.endpoints.reports import REPORTS
from rushes.api.endpoints.rules import RULES
from rushes.api.endpoints.status import STATUS

ENDPOINTS: Sequence[Endpoint] = (
    *STATUS,
    *COMPONENTS,
    *CLIPS,
    *JOBS,
    *MATCHES,
    *RULES,
    *CARDS,
    *REPORTS,
    *EVENTS,
    *ABOUT,
)
