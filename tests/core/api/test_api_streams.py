"""Answers without an end: resume, beats, readers that vanish or stop reading, a pipeline that stops."""

from __future__ import annotations

import json
import socket

import pytest
import trio

from api_rig import Reader
from rushes.api import connections
from rushes.api.app import build
from rushes.api.client import Client
from rushes.api.endpoints import ENDPOINTS
from rushes.api.events import follow
from rushes.api.openapi import openapi
from rushes.api.serve import open_api
from rushes.errors import RushesError
from rushes.events import Event


async def open_events(address, query: str = "", header: str = "") -> trio.SocketStream:
    stream = await trio.open_unix_socket(str(address))
    await stream.send_all(f"GET /v1/events{query} HTTP/1.1\r\nHost: p\r\n{header}\r\n".encode())
    return stream


async def read_ids(stream, count: int) -> list[int]:
    raw = b""
    while raw.count(b"\ndata: ") < count:
        data = await stream.receive_some()
        assert data, raw
        raw += data
    return [int(line[4:]) for line in raw.decode().splitlines() if line.startswith("id: ")]


async def test_events_replay_then_live(client, control, address):
    control.happen(3)
    async with await open_events(address) as stream:
        assert await read_ids(stream, 3) == [1, 2, 3]
        control.happen()
        assert await read_ids(stream, 1) == [4]


@pytest.mark.parametrize(
    ("query", "header"),
    [("?after=2", ""), ("", "Last-Event-ID: 2\r\n"), ("?after=0", "Last-Event-ID: 2\r\n")],
)
async def test_events_resume(client, control, address, query, header):
    control.happen(4)
    async with await open_events(address, query, header) as stream:
        assert await read_ids(stream, 2) == [3, 4]


@pytest.mark.parametrize(("query", "header"), [("?after=9", ""), ("", "Last-Event-ID: 9\r\n")])
async def test_who_knows_an_event_that_is_not_here_is_told_and_goes_on(
    client, control, address, query, header
):
    """The ledger is another one, or was put back: silence until the tenth event would be a lie."""
    control.happen(4)
    async with await open_events(address, query, header) as stream:
        raw = b""
        with trio.fail_after(10):
            while b"\ndata: " not in raw:
                raw += await stream.receive_some()
        told = raw.decode().partition("id: 4\n")[2].splitlines()
        assert told[0] == "event: reset"
        assert json.loads(told[1].removeprefix("data: ")) == {"after": 9, "seq": 4}
        control.happen()
        assert await read_ids(stream, 1) == [5]


async def test_who_knows_the_newest_event_is_told_nothing(client, control, address):
    control.happen(4)
    async with await open_events(address, "?after=4") as stream:
        with trio.fail_after(10):
            await control.begun.acquire()
        control.happen()
        assert await read_ids(stream, 1) == [5]


def test_the_document_of_the_api_tells_of_a_reset():
    assert "`reset`" in openapi(ENDPOINTS)["paths"]["/v1/events"]["get"]["description"]


async def test_event_frame(client, control, address):
    control.happen()
    async with await open_events(address) as stream:
        raw = b""
        while b"\ndata: " not in raw:
            raw += await stream.receive_some()
    frame = next(line for line in raw.decode().splitlines() if line.startswith("data: "))
    assert b"content-type: text/event-stream" in raw
    assert b"\nevent: clip.admitted\n" in raw
    assert json.loads(frame[6:])["detail"] == {"name": "A001.mov"}


async def test_bounded_buffers_leave_no_gap(control, autojump_clock):
    """A watcher that is dropped and replays that are cut short: the follower sees each event once."""
    control.most = 7
    control.happen(50)
    seen: list[int] = []
    done = trio.Event()

    async def handle(events):
        seen.extend(event.seq for event in events)
        if len(seen) == 60:
            control.happen(40)  # more than the buffer: this drops the watcher
        if len(seen) >= 130:
            done.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: follow(control, 0, handle, beat_s=5))
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(20):
            control.happen(4)
            await trio.testing.wait_all_tasks_blocked()
        with trio.fail_after(60):
            while len(seen) < 130:
                control.happen()
                await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert seen == list(range(1, len(seen) + 1))


async def test_a_jump_that_stays_is_accepted(control, autojump_clock):
    control.past = [Event(kind="x", at=1.0, seq=seq) for seq in (5, 6, 9)]
    seen: list[int] = []

    async def handle(events):
        seen.extend(event.seq for event in events)

    with trio.move_on_after(10):
        await follow(control, 0, handle, beat_s=1)
    assert seen == [5, 6, 9]


async def test_beats(control, autojump_clock):
    """An idle stream sends comments, so that both ends notice a dead one."""
    reader = Reader(build(control, trio.Event(), beat_s=15))
    with trio.move_on_after(50):
        await reader.read()
    assert [at for at, frame in reader.frames if frame == ": beat"] == pytest.approx([15, 30, 45], abs=0.1)


async def test_vanished_readers_free_their_watch(client, control, address, in_thread):
    with trio.fail_after(20):
        for _ in range(5):
            async with await open_events(address):
                await control.begun.acquire()
            await control.ended.acquire()
    assert (await in_thread(client.status))["pipeline"] == "onset"


async def test_vanished_reader_cancels_its_action(client, control, address, in_thread):
    async with await trio.open_unix_socket(str(address)) as stream:
        await stream.send_all(
            b"POST /v1/components/cloud/wait HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n\r\n"
        )
        await control.acting.wait()
    with trio.fail_after(20):
        await control.act_cancelled.wait()
    assert (await in_thread(client.status))["pipeline"] == "onset"


async def test_reader_that_stops_reading_is_let_go(control, address, tmp_path, monkeypatch, in_thread):
    """It holds up neither the others nor the end of the server; more than the kernel buffers is under way."""
    monkeypatch.setattr(connections, "STALL_S", 0.2)
    control.past = [Event(kind="x", at=1.0, seq=1, detail={"text": "x" * 4_000_000})]
    with trio.fail_after(10):
        async with open_api(control, address, tmp_path):
            stream = await open_events(address)
            await control.begun.acquire()
            assert (await in_thread(Client(address).status))["pipeline"] == "onset"
        await stream.aclose()


async def test_stop_ends_streams_and_says_so(control, address, tmp_path, in_thread):
    answers: list[object] = []

    async def ask():
        try:
            await in_thread(Client(address).act, "cloud", "wait", {}, lambda _facts: None)
        except RushesError as error:
            answers.append(str(error))

    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            async with open_api(control, address, tmp_path):
                nursery.start_soon(ask)
                await control.acting.wait()
                stream = await open_events(address)
                assert await stream.receive_some()
            rest = b""
            while data := await stream.receive_some():
                rest += data
            await stream.aclose()
    assert rest.endswith(b"0\r\n\r\n")
    assert answers == ["the pipeline stopped before cloud had answered; start it and ask again"]


async def test_error_inside_leaves_as_itself(control, address, tmp_path):
    with pytest.raises(BaseExceptionGroup) as caught:
        async with open_api(control, address, tmp_path):
            raise RushesError("the engine ends")
    assert caught.group_contains(RushesError, match="the engine ends")
    assert not address.exists()


async def test_slow_reader_of_a_long_document(client, control, address, monkeypatch):
    control.past = [Event(kind="x", at=1.0, seq=seq, detail={"n": "y" * 900}) for seq in range(1, 900)]
    async with await open_events(address) as stream:
        assert await read_ids(stream, 899) == list(range(1, 900))


def test_no_half_open_socket_left_behind(address):
    with socket.socket(socket.AF_UNIX) as sock, pytest.raises(FileNotFoundError):
        sock.connect(str(address))
