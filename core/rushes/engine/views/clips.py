"""A page of the originals that were looked for, each with how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rushes.engine.searches import MOST_CLIPS, ClipSearch, SearchError, cursor, place
from rushes.engine.views.document import Document
from rushes.engine.views.last import Waits
from rushes.engine.views.states import DONE, STATES, ranks
from rushes.engine.views.text import spoken_of
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import epoch, utc
from rushes.model import Kind, StepState

#: No clip starts as late, in flicks: those without timecode come last.
_LAST = 2**62
#: By what pages are sorted: SQL, its type, and the type of its values in a cursor.
_SORTS: Mapping[str, Sequence[tuple[str, str, type]]] = {
    "name": (("card", "VARCHAR", str), ("path", "VARCHAR", str), ("id", "VARCHAR", str)),
    "newest": (("-epoch_us(first_seen)", "BIGINT", int), ("id", "VARCHAR", str)),
    "timecode": ((f"coalesce(starts, {_LAST})", "BIGINT", int), ("id", "VARCHAR", str)),
}
_MATCHES = {
    "matched": "matched = 'matched'",
    "ambiguous": "matched = 'ambiguous'",
    "unmatched": "coalesce(matched, 'none') NOT IN ('matched', 'ambiguous')",
}
#: Of a clip's jobs the liveliest counts; no rank, no jobs.
_OF_CLIPS = f"""
    SELECT j.clip, min(coalesce(o.rank, {DONE})) AS rank FROM jobs j LEFT JOIN o ON o.job = j.id GROUP BY j.clip
"""  # noqa: S608 - a number
_FACETS = """
    SELECT (SELECT list(DISTINCT card ORDER BY card) FROM found),
        (SELECT list([kind, n::VARCHAR]) FROM (SELECT kind, count(*) AS n FROM found GROUP BY kind)),
        (SELECT list([rank, n]) FROM (SELECT rank, count(*) AS n FROM found WHERE rank IS NOT NULL GROUP BY rank))
"""
_ROWS = """
    SELECT id, regexp_extract(path, '[^/]*$'), path, card, kind, role, size, complete, problem, first_seen, timecode,
        timecode_end, rate, duration, scene, slate, take, circled, matched
    FROM clips WHERE {where}
"""
_PICTURES = frozenset({Kind.VIDEO.value, Kind.IMAGE.value})


def clips(query: Query, search: ClipSearch, waits: Waits) -> Document:
    """A page of clips and how many there are. `facets` count what is found whatever card, kind and state it is of.

    Raises SearchError for a day or an `after` that is none.
    """
    key = _SORTS[search.sort]
    names = ", ".join(f"k{number}" for number in range(len(key)))
    behind = "true"
    start: Sequence[Any] = ()
    if search.after:
        slots = ", ".join(f"?::{sql_type}" for _, sql_type, _ in key)
        behind, start = f"({names}) > ({slots})", place(search.after, *(type_ for *_, type_ in key))
    of_jobs, parameters = ranks(waits)
    wide, asked = _wide(search)
    narrow, narrowed = _narrow(search)
    limit = min(search.limit, MOST_CLIPS)
    rows = query(
        f"""
        WITH o AS MATERIALIZED ({of_jobs}),
            found AS MATERIALIZED (
                SELECT id, card, kind, rank, {", ".join(f"{sql} AS k{n}" for n, (sql, *_) in enumerate(key))}
                FROM clips LEFT JOIN ({_OF_CLIPS}) ON clip = id
                WHERE parent = '' AND NOT superseded AND {wide}),
            narrowed AS MATERIALIZED (SELECT * FROM found WHERE {narrow}),
            page AS (SELECT * FROM narrowed WHERE {behind} ORDER BY {names} LIMIT {limit + 1}),
            facets(cards, kinds, states) AS ({_FACETS})
        SELECT cards, kinds, states, (SELECT count(*) FROM narrowed), rank, {names}
        FROM facets LEFT JOIN page ON true ORDER BY {names}
        """,  # noqa: S608 - our own words
        [*parameters, *asked, *narrowed, *start],
    )
    cards, kinds, states, total = rows[0][:4]
    page = {row[-1]: row for row in rows if row[-1] is not None}
    shown = {name: row[4] for name, row in list(page.items())[:limit]}
    return {
        "clips": _documents(query, shown),
        "total": total,
        "after": cursor(*page[list(shown)[-1]][5:]) if len(page) > limit else None,
        "facets": {
            "cards": cards or [],
            "kinds": {kind: int(number) for kind, number in sorted(kinds or ())},
            "states": {STATES[rank]: number for rank, number in sorted(states or ())},
        },
    }


def _wide(search: ClipSearch) -> tuple[str, list[Any]]:
    """The condition of what is asked beside card, kind and state; its parameters."""
    spoken, parameters = spoken_of(search.q)
    conditions: list[str] = [spoken]
    if search.role:
        conditions.append("role = ?")
        parameters.append(search.role)
    if search.match is not None:
        conditions.append(_MATCHES[search.match])
    if search.problem is not None:
        conditions.append(f"problem IS {'NOT ' if search.problem else ''}NULL")
    told: list[Any] = [*parameters]
    if search.day:
        conditions.append("first_seen >= ? AND first_seen < ?")
        told += _bounds(search.day)
    return " AND ".join(conditions), told


def _narrow(search: ClipSearch) -> tuple[str, list[Any]]:
    conditions, parameters = ["true"], list[Any]()
    for column, value in (("card", search.card), ("kind", search.kind)):
        if value:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if search.states:
        conditions.append("list_contains(?::INTEGER[], rank)")
        parameters.append([rank for rank, state in enumerate(STATES) if state in search.states])
    return " AND ".join(conditions), parameters


def _bounds(day: str) -> tuple[datetime, datetime]:
    """When that local day begins and when it ends, as the ledger tells time."""
    try:
        begins = date.fromisoformat(day)
        ends = begins + timedelta(days=1)
        first, last = (
            datetime(each.year, each.month, each.day).astimezone().timestamp() for each in (begins, ends)
        )
    except (ValueError, OverflowError, OSError) as error:
        raise SearchError(f"day: {day!r:.40} is no day; write it as {datetime.now(UTC):%Y-%m-%d}") from error
    return utc(first), utc(last)


def _documents(query: Query, ranked: Mapping[str, int | None]) -> list[Document]:
    """The rows of these clips, in their order."""
    if not ranked:
        return []
    where, names = among("id", list(ranked))
    rows = {row[0]: row for row in query(_ROWS.format(where=where), names)}
    jobs, delivered, deliveries = _progress(query, list(ranked))
    return [
        _row(rows[name])
        | {
            "state": "" if rank is None else STATES[rank],
            "jobs": jobs[name],
            "delivered": delivered[name],
            "deliveries": deliveries[name],
        }
        for name, rank in ranked.items()
    ]


def _progress(query: Query, names: Sequence[str]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By clip, its jobs, its deliveries that are done, and all deliveries that it will have as far as is known."""
    where, clips = among("clip", names)
    of_jobs = dict(query(f"SELECT id, clip FROM jobs WHERE {where}", clips))  # noqa: S608 - our own words
    where, asked = among("job", of_jobs)
    deliveries = query(f"SELECT job, state FROM steps WHERE verb = 'deliver' AND {where}", asked)  # noqa: S608 - our own words
    return (
        Counter(of_jobs.values()),
        Counter(of_jobs[job] for job, state in deliveries if state == StepState.DONE.value),
        Counter(of_jobs[job] for job, _ in deliveries),
    )


def _row(row: Sequence[Any]) -> Document:
    (
        clip, name, path, card, kind, role, size, complete, problem, first_seen, timecode, timecode_end, rate, duration,
        scene, slate, take, circled, matched,
    ) = row  # fmt: skip
    return {
        "clip": clip, "name": name, "path": path, "card": card, "kind": kind, "role": role, "size": size,
        "complete": complete, "problem": problem or "", "first_seen": epoch(first_seen), "timecode": timecode,
        "timecode_end": timecode_end, "rate": rate, "duration": duration, "scene": scene,
        "slate": slate, "take": take, "circled": circled, "matched": matched,
        "ambiguous": matched == "ambiguous", "picture": kind in _PICTURES and not problem,
    }  # fmt: skip
