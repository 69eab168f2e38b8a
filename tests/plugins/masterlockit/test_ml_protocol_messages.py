"""Every message of both sides, cut anywhere, in both byte orders; and all the ways in which one can be broken."""

from __future__ import annotations

import hashlib
import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol_rig import DEVICE, NONCE, drain, hello, ready
from rushes_masterlockit.protocol import (
    NEED_DATA,
    Ack,
    Acked,
    ByteOrder,
    Challenge,
    Connection,
    DataEvent,
    DeleteClips,
    DeviceAppeared,
    DeviceDisappeared,
    DeviceMetaEvent,
    DigestSpan,
    Ended,
    Export,
    FailureCode,
    FetchClips,
    FetchLensData,
    Hello,
    Ignored,
    LocalError,
    Malformed,
    Nack,
    NackCode,
    Nacked,
    Ping,
    Refusal,
    RegisterAsDevice,
    RemoveDevice,
    RenameDevice,
    Request,
    Role,
    StartCJam,
    SubscribeDataUpdates,
    SubscribeDeviceUpdates,
    SubscribeVolatileDataUpdates,
    UnregisterAsDevice,
    UnsubscribeDataUpdates,
    UnsubscribeDeviceUpdates,
    UnsubscribeVolatileDataUpdates,
    VolatileDataEvent,
    Welcome,
)

ORDERS = (ByteOrder.LITTLE, ByteOrder.BIG)
ids = st.integers(0, 2**64 - 1)
types = st.integers(1, 7)
bytes_of_a_type = st.integers(0, 255)
counts = st.integers(0, 2**32 - 1)
data = st.binary(max_size=300)
# A name that ends in NUL loses it, and one that starts with its own length loses that: both are read leniently.
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)

CLIENT_SAYS = st.one_of(
    *(
        st.builds(cls, ids, types)
        for cls in (
            SubscribeDataUpdates,
            UnsubscribeDataUpdates,
            SubscribeVolatileDataUpdates,
            UnsubscribeVolatileDataUpdates,
        )
    ),
    *(
        st.builds(cls, types)
        for cls in (SubscribeDeviceUpdates, UnsubscribeDeviceUpdates, RegisterAsDevice, UnregisterAsDevice)
    ),
    st.builds(DataEvent, types, data),
    st.builds(FetchClips, counts, counts, st.integers(1, 2), st.binary(min_size=16, max_size=16), data),
    st.builds(DeleteClips, data),
    st.builds(Export, st.integers(1, 5), data),
    st.builds(FetchLensData, data),
    st.builds(StartCJam, counts, st.integers(0, 65535)),
    st.builds(RenameDevice, ids, names),
    st.builds(RemoveDevice, ids),
    st.builds(DeviceMetaEvent, types, data),
)
SERVER_SAYS = st.one_of(
    st.builds(DataEvent, bytes_of_a_type, data, ids),
    st.builds(Ping),
    st.builds(DeviceAppeared, ids, bytes_of_a_type),
    st.builds(DeviceDisappeared, ids, bytes_of_a_type),
    st.builds(DeviceMetaEvent, bytes_of_a_type, data, ids),
    st.builds(VolatileDataEvent, ids, bytes_of_a_type, data),
)


def pieces(stream, cuts):
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(places)]


def fed(connection, stream, cuts, *, at_once=False):
    """Events of the stream in pieces; taken after each piece or only at the end."""
    found = []
    for piece in pieces(stream, cuts):
        if piece:
            connection.receive_data(piece)
        if not at_once:
            found += drain(connection)
    return found + drain(connection)


def frame_of(code, payload=b"", kind=0x01, order="<"):
    return struct.pack(order + "IBB", 2 + len(payload), kind, code) + payload


cuts = st.lists(st.integers(0, 2**20), max_size=12)


@given(
    said=st.one_of(
        st.tuples(st.just(Role.CLIENT), st.lists(CLIENT_SAYS, max_size=100)),
        st.tuples(st.just(Role.SERVER), st.lists(SERVER_SAYS, max_size=100)),
    ),
    cuts=cuts,
    order=st.sampled_from(ORDERS),
    span=st.sampled_from(DigestSpan),
    at_once=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_any_messages_cut_anywhere_come_back(said, cuts, order, span, at_once):
    role, messages = said
    options = {"digest": span}
    client, server = ready(options, options | {"byte_order": order})
    sender, receiver = (client, server) if role is Role.CLIENT else (server, client)
    frames = [sender.send(message) for message in messages]
    heard = fed(receiver, b"".join(frames), cuts, at_once=at_once)
    start = 0 if span is DigestSpan.FULL else 4
    expected = [
        replace(message, digest=hashlib.sha1(frame[start:]).digest())
        if isinstance(message, Request)
        else message
        for message, frame in zip(messages, frames, strict=True)
    ]
    assert heard == expected
    assert sender.pending == sum(isinstance(message, Request) for message in messages)
    assert drain(receiver, b"") == [Ended()]


@given(
    messages=st.lists(CLIENT_SAYS.filter(lambda message: isinstance(message, Request)), max_size=30),
    answers=st.lists(st.tuples(st.booleans(), data, counts), min_size=30, max_size=30),
    shuffled=st.randoms(use_true_random=False),
    cuts=cuts,
    order=st.sampled_from(ORDERS),
)
@settings(max_examples=80, deadline=None)
def test_any_answers_in_any_order_find_their_requests(messages, answers, shuffled, cuts, order):
    client, server = ready(None, {"byte_order": order})
    heard = drain(server, b"".join(map(client.send, messages)) or None)
    replies = list(zip(heard, answers, strict=False))
    shuffled.shuffle(replies)
    stream = b"".join(
        server.send(Ack(request.digest, extra) if fine else Nack(request.digest, code, extra))
        for request, (fine, extra, code) in replies
    )
    found = fed(client, stream, cuts, at_once=True)
    assert client.pending == 0
    for event, (request, (fine, extra, code)) in zip(found, replies, strict=True):
        asked = replace(request, digest=b"")
        assert event == (Acked(asked, extra) if fine else Nacked(asked, code, extra))


@given(
    timestamp=ids,
    device=st.integers(1, 2**64 - 1),
    alias=names,
    versions=st.binary(max_size=20),
    key=st.binary(min_size=24, max_size=24),
    signature=st.binary(min_size=32, max_size=32),
    order=st.sampled_from(ORDERS),
    cuts=cuts,
)
def test_any_hello_comes_back(timestamp, device, alias, versions, key, signature, order, cuts):
    said = Hello(timestamp, device, alias, versions, key, signature)
    client, server = Connection(Role.CLIENT, byte_order=order), Connection(Role.SERVER)
    drain(client, Connection(Role.SERVER, byte_order=order).send(Challenge(NONCE)))
    server.send(Challenge(NONCE))
    assert fed(server, client.send(said), cuts) == [said]
    assert server.byte_order is order
    result = Welcome(versions[-1]) if versions else Refusal(FailureCode.VERSION)
    assert drain(client, server.send(result)) == [result]


FIXED = {
    0x01: 9, 0x02: 9, 0x03: 1, 0x04: 1, 0x05: 1, 0x06: 1, 0x0B: 9, 0x0C: 9, 0x0E: 6, 0x10: 8,
}  # fmt: skip
#: Of the open-ended: the least length of a payload.
LEAST = {0x07: 1, 0x08: 25, 0x0A: 1, 0x0F: 8}


def good(code, order="<"):
    """A payload of just the fixed part that is right."""
    number, pair = struct.pack(order + "Q", DEVICE), struct.pack(order + "II", 0, 50)
    match code:
        case 0x01 | 0x02 | 0x0B | 0x0C:
            return number + b"\x03"
        case 0x03 | 0x04 | 0x05 | 0x06 | 0x07 | 0x0A:
            return b"\x03"
        case 0x08:
            return pair + b"\x02" + bytes(16)
        case 0x0E:
            return struct.pack(order + "IH", 36000, 12)
        case 0x0F | 0x10:
            return number
    return b""


def one(server, frame):
    (event,) = drain(server, frame)
    return event


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("code", range(1, 0x11))
def test_a_request_of_the_wrong_length_is_malformed(code, order):
    _, server = ready(None, {"byte_order": ByteOrder.LITTLE if order == "<" else ByteOrder.BIG})
    payload = good(code, order)
    assert isinstance(one(server, frame_of(code, payload, order=order)), Request)
    wrong = [payload[:length] for length in range(len(payload))]
    if code in FIXED:
        wrong += [payload + b"\0", payload + payload]
        assert len(payload) == FIXED[code]
    else:
        assert len(payload) == LEAST.get(code, 0)
    for broken in wrong:
        frame = frame_of(code, broken, order=order)
        event = one(server, frame)
        assert isinstance(event, Malformed)
        assert event.code is NackCode.MALFORMED
        assert event.digest == hashlib.sha1(frame).digest()
        assert event.reason
        answer = server.send(Nack(event.digest, event.code))
        assert answer[4:5] == b"\x14"
    assert isinstance(one(server, frame_of(code, payload, order=order)), Request)


@pytest.mark.parametrize("code", [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0B, 0x0C])
@pytest.mark.parametrize("value", [0, 8, 0x7F, 0xFF])
def test_a_client_has_one_of_the_seven_types(code, value):
    _, server = ready()
    event = one(server, frame_of(code, good(code)[:-1] + bytes([value])))
    assert (event.code, event.reason.split()[-1]) == (NackCode.MALFORMED, str(value))


@pytest.mark.parametrize(("code", "place", "values"), [(0x08, 8, (0, 3, 255)), (0x0A, 0, (0, 6, 255))])
def test_kinds_of_lists_and_exports_are_those_of_the_seed(code, place, values):
    _, server = ready()
    for value in values:
        payload = bytearray(good(code))
        payload[place] = value
        assert one(server, frame_of(code, bytes(payload) + b"{}")).code is NackCode.MALFORMED


@pytest.mark.parametrize("code", [0x00, 0x11, 0x12, 0x7F, 0xFF])
def test_an_unknown_request_is_unsupported(code):
    _, server = ready()
    frame = frame_of(code, b"anything")
    event = one(server, frame)
    assert (event.code, event.digest) == (NackCode.UNSUPPORTED, hashlib.sha1(frame).digest())
    assert f"0x{code:02x}" in event.reason


def test_a_client_too_answers_what_it_cannot_read():
    client, _ = ready()
    short, unknown, long_ping = frame_of(1, b"\0" * 8, 0x11), frame_of(3, b"", 0x11), frame_of(2, b"x", 0x11)
    events = drain(client, short + unknown + long_ping)
    assert [event.code for event in events] == [
        NackCode.MALFORMED,
        NackCode.UNSUPPORTED,
        NackCode.MALFORMED,
    ]
    assert [event.digest for event in events] == [
        hashlib.sha1(frame).digest() for frame in (short, unknown, long_ping)
    ]


def test_a_request_without_even_a_code():
    _, server = ready()
    frame = b"\1\0\0\0\x01"
    event = one(server, frame)
    assert (event.code, event.digest) == (NackCode.MALFORMED, hashlib.sha1(frame).digest())


@pytest.mark.parametrize(
    "frame",
    [
        frame_of(3, bytes(9), 0x12),
        frame_of(0xFF, b"", 0x12),
        frame_of(1, bytes(8), 0x12),
        frame_of(1, bytes(10), 0x12),
        frame_of(4, bytes(8), 0x12),
        b"\1\0\0\0\x12",
        struct.pack("<IB", 20, 0x13) + bytes(19),
        struct.pack("<IB", 1, 0x14),
    ],
)
def test_notifications_and_answers_that_cannot_be_read_are_ignored(frame):
    client, server = ready()
    event = one(client, frame)
    assert isinstance(event, Ignored)
    assert event.reason
    assert one(client, server.send(DeviceAppeared(7, 3))) == DeviceAppeared(7, 3)


def test_a_clients_notification_with_an_impossible_type_is_ignored():
    _, server = ready()
    assert isinstance(one(server, frame_of(1, b"\x09{}", 0x02)), Ignored)
    assert isinstance(one(server, frame_of(2, b"\x01{}", 0x02)), Ignored)
    assert one(server, frame_of(1, b"\x03{}", 0x02)) == DeviceMetaEvent(3, b"{}")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"B-Cam", "B-Cam"),
        (b"B-Cam\0", "B-Cam"),
        (b"\5\0\0\0B-Cam", "B-Cam"),
        (b"\6\0\0\0B-Cam\0", "B-Cam"),
        (b"\6\0\0\0B-Cam", "\6\0\0\0B-Cam"),
        ("Töne".encode(), "Töne"),
        (b"", ""),
        (b"\0\0\0\0", ""),
    ],
)
def test_names_stand_alone_or_behind_their_length(raw, name):
    _, server = ready()
    event = one(server, frame_of(0x0F, struct.pack("<Q", DEVICE) + raw))
    assert (event.device, event.name) == (DEVICE, name)


def test_a_name_behind_its_length_in_the_other_order():
    _, server = ready(None, {"byte_order": ByteOrder.BIG})
    payload = struct.pack(">Q", DEVICE) + b"\0\0\0\5B-Cam"
    assert one(server, frame_of(0x0F, payload, order=">")).name == "B-Cam"


def test_a_name_that_is_not_utf8_is_malformed():
    _, server = ready()
    assert one(server, frame_of(0x0F, bytes(8) + b"\xff\xfe")).code is NackCode.MALFORMED


def test_extra_data_on_any_answer_is_given():
    client, server = ready()
    request = RegisterAsDevice(1)
    (heard,) = drain(server, client.send(request))
    assert one(client, server.send(Ack(heard.digest, b"extra"))) == Acked(request, b"extra")


@pytest.mark.parametrize("tail", [b"", b"\2", b"\2\0\0"])
def test_a_nack_with_a_short_code_still_refuses(tail):
    client, _ = ready()
    request = RegisterAsDevice(1)
    digest = hashlib.sha1(client.send(request)).digest()
    event = one(client, struct.pack("<IB", 21 + len(tail), 0x14) + digest + tail)
    assert event == Nacked(request, tail[0] if tail else 0, b"")
    assert client.pending == 0


@pytest.mark.parametrize(
    "message",
    [
        Ping(),
        DeviceAppeared(1, 1),
        VolatileDataEvent(1, 1, b""),
        DataEvent(1, b"{}", 7),
        DeviceMetaEvent(1, b"{}", 7),
        Acked(Ping(), b""),
        Ended(),
        Challenge(NONCE),
        hello(),
        Welcome(1),
        RegisterAsDevice(256),
        RemoveDevice(2**64),
        RemoveDevice(-1),
        StartCJam(0, 65536),
        FetchClips(0, 1, 1, bytes(15)),
        FetchClips(0, 1, 1, bytes(17)),
        RenameDevice(1, "\ud800"),
        Ack(bytes(19)),
        Nack(bytes(21), 0),
        Nack(bytes(20), -1),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_client_cannot_send(message):
    client, _ = ready()
    with pytest.raises(LocalError) as raised:
        client.send(message)
    assert "\n" not in str(raised.value)
    assert client.pending == 0
    assert client.next_event() is NEED_DATA


@pytest.mark.parametrize(
    "message",
    [
        RegisterAsDevice(1),
        DataEvent(1, b"{}"),
        DeviceMetaEvent(1, b"{}"),
        hello(),
        Challenge(NONCE),
        Welcome(1),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_server_cannot_send(message):
    _, server = ready()
    with pytest.raises(LocalError):
        server.send(message)


def test_what_is_too_large_is_not_sent():
    client, server = ready({"most_after": 1000}, {"most_after": 1000})
    with pytest.raises(LocalError, match="at most 1000"):
        client.send(DataEvent(1, bytes(998)))
    assert client.pending == 0
    (heard,) = drain(server, client.send(DataEvent(1, bytes(997))))
    assert len(heard.data) == 997
