"""Which step is blamed for a process that died, and how long a suspect waits."""

from __future__ import annotations

import pytest

from rushes.engine.recovery import LONGEST_SUSPECT_WAIT_S, SUSPECT_WAIT_S, _taken_up
from rushes.ledger.rows import Step
from rushes.model import StepState

NOW = 1000.0


def step(**values):
    return Step(
        **{"id": "j.1", "job": "j", "position": 0, "verb": "apply", "component": "c", "clip": "x"} | values
    )


def taken_up(before, died=1):
    return _taken_up(before, NOW, died=died)


def test_a_step_that_ran_is_blamed_and_parked_at_the_third_time():
    first = taken_up(step(state=StepState.RUNNING))
    assert (first.state, first.deaths) == (StepState.READY, 1)
    second = taken_up(step(state=StepState.RUNNING, deaths=1), died=2)
    assert (second.state, second.deaths, second.until) == (StepState.WAITING, 2, NOW + SUSPECT_WAIT_S)
    third = taken_up(step(state=StepState.RUNNING, deaths=2), died=3)
    assert (third.state, third.reason) == (StepState.PARKED, "the pipeline died 3 times while working on it")


def test_nothing_is_blamed_for_a_run_that_ended_in_order():
    after = taken_up(step(state=StepState.RUNNING, deaths=2), died=0)
    assert (after.state, after.deaths) == (StepState.WAITING, 2)
    after = taken_up(step(state=StepState.RUNNING, deaths=1), died=0)
    assert (after.state, after.deaths) == (StepState.READY, 1)
    assert taken_up(step(deaths=2), died=0) == step(deaths=2)


@pytest.mark.parametrize(
    "before",
    [
        step(deaths=2),
        step(state=StepState.WAITING, deaths=2, until=NOW - 1, reason="the pipeline died 2 times"),
    ],
    ids=["ready", "waiting"],
)
def test_a_suspect_that_never_ran_waits_anew(before):
    after = taken_up(before, died=2)
    assert (after.state, after.deaths, after.until) == (StepState.WAITING, 2, NOW + SUSPECT_WAIT_S)


@pytest.mark.parametrize(
    ("died", "wait"), [(1, 5), (2, 5), (3, 5), (4, 10), (5, 20), (6, 40), (7, 60), (100_000, 60)]
)
def test_deaths_without_it_speak_for_a_suspect(died, wait):
    assert taken_up(step(deaths=2), died=died).until == NOW + wait
    assert wait <= LONGEST_SUSPECT_WAIT_S


@pytest.mark.parametrize("state", [StepState.PARKED, StepState.DONE, StepState.CANCELLED])
def test_what_is_settled_stays(state):
    before = step(state=state, deaths=2, until=5.0)
    assert taken_up(before, died=3) is before


def test_a_step_that_waits_for_a_person_goes_on_waiting():
    before = step(state=StepState.WAITING, deaths=2, reason="held by a person")
    assert taken_up(before, died=3) is before
