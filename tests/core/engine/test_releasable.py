"""Which waits a person may end: those for a person, or for what can be gone without."""

from __future__ import annotations

import pytest

from rushes.engine.queue import HELD, is_releasable
from rushes.ledger.rows import NEWS, PERSON, ROUTE, SOURCE, Step
from rushes.model import StepState


@pytest.mark.parametrize(
    ("state", "reason", "waits_for", "expected"),
    [
        (StepState.WAITING, HELD, "", True),
        (StepState.WAITING, "waits for a word", PERSON, True),
        (StepState.WAITING, "waits for metadata", NEWS, True),
        (StepState.WAITING, "waiting for sound", ROUTE, True),
        (StepState.WAITING, "changed since it was admitted", SOURCE, True),
        (StepState.WAITING, "connection reset", "", False),
        (StepState.WAITING, "another project is paired", "project:1", False),
        (StepState.READY, "", PERSON, False),
        (StepState.PARKED, "broken", PERSON, False),
    ],
)
def test_releasable(state, reason, waits_for, expected):
    step = Step(
        id="j.1", job="j", position=0, verb="deliver", component="raid", clip="c",
        state=state, reason=reason, waits_for=waits_for,
    )  # fmt: skip
    assert is_releasable(step) is expected
