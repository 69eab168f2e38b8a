"""What happened to a clip and to its jobs, page by page."""

from __future__ import annotations

from dataclasses import asdict

from rushes.engine.references import find_clip
from rushes.engine.searches import MOST_TIMELINE, EventOrder
from rushes.engine.views.document import Document
from rushes.ledger import Query
from rushes.ledger.rows import read_event

_EVENTS = """
    SELECT * FROM events
    WHERE {behind} AND (clip = $1 OR (job <> '' AND job IN (SELECT id FROM jobs WHERE clip = $1)))
    ORDER BY seq {order} LIMIT $3
"""


def timeline(query: Query, reference: str, after: int, limit: int, order: EventOrder = "oldest") -> Document:
    """Events behind `after` (0: the first ones) in that order of their `seq`; the answer's `after` is None at the end.

    Raises NotFound.
    """
    limit = min(limit, MOST_TIMELINE)
    behind, turned = ("seq > $2", "") if order == "oldest" else ("(seq < $2 OR $2 = 0)", "DESC")
    found = _EVENTS.format(behind=behind, order=turned)
    rows = query(found, [find_clip(query, reference), after, limit + 1])
    events = [asdict(read_event(row)) for row in rows[:limit]]
    return {"events": events, "after": events[-1]["seq"] if len(rows) > limit else None}
