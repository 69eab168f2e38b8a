"""What needs a person: where it is, why, and what helps."""

from __future__ import annotations

from collections import defaultdict
from typing import Literal

from rushes.engine.links import ambiguous
from rushes.engine.note import note
from rushes.engine.views.document import Document
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import COMPLETE, NEWS, PERSON, ROUTE, SOURCE

MOST_ATTENTION = 100
_LISTED = "pipeline queue FILE list --state"
AGAIN = "record or copy it again"

#: The newest of one kind, and then no more than their clips: of a hundred thousand, a hundred are told.
_STEPS = """
    SELECT job, reason, changed, if(verb = 'deliver', component, ''), count(*) OVER () FROM steps
    WHERE {where} ORDER BY changed DESC LIMIT {most}
"""
_PARKED = _STEPS.format(where="state = 'parked'", most=MOST_ATTENTION)
_ASKING = _STEPS.format(
    where=f"state = 'waiting' AND waits_for IN ('{PERSON}', '{NEWS}', '{SOURCE}')", most=MOST_ATTENTION
)
_ELSEWHERE = f"""
    SELECT s.component, s.reason, count(*) FROM steps s
    WHERE s.state = 'waiting'
    AND s.waits_for NOT IN ('', '{PERSON}', '{NEWS}', '{SOURCE}', '{COMPLETE}', '{ROUTE}')
    GROUP BY ALL ORDER BY ALL LIMIT {MOST_ATTENTION}
"""  # noqa: S608 - words and a number
_BROKEN_UNROUTED = f"""
    WITH broken AS MATERIALIZED (SELECT id, path, card, problem FROM clips WHERE problem IS NOT NULL AND NOT superseded)
    SELECT * FROM broken
    WHERE id NOT IN (SELECT clip FROM jobs WHERE clip IN (SELECT id FROM broken)) LIMIT {MOST_ATTENTION}
"""  # noqa: S608 - a number


def attention(query: Query) -> list[Document]:
    """Work and matches that wait for a person, parked work, broken media that no route wanted."""
    elsewhere = [
        note("waiting", component, f"{number} waiting: {reason}", component=component)
        for component, reason, number in query(_ELSEWHERE)
    ]
    broken = [
        note("media", f"{card}: {path}", problem, AGAIN, clip=clip)
        for clip, path, card, problem in query(_BROKEN_UNROUTED)
    ]
    asking = _told(query, _ASKING, "waiting", "release")
    return [*asking, *elsewhere, *_told(query, _PARKED, "parked", "retry"), *broken, *ambiguous(query)]


def _told(query: Query, sql: str, kind: Literal["parked", "waiting"], verb: str) -> list[Document]:
    """What is done alike about several jobs of a clip is one thing."""
    steps = query(sql)
    where, jobs = among("id", {job for job, *_ in steps})
    told = query(f"SELECT id, clip, sinks FROM jobs WHERE {where}", jobs)  # noqa: S608 - our own words
    of_jobs = {job: (clip, sinks) for job, clip, sinks in told}
    where, names = among("id", {clip for clip, _ in of_jobs.values()})
    clips = {row[0]: row for row in query(f"SELECT id, path, card, problem FROM clips WHERE {where}", names)}  # noqa: S608 - our own words
    together: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    places: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for job, reason, changed, sink, _ in steps:
        name, sinks = of_jobs[job]
        together[name, reason].setdefault(job, changed)
        places[name, reason] |= {sink} if sink else set(sinks)
    found: list[Document] = []
    for (name, why), failed in together.items():
        clip, path, card, problem = clips[name]
        ids = " ".join(failed)
        remedy = f"pipeline queue FILE {verb} {ids}, or cancel {ids}"
        if kind == "parked" and problem:  # whatever came of trying it again
            remedy = f"{AGAIN}, then pipeline queue FILE cancel {ids}"
        about = {
            "clip": clip, "jobs": list(failed), "problem": problem or "",
            "to": sorted(places[name, why]),
            "failed_at": max(failed.values()) if kind == "parked" else None,
        }  # fmt: skip
        found.append(note(kind, f"{card}: {path}", why, remedy, verbs=(verb, "cancel"), **about))
    if more := (steps[0][-1] if steps else 0) - len(steps):
        found.append(note(kind, "jobs", f"{more} more are {kind}", f"{_LISTED} {kind}", things=more))
    return found
