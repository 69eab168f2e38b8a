"""Jobs: one with its steps, or a page of those that were looked for, in the order in which they will run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rushes.engine.board import state_of
from rushes.engine.place import OTHERS, PROXIES
from rushes.engine.queue import LoadedJob, is_releasable, load_jobs
from rushes.engine.references import find_job
from rushes.engine.searches import MOST_JOBS, JobSearch, cursor, place
from rushes.engine.values import modified
from rushes.engine.views.document import Document
from rushes.engine.views.last import Waits
from rushes.engine.views.states import DONE, LIVE, READY, STATES, WAITING, ranks
from rushes.engine.views.text import spoken_of
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import Step
from rushes.model import Clip, StepState

_WITH_REASON = frozenset({"parked", "waiting", "withdrawn", "cancelled"})

#: As `rushes.engine.place` has it: of the steps of a job the first to go counts.
_OF_PROXIES = f"""
    SELECT DISTINCT job, {PROXIES} AS lane FROM steps
    WHERE state IN {LIVE} AND clip IN (SELECT id FROM clips WHERE role = 'proxy')
"""  # noqa: S608 - our own words
#: `line` is a job's rank; what could go if its component and its card were there stands before all else that waits.
_PLACES = f"""
    SELECT j.id, coalesce(o.rank, {DONE}) AS rank,
        coalesce(o.rank, {DONE}) + CASE WHEN o.rank = {WAITING} AND NOT o.due THEN 0.5::DOUBLE ELSE 0 END AS line,
        -coalesce((place->>0)::BIGINT, urgent) AS urgent, -coalesce((place->>1)::BIGINT, priority) AS priority,
        least(coalesce((place->>2)::INTEGER, {OTHERS}), coalesce(l.lane, {OTHERS})) AS lane,
        coalesce((place->>3)::DOUBLE, created) AS since, coalesce(place->>4, j.id) AS tail
    FROM j LEFT JOIN o ON o.job = j.id LEFT JOIN ({_OF_PROXIES}) l ON l.job = j.id
"""  # noqa: S608 - our own words
_QUEUE = ("line", "urgent", "priority", "lane", "since", "tail", "id")
_QUEUE_TYPES = (float, int, int, int, float, str, str)
_NEWEST_FIRST, _NEWEST_TYPES = ("since", "id"), (float, str)
_NEWEST = f"""
    SELECT j.id, coalesce(o.rank, {DONE}) AS rank, -j.created AS since
    FROM j LEFT JOIN o ON o.job = j.id
"""  # noqa: S608 - our own words
_SQL_TYPES = {float: "DOUBLE", int: "BIGINT", str: "VARCHAR"}


def jobs(query: Query, search: JobSearch, waits: Waits) -> Document:
    """A page of jobs, how many there are, and how many in each state whatever `states` asks for.

    Those that could go have their `position`, from 1 on, where nothing but their states was asked for.
    Raises SearchError for an `after` that is none of ours.
    """
    ordered = search.order == "queue"
    key, types = (_QUEUE, _QUEUE_TYPES) if ordered else (_NEWEST_FIRST, _NEWEST_TYPES)
    behind, start = _behind(key, types, search.after)
    of_jobs, parameters = ranks(waits)
    narrowed, asked = _narrowed(search)
    shown = [rank for rank, state in enumerate(STATES) if state in search.states or not search.states]
    # Where a job stands among all is known where all are looked at.
    passed = (
        f"line BETWEEN {READY} AND {WAITING} AND (NOT {behind} OR (line = {READY} AND {READY not in shown}))"
    )
    numbered = ordered and not asked
    limit = min(search.limit, MOST_JOBS)
    rows = query(
        f"""
        WITH o AS MATERIALIZED ({of_jobs}),
            j AS (SELECT * FROM jobs WHERE {narrowed}),
            found AS MATERIALIZED ({_PLACES if ordered else _NEWEST}),
            page AS (SELECT * FROM found WHERE list_contains(?::INTEGER[], rank) AND {behind}
                     ORDER BY {", ".join(key)} LIMIT {limit + 1}),
            numbers AS (SELECT list([rank, number]) AS numbers
                        FROM (SELECT rank, count(*) AS number FROM found GROUP BY rank))
        SELECT numbers, {f"(SELECT count(*) FROM found WHERE {passed})" if numbered else "NULL"},
            {", ".join(f"p.{name}" for name in key)}
        FROM numbers LEFT JOIN page p ON true ORDER BY {", ".join(f"p.{name}" for name in key)}
        """,  # noqa: S608 - our own words
        [*parameters, *asked, shown, *start, *(start if numbered else ())],
    )
    numbers, before = dict(rows[0][0] or ()), rows[0][1]
    places = {row[-1]: row[2:] for row in rows if row[-1] is not None}
    documents = job_documents(query, list(places)[:limit], waits)
    for document in documents:
        line = places[document["id"]][0]
        if numbered and READY <= line <= WAITING:
            before += 1
            document["position"] = before
    return {
        "jobs": documents,
        "total": sum(number for rank, number in numbers.items() if rank in shown),
        "after": cursor(*places[documents[-1]["id"]]) if len(places) > limit else None,
        "facets": {"states": {state: numbers.get(rank, 0) for rank, state in enumerate(STATES)}},
    }


def job_documents(query: Query, names: Sequence[str], waits: Waits) -> list[Document]:
    """These jobs, in the order of their ids given."""
    where, ids = among("id", names)
    found = {loaded.job.id: job_document(loaded) for loaded in load_jobs(query, where, ids, meta=False)}
    documents = [found[name] for name in names]
    lay_over(documents, waits)
    return documents


def job(query: Query, reference: str, waits: Waits) -> Document:
    """The one job of that id, or of an id that begins so. Raises NotFound."""
    [document] = job_documents(query, [find_job(query, reference)], waits)
    return document


def _behind(key: Sequence[str], types: Sequence[type], after: str) -> tuple[str, Sequence[Any]]:
    """The condition that a row comes behind that place; its parameters."""
    if not after:
        return "true", ()
    slots = ", ".join(f"?::{_SQL_TYPES[type_]}" for type_ in types)
    return f"({', '.join(key)}) > ({slots})", place(after, *types)


def _narrowed(search: JobSearch) -> tuple[str, list[Any]]:
    """The condition of all that is asked but the states; its parameters."""
    conditions, parameters = ["true"], []
    if search.q:
        spoken, words = spoken_of(search.q)
        # A job is found by its clip, or by the beginning of its own id.
        conditions.append(f"(clip IN (SELECT id FROM clips WHERE {spoken}) OR starts_with(id, ?))")  # noqa: S608 - our own words
        parameters += [*words, search.q]
    if search.route:
        conditions.append("route = ?")
        parameters.append(search.route)
    if search.sink:
        conditions.append("list_contains(sinks, ?)")
        parameters.append(search.sink)
    return " AND ".join(conditions), parameters


def job_document(loaded: LoadedJob) -> Document:
    """One job with its steps."""
    job, clip = loaded.job, loaded.clips[loaded.job.clip]
    steps = [_step(step, loaded.clips[step.clip]) for step in loaded.steps]
    state = _job_state(steps)
    reasons = [step for step in _telling(steps) if step["state"] in _WITH_REASON]
    telling = next((step for step in reasons if step["state"] == state), next(iter(reasons), None))
    return {
        "id": job.id,
        "clip": clip.id,
        "name": clip.filename,
        "card": clip.card,
        "volume": clip.volume,
        "path": clip.path,
        "modified": modified(clip),
        "route": job.route,
        "sinks": list(job.sinks),
        "revision": job.revision,
        "state": state,
        "reason": telling["reason"] if telling else "",
        "until": telling["until"] if telling else None,
        "releasable": any(map(is_releasable, loaded.steps)),
        "created": job.created,
        "priority": job.priority,
        "urgent": job.urgent > 0,
        "size": clip.size,
        "problem": str(clip.meta.get("problem", "")),
        "steps": steps,
    }


def _telling(steps: Sequence[Document]) -> list[Document]:
    """The steps that say how their job is; what waits for another step leaves that to the other."""
    unfinished = {step["id"] for step in steps if step["state"] != "done"}
    return [step for step in steps if step["state"] != "waiting" or step["maker"] not in unfinished]


def _job_state(steps: Sequence[Document]) -> str:
    return state_of(StepState(step["state"]) for step in _telling(steps)).value


def _step(step: Step, clip: Clip) -> Document:
    return {
        "id": step.id,
        "maker": step.maker,
        "component": step.component,
        "verb": step.verb,
        "state": step.state.value,
        "reason": step.reason,
        "until": (step.until or None) if step.state is StepState.WAITING else None,
        "attempts": step.attempts,
        "clip": clip.id,
        "name": clip.filename,
        "role": clip.role.value,
        "size": clip.size,
        "sent": 0,
        "volume": clip.volume,
        "receipt": asdict(step.receipt) if step.receipt else None,
    }


def lay_over(documents: Iterable[Document], waits: Waits) -> None:
    """Tell of ready steps, in place, what they really wait for: a component that is away, a card to be inserted. What
    nobody works on is ready.
    """
    away, absent = waits["components"], waits["volumes"]
    for job in documents:
        for step in job["steps"]:
            if step["state"] == StepState.RUNNING.value and not waits["running"]:
                step["state"] = StepState.READY.value
            reason = absent.get(step["volume"]) or away.get(step["component"])
            if step["state"] == StepState.READY.value and reason:
                step.update(state=StepState.WAITING.value, reason=reason)
        if job["steps"] and job["state"] in {StepState.READY.value, StepState.RUNNING.value}:
            job["state"] = _job_state(job["steps"])
            job["reason"] = next(
                (step["reason"] for step in _telling(job["steps"]) if step["state"] == job["state"]), ""
            )
