"""The documents that people and programs read, made from one snapshot of the ledger.

The same functions serve a running pipeline (which lays what it knows live on top) and a ledger at rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any, TypedDict

from rushes.columns import COLUMNS
from rushes.engine.board import state_of
from rushes.engine.decisions import decisions
from rushes.engine.links import ambiguous, links
from rushes.engine.queue import LoadedJob, load_jobs
from rushes.engine.recovery import ENGINE, PIPELINE_KEY, WAITING_KEY
from rushes.engine.switches import SWITCHES_KEY, Switches, paused_by_person, read_switches
from rushes.engine.tellers import tellers
from rushes.engine.values import told
from rushes.errors import NotFound
from rushes.ledger import Query
from rushes.ledger.rows import (
    COMPLETE,
    NEWS,
    PERSON,
    ROUTE,
    Step,
    StoredFinding,
    read_clip,
    read_event,
    read_finding,
)
from rushes.model import Clip, StepState

Document = dict[str, Any]


class Waits(TypedDict):
    """Why ready work does not start: reasons by component id, and by volume."""

    components: dict[str, str]
    volumes: dict[str, str]


_NEVER_USED: Document = {"name": "", "file": "", "match": "all", "routes": [], "sinks": []}
MOST_ATTENTION = 100
MOST_NAMED = 6
AGAIN = "record or copy it again"
MOST_EVENTS = 500
_WITH_REASON = frozenset({"parked", "waiting", "withdrawn", "cancelled"})

#: As `_telling` and `state_of`: what waits for another step of its job has no say, that other step has.
_STATE_OF_JOBS = """
    SELECT job, CASE
        WHEN bool_or(state = 'running') THEN 'running' WHEN bool_or(state = 'ready') THEN 'ready'
        WHEN bool_or(state = 'waiting') THEN 'waiting' WHEN bool_or(state = 'parked') THEN 'parked'
        WHEN bool_or(state = 'cancelled') THEN 'cancelled' WHEN bool_or(state = 'withdrawn') THEN 'withdrawn'
        ELSE 'done' END AS state
    FROM steps WHERE state <> 'waiting' OR maker NOT IN (SELECT id FROM steps WHERE state <> 'done')
    GROUP BY job
"""
_JOB_STATES = f"SELECT state, count(*) FROM ({_STATE_OF_JOBS}) GROUP BY state"  # noqa: S608 - our own words
_REMAINING = f"""
    SELECT count(DISTINCT j.clip), coalesce(sum(c.size) FILTER (s.verb = 'deliver'), 0)
    FROM steps s JOIN jobs j ON j.id = s.job JOIN clips c ON c.id = s.clip JOIN ({_STATE_OF_JOBS}) o ON o.job = j.id
    WHERE s.state IN ('ready', 'running', 'waiting') AND o.state IN ('ready', 'running', 'waiting')
"""  # noqa: S608 - our own words
_PARKED = f"""
    SELECT c.path, c.card, s.job, s.reason, c.problem
    FROM steps s JOIN jobs j ON j.id = s.job JOIN clips c ON c.id = j.clip
    WHERE s.state = 'parked' ORDER BY s.changed DESC LIMIT {MOST_ATTENTION}
"""  # noqa: S608 - a number
_ASKING = f"""
    SELECT c.path, c.card, s.job, s.reason
    FROM steps s JOIN jobs j ON j.id = s.job JOIN clips c ON c.id = j.clip
    WHERE s.state = 'waiting' AND s.waits_for IN ('{PERSON}', '{NEWS}')
    ORDER BY s.changed DESC LIMIT {MOST_ATTENTION}
"""  # noqa: S608 - a word and a number
_ELSEWHERE = f"""
    SELECT s.component, s.reason, count(*) FROM steps s
    WHERE s.state = 'waiting' AND s.waits_for NOT IN ('', '{PERSON}', '{NEWS}', '{COMPLETE}', '{ROUTE}')
    GROUP BY ALL ORDER BY ALL LIMIT {MOST_ATTENTION}
"""  # noqa: S608 - words and a number
_FOR_THEIR_ROUTE = f"""
    SELECT reason, count(DISTINCT job), min(until), max(until) FROM steps
    WHERE state = 'waiting' AND waits_for = '{ROUTE}' GROUP BY reason ORDER BY reason
"""  # noqa: S608 - a word
_BROKEN_UNROUTED = f"""
    SELECT c.path, c.card, c.problem FROM clips c
    WHERE c.problem IS NOT NULL AND NOT c.superseded AND c.id NOT IN (SELECT clip FROM jobs)
    LIMIT {MOST_ATTENTION}
"""  # noqa: S608 - a number


#: Clips that a reference names, those first that it names most exactly.
_NAMED = f"""
    SELECT CASE
        WHEN id = $1 OR path = $1 OR card || '/' || path = $1 THEN 0
        WHEN name = $1 OR lower(name || '.' || extension) = lower($1) OR ends_with(path, '/' || $1) THEN 1
        WHEN starts_with(id, $1) OR starts_with(lower(name), lower($1)) THEN 2
        END AS exactness, id, card || '/' || path
    FROM clips WHERE exactness IS NOT NULL AND parent = '' AND NOT superseded
    ORDER BY exactness, card, path LIMIT {MOST_NAMED + 1}
"""  # noqa: S608 - a number


def counts(query: Query) -> Document:
    """Clips, jobs by state, and what remains: files, and bytes of deliveries known so far."""
    clips = query("SELECT count(*) FROM clips WHERE parent = '' AND NOT superseded")[0][0]
    jobs = dict.fromkeys((state.value for state in StepState), 0) | dict(query(_JOB_STATES))
    files, size = query(_REMAINING)[0]
    return {"clips": clips, "jobs": jobs, "files_remaining": files, "bytes_remaining": int(size)}


def attention(query: Query) -> list[Document]:
    """What needs a person: work and matches that wait for one, parked work, broken media that no route wanted."""
    parked = [
        {
            "subject": f"{card}: {path}",
            "reason": _without_name(path, reason),
            "remedy": f"{AGAIN}, then pipeline queue FILE cancel {job}"
            if reason == problem
            else f"pipeline queue FILE retry {job}, or cancel {job}",
        }
        for path, card, job, reason, problem in query(_PARKED)
    ]
    broken = [
        {"subject": f"{card}: {path}", "reason": problem, "remedy": AGAIN}
        for path, card, problem in query(_BROKEN_UNROUTED)
    ]
    asking = [
        {
            "subject": f"{card}: {path}",
            "reason": _without_name(path, reason),
            "remedy": f"pipeline queue FILE release {job}, or cancel {job}",
        }
        for path, card, job, reason in query(_ASKING)
    ]
    elsewhere = [
        {"subject": component, "reason": f"{number} waiting: {reason}", "remedy": ""}
        for component, reason, number in query(_ELSEWHERE)
    ]
    return [*asking, *elsewhere, *parked, *broken, *ambiguous(query)]


def route_waits(query: Query) -> list[Document]:
    """How many jobs wait for what their route waits for; `until` then the first of them goes, `last` the last."""
    return [
        {"reason": reason, "jobs": number, "until": first, "last": last}
        for reason, number, first, last in query(_FOR_THEIR_ROUTE)
    ]


def _without_name(path: str, reason: str) -> str:
    """A component's reason begins with the file's name; beside its path that says nothing new."""
    return reason.removeprefix(f"{PurePosixPath(path).name}: ")


def jobs(query: Query) -> list[Document]:
    """All jobs, oldest first."""
    return [job_document(loaded) for loaded in load_jobs(query, "true")]


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
        "route": job.route,
        "revision": job.revision,
        "state": state,
        "reason": telling["reason"] if telling else "",
        "until": telling["until"] if telling else None,
        "created": job.created,
        "priority": job.priority,
        "urgent": job.urgent > 0,
        "size": clip.size,
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
        "volume": clip.volume,
        "receipt": asdict(step.receipt) if step.receipt else None,
    }


def find_clip(query: Query, reference: str) -> str:
    """The id of the clip that an id, a file name, the start of either, a path or CARD/path names. Raises NotFound."""
    rows = query(_NAMED, [reference]) if reference else []
    if not rows:
        raise NotFound(f"no clip {reference}; give an id, a file name, a path or CARD/path")
    best = [row for row in rows if row[0] == rows[0][0]]
    if len(best) > 1:
        named = ", ".join(f"{place} ({name})" for _, name, place in best[:MOST_NAMED])
        raise NotFound(f"{reference} names several clips: {named}; give CARD/path or the id")
    return str(best[0][1])


def clip(query: Query, reference: str) -> Document:
    """Everything known of one clip: why it went where it did."""
    name = find_clip(query, reference)
    columns = ", ".join(f'"{column.name}"' for column in COLUMNS)
    row = query(f"SELECT {columns} FROM clips WHERE id = ?", [name])[0]  # noqa: S608 - our own names
    values = {column.name: told(column.name, value) for column, value in zip(COLUMNS, row, strict=True)}
    rows = query(
        "SELECT clip, annotator, basis, data, problem FROM findings WHERE clip = ? ORDER BY annotator", [name]
    )
    found = [read_finding(row) for row in rows]
    loaded = load_jobs(query, "clip = ?", [name])
    events = query(f"SELECT * FROM events WHERE clip = ? ORDER BY seq LIMIT {MOST_EVENTS}", [name])  # noqa: S608 - a number
    return {
        "clip": values,
        "tellers": tellers(query, name, found),
        "findings": [_finding(stored) for stored in found],
        "routes": decisions(query, name, last_pipeline(query)),
        "jobs": [job_document(each) for each in loaded],
        "links": links(query, name),
        "events": [asdict(read_event(row)) for row in events],
    }


def _finding(stored: StoredFinding) -> Document:
    finding = stored.finding
    return {
        "annotator": stored.annotator,
        "basis": finding.basis,
        "values": {name: told(name, value) for name, value in finding.values.items()},
        "problem": finding.problem,
    }


def last_pipeline(query: Query) -> Document:
    """Name, file and rules that the ledger was last used with."""
    rows = query("SELECT value FROM store WHERE component = ? AND key = ?", [ENGINE, PIPELINE_KEY])
    document: Document = json.loads(rows[0][0]) if rows else _NEVER_USED
    return document


def last_waits(query: Query) -> Waits:
    """What ready work was waiting for when the last run ended; what a person paused, as it is now."""
    rows = query("SELECT value FROM store WHERE component = ? AND key = ?", [ENGINE, WAITING_KEY])
    waits: Waits = json.loads(rows[0][0]) if rows else {"components": {}, "volumes": {}}
    left = {name: why for name, why in waits["components"].items() if why != paused_by_person(name)}
    paused = {sink: paused_by_person(sink) for sink in sorted(switches(query).paused)}
    return {"components": left | paused, "volumes": waits["volumes"]}


def switches(query: Query) -> Switches:
    """What a person switched."""
    rows = query("SELECT value FROM store WHERE component = ? AND key = ?", [ENGINE, SWITCHES_KEY])
    return read_switches(json.loads(rows[0][0]) if rows else None)


def lay_over(documents: Iterable[Document], waits: Waits) -> None:
    """Tell of ready steps, in place, what they really wait for: a component that is away, a card to be inserted."""
    away, absent = waits["components"], waits["volumes"]
    for job in documents:
        for step in job["steps"]:
            reason = absent.get(step["volume"]) or away.get(step["component"])
            if step["state"] == StepState.READY.value and reason:
                step.update(state=StepState.WAITING.value, reason=reason)
        if job["steps"] and job["state"] == StepState.READY.value:
            job["state"] = _job_state(job["steps"])
            job["reason"] = next(
                (step["reason"] for step in _telling(job["steps"]) if step["state"] == job["state"]), ""
            )


def originals(query: Query) -> list[Clip]:
    """Every original that was ever admitted."""
    return [read_clip(row) for row in query("SELECT * FROM clips WHERE parent = ''")]


def clips(query: Query) -> list[Document]:
    """Every original that is known, by path."""
    rows = query(
        "SELECT id, path, card, kind, size, complete, problem, matched FROM clips "
        "WHERE parent = '' AND NOT superseded ORDER BY path"
    )
    return [
        {
            "clip": name,
            "name": path,
            "card": card,
            "kind": kind,
            "size": size,
            "complete": complete,
            "problem": problem or "",
            "matched": matched or "",
        }
        for name, path, card, kind, size, complete, problem, matched in rows
    ]
