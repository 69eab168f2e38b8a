"""Answers and the requests they are for: twins, both spellings of a digest, what is forgotten."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol_rig import drain, ready
from rushes_masterlockit.protocol import (
    Ack,
    Acked,
    DigestSpan,
    Nack,
    Nacked,
    Ping,
    RegisterAsDevice,
    Stray,
)
from rushes_masterlockit.protocol.pending import MOST_FORGOTTEN


def digests(frame):
    return hashlib.sha1(frame).digest(), hashlib.sha1(frame[4:]).digest()


def test_twins_are_answered_in_the_order_they_were_sent():
    client, server = ready()
    pings = [Ping() for _ in range(5)]
    heard = drain(client, b"".join(map(server.send, pings)))
    assert len({ping.digest for ping in heard}) == 1
    assert server.pending == 5
    answers = [client.send(Ack(ping.digest, bytes([place]))) for place, ping in enumerate(heard)]
    events = drain(server, b"".join(answers))
    assert [event.data[0] for event in events] == [0, 1, 2, 3, 4]
    assert all(event.request is ping for event, ping in zip(events, pings, strict=True))
    assert server.pending == 0
    (spare,) = drain(server, answers[0])
    assert spare == Stray(heard[0].digest)


def test_one_connection_may_mix_both_spellings():
    client, server = ready()
    requests = [RegisterAsDevice(1) for _ in range(4)]
    frames = [client.send(request) for request in requests]
    full, bare = digests(frames[0])
    events = drain(client, b"".join(server.send(Ack(digest)) for digest in (bare, full, bare, full)))
    assert all(event.request is request for event, request in zip(events, requests, strict=True))
    assert drain(client, server.send(Ack(bare)) + server.send(Nack(full, 0))) == [Stray(bare), Stray(full)]


@pytest.mark.parametrize("span", DigestSpan)
def test_a_strict_connection_wants_its_own_spelling(span):
    client, server = ready({"digest": span, "strict_digests": True})
    request = RegisterAsDevice(1)
    full, bare = digests(client.send(request))
    right, wrong = (full, bare) if span is DigestSpan.FULL else (bare, full)
    assert drain(client, server.send(Ack(wrong))) == [Stray(wrong)]
    assert client.pending == 1
    assert drain(client, server.send(Ack(right))) == [Acked(request, b"")]


def test_a_forgotten_request_keeps_its_place_among_its_twins():
    client, server = ready()
    first, second, third = Ping(), Ping(), Ping()
    digest, _ = digests(server.send(first))
    server.send(second)
    server.send(third)
    server.forget(second)
    server.forget(second)
    server.forget(Ping())
    assert server.pending == 2
    events = drain(server, client.send(Ack(digest)) * 3)
    assert [getattr(event, "request", None) for event in events] == [first, None, third]
    assert events[0].request is first
    assert events[1] == Stray(digest)
    assert events[2].request is third
    assert server.pending == 0


def test_an_object_that_is_sent_twice_is_forgotten_once():
    client, server = ready()
    ping = Ping()
    digest, _ = digests(server.send(ping))
    server.send(ping)
    server.forget(ping)
    assert server.pending == 1
    assert drain(server, client.send(Ack(digest)) * 2) == [Stray(digest), Acked(ping, b"")]


def test_forgetting_after_the_answer_was_read_ahead_but_not_taken():
    """What comes behind a message in the same bytes is not decided before it is taken."""
    client, server = ready()
    first, second = RegisterAsDevice(1), RegisterAsDevice(2)
    frames = [client.send(first), client.send(second)]
    client.receive_data(
        server.send(Ping())
        + b"".join(server.send(Ack(digests(frame)[0])) for frame in frames)
        + server.send(Ping())
    )
    assert isinstance(client.next_event(), Ping)
    assert client.next_event() == Acked(first, b"")
    assert client.pending == 1
    client.forget(second)
    assert client.next_event() == Stray(digests(frames[1])[0])
    assert isinstance(client.next_event(), Ping)


def test_what_is_forgotten_does_not_pile_up():
    client, server = ready()
    for place in range(3 * MOST_FORGOTTEN):
        request = RegisterAsDevice(place % 7 + 1)
        client.send(request)
        client.forget(request)
    held = client._pending
    assert client.pending == 0
    assert sum(map(len, {id(twins): twins for twins in held._found.values()}.values())) == MOST_FORGOTTEN
    request = RegisterAsDevice(7)
    client.send(request)
    for _ in range(MOST_FORGOTTEN):
        other = RegisterAsDevice(1)
        client.send(other)
        client.forget(other)
    (event,) = drain(client, server.send(Ack(digests(client.send(request))[0])))
    assert event == Acked(request, b"")


@given(
    st.lists(
        st.tuples(st.sampled_from(["send", "ack", "nack", "forget"]), st.integers(1, 3), st.booleans()),
        max_size=60,
    )
)
def test_like_a_queue_of_each_digest(steps):
    """Against a model: a list per digest, forgotten entries kept as None."""
    client, server = ready()
    model, sent = {1: [], 2: [], 3: []}, {}
    for action, kind, bare in steps:
        queue = model[kind]
        if action == "send":
            request = RegisterAsDevice(kind)
            sent[kind] = digests(client.send(request))
            queue.append(request)
        elif action == "forget":
            known = next((request for request in queue if request is not None), None)
            if known is not None:
                client.forget(known)
                queue[next(place for place, request in enumerate(queue) if request is known)] = None
        elif kind in sent:
            digest = sent[kind][bare]
            message = Ack(digest) if action == "ack" else Nack(digest, 2)
            (event,) = drain(client, server.send(message))
            expected = queue.pop(0) if queue else None
            if expected is None:
                assert event == Stray(digest)
            else:
                assert isinstance(event, Acked if action == "ack" else Nacked)
                assert event.request is expected
        assert client.pending == sum(request is not None for queue in model.values() for request in queue)
