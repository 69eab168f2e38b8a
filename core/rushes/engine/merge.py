"""The merged view of what is said about a clip: person over record over file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rushes.ledger.rows import StoredFinding
from rushes.model import Scalar

_RANK = {"file": 0, "record": 1, "person": 2}


def merged(findings: Iterable[StoredFinding]) -> Mapping[str, Scalar]:
    """One value a name, whatever the order of the findings; the first problem of the highest basis is told."""
    values: dict[str, Scalar] = {}
    problem = ""
    for stored in in_order(findings):
        values.update(stored.finding.values)
        problem = stored.finding.problem or problem
    if problem:
        values["problem"] = problem
    return values


def in_order(findings: Iterable[StoredFinding]) -> Sequence[StoredFinding]:
    """What counts most comes last."""
    return sorted(findings, key=lambda each: (_RANK[each.finding.basis], each.annotator))
