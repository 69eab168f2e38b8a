"""The words that both ends of the socket know are the engine's: kept apart, for verbs must be light to import."""

from rushes.api.wire import STATES, VERBS
from rushes.engine.queue import QUEUE_VERBS
from rushes.model import StepState


def test_verbs_and_states_are_those_of_the_engine():
    assert VERBS == QUEUE_VERBS
    assert set(STATES) == {state.value for state in StepState}
