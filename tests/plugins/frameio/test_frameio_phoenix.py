"""Phoenix messages: what is said, what is understood, and that nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_frameio.reach.phoenix import Message, Sign, Talk, parse

DEVICE = "a7e95254"
TOPIC = f"devices:{DEVICE}"


def _reply(ref, status="ok", topic=TOPIC):
    return json.dumps(
        {"event": "phx_reply", "payload": {"response": {}, "status": status}, "ref": ref, "topic": topic}
    )


def _event(event, payload="", ref=None, topic=TOPIC):
    return json.dumps({"event": event, "payload": payload, "ref": ref, "topic": topic})


def _ref(text):
    return json.loads(text)["ref"]


@pytest.fixture
def talk():
    return Talk(DEVICE)


def test_what_is_said_has_the_guides_shape(talk):
    join, beat = json.loads(talk.join()), json.loads(talk.heartbeat())
    assert (join["topic"], join["event"], join["payload"]) == (TOPIC, "phx_join", "")
    assert (beat["topic"], beat["event"], beat["payload"]) == ("phoenix", "heartbeat", "")
    assert join.keys() == beat.keys() == {"topic", "event", "payload", "ref"}
    assert "\n" not in talk.join()


def test_the_join_counts_by_its_ref_alone(talk):
    ref = _ref(talk.join())
    assert talk.hear(_reply("another")) is None
    assert talk.hear(_reply(ref, topic="devices:another")) is None
    assert not talk.joined
    assert talk.hear(_reply(ref)) is Sign.JOINED
    assert talk.joined
    assert talk.hear(_reply(ref)) is None  # once more


def test_a_refused_join_is_told(talk):
    assert talk.hear(_reply(_ref(talk.join()), "error")) is Sign.REFUSED
    assert not talk.joined


def test_replies_in_another_order_than_their_requests(talk):
    join, beat = _ref(talk.join()), _ref(talk.heartbeat())
    assert talk.unanswered
    assert talk.hear(_reply(beat, topic="phoenix")) is Sign.ALIVE
    assert talk.hear(_reply(join)) is Sign.JOINED
    assert not talk.unanswered


def test_the_reply_to_an_earlier_heartbeat_does_not_count(talk):
    early = _ref(talk.heartbeat())
    late = _ref(talk.heartbeat())
    assert talk.hear(_reply(early, topic="phoenix")) is None
    assert talk.unanswered
    assert talk.hear(_reply(late, topic="phoenix")) is Sign.ALIVE


@pytest.mark.parametrize("event", ["phx_close", "phx_error"])
def test_the_end_of_the_channel(talk, event):
    first = _ref(talk.join())
    talk.hear(_reply(first))
    assert talk.hear(_event(event, topic="devices:another")) is None
    assert talk.hear(_event(event, {}, ref=first)) is Sign.ENDED
    assert not talk.joined
    second = _ref(talk.join())
    assert talk.hear(_event(event, {}, ref=first)) is None  # Phoenix closes the old join after the new one
    assert talk.hear(_reply(second)) is Sign.JOINED
    assert talk.hear(_event(event)) is Sign.ENDED


@pytest.mark.parametrize(("word", "sign"), [("paused", Sign.PAUSED), ("resumed", Sign.RESUMED)])
@pytest.mark.parametrize("shape", [lambda word: word, lambda word: {"status": word, "more": 1}])
def test_status_in_both_shapes(talk, word, sign, shape):
    assert talk.hear(_event("status_updated", shape(word))) is sign


@pytest.mark.parametrize("payload", ["", "online", None, 7, [], ["paused"], {}, {"status": ["paused"]}])
def test_any_other_status_says_nothing(talk, payload):
    assert talk.hear(_event("status_updated", payload)) is None


def test_status_of_another_device_says_nothing(talk):
    assert talk.hear(_event("status_updated", "paused", topic="devices:another")) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(["phx_reply", "phx_close", "phx_error", "status_updated", "phoenix", TOPIC, "join-1"])


@given(
    topic=st.text(), event=st.text(), ref=st.text(), payload=st.text() | st.dictionaries(st.text(), st.text())
)
def test_a_message_survives_the_wire(topic, event, ref, payload):
    message = Message(topic=topic, event=event, payload=payload, ref=ref)
    assert parse(message.text) == message


@given(st.text() | st.binary() | st.just("[" * 100_000) | st.just("9" * 5000))
def test_any_frame_is_a_message_or_nothing(frame):
    talk = Talk(DEVICE)
    talk.join()
    assert talk.hear(frame) is None


@given(
    st.dictionaries(
        st.sampled_from(["topic", "event", "payload", "ref"]) | st.text(max_size=4),
        WORDS | JSON | st.fixed_dictionaries({"status": WORDS | JSON}),
    )
)
def test_any_object_is_understood_or_ignored(value):
    talk = Talk(DEVICE)
    talk.join()
    talk.heartbeat()
    sign = talk.hear(json.dumps(value))
    if sign is Sign.JOINED:
        assert value["ref"] == "join-1"
        assert value["payload"]["status"] == "ok"
    if not isinstance(value.get("topic"), str) or not isinstance(value.get("event"), str):
        assert sign is None
    assert talk.joined == (sign is Sign.JOINED)
