"""Section 7 of the reference, told to a running hub by whom it has not let in yet, in both byte orders."""

from __future__ import annotations

import struct
import time
from contextlib import ExitStack

import pytest

from journeys.masterlockit.seed_client import (
    APPEARED,
    HOMES,
    META,
    SeedClient,
    challenged,
    closed,
    dial,
)
from journeys.masterlockit.seed_wire import (
    CAMERA,
    frame,
    hello,
    take_frame,
)

#: The bytes of numbers are the protocol's own tests; here one order is enough.
ORDERS = ">"

pytestmark = pytest.mark.timeout(60)


def refusal(port, order, message, home=""):
    """What the server says to a handshake before it closes."""
    with dial(port, home=home or next(HOMES)) as sock:
        nonce = challenged(sock, order)
        sock.sendall(message(nonce) if callable(message) else message)
        answer = closed(sock)
    if not answer:
        return None, ""
    assert struct.unpack_from(f"{order}I", answer)[0] == len(answer) - 4
    assert answer[4:6] == b"\x1f\x02"
    return answer[6], answer[7:].decode()


def greet(order, **said):
    return lambda nonce: hello(order, nonce, **({"device": 7} | said))


def bend(order, change):
    """A good handshake with bytes changed in place."""

    def bent(nonce):
        message = bytearray(hello(order, nonce, 7))
        change(message)
        return bytes(message)

    return bent


def test_who_is_not_let_in(hub):
    order = hub.order

    def refused(message):
        return refusal(hub.port, order, message)

    assert refused(greet(order, key=b"X" * 24))[0] == 2
    assert refused(greet(order, secret=b"another"))[0] == 3
    assert refused(greet(order, versions=b"\x02\x7f"))[0] == 1
    assert refused(greet(order, versions=b""))[0] == 1
    # Version goes before key, key before signature.
    assert refused(greet(order, versions=b"\x02", key=b"X" * 24))[0] == 1
    assert refused(greet(order, key=b"X" * 24, secret=b"another"))[0] == 2
    assert refused(greet(order, device=0))[0] == 0
    assert refused(bend(order, lambda message: message.__setitem__(-1, message[-1] ^ 1)))[0] == 3
    assert refused(bend(order, lambda message: message.__setitem__(slice(21, 25), b"\xff" * 4)))[0] == 0
    assert refused(bend(order, lambda message: message.__setitem__(slice(29, 33), b"\xff" * 4)))[0] == 0
    assert refused(greet(order, alias=b"\xff\xfe"))[0] == 0
    assert refused(frame(order, 0x0F, b"short"))[0] == 0
    code, text = refused(frame(order, 0x01, b"\x03\x01"))
    assert code == 0
    assert "handshake required" in text


def test_a_replayed_handshake_is_worth_nothing(hub, numbers):
    device = next(numbers)
    with dial(hub.port, home=next(HOMES)) as sock:
        nonce = challenged(sock, hub.order)
        said = hello(hub.order, nonce, device)
        sock.sendall(said)
        assert take_frame(sock, hub.order)[4:] == b"\x1f\x01\x01"
        assert refusal(hub.port, hub.order, said)[0] == 3
        # Twice on one connection: closed.
        sock.sendall(said)
        closed(sock)


def test_nonces_differ(hub):
    nonces = set()
    for _ in range(20):
        with dial(hub.port, home=next(HOMES)) as sock:
            nonces.add(challenged(sock, hub.order))
    assert len(nonces) == 20


def test_a_lenient_hello_is_let_in(hub, join):
    # NUL-ended alias, seconds, several versions: as the client of the reference's vector V2b, with a good signature.
    watcher = join()
    watcher.do(0x03, bytes([CAMERA]))
    client = join(alias=b"Set iPad\0", time=1325376000, versions=b"\x01\x02")
    client.register(CAMERA)
    watcher.meet(APPEARED, client.device, CAMERA)
    watcher.meet(META, client.device, CAMERA)
    later = join(alias="Töne 🎬".encode())
    later.register(CAMERA)
    told = watcher.meet(META, later.device, CAMERA)
    assert told.json["common"]["alias"] == "Töne 🎬"


def test_sizes_that_are_not_read(hub, join, numbers):
    for size in (0, 4097, 1 << 24, 0xFFFFFFFF):
        with dial(hub.port, home=next(HOMES)) as sock:
            challenged(sock, hub.order)
            sock.sendall(struct.pack(f"{hub.order}I", size))
            began = time.monotonic()
            closed(sock)
            assert time.monotonic() - began < 5
    for size in (0, (1 << 24) + 1, 0xFFFFFFFF):
        client = join()
        client.send(struct.pack(f"{hub.order}I", size))
        assert client.ended.wait(20), size
    # The largest that is legal is read, and answered.
    client = join()
    big = frame(hub.order, 0x01, b"\x08" + b" " * ((1 << 24) - 2))
    answer = client.expect(big)
    client.send(big)
    assert answer().code == 2


def test_an_address_that_fails_again_and_again_waits(hub):
    home, guess = next(HOMES), greet(hub.order, secret=b"guess")
    told = []
    while len(told) < 40 and (not told or told[-1][0] == 3):
        try:
            told.append(refusal(hub.port, hub.order, guess, home))
        except AssertionError:  # not even challenged
            told.append((None, ""))
    assert 3 < len(told) < 40
    # It is that address alone.
    assert refusal(hub.port, hub.order, guess)[0] == 3
    SeedClient(hub.port, hub.order, 0x7777, home=next(HOMES)).close()


def test_guesses_made_at_once_are_no_more_than_one_after_another(hub):
    home, judged = next(HOMES), 0
    with ExitStack() as stack:
        socks = [stack.enter_context(dial(hub.port, home=home)) for _ in range(100)]
        nonces = [challenged(sock, hub.order) for sock in socks]
        for sock, nonce in zip(socks, nonces, strict=True):
            sock.sendall(hello(hub.order, nonce, 7, secret=b"guess"))
        judged = sum(closed(sock)[6:7] == b"\x03" for sock in socks)
    assert judged < 40
