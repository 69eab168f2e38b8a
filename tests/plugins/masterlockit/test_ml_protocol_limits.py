"""Any bytes, any sizes, any pieces: an event or a ProtocolError, in bounded memory and linear time."""

from __future__ import annotations

import random
import struct
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocol_rig import NONCE, drain, ready
from rushes_masterlockit.protocol import (
    MOST_AFTER,
    MOST_BEFORE,
    NEED_DATA,
    ByteOrder,
    Challenge,
    Connection,
    DataEvent,
    Message,
    ProtocolError,
    Role,
    VolatileDataEvent,
)

MIB = 1024 * 1024


def sides():
    """A connection in each of the states in which it can hear something."""
    waiting, challenged = Connection(Role.CLIENT), Connection(Role.SERVER)
    challenged.send(Challenge(NONCE))
    return [waiting, challenged, *ready(), *ready(None, {"byte_order": ByteOrder.BIG})]


#: Bytes that look like the protocol: right sizes, types and codes about what may be anything.
def plausible(order):
    kinds = st.sampled_from([0x01, 0x02, 0x03, 0x04, 0x0F, 0x11, 0x12, 0x13, 0x14, 0x1F, 0x7F])
    return st.builds(
        lambda kind, rest, off: struct.pack(order + "IB", max(0, 1 + len(rest) + off), kind) + rest,
        kinds,
        st.binary(max_size=60),
        st.sampled_from([0, 0, 0, 0, 1, -1]),
    )


noise = st.one_of(
    st.lists(st.binary(max_size=40), max_size=8),
    st.lists(plausible("<"), max_size=8),
    st.lists(plausible(">"), max_size=8),
)


@given(noise)
@settings(max_examples=300, deadline=None)
@example([b"\1\0\0\0\x01", b"\0\0\0\1\x01"])
def test_any_bytes_give_an_event_or_an_error(chunks):
    for connection in sides():
        reason = "nothing is wrong"
        try:
            for chunk in chunks:
                if chunk:
                    connection.receive_data(chunk)
                assert all(isinstance(event, Message) for event in drain(connection))
            drain(connection, b"")
        except ProtocolError as error:
            reason = str(error)
        assert reason
        assert "\n" not in reason


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("order", [ByteOrder.LITTLE, ByteOrder.BIG])
def test_ten_thousand_random_frames(role, order):
    """Well-framed, of a type that the peer may send, with anything inside: each gives exactly one event."""
    rng = random.Random(f"{role} {order}")
    client, server = ready(None, {"byte_order": order})
    ours, types = (server, (1, 2, 3, 4)) if role is Role.SERVER else (client, (0x11, 0x12, 0x13, 0x14))
    prefix = "<" if order is ByteOrder.LITTLE else ">"
    frames = []
    for _ in range(10_000):
        body = bytes([rng.choice(types)]) + rng.randbytes(rng.randrange(40))
        if rng.random() < 0.5:
            body = body[:1] + bytes([rng.randrange(0x14)]) + body[2:]
        frames.append(struct.pack(prefix + "I", len(body)) + body)
    stream, events = b"".join(frames), 0
    while stream:
        cut = rng.randrange(1, 5000)
        events += len(drain(ours, stream[:cut]))
        stream = stream[cut:]
    assert events == len(frames)
    assert ours.next_event() is NEED_DATA


@pytest.mark.parametrize("size", [0, MOST_AFTER + 1, 2**31, 2**32 - 1])
@pytest.mark.parametrize("order", "<>")
def test_impossible_sizes_are_refused_at_the_size(size, order):
    for connection in ready(None, {"byte_order": ByteOrder.LITTLE if order == "<" else ByteOrder.BIG}):
        head = struct.pack(order + "I", size)
        for byte in head[:3]:
            assert drain(connection, bytes([byte])) == []
        connection.receive_data(head[3:])
        with pytest.raises(ProtocolError, match=str(size)):
            connection.next_event()
        connection.receive_data(bytes(MIB))
        assert len(connection._inbox) == 0


def test_before_the_handshake_is_through_less_is_allowed():
    for size, fine in ((MOST_BEFORE, True), (MOST_BEFORE + 1, False)):
        server = Connection(Role.SERVER, byte_order=ByteOrder.LITTLE)
        server.send(Challenge(NONCE))
        server.receive_data(struct.pack("<IB", size, 0x0F))
        if fine:
            assert server.next_event() is NEED_DATA
        else:
            with pytest.raises(ProtocolError, match=f"1 to {MOST_BEFORE}"):
                server.next_event()


@pytest.mark.parametrize(
    ("role", "kind"),
    [(Role.CLIENT, 0x01), (Role.CLIENT, 0x1F), (Role.SERVER, 0x11), (Role.SERVER, 0x77), (Role.SERVER, 0x0F)],
)
def test_a_wrong_type_is_refused_before_its_body(role, kind):
    client, server = ready()
    connection = client if role is Role.CLIENT else server
    connection.receive_data(struct.pack("<I", MOST_AFTER))
    assert connection.next_event() is NEED_DATA
    connection.receive_data(bytes([kind]))
    with pytest.raises(ProtocolError, match=r"a (message of|handshake after)"):
        connection.next_event()


def test_the_largest_message_in_single_bytes_and_in_any_pieces():
    """Linear: eight times the bytes take about eight times the time, not sixty-four times."""
    client, server = ready()
    payload = random.Random(1).randbytes(MIB // 4)
    frame = client.send(DataEvent(1, payload))
    took = []
    for length in (len(frame) // 8, len(frame)):
        _, server = ready()
        started = time.process_time()
        piece = struct.pack("<I", length - 4) + frame[4:length]
        for place in range(length):
            server.receive_data(piece[place : place + 1])
            if place < length - 1:
                assert server.next_event() is NEED_DATA
        event = server.next_event()
        took.append(time.process_time() - started)
        assert event.data == payload[: length - 7]
    assert took[1] < 40 * took[0]
    whole = client.send(DataEvent(1, bytes(MOST_AFTER - 3)))
    _, server = ready()
    for start in range(0, len(whole), 65536):
        server.receive_data(whole[start : start + 65536])
        if start + 65536 < len(whole):
            assert server.next_event() is NEED_DATA
    assert len(server.next_event().data) == MOST_AFTER - 3


def test_thousands_of_small_messages_in_large_pieces():
    client, server = ready()
    frame = client.send(DataEvent(1, b"x" * 50))
    stream = frame * (4 * MIB // len(frame))
    heard = 0
    for start in range(0, len(stream), MIB):
        heard += len(drain(server, stream[start : start + MIB]))
    assert heard == len(stream) // len(frame)


def test_a_backlog_that_is_read_slower_than_it_grows():
    """One event is taken per feeding: what waits is not copied around for it, and nothing is lost."""
    client, server = ready()
    frames = [client.send(DataEvent(1, b"%d" % number)) for number in range(5000)]
    backlog = b"".join(frames[:3000])
    server.receive_data(backlog)
    heard = []
    for number, frame in enumerate(frames[3000:]):
        server.receive_data(frame)
        heard.append(server.next_event())
        assert number > 1900 or server._inbox.data is backlog
    heard += drain(server)
    assert [event.data for event in heard] == [b"%d" % number for number in range(5000)]


def test_a_whole_message_that_is_too_large_is_refused_too():
    client, _ = ready()
    for size, fine in ((1000, True), (1001, False)):
        _, server = ready(None, {"most_after": 1000})
        server.receive_data(client.send(DataEvent(1, bytes(size - 3))))
        if fine:
            assert isinstance(server.next_event(), DataEvent)
        else:
            with pytest.raises(ProtocolError, match="1001 bytes; 1 to 1000"):
                server.next_event()


def test_a_flood_stays_bytes_until_it_is_asked_for():
    client, server = ready()
    stream = server.send(VolatileDataEvent(1, 3, b"")) * 50_000
    tracemalloc.start()
    try:
        client.receive_data(stream)
        assert isinstance(client.next_event(), VolatileDataEvent)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 100_000
    assert len(client._ahead) < 100


def test_a_part_of_a_message_does_not_keep_what_came_with_it():
    client, server = ready()
    stream = client.send(DataEvent(1, bytes(MIB))) + client.send(DataEvent(1, b"next"))[:-1]
    tracemalloc.start()
    try:
        server.receive_data(bytes(bytearray(stream)))
        assert len(drain(server)) == 1
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 10_000
    assert drain(server, b"t")[0].data == b"next"


def test_a_large_message_costs_little_more_than_itself():
    client, server = ready()
    frame = client.send(DataEvent(1, bytes(8 * MIB)))
    pieces = [frame[start : start + 65536] for start in range(0, len(frame), 65536)]
    tracemalloc.start()
    try:
        for piece in pieces:
            server.receive_data(piece)
            server.next_event()
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(frame)
    assert held < MIB


@pytest.mark.parametrize("cls", [bytes, bytearray, memoryview])
def test_what_is_received_is_kept_as_it_was(cls):
    """The caller may use its buffer again."""
    client, server = ready()
    buffer = bytearray(client.send(DataEvent(1, b"first")) + client.send(DataEvent(1, b"second"))[:-1])
    server.receive_data(cls(buffer))
    buffer[:] = bytes(len(buffer))
    assert [event.data for event in drain(server)] == [b"first"]
    (event,) = drain(server, b"d")
    assert type(event.data) is bytes
    assert event.data == b"second"
