"""What the rules make of some clips, and the jobs that these clips ever had: all that planning asks the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rushes.engine.ids import step_id
from rushes.engine.routing import Routing, Taken
from rushes.engine.ways import Way, Ways
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.schema import CLIPS

_REVISION = CLIPS.names.index("revision")


@dataclass(frozen=True, slots=True)
class Matches:
    """By clip, the routes that take it; the ids of all jobs these clips ever had, but for the `withdrawn`.

    Of these it is known until when they would have waited for what their route waits for, 0 where they did no more.
    `before` are, by clip that has other jobs, the ids of the routes that took it before the news it is planned for.
    `gone` are, by clip and by id of its other jobs of which the route is not in the file, the ways that these have.
    """

    routes: Mapping[str, Sequence[Taken]]
    known: frozenset[str]
    withdrawn: Mapping[str, float]
    before: Mapping[str, Collection[str]] = field(default_factory=dict)
    gone: Mapping[str, Mapping[str, Collection[Way]]] = field(default_factory=dict)


def find_matches(
    query: Query,
    routing: Routing,
    ways: Ways,
    rows: Sequence[Sequence[Any]],
    stored: Mapping[str, Sequence[Any]] | None,
) -> Matches:
    """See `Planner.matches`."""
    routes = routing.taken(query, rows)
    where, values = among("clip", routes)
    sql = f"SELECT id, over, clip, revision, route FROM jobs WHERE {where}"  # noqa: S608 - our own
    jobs = query(sql, values) if values else ()
    # A job is withdrawn as a whole: its first step tells.
    where, values = among("id", [step_id(name, 1) for name, over, *_ in jobs if over])
    of_withdrawn = f"SELECT job, until FROM steps WHERE {where} AND state = 'withdrawn'"  # noqa: S608 - our own
    withdrawn = dict(query(of_withdrawn, values)) if values else {}
    known = frozenset(name for name, *_ in jobs) - withdrawn.keys()
    busy = {clip for name, _, clip, *_ in jobs if name in known} if stored else set()
    news = [
        row
        for name in busy
        for row in [(stored or {})[name]]
        if any(routing.job_id(name, row[_REVISION], taken.route.id) not in known for taken in routes[name])
    ]
    before = {name: {each.route.id for each in taken} for name, taken in routing.taken(query, news).items()}
    revisions = {row[0]: row[_REVISION] for row in rows}
    gone = [
        name
        for name, _, clip, revision, route in jobs
        if not routing.has(name, route) and name in known and revision == revisions[clip]
    ]
    return Matches(routes, known, withdrawn, before, _ways_of(query, ways, gone))


def _ways_of(query: Query, ways: Ways, jobs: Sequence[str]) -> Mapping[str, Mapping[str, Collection[Way]]]:
    where, values = among("id", jobs)
    sql = f"SELECT clip, id, route, steps, sinks, wishes FROM jobs WHERE {where}"  # noqa: S608 - our own
    found: dict[str, dict[str, Collection[Way]]] = {}
    for clip, name, *told in query(sql, values) if values else ():
        found.setdefault(clip, {})[name] = ways.of_job(*told)
    return found
