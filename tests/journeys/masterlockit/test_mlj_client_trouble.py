"""`pipeline run` and a hub that talks nonsense, says no, is silent or goes away."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from journeys.harness import wait_until
from journeys.masterlockit.conftest import facts, run_source, set_stage
from journeys.masterlockit.seed_hub import SeedHub
from journeys.masterlockit.seed_wire import (
    CAMERA,
    LENS,
    RECORDER,
    frame,
    packed,
    sha1,
    sound,
    take_frame,
    video,
)

pytestmark = pytest.mark.timeout(60)
A = 0xA1
DEEP = b"[" * 40 + b"]" * 40


@pytest.fixture
def stage(tmp_path):
    with set_stage(tmp_path) as stage:
        yield stage


@pytest.fixture(params=["<", ">"], ids=["little", "big"])
def seed(request):
    with SeedHub(request.param) as hub:
        yield hub


def test_garbage_from_a_hub(stage, seed):
    order = seed.order
    seed.appear(A, CAMERA, "A-Cam")
    process, state = run_source(stage, host="127.0.0.1", port=seed.port)
    seed.wait(lambda: "fetch" in seed.names(), "a comparison", 20)

    def code(digest):
        kind, rest = seed.wait_answer(digest)
        return struct.unpack_from(f"{order}I", rest)[0] if kind == 4 else None

    def ask(body):
        message = frame(order, 0x11, body)
        seed.send(message)
        return code(sha1(message))

    at = seed.at(A, CAMERA)
    assert ask(b"\x7f") == ask(b"\x03abc") == ask(b"\x00") == 1
    assert ask(b"\x01") == ask(b"\x01" + at[:-1]) == 2
    for data in (
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"id":"x","type":"video"}',
        b'{"id":"x","id":"y","type":"video","version":{}}',
        b'{"id":"x","type":"video","version":{"a":NaN}}',
        b'{"id":"x","type":"video","version":{"a":9223372036854775808}}',
        b'{"id":"x","type":"video","version":{"a":1},"d":' + DEEP + b"}",
    ):
        assert ask(b"\x01" + at + data) == 2, data
    # Of nobody, of no type, or answers to nothing: no reason to end.
    for number in {*range(256)} - {1, 2}:
        seed.send(frame(order, 0x12, bytes([number]) + b"abc"))
    lens = seed.at(A, LENS)
    for body in (b"\x01", b"\x04" + at + b"{", b"\x04" + at + b"[]", b"\x05" + at, b"\x05" + lens + b"\x01"):
        seed.send(frame(order, 0x12, body))
    seed.notify(1, 0xFEED, 99)
    seed.notify(4, 0xFEED, 99, {"common": {"alias": "strange"}})
    seed.notify(2, 0xDEAD, CAMERA)
    seed.send(frame(order, 0x13, bytes(20)))
    seed.send(frame(order, 0x14, bytes(24)))
    assert code(seed.push(0xC0FFEE, RECORDER, sound("of nobody", 0xC0FFEE))) is None
    assert seed.connections == 1
    # What is no message of a hub ends that connection, and another is made.
    for bad in (frame(order, 0x1F, b"\x00" + bytes(8)), struct.pack(f"{order}I", (1 << 24) + 1)):
        before = seed.connections
        seed.send(bad)
        seed.wait(lambda before=before: seed.connections > before, "another connection", 15)
    seed.wait(lambda: ("devices", b"\x07") in seed.subscribed, "subscriptions again")
    # One byte at a time, and many in one.
    message = frame(order, 0x11, b"\x01" + at + packed(video("cut", A)))
    for byte in message:
        seed.send(bytes([byte]))
    assert code(sha1(message)) is None
    ping = frame(order, 0x11, b"\x02")
    seed.send(ping * 300)
    for _ in range(300):
        assert seed.wait_answer(sha1(ping))[0] == 3
    wait_until(lambda: facts(state)["clips"] == 2, timeout_s=30, what="two clips", process=process)


@pytest.mark.parametrize("seed", ["<"], indirect=True)
def test_a_hub_that_refuses_is_deaf_and_silent(stage, seed):
    """Its answers have the other digest, too."""
    seed.digest_from = 4
    seed.nacks = {"volatile": 0, "fetch": 1}
    options = {"ping_interval": "300ms", "ping_timeout": "700ms"}
    process, state = run_source(stage, host="127.0.0.1", port=seed.port, **options)
    seed.wait(lambda: "fetch" in seed.names(), "a comparison", 20)
    assert seed.wait_answer(seed.push(A, CAMERA, video("x", A)))[0] == 3
    # Silence makes it ask, and what is not answered makes it connect anew.
    seed.wait(lambda: seed.names()[-1] == "devices", "a question")
    seed.deaf = {"devices"}
    seed.wait(lambda: seed.connections == 2, "another connection")
    assert "reset" not in process.err.read_text()
    assert facts(state)["clips"] == 1


@pytest.mark.parametrize("seed", [">"], indirect=True)
def test_a_refusal_is_told_and_not_tried_again(stage, seed):
    seed.refuses = b"\x03"
    process, _ = run_source(stage, host="127.0.0.1", port=seed.port)
    seed.wait(lambda: seed.connections, "an attempt", 20)
    time.sleep(1.5)  # one that tried again would have, three times
    assert seed.connections == 1
    assert process.running
    assert "signature" in process.out.read_text() + process.err.read_text()


def test_a_hub_that_does_not_keep_to_the_handshake(stage):
    """Each time it hangs up; it never answers what is no challenge."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        run_source(stage, host="127.0.0.1", port=listener.getsockname()[1])
        challenge, welcome = frame("<", 0x1F, b"\x00" + bytes(8)), frame("<", 0x1F, b"\x01\x01")
        for before, after in (
            (welcome, b""),
            (challenge, frame("<", 0x1F, b"\x01\x02")),
            (challenge, challenge),
        ):
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(10)
                sock.sendall(before)
                if before == challenge:
                    assert take_frame(sock, "<")[4] == 0x0F
                    sock.sendall(after)
                assert sock.recv(1) == b""


@pytest.mark.parametrize("seed", [">"], indirect=True)
def test_lists_that_are_none_and_pages_that_never_end(stage, seed):
    """The next comparison finds what the broken ones did not bring."""
    pages = [b'[null, {"id": 1}, {"id": "a"}]', b"\xff"]
    clips = {f"c{number}": video(f"c{number}", A) for number in range(250)}
    whole = packed(
        [{member: clip[member] for member in ("id", "type", "version")} for clip in clips.values()]
    )
    full = packed(list(clips.values()))
    # Whatever it is asked for: this list.
    seed.page = lambda payload: pages[0] if pages else whole if payload[8] == 2 else full
    process, state = run_source(stage, host="127.0.0.1", port=seed.port)
    while pages:
        seed.wait(lambda: "fetch" in seed.names(), "a comparison", 20)
        assert seed.wait_answer(seed.ping())[0] == 3
        assert facts(state)["clips"] == 0
        pages.pop(0)
        seed.asked.clear()
        seed.drop()
    wait_until(lambda: facts(state)["clips"] == 250, timeout_s=30, what="all clips", process=process)
    assert seed.names().count("fetch") < 12
