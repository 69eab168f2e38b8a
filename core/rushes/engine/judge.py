"""Rule tests judged: each case's clip through the query that plans, in a ledger in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rushes.config.cases import Case
from rushes.config.pipeline import Component, Pipeline
from rushes.engine.decisions import Decision, decisions
from rushes.engine.folders import folders
from rushes.engine.last_rules import pipeline_document
from rushes.engine.routing import Routing, Taken
from rushes.ledger import MEMORY, Query, open_database
from rushes.ledger.rows import put_clip

Document = dict[str, Any]
NO_FOLDER, NOT_SENT = "no folder template", "not sent there"


def judge(pipeline: Pipeline, cases: Sequence[Case]) -> Document:
    """By case whether it is as expected, and if not, each difference: `what`, `expected`, `got`, `why`."""
    routing = Routing(pipeline.routes, first=pipeline.match == "first")
    rows = [put_clip(case.clip) for case in cases]
    database = open_database(MEMORY)
    try:
        database.commit(rows)
        taken = database.read(lambda query: routing.taken(query, [row.row for row in rows]))
        judged = database.read(
            lambda query: [_judge(query, pipeline, case, taken.get(case.clip.id, ())) for case in cases]
        )
    finally:
        database.close()
    failed = sum(not case["ok"] for case in judged)
    totals = {"cases": len(judged), "passed": len(judged) - failed, "failed": failed}
    return {"pipeline": str(pipeline.file), "cases": judged, "totals": totals}


def _judge(query: Query, pipeline: Pipeline, case: Case, taken: Sequence[Taken]) -> Document:
    got = [each.route.id for each in taken]
    differences = []
    if set(got) != case.routes:
        wanted = [route.id for route in pipeline.routes if route.id in case.routes]
        why = list(_why(decisions(query, case.clip.id, pipeline_document(pipeline)), case.routes))
        differences.append(_difference("routes", wanted, got, "; ".join(why)))
    differences += _others(case, taken, pipeline.sinks)
    return {"name": case.name, "where": case.where, "ok": not differences, "differences": differences}


def _why(made: Sequence[Decision], expected: frozenset[str]) -> Iterator[str]:
    """For each route that took the clip or left it against what is expected, why."""
    for decision in made:
        if decision["matched"] is (decision["route"] in expected):
            continue
        if decision["matched"]:
            rule = ["else"] if decision["else"] else []
            rule += [f"when {decision['when']}"] if decision["when"] != "true" or not rule else []
            yield f"{decision['route']} took it: {' '.join(rule)}"
        else:
            yield f"{decision['route']}: {decision['why']}"


def _others(case: Case, taken: Sequence[Taken], sinks: Sequence[Component]) -> Iterator[Document]:
    """What differs beside the routes, of what the case says."""
    sent = [sink.id for sink in sinks if any(sink.id in each.route.to for each in taken)]
    if case.to is not None and set(sent) != case.to:
        yield _difference("to", [sink.id for sink in sinks if sink.id in case.to], sent)
    waits = [each.route.id for each in taken if each.waits]
    if case.waits is not None and set(waits) != case.waits:
        yield _difference("waits", sorted(case.waits), waits)
    priorities = {each.route.id: each.priority for each in taken}
    if isinstance(case.priority, int) and set(priorities.values()) != {case.priority}:
        yield _difference("priority", case.priority, priorities)
    elif not isinstance(case.priority, int | None):
        got = {route: priorities.get(route) for route in case.priority}
        if got != case.priority:
            yield _difference("priority", dict(case.priority), got)
    for sink, wanted in (case.folder or {}).items():
        at = _at(case, taken, sinks, sink)
        if at != [wanted]:
            yield _difference(f"folder at {sink}", [wanted], at or [NO_FOLDER if sink in sent else NOT_SENT])


def _at(case: Case, taken: Sequence[Taken], sinks: Sequence[Component], sink: str) -> list[str]:
    """The folders at a sink: one for each route that has it there."""
    found = [folders(each.route, sinks, case.clip).get(sink) for each in taken]
    return sorted({folder for folder in found if folder is not None})


def _difference(what: str, expected: Any, got: Any, why: str = "") -> Document:
    return {"what": what, "expected": expected, "got": got, "why": why}
