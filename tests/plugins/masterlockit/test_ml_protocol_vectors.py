"""The vectors of the reference's section 9: recomputed with struct and the standard library, compared with what
is printed there, then said and heard by a connection."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct

import pytest
from msgspec.structs import replace

from protocol_rig import DEVICE, KEY, NONCE, SECRET, drain, hello, ready
from rushes_masterlockit.protocol import (
    Ack,
    Acked,
    ByteOrder,
    Challenge,
    Connection,
    DataEvent,
    DigestSpan,
    FetchClips,
    Hello,
    Malformed,
    Nack,
    NackCode,
    Ping,
    Refusal,
    RenameDevice,
    Role,
    StartCJam,
    State,
    SubscribeDeviceUpdates,
    VolatileDataEvent,
    Welcome,
    sign,
    verify,
)

SIGNATURE = bytes.fromhex("4cc0fc28582ed6a6db1266c255cb909309283b1fca407ff3ab6c218daeff0860")
VIEW = bytes(range(0x10, 0x20))
DEMAND = b'{"devices":["0102030405060708"],"timecodeFrom":"10:00:00:00","timecodeTo":"11:00:00:00"}'
CLIPS = b'[{"id":"54d682b8a70a42ea84fa5bc7f66ecf73","type":"video","version":{"0102030405060708":3}}]'
TIMECODE = b'{"type":"timecode","seconds":60,"frames":2}'


def framed(kind, payload=b"", order="<"):
    return struct.pack(order + "IB", 1 + len(payload), kind) + payload


def sha1(data):
    return hashlib.sha1(data).digest()


def same(computed, printed):
    assert computed.hex() == printed
    return computed


def test_v1_challenge():
    frame = same(framed(0x1F, b"\x00" + NONCE), "0a0000001f000001020304050607")
    server = Connection(Role.SERVER)
    assert server.send(Challenge(NONCE)) == frame
    assert drain(Connection(Role.CLIENT), frame) == [Challenge(NONCE)]
    big = same(framed(0x1F, b"\x00" + NONCE, ">"), "0000000a1f000001020304050607")
    client = Connection(Role.CLIENT)
    assert drain(client, big) == [Challenge(NONCE)]
    assert client.byte_order is ByteOrder.BIG
    assert Connection(Role.SERVER, byte_order=ByteOrder.BIG).send(Challenge(NONCE)) == big


def test_v2_handshake_and_signature():
    signature = hmac.new(SECRET, KEY + NONCE, "sha256").digest()
    assert sign(SECRET, KEY, NONCE) == signature == SIGNATURE
    assert verify(SECRET, KEY, NONCE, signature)
    assert not verify(SECRET, KEY, NONCE, signature[:-1] + b"\x00")
    assert not verify(SECRET, KEY, bytes(8), signature)
    assert not verify(SECRET, KEY, NONCE, b"")
    alias = "Töne".encode()
    body = struct.pack("<QQI", 1325376000000, DEVICE, len(alias)) + alias
    frame = framed(0x0F, body + struct.pack("<I", 1) + b"\x01" + KEY + signature)
    same(
        frame,
        "570000000f00d090963401000008070605040302010500000054c3b66e6501000000014c4f434b49542d544553542d"
        "4150492d4b45592d303030314cc0fc28582ed6a6db1266c255cb909309283b1fca407ff3ab6c218daeff0860",
    )
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    drain(client, server.send(Challenge(NONCE)))
    assert client.send(hello()) == frame
    assert drain(server, frame) == [hello()]
    assert server.byte_order is ByteOrder.LITTLE


def test_v2b_a_hello_with_a_terminated_alias_and_seconds():
    body = (
        struct.pack("<QQI", 0x4EFFA200, 0xBABABABABABABABA, 9)
        + b"Set iPad\0"
        + struct.pack("<I", 1)
        + b"\x01"
    )
    frame = same(
        framed(0x0F, body + bytes(56)),
        "5b0000000f00a2ff4e00000000babababababababa090000005365742069506164000100000001" + "00" * 56,
    )
    server = Connection(Role.SERVER)
    server.send(Challenge(NONCE))
    (heard,) = drain(server, frame)
    assert heard == Hello(1325376000, 0xBABABABABABABABA, "Set iPad", b"\x01", bytes(24), bytes(32))


@pytest.mark.parametrize(
    ("message", "payload", "printed"),
    [
        (Welcome(1), b"\x01\x01", "030000001f0101"),
        (Refusal(3), b"\x02\x03", "030000001f0203"),
        (Refusal(0, b"busy"), b"\x02\x00busy", "070000001f020062757379"),
    ],
)
def test_v3_results(message, payload, printed):
    frame = same(framed(0x1F, payload), printed)
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    drain(client, server.send(Challenge(NONCE)))
    drain(server, client.send(hello()))
    assert server.send(message) == frame
    assert drain(client, frame) == [message]
    expected = State.READY if isinstance(message, Welcome) else State.FAILED
    assert (client.state, server.state) == (expected, expected)


@pytest.mark.parametrize("span", DigestSpan)
def test_v4_ping(span):
    frame = same(framed(0x11, b"\x02"), "020000001102")
    printed = {
        "full": "aed3d56d2529ec9f87d0920100a4e0f40c7228a5",
        "noprefix": "66155d6fefb3e6ebd8276d0fefc3b4106fe39f54",
    }
    digest = same(sha1(frame if span is DigestSpan.FULL else frame[4:]), printed[span])
    client, server = ready({"digest": span})
    ping = Ping()
    assert server.send(ping) == frame
    (heard,) = drain(client, frame)
    assert heard == Ping(digest=digest)
    answer = same(framed(0x03, digest), f"1500000003{printed[span]}")
    assert client.send(Ack(heard.digest)) == answer
    (acked,) = drain(server, answer)
    assert acked == Acked(ping, b"")
    assert acked.request is ping


@pytest.mark.parametrize(
    ("message", "payload", "printed", "digest"),
    [
        (
            SubscribeDeviceUpdates(3),
            b"\x03\x03",
            "03000000010303",
            "fe9c87976e956eade3d6c4085b0804637724a042",
        ),
        (
            StartCJam(36000, 0),
            b"\x0e" + struct.pack("<IH", 36000, 0),
            "08000000010ea08c00000000",
            "86dce4403ba5b5f2bdf0705132744934e124011b",
        ),
        (
            FetchClips(0, 50, 2, VIEW, DEMAND),
            b"\x08" + struct.pack("<IIB", 0, 50, 2) + VIEW + DEMAND,
            "730000000108000000003200000002" + VIEW.hex() + DEMAND.hex(),
            "a1c18977b88bc0889f5ab213a7dc7d4763990f64",
        ),
        (
            RenameDevice(DEVICE, "B-Cam"),
            b"\x0f" + struct.pack("<Q", DEVICE) + b"B-Cam",
            "0f000000010f0807060504030201422d43616d",
            None,
        ),
    ],
    ids=["V5", "V6", "V8", "V11"],
)
def test_requests_of_a_client(message, payload, printed, digest):
    frame = same(framed(0x01, payload), printed)
    expected = same(sha1(frame), digest or sha1(frame).hex())
    client, server = ready()
    assert client.send(message) == frame
    (heard,) = drain(server, frame)
    assert heard.digest == expected
    assert replace(heard, digest=b"") == message


def test_v5_and_v8_acknowledgements():
    client, server = ready()
    for request, data in ((SubscribeDeviceUpdates(3), b""), (FetchClips(0, 50, 2, VIEW, DEMAND), CLIPS)):
        frame = client.send(request)
        (heard,) = drain(server, frame)
        answer = server.send(Ack(heard.digest, data))
        assert answer == framed(0x13, sha1(frame) + data)
        assert drain(client, answer) == [Acked(request, data)]
    assert json.loads(CLIPS)[0]["version"] == {"0102030405060708": 3}
    same(
        framed(0x13, sha1(bytes.fromhex("03000000010303"))),
        "1500000013fe9c87976e956eade3d6c4085b0804637724a042",
    )
    assert len(CLIPS) + 21 == 0x70


@pytest.mark.parametrize(
    ("printed", "code", "answer"),
    [
        ("02000000017f", NackCode.UNSUPPORTED, "19000000142b827d13d9643130afbc99d5fb0aeea06a7bc69c01000000"),
        (
            "06000000010101000000",
            NackCode.MALFORMED,
            "1900000014731e214534e673fec7ec0cc939ab5c8aea00131a02000000",
        ),
    ],
    ids=["V7", "V7b"],
)
def test_v7_refusals(printed, code, answer):
    frame = bytes.fromhex(printed)
    _, server = ready()
    (heard,) = drain(server, frame)
    assert isinstance(heard, Malformed)
    assert (heard.digest, heard.code) == (sha1(frame), code)
    same(framed(0x14, sha1(frame) + struct.pack("<I", code)), answer)
    assert server.send(Nack(heard.digest, heard.code)).hex() == answer


def test_v9_data_of_the_server():
    frame = framed(0x11, b"\x01" + struct.pack("<QB", DEVICE, 3) + TIMECODE)
    same(frame, "360000001101080706050403020103" + TIMECODE.hex())
    digest = same(sha1(frame), "cf07737ee9e4e94312043a45b6dbdc1414179599")
    client, server = ready()
    assert server.send(DataEvent(3, TIMECODE, DEVICE)) == frame
    assert drain(client, frame) == [DataEvent(3, TIMECODE, DEVICE, digest=digest)]


def test_v10_lens_data():
    lens = struct.pack("<IH", 3600, 12) + b"z" + bytes(34)
    frame = framed(0x12, b"\x05" + struct.pack("<QB", DEVICE, 7) + lens)
    same(frame, "340000001205080706050403020107100e00000c007a" + "00" * 34)
    client, server = ready()
    message = VolatileDataEvent(DEVICE, 7, lens)
    assert server.send(message) == frame
    assert drain(client, frame) == [message]
