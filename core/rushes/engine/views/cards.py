"""Cards that came lately, whatever day is on them: whether one may be formatted."""

from __future__ import annotations

from rushes.engine.views.document import Document
from rushes.engine.views.last import Waits
from rushes.engine.views.owed import ALONE, OWED, SUMS, sinks_of
from rushes.engine.views.states import ranks
from rushes.ledger import Query

MOST_CARDS = 20
#: What a card of that name brought longer ago was on it before it was formatted.
_AGAIN = "INTERVAL 1 DAY"
_LAST = f"""
    SELECT volume, card, max(first_seen) AS last, count(*) OVER () AS cards
    FROM clips WHERE parent = '' AND NOT superseded GROUP BY volume, card ORDER BY last DESC, volume, card
    LIMIT {MOST_CARDS}
"""  # noqa: S608 - our own words
_ON_THEM = f"""
    SELECT id, revision, card, volume, camera, size, problem, first_seen, cards
    FROM clips JOIN ({_LAST}) lately USING (volume, card)
    WHERE parent = '' AND NOT superseded AND first_seen > lately.last - {_AGAIN}
"""  # noqa: S608 - our own words
_TABLES = f"""
    {OWED}
        c AS MATERIALIZED (SELECT * FROM stood)
"""  # noqa: S608 - our own words
_CARDS = f"""
    SELECT card, volume, count(*) AS clips, sum(coalesce(size, 0))::BIGINT AS bytes,
        epoch(min(first_seen)) AS seen, epoch(max(first_seen)) AS last, any_value(cards) AS cards,
        count(*) FILTER ({ALONE}) AS alone, {SUMS}
    FROM c LEFT JOIN ({sinks_of("card, volume")}) USING (card, volume)
    GROUP BY card, volume ORDER BY last DESC, volume, card
"""  # noqa: S608 - our own words
_NAMES = (
    "card",
    "volume",
    "clips",
    "bytes",
    "seen",
    "last",
    "alone",
    "undelivered",
    "unrouted",
    "sinks",
    "handed_over",
)


def cards(query: Query, waits: Waits) -> Document:
    """The document `Cards`: the last to come first."""
    of_jobs, parameters = ranks(waits)
    tables = _TABLES.format(ranks=of_jobs, shot=_ON_THEM)
    rows = query(f"{tables} {_CARDS}", parameters)
    found = [dict(zip(_NAMES, (*row[:6], *row[7:]), strict=True)) for row in rows]
    return {"cards": found, "total": rows[0][6] if rows else 0}
