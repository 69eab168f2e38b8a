"""Section 7 of the reference, told to a running hub by devices that it has let in, in both byte orders."""

from __future__ import annotations

import random
import socket
import struct
import time
from contextlib import suppress

import pytest

from journeys.harness import wait_until
from journeys.masterlockit.seed_client import (
    APPEARED,
    DATA,
    HOMES,
    VOLATILE,
    SeedClient,
    dial,
)
from journeys.masterlockit.seed_wire import (
    CAMERA,
    RECORDER,
    STORAGE,
    frame,
    sound,
    text_of,
    video,
)

#: The bytes of numbers are the protocol's own tests; here one order is enough.
ORDERS = "<"

pytestmark = pytest.mark.timeout(60)


class Noisy(SeedClient):
    """Counts what is said to it, and says nothing to it."""

    answered = 0

    def _take(self, message):
        self.answered += 1


@pytest.mark.parametrize("kind", [0x00, 0x05, 0x0E, 0x10, 0x11, 0x12, 0x13, 0x14, 0x1F, 0x42, 0xFF])
def test_types_that_a_client_has_no_right_to(join, kind):
    client, good = join(), join()
    client.send(frame(client.order, kind, b"\x02" + bytes(30)))
    assert client.ended.wait(20)
    assert good.ids({"clips": ["none"]}) == []


def test_what_is_malformed_gets_nack_2_and_the_connection_stays(join):
    client = join()
    client.register(CAMERA, RECORDER, STORAGE)
    own = client.device

    def code(request, payload=b""):
        return client.ask(request, payload).code

    for request in (0x00, 0x11, 0x7F, 0xFF):
        assert code(request, b"abc") == 1
    at = client.at(own, CAMERA)
    for request in (0x01, 0x02, 0x0B, 0x0C):
        for payload in (b"", at[:-1], at + b"\0", at[:-1] + b"\0", at[:-1] + b"\x08", at[:-1] + b"\xff"):
            assert code(request, payload) == 2, (request, payload)
    for request in (0x03, 0x04, 0x05, 0x06):
        for payload in (b"", b"\x01\x01", b"\0", b"\x08"):
            assert code(request, payload) == 2, (request, payload)
    assert code(0x0E, b"\0" * 5) == code(0x0E, b"\0" * 7) == 2
    assert code(0x0F, b"\0" * 7) == 2
    assert code(0x0F, client.pack("Q", own) + b"\xff\xfe") == 2
    assert code(0x10, b"\0" * 7) == code(0x10, b"\0" * 9) == 2
    head = client.pack("IIB", 0, 10, 1) + bytes(16)
    deep = b'{"clips":' + b"[" * 40 + b"]" * 40 + b"}"
    wrong = (
        b"{",
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b"{} x",
        b"\xff\xfe",
        b'{"clips": "x"}',
        b'{"clips": [1]}',
        b'{"devices": {}}',
        b'{"timecodeFrom": "10:00"}',
        b'{"timecodeFrom": "25:00:00:00"}',
        b'{"creationFrom": "x"}',
        b'{"creationFrom": NaN}',
        b'{"creationFrom": 9223372036854775808}',
        b'{"clips": [], "clips": []}',
        deep,
    )
    for demand in wrong:
        assert code(0x08, head + demand) == 2, demand
        assert code(0x09, demand) == 2, demand
        assert demand == b"null" or code(0x0A, b'\x02{"demand": ' + demand + b"}") == 2, demand
    assert code(0x08, head[:-1]) == 2
    for form in (0, 3, 255):
        assert code(0x08, client.pack("IIB", 0, 10, form) + bytes(16) + b"{}") == 2
    for kind in (0, 6, 255):
        assert code(0x0A, bytes([kind]) + b"{}") == 2
    assert code(0x0A) == code(0x0A, b"\x01[]") == code(0x0A, b"\x01{") == 2
    good = text_of(own)
    events = (
        b"",
        b"[]",
        b"{",
        b"1",
        b"\xff",
        b"{}",
        b'{"id": "x", "type": "video"}',
        b'{"id": 5, "type": "video", "version": {}}',
        b'{"id": "x", "version": {}}',
        b'{"id": "x", "type": "video", "version": {"a": -1}}',
        b'{"id": "x", "type": "video", "version": {"a": "1"}}',
        b'{"id": "x", "type": "video", "version": {"a": 9223372036854775808}}',
        b'{"id": "x", "type": "video", "version": {"a": 1}, "angle": Infinity}',
        b'{"id": "x", "id": "y", "type": "video", "version": {"a": 1}}',
        b'{"id": "x", "type": "video", "version": {"a": 1}, "deep": ' + deep + b"}",
    )
    for event in events:
        assert code(0x07, b"\x01" + event) == 2, event
    assert code(0x07) == code(0x07, b"\x00{}") == code(0x07, b"\x08{}") == 2
    assert client.ids({"devices": [good]}) == []


def test_what_is_impossible_gets_nack_0_and_a_reason(join):
    client = join()
    assert client.event(CAMERA, video("x", client.device))[0] == 0
    client.register(CAMERA)
    for answer in (
        client.event(RECORDER, sound("x", client.device)),
        client.event(CAMERA, sound("x", client.device)),
        client.ask(0x10, client.pack("Q", 12345)),
        client.ask(0x0F, client.pack("Q", 12345) + b"name"),
    ):
        assert answer.code == 0, answer
        assert answer.data.decode().strip()
        assert "\n" not in answer.data.decode()


def test_notifications_and_answers_that_nobody_asked_for_are_ignored(join):
    client = join()
    for body in (
        b"\x02abc",
        b"\xff",
        b"\x00",
        b"\x01",
        b"\x01\x01{",
        b"\x01\x01[]",
        b"\x01\x08{}",
        b"\x01\x01{}",
        b"\x01\x02\xff",
    ):
        client.send(frame(client.order, 0x02, body))
    client.send(frame(client.order, 0x03, bytes(20)))
    client.send(frame(client.order, 0x04, bytes(24)))
    client.send(frame(client.order, 0x03, bytes(20) + b"more"))
    client.send(frame(client.order, 0x03, bytes(19)))
    client.send(frame(client.order, 0x04, bytes(23)))
    assert client.ids({"clips": ["none"]}) == []


def test_a_taken_device_is_not_taken_again_while_it_lives(join):
    holder = join()
    twin = join(device=holder.device)  # let in: all installs of one make share an id
    watcher = join()
    watcher.do(0x03, bytes([CAMERA]))
    holder.register(CAMERA)
    watcher.meet(APPEARED, holder.device, CAMERA)
    answer = twin.ask(0x05, bytes([CAMERA]))
    assert answer.code == 0
    assert answer.data.decode()
    twin.register(RECORDER)
    assert holder.event(CAMERA, video(f"t{holder.device}", holder.device)).code is None
    # One that no longer answers is no holder.
    holder.answers = False
    began = time.monotonic()
    assert twin.ask(0x05, bytes([CAMERA])).code is None
    assert 1 < time.monotonic() - began < 4
    assert twin.event(CAMERA, video(f"u{holder.device}", holder.device)).code is None
    holder.close()
    watcher.settle()
    assert twin.event(CAMERA, video(f"w{holder.device}", holder.device)).code is None


def test_resets_in_the_middle_of_everything_touch_nobody_else(hub, join):
    good, watcher = join(), join()
    good.register(CAMERA)
    watcher.do(0x01, watcher.at(good.device, CAMERA))
    chance = random.Random(5)
    for number in range(30):
        victim = SeedClient(hub.port, hub.order, 0x5000 + number)
        victim.do(0x03, bytes([CAMERA]))
        victim.do(0x01, victim.at(0, CAMERA))
        victim.do(0x0B, victim.at(0, 3))
        message = frame(hub.order, 0x01, b"\x07\x01" + b'{"id": "cut"}')
        victim.send(message[: chance.randrange(1, len(message))])
        pending = good.begin(
            0x07,
            b"\x01"
            + b'{"id":"r%d","type":"video","version":{"%s":1}}' % (number, text_of(good.device).encode()),
        )
        victim.reset()
        assert pending().code is None
        watcher.meet(DATA, good.device, CAMERA, id=f"r{number}")
    with dial(hub.port, home=next(HOMES)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST before its hello
    assert not good.ended.is_set()
    assert not watcher.ended.is_set()


def test_ten_thousand_random_frames(hub, join):
    good = join()
    good.register(CAMERA)
    chance, sent, rest = random.Random(10), 0, hub.rss()

    def noise(kind):
        return frame(hub.order, kind, chance.randbytes(min(int(chance.expovariate(0.02)), 3000)))

    while sent < 9500:
        # As a device that was let in: requests of random codes and payloads, every one of which is answered ...
        noisy = Noisy(hub.port, hub.order, 0x6000 + sent)
        requests = 0
        for _ in range(500):
            if wanted := chance.random() < 0.7:
                code = bytes([chance.randrange(20)])
                noisy.send(frame(hub.order, 1, code + noise(1)[5:]))
            else:
                noisy.send(noise(2))
            requests += wanted
            sent += 1
        wait_until(lambda: noisy.answered >= requests, timeout_s=30, what="answers")  # noqa: B023 - called here
        assert not noisy.ended.is_set()
        # ... and then anything at all.
        with suppress(OSError):
            for _ in range(5):
                noisy.send(noise(chance.randrange(256)))
            noisy.reset()
    while sent < 10_000:
        with dial(hub.port, home=next(HOMES)) as sock, suppress(OSError):
            sock.sendall(chance.randbytes(chance.randrange(1, 200)))
        sent += 1
    assert hub.process.running
    assert good.event(CAMERA, video(f"ok{good.device}", good.device)).code is None
    assert good.ids({"devices": [text_of(good.device)]}) == [f"ok{good.device}"]
    assert hub.rss() - rest < 60 << 20


def test_a_slow_reader_holds_up_nobody(hub, join):
    """It gets no more than a bounded queue, and loses volatile data first."""
    lens, slow, quick = join(), join(), join()
    lens.register(7)
    for client in (slow, quick):
        client.do(0x0B, client.at(lens.device, 7))
    slow.stop_reading()
    rest = hub.rss()
    blob = lens.pack("IH", 1, 1) + bytes(15_000)
    waits = []
    for _ in range(2500):
        waits.append(lens.begin(0x07, b"\x07" + blob))
        if len(waits) > 50:
            assert waits.pop(0)().code is None
    assert {wait().code for wait in waits} == {None}
    quick.meet(VOLATILE, lens.device, 7)
    quick.heard.clear()
    assert hub.rss() - rest < 60 << 20
    assert quick.ids({"clips": ["none"]}) == []
