"""The state of jobs as SQL: derived from their steps, with what ready work really waits for laid over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rushes.engine.board import STATES_IN_ORDER
from rushes.engine.views.last import Waits
from rushes.ledger.lookup import among
from rushes.model import StepState

#: The states of a job by their `rank`: of its steps the liveliest counts.
STATES = tuple(state.value for state in STATES_IN_ORDER)
RUNNING, READY, WAITING = (STATES.index(state.value) for state in STATES_IN_ORDER[:3])
DONE, PARKED, CANCELLED, WITHDRAWN = (
    STATES.index(state.value)
    for state in (StepState.DONE, StepState.PARKED, StepState.CANCELLED, StepState.WITHDRAWN)
)
#: Work that goes on by itself, or once something comes about.
LIVE = "('running', 'ready', 'waiting')"

_RANKS = " ".join(f"WHEN '{state}' THEN {rank}" for rank, state in enumerate(STATES))


def blocked(waits: Waits) -> tuple[str, list[Any]]:
    """The condition that a step cannot start even if it is ready: its component is away, or its card; parameters."""
    away, parameters = among("component", waits["components"])
    if not waits["volumes"]:
        return away, parameters
    absent, volumes = among("volume", waits["volumes"])
    return f"({away} OR clip IN (SELECT id FROM clips WHERE {absent}))", [*parameters, *volumes]  # noqa: S608 - our own words


def ranks(waits: Waits, only: str = "true", asked: Sequence[Any] = ()) -> tuple[str, list[Any]]:
    """A query for `job`, `rank` and `due` of each job that has a step which is not done, and its parameters.

    What waits for another step of its job has no say, that other step has. `due` jobs have a step that is ready, even
    if it cannot start. `only`, a condition on steps with what it asks, leaves out jobs that nobody wants.
    """
    held, parameters = blocked(waits)
    ready = "state = 'ready'" if waits["running"] else "state IN ('ready', 'running')"
    return (
        f"""
        SELECT job, min(CASE WHEN {ready} THEN CASE WHEN {held} THEN {WAITING} ELSE {READY} END
            ELSE CASE state {_RANKS} END END) AS rank, bool_or({ready}) AS due
        FROM steps
        WHERE state <> 'done' AND {only} AND (
            state <> 'waiting' OR maker = '' OR maker NOT IN (
                SELECT id FROM steps WHERE state <> 'done' AND id IN (
                    SELECT maker FROM steps WHERE state = 'waiting' AND {only}
                )
            )
        )
        GROUP BY job
        """,  # noqa: S608 - our own words
        [*parameters, *asked, *asked],
    )
