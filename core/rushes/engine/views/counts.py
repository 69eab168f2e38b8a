"""How much there is, and how much of it remains."""

from __future__ import annotations

from collections.abc import Collection

from rushes.engine.views.document import Document
from rushes.engine.views.last import Waits
from rushes.engine.views.states import DONE, LIVE, STATES, WAITING, ranks
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import ROUTE

_FOR_THEIR_ROUTE = f"""
    SELECT reason, count(DISTINCT job), min(until), max(until) FROM steps
    WHERE state = 'waiting' AND waits_for = '{ROUTE}' GROUP BY reason ORDER BY reason
"""  # noqa: S608 - a word


#: Whether what waits for another step remains, its job tells: of a parked one it does not.
_SUM = f"""
    (SELECT sum(c.size) FROM steps s JOIN clips c ON c.id = s.clip WHERE s.verb = 'deliver' AND s.state IN {LIVE}
"""  # noqa: S608 - our own words


def counts(query: Query, waits: Waits) -> Document:
    """Clips, jobs by state, and what remains: files, bytes of deliveries known so far, files `unmade` beside them."""
    of_jobs, parameters = ranks(waits)
    [(clips, jobs, ranked, files, size, more, unmade)] = query(
        f"""
        WITH o AS MATERIALIZED ({of_jobs}) SELECT
            (SELECT count(*) FROM clips WHERE parent = '' AND NOT superseded),
            (SELECT count(*) FROM jobs),
            (SELECT list([rank, number]) FROM (SELECT rank, count(*) AS number FROM o GROUP BY rank)),
            (SELECT count(DISTINCT clip) FROM jobs
             WHERE NOT over AND id NOT IN (SELECT job FROM o WHERE rank > {WAITING})),
            {_SUM} AND (s.state <> 'waiting' OR s.maker = '')),
            {_SUM} AND s.state = 'waiting' AND s.maker <> ''
             AND s.job IN (SELECT job FROM o WHERE rank <= {WAITING})),
            (SELECT count(DISTINCT clip) FROM jobs WHERE NOT over AND len(sinks) > 0
             AND id IN (SELECT job FROM o WHERE rank <= {WAITING})
             AND id NOT IN (SELECT job FROM steps WHERE verb = 'deliver'))
        """,  # noqa: S608 - our own words
        parameters,
    )
    numbers = dict(ranked or ())
    numbers[DONE] = jobs - sum(numbers.values())
    return {
        "clips": clips,
        "jobs": {state: numbers.get(rank, 0) for rank, state in enumerate(STATES)},
        "files_remaining": files,
        "bytes_remaining": int(size or 0) + int(more or 0),
        "unmade": unmade,
    }


def resting(query: Query, sinks: Collection[str]) -> list[Document]:
    """What waits for each of the sinks that rest: files, and bytes as far as known."""
    if not sinks:
        return []
    where, names = among("s.component", sinks)
    rows = query(
        f"""
        SELECT s.component, count(DISTINCT s.clip), sum(c.size) FROM steps s JOIN clips c ON c.id = s.clip
        WHERE s.verb = 'deliver' AND s.state IN {LIVE} AND {where} GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 - our own words
        names,
    )
    return [{"sink": sink, "files": files, "bytes": int(size or 0)} for sink, files, size in rows]


def route_waits(query: Query) -> list[Document]:
    """How many jobs wait for what their route waits for; `until` then the first of them goes, `last` the last."""
    return [
        {"reason": reason, "jobs": number, "until": first, "last": last}
        for reason, number, first, last in query(_FOR_THEIR_ROUTE)
    ]
