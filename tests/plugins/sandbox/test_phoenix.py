"""The socket's protocol without a socket, held against the facts of a real Phoenix."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_sandbox.phoenix import BadMessage, Channel, Message, decode, encode, version

TOPIC = "devices:d1"
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def said(event, topic=TOPIC, ref="1", payload="", join_ref=None):
    return Message(topic=topic, event=event, ref=ref, payload=payload, join_ref=join_ref)


def shown(messages):
    return [(m.event, m.ref, m.payload) for m in messages]


def ok(ref):
    return ("phx_reply", ref, {"response": {}, "status": "ok"})


def refused(ref, reason):
    return ("phx_reply", ref, {"response": {"reason": reason}, "status": "error"})


@pytest.fixture
def channel():
    return Channel(TOPIC)


def test_join_and_heartbeat_are_answered_as_the_guide_prints_it(channel):
    [joined] = channel.take(said("phx_join", ref="channel_connect"))
    assert encode(joined, 1) == (
        '{"event":"phx_reply","payload":{"response":{},"status":"ok"},'
        '"ref":"channel_connect","topic":"devices:d1"}'
    )
    [beat] = channel.take(said("heartbeat", topic="phoenix", ref="heartbeat", join_ref="7"))
    assert encode(beat, 1) == (
        '{"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":"heartbeat","topic":"phoenix"}'
    )
    assert encode(beat, 2) == '[null,"heartbeat","phoenix","phx_reply",{"response":{},"status":"ok"}]'


def test_only_its_own_topic_can_be_joined(channel):
    assert shown(channel.take(said("phx_join", topic="devices:d2"))) == [refused("1", "unauthorized")]
    assert shown(channel.take(said("phx_join", topic="rooms:1"))) == [refused("1", "unmatched topic")]
    assert not channel.joined


def test_a_push_before_the_join_has_an_unmatched_topic(channel):
    assert shown(channel.take(said("status"))) == [refused("1", "unmatched topic")]
    assert channel.push("status_updated", "paused") == []


def test_a_second_join_is_answered_then_the_old_one_closed(channel):
    channel.take(said("phx_join", ref="1"))
    assert shown(channel.take(said("phx_join", ref="2"))) == [ok("2"), ("phx_close", "1", {})]
    assert channel.joined
    assert shown(channel.close()) == [("phx_close", "2", {})]
    assert channel.close() == []


def test_leaving_is_answered_and_closed_and_may_be_repeated(channel):
    channel.take(said("phx_join", ref="1", join_ref="j"))
    assert shown(channel.take(said("phx_leave", ref="5"))) == [ok("5"), ("phx_close", "j", {})]
    assert shown(channel.take(said("phx_leave", ref="6"))) == [ok("6")]
    assert not channel.joined


def test_an_unknown_event_kills_the_channel(channel):
    channel.take(said("phx_join", ref="1"))
    assert shown(channel.take(said("shout", ref="2"))) == [("phx_error", "1", {})]
    assert not channel.joined


def test_pushes_carry_the_join_ref_in_version_2_only(channel):
    channel.take(said("phx_join", ref="3", join_ref="3"))
    [pushed] = channel.push("status_updated", "paused")
    assert json.loads(encode(pushed, 2)) == ["3", None, TOPIC, "status_updated", "paused"]
    assert json.loads(encode(pushed, 1)) == {
        "topic": TOPIC,
        "event": "status_updated",
        "payload": "paused",
        "ref": None,
    }


@pytest.mark.parametrize("missing", ["topic", "event", "payload", "ref"])
def test_every_key_must_be_present(missing):
    message = {"topic": TOPIC, "event": "phx_join", "payload": "", "ref": "1"}
    del message[missing]
    with pytest.raises(BadMessage, match=f"without the key {missing}"):
        decode(json.dumps(message), 1)


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", "[" * 100_000, '{"topic": 1}'])
@pytest.mark.parametrize("spoken", [1, 2])
def test_what_is_no_message_is_bad(text, spoken):
    with pytest.raises(BadMessage):
        decode(text, spoken)


@given(st.text(max_size=30), st.text(max_size=30), values, values, values)
def test_what_is_encoded_is_decoded(topic, event, payload, ref, join_ref):
    message = Message(topic=topic, event=event, payload=payload, ref=ref, join_ref=join_ref)
    assert decode(encode(message, 2), 2) == message
    assert decode(encode(message, 1), 1) == said(event, topic, ref, payload)


@given(values, st.sampled_from([1, 2]))
def test_any_json_is_a_message_or_bad(value, spoken):
    try:
        message = decode(json.dumps(value), spoken)
    except BadMessage:
        return
    assert isinstance(message.topic, str)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("", 1), ("1.0.0", 1), ("1.0", 1), ("2.0.0", 2), ("2.0", 2), ("3.0.0", None), ("x", None)],
)
def test_versions(asked, spoken):
    assert version(asked) == spoken
