"""A page of the originals that were looked for, each with how far it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from rushes.engine.searches import ClipSearch, SearchError, cursor, place
from rushes.engine.views.days import calendar
from rushes.engine.views.document import Document
from rushes.engine.views.last import Waits
from rushes.engine.views.states import DONE, STATES, ranks
from rushes.engine.views.text import spoken_of
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import epoch
from rushes.model import Kind

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
#: What is sent of a clip's present bytes; what became of those before is its past.
_PRESENT = "jobs j JOIN clips c ON c.id = j.clip AND c.revision = j.revision"
#: Of a clip's jobs the liveliest counts; no rank, no jobs.
_OF_CLIPS = f"""
    SELECT j.clip, min(coalesce(o.rank, {DONE})) AS rank FROM {_PRESENT} LEFT JOIN o ON o.job = j.id
"""  # noqa: S608 - a number
_COUNTS = """
    SELECT (SELECT count(*) FROM found WHERE {narrow}),
        (SELECT list(DISTINCT card ORDER BY card) FROM found),
        (SELECT list([kind, n::VARCHAR]) FROM (SELECT kind, count(*) AS n FROM found GROUP BY kind)),
        (SELECT list([rank, n]) FROM (SELECT rank, count(*) AS n FROM found WHERE rank IS NOT NULL GROUP BY rank))
"""
_ROWS = """
    SELECT id, regexp_extract(path, '[^/]*$'), path, card, kind, role, size, complete, problem, first_seen, timecode,
        timecode_end, rate, duration, scene, slate, take, circled, matched
    FROM clips WHERE {where}
"""
#: Of jobs the sinks of the deliveries that are done, that are known, and that were withdrawn, one for each; whether
#: something is still to be made; whether nothing else of the job is left.
_DELIVERIES = """
    SELECT job, coalesce(list(component) FILTER (verb = 'deliver' AND state = 'done'), []),
        coalesce(list(component) FILTER (verb = 'deliver' AND state <> 'withdrawn'), []),
        coalesce(list(component) FILTER (verb = 'deliver' AND state = 'withdrawn'), []),
        bool_or(verb = 'apply' AND state NOT IN ('done', 'withdrawn')),
        bool_or(state = 'withdrawn') AND bool_and(state IN ('done', 'withdrawn'))
    FROM steps WHERE {where} GROUP BY job
"""
#: Of SQL, with its parameters.
Condition = tuple[str, list[Any]]
_PICTURES = frozenset({Kind.VIDEO.value, Kind.IMAGE.value})


def clips(query: Query, search: ClipSearch, waits: Waits) -> Document:
    """A page of clips, and if the search is `counted` how many there are.

    `facets` count what is found whatever card, kind and state it is of. Raises SearchError for a day or an `after`
    that is none.
    """
    wide = _wide(query, search)
    page = _page(query, search, waits, wide)
    more = len(page) > search.most
    shown = {row[0]: row for row in page[: search.most]}
    total, facets = _counts(query, search, waits, wide) if search.counted else (None, None)
    return {
        "clips": _documents(query, list(shown), waits),
        "total": total,
        "after": cursor(*page[search.most - 1][1:]) if more else None,
        "facets": facets,
    }


def _page(query: Query, search: ClipSearch, waits: Waits, wide: Condition) -> Sequence[Sequence[Any]]:
    """The names of the clips of the page and of the next one, each with its place in the order."""
    key = _SORTS[search.sort]
    names = ", ".join(f"k{number}" for number in range(len(key)))
    behind, start = "true", list[Any]()
    if search.after:
        slots = ", ".join(f"?::{sql_type}" for _, sql_type, _ in key)
        behind, start = f"({names}) > ({slots})", [*place(search.after, *(type_ for *_, type_ in key))]
    found, asked = _found(wide, waits, ranked=bool(search.states))
    narrow, narrowed = _narrow(search)
    return query(
        f"""
        {found}
        SELECT id, {", ".join(f"{sql} AS k{n}" for n, (sql, *_) in enumerate(key))} FROM found
        WHERE {narrow} AND {behind} ORDER BY {names} LIMIT {search.most + 1}
        """,  # noqa: S608 - our own words
        [*asked, *narrowed, *start],
    )


def _counts(query: Query, search: ClipSearch, waits: Waits, wide: Condition) -> tuple[int, Document]:
    found, asked = _found(wide, waits, ranked=True)
    narrow, narrowed = _narrow(search)
    [(total, cards, kinds, states)] = query(f"{found} {_COUNTS.format(narrow=narrow)}", [*asked, *narrowed])
    return total, {
        "cards": cards or [],
        "kinds": {kind: int(number) for kind, number in sorted(kinds or ())},
        "states": {STATES[rank]: number for rank, number in sorted(states or ())},
    }


def _found(wide: Condition, waits: Waits, *, ranked: bool) -> tuple[str, list[Any]]:
    """The beginning of a query that has `found` whatever card, kind and state; if `ranked` with the `rank` of each."""
    condition, asked = wide
    originals = f"FROM clips WHERE parent = '' AND NOT superseded AND {condition}"
    if not ranked:
        return f"WITH found AS (SELECT * {originals})", asked
    of_jobs, parameters = ranks(waits)
    return (
        f"""
        WITH o AS MATERIALIZED ({of_jobs}), of_clips AS ({_OF_CLIPS} GROUP BY j.clip),
            originals AS (SELECT * {originals}),
            found AS MATERIALIZED (SELECT originals.*, rank FROM originals LEFT JOIN of_clips ON clip = id)
        """,  # noqa: S608 - our own words
        [*parameters, *asked],
    )


def _wide(query: Query, search: ClipSearch) -> Condition:
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
        of_day, names = _shot_on(query, search.day)
        conditions.append(of_day)
        told += names
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


def _shot_on(query: Query, day: str) -> Condition:
    """That an original is of that shooting day."""
    try:
        wanted = date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise SearchError(f"day: {day!r:.40} is no day; write it as {datetime.now(UTC):%Y-%m-%d}") from error
    return calendar(query).condition(wanted)


def _documents(query: Query, names: Sequence[str], waits: Waits) -> list[Document]:
    """The rows of these clips, in their order."""
    if not names:
        return []
    where, asked = among("id", names)
    rows = {row[0]: row for row in query(_ROWS.format(where=where), asked)}
    where, asked = among("j.clip", names)
    found = query(f"SELECT j.id, j.clip, j.sinks FROM {_PRESENT} WHERE {where}", asked)  # noqa: S608 - our own words
    jobs = {job: clip for job, clip, _ in found}
    delivered, deliveries, has = _progress(query, jobs, {job: sinks for job, _, sinks in found})
    states = _states(query, jobs, waits)
    count = Counter(jobs.values())
    return [
        _row(rows[name])
        | {
            "state": states.get(name, ""),
            "jobs": count[name],
            "delivered": delivered[name],
            "deliveries": deliveries[name],
            "has": sorted(has.get(name, ())),
        }
        for name in names
    ]


def _states(query: Query, jobs: Mapping[str, str], waits: Waits) -> dict[str, str]:
    """The state of the liveliest of each clip's `jobs`; of their steps some are of other clips, which were made."""
    of_jobs, parameters = ranks(waits, *among("job", jobs))
    of_clips, asked = among("j.id", jobs)
    ranked = query(
        f"WITH o AS ({of_jobs}) {_OF_CLIPS} WHERE {of_clips} GROUP BY j.clip", [*parameters, *asked]
    )
    return {clip: STATES[rank] for clip, rank in ranked}


def _progress(
    query: Query, jobs: Mapping[str, str], sinks: Mapping[str, Sequence[str]]
) -> tuple[Counter[str], Counter[str], Mapping[str, Collection[str]]]:
    """By clip its deliveries that are done, all that it will have, and the sinks that have all that they are to get.

    Of what is not made yet it will have one for each sink, of what was withdrawn none.
    """
    where, asked = among("job", jobs)
    done: Counter[str] = Counter()
    total: Counter[str] = Counter()
    has: defaultdict[str, set[str]] = defaultdict(set)
    owed: defaultdict[str, set[str]] = defaultdict(set)
    for job, there, known, gone, making, withdrawn in query(_DELIVERIES.format(where=where), asked):
        clip = jobs[job]
        done[clip] += len(there)
        total[clip] += len(known) if withdrawn else max(len(known), len(sinks[job]) - len(gone))
        has[clip] |= set(there)
        if not withdrawn:
            left = {*(Counter(known) - Counter(there)), *(set(sinks[job]) - {*known, *gone})}
            owed[clip] |= set(sinks[job]) if making else left
    return done, total, {clip: those - owed[clip] for clip, those in has.items()}


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
