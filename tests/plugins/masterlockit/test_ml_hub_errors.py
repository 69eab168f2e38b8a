"""The table of errors (reference, section 7), line by line, and that one peer's trouble is nobody else's."""

import json
import random
import socket
import struct

import pytest
import trio

from .hub_rig import CAMERA, KEY, LENS, SLATE, SOUND, STORAGE, TIMECODE, Gone, clip, eventually, hub

A, B = 0x0102030405060708, 0xBABABABABABABABA
FAILURE = 0x1F


async def refused(device):
    """Code and data of the refusal, after which the hub closes."""
    with trio.fail_after(10):
        type_, rest = await device.read()
        assert (type_, rest[0]) == (FAILURE, 2)
        with pytest.raises(Gone):
            await device.read()
    return rest[1], rest[2:].decode()


# The handshake


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"versions": b"\2"}, 1),
        ({"versions": b""}, 1),
        ({"versions": b"\2", "key": b"x" * 24}, 1),
        ({"key": b"x" * 24}, 2),
        ({"key": b"x" * 24, "secret": b"wrong"}, 2),
        ({"secret": b"wrong"}, 3),
        ({"nonce": bytes(8)}, 3),
    ],
)
async def test_version_then_key_then_signature(tmp_path, order, hello, code):
    async with hub(tmp_path) as rig:
        device = await rig.connect(order=order)
        await device.challenged()
        await device.write(device.hello(**hello))
        assert await refused(device) == (code, "")


async def test_a_replayed_handshake_has_the_wrong_signature(tmp_path):
    async with hub(tmp_path) as rig:
        first = await rig.connect()
        await first.challenged()
        recorded = first.hello()
        await first.write(recorded)
        assert await first.read() == (FAILURE, b"\1\1")
        second = await rig.connect()
        await second.challenged()
        assert second.nonce != first.nonce
        await second.write(recorded)
        assert await refused(second) == (3, "")


async def test_whoever_speaks_the_protocol_comes_in_where_nothing_is_checked(tmp_path):
    async with hub(tmp_path, auth="accept_any", credentials=False) as rig:
        device = await rig.device(key=bytes(24), secret=b"?", alias=b"Set iPad\0", versions=b"\1\2")
        await device.register(CAMERA)
        await device.watch(CAMERA)
        await device.told()
        assert json.loads((await device.told())[3])["common"]["alias"] == "Set iPad"


def _hello_with(device, **changed):
    """A hello whose counts may lie."""
    parts = {
        "alias": b"A",
        "alias_count": 1,
        "versions": b"\1",
        "version_count": 1,
        "tail": bytes(56),
        "id": A,
    } | changed
    return device.frame(
        0x0F,
        device.pack("QQI", 0, parts["id"], parts["alias_count"])
        + parts["alias"]
        + device.pack("I", parts["version_count"])
        + parts["versions"]
        + parts["tail"],
    )


@pytest.mark.parametrize(
    "lie",
    [
        {"alias_count": 4000},
        {"alias_count": 2**32 - 1},
        {"version_count": 2},
        {"version_count": 2**32 - 1},
        {"tail": bytes(55)},
        {"tail": bytes(57)},
        {"alias": b"\xff"},
        {"id": 0},
    ],
    ids=str,
)
async def test_a_malformed_handshake_is_told_so(tmp_path, lie):
    async with hub(tmp_path) as rig:
        device = await rig.connect()
        await device.challenged()
        await device.write(_hello_with(device, **lie))
        code, text = await refused(device)
        assert code == 0
        assert text


@pytest.mark.parametrize(("spoken", "order"), [("big", ">"), ("little", "<")])
async def test_a_hub_of_one_byte_order_begins_in_it_and_understands_no_other(tmp_path, spoken, order):
    async with hub(tmp_path, byte_order=spoken) as rig:
        device = await rig.device(A, order)
        assert await device.register(CAMERA) == b""
        assert await device.say(CAMERA, clip(1)) == b""
        other = await rig.connect(B, "<" if order == ">" else ">")
        await other.challenged()
        await other.write(other.hello())
        assert await other.ended()


@pytest.mark.parametrize("order", "<>")
async def test_a_request_before_the_handshake(tmp_path, order):
    async with hub(tmp_path) as rig:
        device = await rig.connect(order=order)
        await device.challenged()
        await device.write(device.frame(0x01, b"\3\3"))
        assert await refused(device) == (0, "handshake required")


@pytest.mark.parametrize("size", [0, 4097, 0x01010101, 2**32 - 1])
async def test_a_size_that_cannot_be_before_the_handshake(tmp_path, size):
    async with hub(tmp_path) as rig:
        device = await rig.connect()
        await device.challenged()
        await device.write(struct.pack("<I", size) + b"\x0f")
        assert await device.ended()


async def test_who_does_not_answer_the_challenge_is_not_waited_for(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        device = await rig.connect()
        await device.challenged()
        started = trio.current_time()
        await device.write(device.hello()[:50])
        with pytest.raises(Gone):
            await device.read()
        assert 9 < trio.current_time() - started < 14


async def test_guesses_of_one_address_are_limited_and_told_so(tmp_path):
    async with hub(tmp_path) as rig:
        codes = []
        for _ in range(30):
            device = await rig.connect()
            await device.challenged()
            await device.write(device.hello(secret=b"wrong"))
            code, text = await refused(device)
            codes.append(code)
            if code == 0:
                assert "too many" in text
                break
        assert codes[-1] == 0
        assert 4 < codes.count(3) < 29
        # Another that shares its address is none the worse.
        assert await (await rig.device(7)).watch(CAMERA) == b""


async def test_guesses_under_ever_new_ids_are_limited_too(tmp_path):
    async with hub(tmp_path) as rig:
        for number in range(1, 100):
            device = await rig.connect(number)
            _, rest = await device.read()
            if rest[0] == 2:
                assert b"too many" in rest[2:]
                break
            device.nonce = rest[1:]
            await device.write(device.hello(secret=b"wrong"))
            await refused(device)
        assert 20 < number < 99


# Frames


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "frame",
    [
        lambda d: d.pack("I", 0),
        lambda d: d.pack("I", 2**32 - 1) + b"\1",
        lambda d: d.pack("I", 17 * 1024 * 1024) + b"\1",
        lambda d: d.frame(0x77, b"\1"),
        lambda d: d.frame(0x11, b"\2"),
        lambda d: d.frame(0x13, bytes(20)),
        lambda d: d.hello(),
        lambda d: d.frame(0x1F, b"\1\1"),
    ],
    ids=[
        "size 0",
        "size max",
        "17 MiB",
        "unknown type",
        "a server's request",
        "a server's ack",
        "hello",
        "welcome",
    ],
)
async def test_what_breaks_the_protocol_ends_this_connection_alone(tmp_path, order, frame):
    async with hub(tmp_path) as rig:
        other = await rig.device(B)
        device = await rig.device(A, order)
        await device.write(frame(device))
        assert await device.ended()
        assert await other.watch(CAMERA) == b""


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("code", "payload", "nack"),
    [
        (0x00, b"", 1),
        (0x11, b"", 1),
        (0x7F, b"anything", 1),
        (0x01, b"\1\0\0\0", 2),
        (0x01, bytes(8) + b"\1\1", 2),
        (0x01, bytes(7) + b"\1\0", 2),
        (0x01, bytes(7) + b"\1\x08", 2),
        (0x03, b"", 2),
        (0x03, b"\1\1", 2),
        (0x05, b"\0", 2),
        (0x05, b"\x08", 2),
        (0x07, b"", 2),
        (0x08, bytes(24) + b"{}", 2),
        (0x08, bytes(8) + b"\3" + bytes(16) + b"{}", 2),
        (0x08, bytes(8) + b"\1" + bytes(16) + b"{", 2),
        (0x08, bytes(8) + b"\1" + bytes(16) + b"[]", 2),
        (0x08, bytes(8) + b"\1" + bytes(16) + b'{"clips":"x"}', 2),
        (0x08, bytes(8) + b"\2" + bytes(16) + b'{"timecodeFrom":"25:00:00:00"}', 2),
        (0x09, b"\xff", 2),
        (0x09, b"null", 2),
        (0x0A, b"\0{}", 2),
        (0x0A, b"\6{}", 2),
        (0x0A, b"\1", 2),
        (0x0A, b"\1[]", 2),
        (0x0A, b'\1{"demand":[1]}', 2),
        (0x0A, b'\1{"targetDeviceId":7}', 2),
        (0x0E, b"\0\0\0\0\0", 2),
        (0x0E, bytes(7), 2),
        (0x0F, b"\0\0", 2),
        (0x0F, b"\1" * 8 + b"\xff\xfe", 2),
        (0x10, bytes(9), 2),
    ],
    ids=lambda value: value.hex() if isinstance(value, bytes) else str(value),
)
async def test_requests_that_nobody_can_read(tmp_path, order, code, payload, nack):
    async with hub(tmp_path) as rig:
        device = await rig.device(A, order)
        assert await device.request(code, payload) == (nack, "")
        assert await device.watch(CAMERA) == b""


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (CAMERA, b""),
        (CAMERA, b"{"),
        (CAMERA, b"[]"),
        (CAMERA, b"\xff{}"),
        (CAMERA, b'{"id":"a","type":"video"}'),
        (CAMERA, b'{"id":"","type":"video","version":{}}'),
        (CAMERA, b'{"id":"a","id":"b","type":"video","version":{}}'),
        (CAMERA, b'{"id":"a","type":"video","version":{"x":-1}}'),
        (CAMERA, b'{"id":"a","type":"video","version":{"x":9223372036854775808}}'),
        (CAMERA, b'{"id":"a","type":"video","version":{},"angle":NaN}'),
        (CAMERA, b'{"id":"a","type":"video","version":{},"x":' + b"[" * 40 + b"]" * 40 + b"}"),
        (SLATE, b"7"),
        (TIMECODE, b"{}"),
        (TIMECODE, b'{"type":"timecode","seconds":86400,"frames":0}'),
        (TIMECODE, b'{"type":"timecode","seconds":1,"frames":60}'),
        (TIMECODE, b'{"type":"timecode","seconds":-1,"frames":0}'),
        (TIMECODE, b'{"type":"timecode","seconds":true,"frames":0}'),
        (TIMECODE, b'{"type":"timecode","seconds":1,"seconds":2,"frames":0}'),
        (LENS, b"\0\0\0\0\0"),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_data_that_nobody_can_read(tmp_path, type_, data):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.register(type_)
        assert await device.say(type_, data) == (2, "")
        assert rig.shelf.records == {}


async def test_what_can_be_read_but_not_done_says_why(tmp_path):
    async with hub(tmp_path, zero_id="error") as rig:
        device = await rig.device()
        for request, reason in [
            (device.say(CAMERA, clip(1)), "not registered as camera"),
            (device.request(0x0F, device.pack("Q", B) + b"X"), "no device"),
            (device.request(0x0F, device.pack("Q", 0) + b"X"), "no device"),
            (device.request(0x10, device.pack("Q", B)), "no device"),
            (device.request(0x10, device.pack("Q", 0)), "no device"),
            (device.subscribe(0, CAMERA), "device 0"),
            (device.subscribe(0, CAMERA, volatile=True), "device 0"),
            (device.export(1, targetDeviceId=f"{B:016x}", filename="x.csv"), "no storage"),
        ]:
            code, text = await request
            assert code == 0
            assert reason in text
        await device.register(CAMERA)
        await device.register(STORAGE)
        assert (await device.request(0x0F, device.pack("Q", A)))[0] == 0
        assert "sends no data" in (await device.say(STORAGE, {}))[1]
        assert "'video'" in (await device.say(CAMERA, clip(1, type_="sound")))[1]
        await device.say(CAMERA, clip(1))
        await device.register(SOUND)
        assert (await device.say(SOUND, clip(1, {"x": 9}, type_="sound")))[0] == 0


async def test_what_is_too_large_to_pass_on(tmp_path):
    async with hub(tmp_path, max_message="64 KiB") as rig:
        device, cart = await rig.device(A), await rig.device(B)
        for type_ in (LENS, TIMECODE, CAMERA):
            await device.register(type_)
            await cart.subscribe(A, type_)
        assert "are passed on" in (await device.say(LENS, bytes(20_000)))[1]
        timecode = b'{"type":"timecode","seconds":1,"frames":1' + b" " * 20_000 + b"}"
        assert "are passed on" in (await device.say(TIMECODE, timecode))[1]
        empty = len(json.dumps(clip(1, comment=""), separators=(",", ":")))
        said = clip(1, comment="x" * (64 * 1024 - 3 - empty))
        large = json.dumps(said, separators=(",", ":")).encode()
        assert await device.say(CAMERA, large) == b""
        assert await device.say(CAMERA, clip(2)) == b""
        assert json.loads((await cart.told())[3])["id"] == clip(2)["id"]
        assert await cart.quiet()


async def test_the_hubs_own_devices_stay(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.watch(TIMECODE)
        _, generator, _, _ = await device.told()
        code, text = await device.request(0x10, device.pack("Q", generator))
        assert code == 0
        assert "the hub's own" in text
        impostor = await rig.device(generator)
        assert (await impostor.register(TIMECODE))[0] == 0


async def test_unknown_notifications_and_answers_are_passed_over(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.register(CAMERA)
        await device.watch(CAMERA)
        await device.told()
        await device.told()
        for frame in [
            device.frame(0x02, b"\x63nobody knows"),
            device.frame(0x02, b""),
            device.frame(0x02, bytes([1, CAMERA]) + b"{"),
            device.frame(0x02, bytes([1, CAMERA]) + b"[]"),
            device.frame(0x02, bytes([1, SOUND]) + b"{}"),
            device.frame(0x02, bytes([1, CAMERA]) + json.dumps({"vendor": {"x": "y" * 40_000}}).encode()),
            device.frame(0x03, bytes(20)),
            device.frame(0x04, bytes(24)),
        ]:
            await device.write(frame)
        assert await device.quiet()


async def test_frames_in_pieces_and_many_in_one(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.connect()
        await device.challenged()
        for byte in device.hello():
            await device.write(bytes([byte]))
        assert await device.read() == (FAILURE, b"\1\1")
        many = b"".join(device.frame(0x01, bytes([code, type_])) for type_ in range(1, 8) for code in (3, 4))
        await device.write(many[:33])
        await trio.sleep(0.05)
        await device.write(many[33:])
        answers = 0
        with trio.fail_after(10):
            while answers < 14:
                answers += (await device.read())[0] == 0x13
        assert await device.watch(CAMERA) == b""


async def test_requests_behind_the_hello_are_answered(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.connect()
        await device.challenged()
        await device.write(
            device.hello() + device.frame(0x01, bytes([5, CAMERA])) + device.frame(0x01, b"\x0a\2{}")
        )
        assert await device.read() == (FAILURE, b"\1\1")
        with trio.fail_after(10):
            assert (await device.read())[0] == 0x13
            type_, rest = await device.read()
        assert (type_, json.loads(rest[20:])) == (0x13, [])


async def test_equal_requests_are_each_answered(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        digests = [await device.ask(0x03, bytes([CAMERA])) for _ in range(5)]
        assert len(set(digests)) == 1
        for digest in digests:
            assert await device.answer(digest) == b""


async def test_ten_thousand_random_frames_hurt_nobody_else(tmp_path):
    async with hub(tmp_path) as rig:
        chance = random.Random(7)
        other = await rig.device(B)
        device, sent = None, 0
        with trio.fail_after(60):
            while sent < 10_000:
                try:
                    if device is None:
                        device = await rig.device(A)
                    burst = b""
                    for _ in range(200):
                        burst += device.frame(
                            chance.choice([1] * 400 + [2, 2, 2, 3, 4, chance.randrange(256)]),
                            bytes([chance.randrange(20)])
                            + chance.randbytes(chance.choice([0, 1, 2, 8, 9, 30])),
                        )
                    sent += 200
                    await device.write(burst)
                    with trio.move_on_after(0.02):
                        while True:
                            await device.read()
                except (Gone, trio.BrokenResourceError):
                    device = None
        assert await other.watch(CAMERA) == b""


async def test_a_reset_is_one_devices_own(tmp_path):
    async with hub(tmp_path) as rig:
        other = await rig.device(B)
        await other.watch(CAMERA)
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await other.told()
        await other.told()
        await camera.subscribe(0, TIMECODE, volatile=True)
        camera.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        camera.stream.socket.close()
        assert json.loads((await other.told())[3])["common"]["connected"] is False
        assert (await other.told())[0] == (0x12, 2)
        assert KEY not in json.dumps(rig.context.facts).encode()


async def test_what_cannot_be_kept_is_not_acknowledged(tmp_path):
    from rushes import Unavailable

    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.register(CAMERA)
        await device.register(SLATE)

        async def full(_records):
            await trio.lowlevel.checkpoint()
            raise Unavailable("the disk of the ledger is full; make room")

        rig.shelf.write = full
        assert await device.say(CAMERA, clip(1)) == (0, "the disk of the ledger is full; make room")
        assert (await device.say(SLATE, {"type": "clap"}))[0] == 0
        del rig.shelf.write
        assert await device.say(CAMERA, clip(1)) == b""


async def test_nothing_is_acknowledged_before_it_is_durable_and_the_rest_goes_on(tmp_path):
    async with hub(tmp_path) as rig:
        device, cart = await rig.device(A), await rig.device(B)
        await device.register(CAMERA)
        await device.register(TIMECODE)
        await cart.subscribe(0, CAMERA)
        rig.shelf.gate = trio.Event()
        first = await device.ask(0x07, bytes([CAMERA]) + json.dumps(clip(1)).encode())
        later = [
            await device.ask(0x07, bytes([CAMERA]) + json.dumps(clip(1, {"a": n})).encode())
            for n in range(2, 50)
        ]
        assert await device.say(TIMECODE, {"type": "timecode", "seconds": 1, "frames": 0}) == b""
        assert await cart.quiet()
        rig.shelf.gate.set()
        for digest in (first, *later):
            assert await device.answer(digest) == b""
        assert len(rig.shelf.commits) <= 3
        assert json.loads((await cart.told())[3])["version"] == {"0102030405060708": 1}
        await eventually(lambda: rig.repository.count == 1)
