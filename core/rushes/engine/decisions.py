"""What each route made of a clip, as it is now, and why: for `pipeline explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rushes import rules
from rushes.config.pipeline import Route
from rushes.engine.last_rules import last_routes
from rushes.engine.routing import priority_of
from rushes.engine.values import told
from rushes.errors import LedgerError
from rushes.ledger import Query

Decision = dict[str, Any]


def decisions(query: Query, clip: str, document: Mapping[str, Any]) -> list[Decision]:
    """By route of a `pipeline_document`, whether it takes the clip (`matched`), and if not, what stands against it.

    `hit` says whether its own rule holds, whatever the routes before it took.
    """
    routes, first = last_routes(document), document["match"] == "first"
    judged = [_judge(query, clip, route.when) for route in routes]
    taken = _taken(query, routes, [hit for hit, _ in judged], first=first)
    found: list[Decision] = []
    takers: list[str] = []
    ended = ""
    for route, (hit, failed), takes in zip(routes, judged, taken, strict=True):
        why = "" if takes else ended or (_otherwise(route, takers) or failed)
        priority = _priority(query, clip, route.priority) if takes else None
        found.append(
            {
                "route": route.id, "when": route.when, "else": route.otherwise, "final": route.final,
                "hit": hit, "matched": takes, "why": why, "priority": priority,
            }
        )  # fmt: skip
        if takes:
            takers.append(route.id)
        if takes and not ended and (route.final or first):
            end = "is final" if route.final else "took it, and match is first"
            ended = f"not considered: route {route.id} {end}"
    return found


def _otherwise(route: Route, takers: Sequence[str]) -> str:
    return f"else: route {takers[0]} took it" if route.otherwise and takers else ""


def _taken(query: Query, routes: Sequence[Route], hits: Sequence[bool], *, first: bool) -> Sequence[bool]:
    if not routes:
        return ()
    # Asked of the one place that knows, with each rule's answer in its place.
    choice = rules.taken(routes, first, [str(hit).lower() for hit in hits])
    return query(f"SELECT {', '.join(choice)}")[0]


def _judge(query: Query, clip: str, when: str) -> tuple[bool, str]:
    """Whether a rule holds for the clip; if not, the first condition that does not, with the clip's values."""
    try:
        if _holds(query, clip, when):
            return True, ""
        for condition in rules.conjuncts(when):
            if not _holds(query, clip, condition):
                return False, f"not {condition}{_values(query, clip, condition)}"
    except LedgerError as error:
        return False, str(error)
    return False, ""


def _holds(query: Query, clip: str, when: str) -> bool:
    return bool(query(f"SELECT {rules.predicate(when)} FROM clips WHERE id = ?", [clip])[0][0])  # noqa: S608 - checked


def _priority(query: Query, clip: str, priority: int | str) -> int:
    if isinstance(priority, int):
        return priority
    try:
        return priority_of(query(f"SELECT {rules.number(priority)} FROM clips WHERE id = ?", [clip])[0][0])  # noqa: S608 - checked
    except LedgerError:
        return 0


def _values(query: Query, clip: str, condition: str) -> str:
    names = sorted(rules.referenced(condition))
    if not names:
        return ""
    row = query(f"SELECT {', '.join(names)} FROM clips WHERE id = ?", [clip])[0]  # noqa: S608 - known columns
    said = (
        "not told" if value is None else repr(told(name, value))
        for name, value in zip(names, row, strict=True)
    )
    return f" ({', '.join(f'{name} is {words}' for name, words in zip(names, said, strict=True))})"
