"""How much there is, and how much of it remains."""

from __future__ import annotations

from rushes.engine.views.document import Document
from rushes.engine.views.last import Waits
from rushes.engine.views.states import DONE, LIVE, STATES, WAITING, ranks
from rushes.ledger import Query
from rushes.ledger.rows import ROUTE

_FOR_THEIR_ROUTE = f"""
    SELECT reason, count(DISTINCT job), min(until), max(until) FROM steps
    WHERE state = 'waiting' AND waits_for = '{ROUTE}' GROUP BY reason ORDER BY reason
"""  # noqa: S608 - a word


#: Whether what waits for another step remains, its job tells: of a parked one it does not.
_LEFT = f"""
    SELECT s.component AS sink, count(DISTINCT s.clip) AS files, sum(c.size) AS bytes
    FROM steps s JOIN clips c ON c.id = s.clip WHERE s.verb = 'deliver' AND s.state IN {LIVE}
"""  # noqa: S608 - our own words


def counts(query: Query, waits: Waits) -> Document:
    """Clips, jobs by state, and what remains: files, bytes of deliveries known so far, files `unmade` beside them, and
    what each of the `sinks` has still to get.
    """
    of_jobs, parameters = ranks(waits)
    [(clips, jobs, ranked, files, sinks, unmade)] = query(
        f"""
        WITH o AS MATERIALIZED ({of_jobs}) SELECT
            (SELECT count(*) FROM clips WHERE parent = '' AND NOT superseded),
            (SELECT count(*) FROM jobs),
            (SELECT list([rank, number]) FROM (SELECT rank, count(*) AS number FROM o GROUP BY rank)),
            (SELECT count(DISTINCT clip) FROM jobs
             WHERE NOT over AND id NOT IN (SELECT job FROM o WHERE rank > {WAITING})),
            (SELECT list({{sink: sink, files: files, bytes: bytes}} ORDER BY sink) FROM
             (SELECT sink, sum(files) AS files, sum(bytes) AS bytes FROM (
              {_LEFT} AND (s.state <> 'waiting' OR s.maker = '') GROUP BY 1 UNION ALL
              {_LEFT} AND s.state = 'waiting' AND s.maker <> ''
               AND s.job IN (SELECT job FROM o WHERE rank <= {WAITING}) GROUP BY 1) GROUP BY 1)),
            (SELECT count(DISTINCT clip) FROM jobs WHERE NOT over AND len(sinks) > 0
             AND id IN (SELECT job FROM o WHERE rank <= {WAITING})
             AND id NOT IN (SELECT job FROM steps WHERE verb = 'deliver'))
        """,  # noqa: S608 - our own words
        parameters,
    )
    numbers = dict(ranked or ())
    numbers[DONE] = jobs - sum(numbers.values())
    left = [
        {"sink": each["sink"], "files": int(each["files"]), "bytes": int(each["bytes"] or 0)}
        for each in sinks or ()
    ]
    return {
        "clips": clips,
        "jobs": {state: numbers.get(rank, 0) for rank, state in enumerate(STATES)},
        "files_remaining": files,
        "bytes_remaining": sum(each["bytes"] for each in left),
        "unmade": unmade,
        "sinks": left,
    }


def sent_before(query: Query) -> dict[str, int]:
    """Bytes that are there of deliveries which will go on, by sink: a run at rest does not know them otherwise."""
    rows = query(f"""
        SELECT s.component, sum(sent) FROM (SELECT step, max(sent) AS sent FROM parts GROUP BY step) p
        JOIN steps s ON s.id = p.step JOIN clips c ON c.id = s.clip
        WHERE s.verb = 'deliver' AND s.state IN {LIVE} AND c.complete GROUP BY s.component
    """)  # noqa: S608 - our own words
    return {sink: int(sent or 0) for sink, sent in rows}


def route_waits(query: Query) -> list[Document]:
    """How many jobs wait for what their route waits for; `until` then the first of them goes, `last` the last."""
    return [
        {"reason": reason, "jobs": number, "until": first, "last": last}
        for reason, number, first, last in query(_FOR_THEIR_ROUTE)
    ]
