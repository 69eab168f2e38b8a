"""How a job begins: what it has of its route, and what its first steps wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rushes.config.pipeline import Route, Wait
from rushes.engine.last_rules import route_document
from rushes.engine.option_values import option_values
from rushes.engine.outputs import follow_up
from rushes.engine.routing import Taken
from rushes.ledger.rows import ROUTE, Job, Step
from rushes.model import Clip, StepState


def to_go(job: Job, taken: Taken, sinks: Sequence[str]) -> Job:
    """The job with the steps and the priority that its route has for it, to these of the route's sinks."""
    route = taken.route
    return replace(
        job,
        steps=[step.id for step in route.steps],
        sinks=list(sinks),
        priority=taken.priority,
        wishes={sink: option_values(wishes) for sink, wishes in route.wishes.items() if sink in sinks},
    )


def alike(route: Route, before: Sequence[Mapping[str, Any]]) -> bool:
    """Whether jobs of the route begin as they did by each of these documents, of which there are some."""
    now = route_document(route)
    return bool(before) and all(now[key] == then[key] for then in before for key in ("auto", "wait"))


def begun_as(job: Job, clip: Clip, kept: Step) -> list[Step]:
    """The first steps of a job, waiting for what that step waits for."""
    return [
        replace(step, state=kept.state, reason=kept.reason, until=kept.until, waits_for=kept.waits_for)
        for step in follow_up(job, "", 0, {0: clip})
    ]


def starts(steps: Iterable[Step]) -> list[tuple[Any, ...]]:
    """What makes first steps others."""
    return [
        (step.id, step.component, step.verb, step.state, step.reason, step.until, step.waits_for)
        for step in steps
    ]


def waiting(steps: Sequence[Step], wait: Wait, until: float) -> list[Step]:
    """Steps that wait for what their route waits for; no longer than `until`, in epoch seconds."""
    return [
        replace(
            step, state=StepState.WAITING, reason=f"waiting for {wait.what}", until=until, waits_for=ROUTE
        )
        for step in steps
    ]
