"""The days on which something was seen."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from rushes.engine.views.document import Document
from rushes.ledger import Query

#: Zones are whole quarters of an hour away from UTC.
_QUARTER_S = 900
_QUARTERS = f"""
    SELECT epoch(first_seen)::BIGINT // {_QUARTER_S}, count(*), sum(size)::BIGINT FROM clips
    WHERE parent = '' AND NOT superseded GROUP BY 1
"""  # noqa: S608 - a number


def days(query: Query) -> list[Document]:
    """Local days, the newest first, with the originals that were first seen on it and their bytes."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for quarter, clips, size in query(_QUARTERS):
        day = found[f"{datetime.fromtimestamp(quarter * _QUARTER_S).astimezone():%Y-%m-%d}"]
        day[0] += clips
        day[1] += size
    return [
        {"day": day, "clips": found[day][0], "bytes": found[day][1]} for day in sorted(found, reverse=True)
    ]
