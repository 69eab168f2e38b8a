"""A hub with options of its own: any byte order, quick pings, drop frame, anybody let in; killed and back."""

from __future__ import annotations

import time

import pytest

from journeys.harness import wait_until
from journeys.masterlockit.conftest import facts, listening, run_source, set_stage
from journeys.masterlockit.seed_client import (
    APPEARED,
    DATA,
    DISAPPEARED,
    META,
    PING,
    VOLATILE,
    SeedClient,
    challenged,
    dial,
)
from journeys.masterlockit.seed_wire import CAMERA, GENERATOR, hello, take_frame, text_of, video

pytestmark = pytest.mark.timeout(60)
QUICK = {
    "listen": "127.0.0.1:0",
    "ping_interval": "300ms",
    "ping_timeout": "500ms",
    "project_rate": "29.97df",
    "auth": "accept_any",
}
#: Vector V2b of the reference: a name with a NUL, seconds for milliseconds, neither key nor signature.
STRANGER = bytes.fromhex(
    "5b0000000f00a2ff4e00000000babababababababa090000005365742069506164000100000001"
) + bytes(56)
OLD, ONE, TWO, THREE, FOUR = 0xBABABABABABABABA, 1, 2, 3, 4


def test_a_hub_of_its_own(tmp_path):
    with set_stage(tmp_path) as stage:
        process, state = run_source(stage, **QUICK)
        port = listening(state, process)
        said = f"listening on 127.0.0.1:{port}"
        wait_until(lambda: said in process.out.read_text(), timeout_s=30, what=said, process=process)
        wait_until(lambda: "timecode" in facts(state), timeout_s=30, what="timecode", process=process)
        assert facts(state)["timecode_from"] == "this hub"
        let_anybody_in(port)
        lose_who_does_not_answer(port)
        count_drop_frames(port)
        camera = SeedClient(port, "<", FOUR)
        camera.register(CAMERA)
        waits = [camera.begin(0x07, b"\x01" + clip(number)) for number in range(60)]
        camera.do(0x09, b'{"clips": ["k7"]}')
        waits[40]()
        process.kill()
        acked = [number for number, wait in enumerate(waits) if number < 41 and wait().code is None]
        assert len(acked) == 41
        process, state = run_source(stage, **QUICK)
        back_with_everything(listening(state, process), acked)


def clip(number):
    return b'{"id":"k%d","type":"video","version":{"%s":1}}' % (number, text_of(FOUR).encode())


def let_anybody_in(port):
    with dial(port) as sock:
        challenged(sock, "<")
        sock.sendall(STRANGER)
        assert take_frame(sock, "<") == bytes.fromhex("030000001f0101")
    # It speaks little until a device speaks otherwise, and then to that device alone.
    with dial(port) as sock:
        sock.sendall(hello(">", challenged(sock, "<"), 0x11))
        assert take_frame(sock, ">") == bytes.fromhex("000000031f0101")
        sock.sendall(bytes.fromhex("000000030103") + b"\x03")
        assert take_frame(sock, ">")[4] == 0x13
    SeedClient(port, "<", 0x12).close()


def lose_who_does_not_answer(port):
    """Who refuses pings lives, and who takes their digest without the size; who is silent does not."""
    watcher, silent = SeedClient(port, "<", ONE), SeedClient(port, "<", TWO)
    refuser, other = SeedClient(port, "<", THREE), SeedClient(port, "<", FOUR)
    refuser.nacks_with, other.digest_from = 1, 4
    watcher.do(0x03, bytes([CAMERA]))
    silent.register(CAMERA)
    watcher.meet(APPEARED, TWO, CAMERA)
    silent.answers = False
    watcher.meet(DISAPPEARED, TWO, CAMERA)
    assert silent.ended.wait(20)
    assert [heard.json["common"]["connected"] for heard in watcher.settle() if heard.what == META][-1:] == [
        False
    ]
    assert len([heard for heard in other.heard if heard.what == PING]) > 2
    for client in (watcher, refuser, other):
        assert not client.ended.is_set()
        client.close()


def count_drop_frames(port):
    reader = SeedClient(port, "<", ONE)
    reader.do(0x0B, reader.at(0, GENERATOR))  # whichever it is
    reader.do(0x0E, reader.pack("IH", 59, 20))
    time.sleep(1)
    reader.do(0x0C, reader.at(0, GENERATOR))
    told = [heard.json for heard in reader.settle() if heard.what == VOLATILE]
    labels = [(code["seconds"], code["frames"]) for code in told if 59 <= code["seconds"] < 62]
    # The numbers 0 and 1 vanish where a minute begins that is no tenth; no other does.
    begin = labels.index((60, 2))
    assert labels[begin - 1 : begin + 5] == [(59, 29), (60, 2), (60, 3), (60, 4), (60, 5), (60, 6)]
    assert reader.ask(0x0E, reader.pack("IH", 60, 0)).code == 2
    assert reader.ask(0x0E, reader.pack("IH", 600, 0)).code is None
    reader.close()


def back_with_everything(port, acked):
    camera, watcher = SeedClient(port, "<", FOUR), SeedClient(port, "<", ONE)
    found = camera.ids()
    assert {f"k{number}" for number in acked} - {"k7"} <= set(found)
    assert "k7" not in found
    watcher.do(0x03, bytes([CAMERA]))
    assert [heard for heard in watcher.settle() if heard.device == FOUR] == []  # not there yet
    watcher.do(0x01, watcher.at(FOUR, CAMERA))
    camera.register(CAMERA)
    watcher.meet(APPEARED, FOUR, CAMERA)
    # The tombstone came through too: an old copy is no news.
    assert camera.ask(0x07, b"\x01" + clip(7)).code is None
    assert camera.ids({"clips": ["k7"]}) == []
    assert camera.event(CAMERA, video("k3", FOUR, 2)).code is None
    watcher.meet(DATA, FOUR, CAMERA, id="k3")
    for client in (camera, watcher):
        client.close()
