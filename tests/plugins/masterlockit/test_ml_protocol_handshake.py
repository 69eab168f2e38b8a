"""The handshake: its order, both byte orders, all the ways in which it can be broken, and how it is refused."""

from __future__ import annotations

import struct

import pytest

from protocol_rig import DEVICE, KEY, NONCE, SECRET, drain, hello, ready
from rushes_masterlockit.protocol import (
    NEED_DATA,
    ByteOrder,
    Challenge,
    Connection,
    DeviceAppeared,
    Ended,
    FailureCode,
    LocalError,
    MessageType,
    Ping,
    ProtocolError,
    Refusal,
    RegisterAsDevice,
    Role,
    State,
    Welcome,
    sign,
    verify,
)

OTHER = bytes(range(8, 16))


def framed(kind, payload=b"", order="<"):
    return struct.pack(order + "IB", 1 + len(payload), kind) + payload


def challenged(**options):
    """A server that has challenged."""
    server = Connection(Role.SERVER, **options)
    server.send(Challenge(NONCE))
    return server


def greeted():
    """A client that has sent its hello."""
    client = Connection(Role.CLIENT)
    drain(client, framed(0x1F, b"\0" + NONCE))
    client.send(hello())
    return client


def hello_frame(**changes):
    return bytearray(_client_with(NONCE).send(hello(**changes)))


def _client_with(nonce, order=ByteOrder.AUTO):
    client = Connection(Role.CLIENT, byte_order=order)
    drain(client, Connection(Role.SERVER, byte_order=order).send(Challenge(nonce)))
    return client


def broken(connection, data):
    """The reason why these bytes end the connection: they give no event, and all asking later says the same."""
    connection.receive_data(data)
    with pytest.raises(ProtocolError) as raised:
        drain(connection)
    assert connection.state is State.FAILED
    connection.receive_data(b"more")
    with pytest.raises(ProtocolError) as again:
        connection.next_event()
    assert str(again.value) == str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(connection._inbox) == 0
    return str(raised.value)


def test_the_states_of_a_handshake():
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    assert (client.state, server.state) == (State.WAIT_CHALLENGE, State.CHALLENGING)
    assert (client.byte_order, server.byte_order) == (ByteOrder.AUTO, ByteOrder.AUTO)
    challenge = server.send(Challenge(NONCE))
    assert server.state is State.WAIT_HELLO
    drain(client, challenge)
    assert client.state is State.GREETING
    said = client.send(hello())
    assert client.state is State.WAIT_RESULT
    drain(server, said)
    assert server.state is State.DECIDING
    result = server.send(Welcome(1))
    assert server.state is State.READY
    drain(client, result)
    assert client.state is State.READY
    assert drain(client, b"") == [Ended()]
    assert client.state is State.CLOSED
    assert client.next_event() is NEED_DATA


@pytest.mark.parametrize("spoken", [ByteOrder.LITTLE, ByteOrder.BIG])
@pytest.mark.parametrize("detected", [Role.CLIENT, Role.SERVER])
@pytest.mark.parametrize("piece", [1, 3, 5, 1000])
def test_either_side_takes_the_order_of_the_other(spoken, detected, piece):
    """The side that detects says nothing before it has heard the other, but a server's challenge."""
    order = "<" if spoken is ByteOrder.LITTLE else ">"
    if detected is Role.CLIENT:
        ours = Connection(Role.CLIENT)
        heard = b"".join(framed(0x1F, payload, order) for payload in (b"\0" + NONCE,))
    else:
        ours = challenged()
        client = Connection(Role.CLIENT, byte_order=spoken)
        drain(client, framed(0x1F, b"\0" + NONCE, order))
        heard = client.send(hello())
    events = []
    for start in range(0, len(heard), piece):
        events += drain(ours, heard[start : start + piece])
    assert len(events) == 1
    assert ours.byte_order is spoken
    if detected is Role.CLIENT:
        assert ours.send(hello())[:4] == struct.pack(order + "I", 87)
        drain(ours, framed(0x1F, b"\1\1", order))
        assert ours.send(RegisterAsDevice(3)) == framed(0x01, b"\5\3", order)
    else:
        assert ours.send(Welcome(1)) == framed(0x1F, b"\1\1", order)
        assert ours.send(DeviceAppeared(DEVICE, 3)) == framed(
            0x12, b"\1" + struct.pack(order + "QB", DEVICE, 3), order
        )


@pytest.mark.parametrize("order", [ByteOrder.LITTLE, ByteOrder.BIG])
def test_who_is_told_the_order_does_not_guess(order):
    other = ByteOrder.BIG if order is ByteOrder.LITTLE else ByteOrder.LITTLE
    frame = _client_with(NONCE, other).send(hello())
    assert "bytes" in broken(challenged(byte_order=order), frame)


@pytest.mark.parametrize("size", ["00000000", "00100100", "01000001", "ffffffff", "20202020", "47455420"])
def test_a_first_size_that_makes_no_sense(size):
    """The last is `GET `: someone's browser."""
    assert size in broken(challenged(), bytes.fromhex(size))
    assert size in broken(Connection(Role.CLIENT), bytes.fromhex(size))


def test_no_repr_tells_what_proves_the_client():
    shown = repr(hello())
    assert "0102030405060708" in shown
    assert KEY.decode() not in shown
    assert repr(hello().signature) not in shown


def test_a_full_hub_may_refuse_before_it_challenges():
    server, client = Connection(Role.SERVER), Connection(Role.CLIENT)
    assert drain(client, server.send(Refusal(0, b"full"))) == [Refusal(FailureCode.FATAL, b"full")]
    assert (client.state, server.state) == (State.FAILED, State.FAILED)


@pytest.mark.parametrize("code", [*FailureCode, 9, 255])
def test_every_refusal_is_heard_and_ends_all(code):
    client, server = greeted(), challenged()
    drain(server, bytes(hello_frame()))
    frame = server.send(Refusal(code, b"why")) + b"whatever else"
    assert drain(client, frame) == [Refusal(code, b"why")]
    assert drain(client, b"more") == []
    assert drain(server, b"more") == []
    for side, message in ((client, RegisterAsDevice(1)), (server, Ping()), (server, Welcome(1))):
        with pytest.raises(LocalError):
            side.send(message)
    with pytest.raises(LocalError):
        server.send(Refusal(code))
    assert drain(client, b"") == [Ended()]
    assert drain(server, b"") == [Ended()]


def test_a_wrong_signature_and_a_replayed_handshake_do_not_verify():
    recorded = bytes(hello_frame())
    server = Connection(Role.SERVER)
    server.send(Challenge(OTHER))
    (heard,) = drain(server, recorded)
    assert verify(SECRET, heard.key, NONCE, heard.signature)
    assert not verify(SECRET, heard.key, OTHER, heard.signature)
    assert not verify(b"another", heard.key, NONCE, heard.signature)
    assert verify(SECRET, KEY, OTHER, sign(SECRET, KEY, OTHER))


@pytest.mark.parametrize(
    "frame",
    [
        b"\1\0\0\0\x0f",
        framed(0x0F, bytes(79)),
        framed(0x0F, bytes(80)),  # device 0
        framed(0x0F, struct.pack("<QQI", 0, 1, 100) + bytes(60)),  # the alias is larger than the frame
        framed(0x0F, struct.pack("<QQI", 0, 1, 2**32 - 1) + bytes(60)),
        framed(0x0F, struct.pack("<QQII", 0, 1, 0, 2) + bytes(57)),  # one version less than it says
        framed(0x0F, struct.pack("<QQII", 0, 1, 0, 0) + bytes(57)),  # one byte more than it says
        framed(0x0F, struct.pack("<QQII", 0, 1, 0, 2**32 - 1) + bytes(57)),
        framed(0x0F, struct.pack("<QQI", 0, 1, 2) + b"\xff\xfe" + struct.pack("<I", 0) + bytes(56)),
        framed(0x01, b"\5\1"),
        framed(0x02, b"\1\1{}"),
        framed(0x03, bytes(20)),
        framed(0x1F, b"\0" + NONCE),
        framed(0x11, b"\2"),
        framed(0x77),
    ],
)
def test_a_client_that_breaks_the_handshake_is_told_once(frame):
    server = challenged()
    reason = broken(server, frame)
    refusal = server.send(Refusal(0, reason.encode()))
    assert refusal[4:7] == b"\x1f\x02\x00"
    assert drain(greeted(), refusal) == [Refusal(0, reason.encode())]
    with pytest.raises(LocalError):
        server.send(Refusal(0))
    with pytest.raises(LocalError):
        server.send(Welcome(1))


def test_a_request_instead_of_a_hello_is_refused_before_its_body():
    reason = broken(challenged(), struct.pack("<IB", 4000, 0x01))
    assert "handshake required" in reason


@pytest.mark.parametrize(
    "frame",
    [
        framed(0x1F),
        framed(0x1F, b"\0" + bytes(7)),
        framed(0x1F, b"\0" + bytes(9)),
        framed(0x1F, b"\1"),
        framed(0x1F, b"\1\1\1"),
        framed(0x1F, b"\2"),
        framed(0x1F, b"\3\0"),
        framed(0x0F, bytes(80)),
        framed(0x11, b"\2"),
        framed(0x12, b"\1" + bytes(9)),
        framed(0x77),
    ],
)
def test_a_server_that_breaks_the_handshake(frame):
    broken(Connection(Role.CLIENT), frame)
    broken(greeted(), frame)


def test_a_server_out_of_turn():
    assert "out of turn" in broken(Connection(Role.CLIENT), framed(0x1F, b"\1\1"))
    assert "out of turn" in broken(greeted(), framed(0x1F, b"\0" + NONCE))
    assert "not offered" in broken(greeted(), framed(0x1F, b"\1\2"))
    client = Connection(Role.CLIENT)
    client.receive_data(framed(0x1F, b"\0" + NONCE) + framed(0x1F, b"\1\1"))
    assert client.next_event() == Challenge(NONCE)
    with pytest.raises(ProtocolError, match="out of turn"):
        client.next_event()


def test_a_client_out_of_turn():
    assert "out of turn" in broken(Connection(Role.SERVER), bytes(hello_frame()))
    _, server = ready()
    assert "handshake after" in broken(server, bytes(hello_frame()))


@pytest.mark.parametrize("kind", [kind for kind in range(256) if kind not in {1, 2, 3, 4}])
def test_types_that_a_client_never_sends(kind):
    _, server = ready()
    reason = broken(server, framed(kind, bytes(30)))
    if kind in set(MessageType) - {0x0F}:
        assert "only the other side" in reason
    with pytest.raises(LocalError):
        server.send(Refusal(0))


@pytest.mark.parametrize("kind", [0x00, 0x01, 0x02, 0x03, 0x04, 0x0F, 0x10, 0x15, 0x1E, 0x1F, 0xFF])
def test_types_that_a_server_never_sends(kind):
    client, _ = ready()
    broken(client, framed(kind, b"\0" + bytes(8)))


def test_what_the_client_says_early_waits_for_the_result():
    server = challenged()
    server.receive_data(bytes(hello_frame()) + framed(0x01, b"\5\1"))
    assert server.next_event() == hello()
    assert server.next_event() is NEED_DATA
    server.receive_data(framed(0x01, b"\5\2"))
    assert server.next_event() is NEED_DATA
    server.send(Welcome(1))
    assert [event.type for event in drain(server)] == [1, 2]


def test_but_not_without_bound():
    server = challenged()
    drain(server, bytes(hello_frame()))
    with pytest.raises(ProtocolError, match="before the handshake's result"):
        for _ in range(6):
            drain(server, bytes(1000))
    assert len(server._inbox) == 0
    assert server.send(Refusal(0))


def test_a_client_that_leaves_while_it_is_judged():
    server = challenged()
    drain(server, bytes(hello_frame()) + b"\2\0")
    assert drain(server, b"") == [Ended()]
    for result in (Welcome(1), Refusal(0)):
        with pytest.raises(LocalError, match="closed"):
            server.send(result)


@pytest.mark.parametrize("length", [1, 3, 4, 5, 86])
def test_the_end_within_a_message(length):
    server = challenged()
    drain(server, bytes(hello_frame()[:length]))
    server.receive_data(b"")
    with pytest.raises(ProtocolError, match="closed within"):
        server.next_event()
    _, server = ready()
    drain(server, framed(0x01, b"\x09" + bytes(100))[:length])
    server.receive_data(b"")
    with pytest.raises(ProtocolError, match="closed within"):
        server.next_event()


def test_the_end_comes_after_all_that_was_said():
    client, server = ready()
    server.receive_data(client.send(RegisterAsDevice(1)) + client.send(RegisterAsDevice(2)))
    server.receive_data(b"")
    assert [type(event) for event in drain(server)] == [RegisterAsDevice, RegisterAsDevice, Ended]
    with pytest.raises(LocalError):
        server.receive_data(b"more")
    with pytest.raises(LocalError):
        server.send(Ping())


@pytest.mark.parametrize("end", [framed(0x11, b"\2"), bytes(4), b"\xff" * 4, b"\2\0\0\0\x11"])
def test_what_stands_before_a_break_is_still_heard(end):
    client, server = ready()
    server.receive_data(client.send(RegisterAsDevice(1)) + end)
    assert server.next_event().type == 1
    assert server.state is State.READY
    with pytest.raises(ProtocolError):
        server.next_event()


@pytest.mark.parametrize(
    "message",
    [
        hello(key=bytes(23)),
        hello(signature=bytes(33)),
        hello(device=2**64),
        hello(timestamp=-1),
        hello(alias="x" * 4096),
        hello(alias="\ud800"),
        Challenge(NONCE),
        Welcome(1),
        Refusal(0),
        RegisterAsDevice(1),
    ],
)
def test_a_client_that_is_challenged_cannot_send(message):
    client = _client_with(NONCE)
    with pytest.raises(LocalError):
        client.send(message)
    assert client.state is State.GREETING
    assert client.send(hello())


@pytest.mark.parametrize(
    ("message", "state"),
    [
        (Challenge(bytes(7)), State.CHALLENGING),
        (Welcome(1), State.CHALLENGING),
        (hello(), State.CHALLENGING),
        (Ping(), State.CHALLENGING),
        (Refusal(256), State.CHALLENGING),
        (Refusal(0, bytes(5000)), State.CHALLENGING),
        (Challenge(NONCE), State.WAIT_HELLO),
        (Welcome(1), State.WAIT_HELLO),
        (Welcome(2), State.DECIDING),
        (Ping(), State.DECIDING),
    ],
)
def test_a_server_cannot_send_out_of_turn(message, state):
    server = Connection(Role.SERVER)
    if state is not State.CHALLENGING:
        server.send(Challenge(NONCE))
    if state is State.DECIDING:
        drain(server, bytes(hello_frame()))
    with pytest.raises(LocalError):
        server.send(message)
    assert server.state is state
