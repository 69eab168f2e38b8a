"""A hostile client on the network: slow, many, large, deaf. Others are served meanwhile."""

from __future__ import annotations

import logging
from contextlib import suppress

import pytest
import trio

from page_rig import open_page
from rushes.page import bodies, connections, crowd, serve
from rushes.page.bodies import read_body
from rushes.page.crowd import Crowd
from rushes.page.guard import RefusedError, peer_of
from rushes.page.pace import MOST_KNOWN, Pace

HEADS = [b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "]


async def push(stream, data: bytes) -> None:
    with suppress(trio.BrokenResourceError):  # cut off
        await stream.send_all(data)


async def ended(stream) -> bytes:
    told = b""
    with trio.fail_after(10):
        try:
            while piece := await stream.receive_some():
                told += piece
        except trio.BrokenResourceError:
            pass  # cut off
    return told


@pytest.mark.parametrize("head", HEADS)
async def test_a_head_that_never_ends_is_cut_off(state, api, monkeypatch, head):
    monkeypatch.setattr(connections, "IDLE_S", 0.3)
    async with open_page(state, api) as browser, await browser.connect() as stream:
        dripping = trio.CancelScope()

        async def drip() -> None:
            with dripping:
                try:
                    while True:  # slow loris: always a little more
                        await stream.send_all(b"x" if head else b"\r\n")
                        await trio.sleep(0.05)
                except trio.BrokenResourceError:
                    return

        await stream.send_all(head)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip)
            await ended(stream)
            dripping.cancel()
        assert (await browser.get("/")).status == 200
    assert api.asked == []


async def test_one_who_holds_many_connections_is_held_back_alone(browser, monkeypatch):
    monkeypatch.setattr(crowd, "MOST_OF_ONE", 5)
    held = [await browser.connect() for _ in range(5)]
    try:
        async with await browser.connect() as one_more:
            assert await ended(one_more) == b""
        for stream in held:
            await stream.aclose()
        with trio.fail_after(10):
            while (await browser.get("/")).status != 200:
                await trio.sleep(0.01)
    finally:
        for stream in held:
            await stream.aclose()


def test_a_crowd(monkeypatch):
    monkeypatch.setattr(crowd, "MOST", 3)
    monkeypatch.setattr(crowd, "MOST_OF_ONE", 2)
    found = Crowd()
    with found.room("a") as first, found.room("a") as second, found.room("a") as third:
        assert (first, second, third) == (True, True, False)
        with found.room("b") as other, found.room("c") as full:
            assert (other, full) == (True, False)
    with found.room("a") as again:
        assert again
    assert not found._of


def test_whom_a_limit_counts_for():
    assert peer_of(("192.0.2.1", 5)) == peer_of(("::ffff:192.0.2.1", 5)) == "192.0.2.1"
    assert peer_of(("2001:db8::1", 5)) == peer_of(("2001:db8::ffff", 5)) == "2001:db8::/64"
    assert peer_of(("fe80::1%eth0", 5)) == "fe80::/64"


async def test_a_pace_is_kept_by_each(autojump_clock):
    pace = Pace(10.0, 20)
    began = trio.current_time()
    for _ in range(20):
        await pace.step("a")
    assert trio.current_time() == pytest.approx(began)
    for _ in range(10):
        await pace.step("a")
    assert trio.current_time() - began == pytest.approx(1)
    await pace.step("b")
    assert trio.current_time() - began == pytest.approx(1)
    await trio.sleep(2)
    began = trio.current_time()
    for _ in range(20):
        await pace.step("a")
    assert trio.current_time() == pytest.approx(began)
    for number in range(2 * MOST_KNOWN):
        await pace.step(str(number))
    assert len(pace._due) == MOST_KNOWN


async def test_a_stranger_in_a_hurry_waits_and_who_is_signed_in_does_not(state, api, monkeypatch):
    monkeypatch.setattr(serve, "REQUESTS", 0.001)
    monkeypatch.setattr(serve, "REQUESTS_AT_ONCE", 2)
    async with open_page(state, api) as browser:
        assert (await browser.sign_in()).status == 200
        for _ in range(5):
            assert (await browser.get("/v1/status")).status == 200
            assert (await browser.get("/")).status == 200
        browser.cookie = ""
        assert (await browser.get("/")).status == 200
        with trio.move_on_after(0.5) as hurry:
            await browser.get("/")
        assert hurry.cancelled_caught


async def test_connections_come_no_quicker_than_can_be_served(state, api, monkeypatch):
    monkeypatch.setattr(serve, "CONNECTIONS", 0.001)
    monkeypatch.setattr(serve, "CONNECTIONS_AT_ONCE", 3)
    async with open_page(state, api) as browser:
        for _ in range(3):
            assert (await browser.get("/")).status == 200
        with trio.move_on_after(0.5) as hurry:
            await browser.get("/")
        assert hurry.cancelled_caught


async def test_heads_have_an_end(browser, api):
    for head in ({"X": "x" * 200_000}, {f"X{number}": "y" * 500 for number in range(400)}):
        async with await browser.connect() as stream, trio.open_nursery() as nursery:
            nursery.start_soon(push, stream, browser.head("GET", "/v1/status", head))
            told = await ended(stream)
            assert told == b"" or b" 431 " in told
    assert api.asked == []


async def test_bodies_have_an_end(inside, api):
    assert (await inside.post("/enter", {"code": "x" * 5000})).status == 413
    told = {"Content-Type": "application/json", "Origin": inside.origin}
    huge = inside.head("POST", "/v1/jobs/top", {**told, "Content-Length": str(1 << 40)})
    assert (await inside.send(huge)).status == 413
    chunked = inside.head("POST", "/v1/jobs/top", {**told, "Transfer-Encoding": "chunked"})
    async with await inside.connect() as stream:
        await stream.send_all(chunked)
        with pytest.raises(trio.BrokenResourceError), trio.fail_after(10):
            while True:
                await stream.send_all(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
    assert api.asked == []


async def test_a_stranger_who_sends_on_holds_no_connection(browser, api):
    """A body that is refused unread, in more pieces than anybody queues."""
    told = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    for _ in range(40):  # more than one peer may hold
        async with await browser.connect() as stream:
            await stream.send_all(browser.head("POST", "/v1/jobs/top", told) + b"1\r\nx\r\n" * 100)
            assert b" 401 " in await ended(stream)
    assert (await browser.get("/")).status == 200
    assert api.asked == []


@pytest.mark.parametrize("more", ["", "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Key: x\r\n"])
async def test_half_a_handshake_of_a_websocket_holds_no_connection(state, api, monkeypatch, more):
    monkeypatch.setattr(connections, "IDLE_S", 0.3)
    async with open_page(state, api) as browser, await browser.connect() as stream:
        head = f"GET / HTTP/1.1\r\nHost: {browser.host}\r\nUpgrade: websocket\r\nConnection: upgrade\r\n{more}\r\n"
        await stream.send_all(head.encode())
        assert b" 200 " in await ended(stream)


@pytest.mark.parametrize("path", ["/enter", "/v1/jobs/top", "/"])
@pytest.mark.parametrize("size", [{"Content-Length": str(1 << 40)}, {"Transfer-Encoding": "chunked"}])
async def test_what_a_stranger_sends_is_not_kept_while_he_waits_his_turn(state, api, monkeypatch, path, size):
    monkeypatch.setattr(serve, "REQUESTS", 0.001)
    monkeypatch.setattr(serve, "REQUESTS_AT_ONCE", 1)
    async with open_page(state, api) as browser:
        assert (await browser.get("/")).status == 200  # the next one waits for a quarter of an hour
        told = {"Content-Type": "application/json", "Origin": browser.origin, **size}
        assert (await browser.send(browser.head("POST", path, told))).status in {401, 413}


async def test_a_body_that_does_not_come_is_not_waited_for(autojump_clock):
    async def silent():
        await trio.sleep_forever()

    async def dripping():
        await trio.sleep(1)
        return {"type": "http.request", "body": b"x", "more_body": True}

    for receive in (silent, dripping):
        began = trio.current_time()
        with pytest.raises(RefusedError) as caught:
            await read_body(receive, {}, 1000)
        assert caught.value.status == 408
        assert trio.current_time() - began == bodies.PATIENCE_S


async def test_a_body_that_breaks_off_does_nothing(inside, api):
    told = {"Content-Type": "application/json", "Origin": inside.origin, "Content-Length": "100"}
    async with await inside.connect() as stream:
        await stream.send_all(inside.head("POST", "/v1/jobs/top", told) + b"{")
    assert (await inside.get("/v1/status")).status == 200
    assert [path for _, path, _ in api.asked] == ["/v1/status"]


async def test_a_reader_that_has_stopped_reading_is_let_go(state, api, monkeypatch):
    monkeypatch.setattr(connections, "STALL_S", 0.3)
    async with open_page(state, api) as browser:
        await browser.sign_in()
        async with await browser.connect() as stream:
            await stream.send_all(browser.head("GET", "/v1/flood", {}))
            with trio.fail_after(10):
                await stream.receive_some(10)
                await browser.get("/")  # others are served
                await api.stream_ended.wait()
                await ended(stream)


async def test_a_slow_network_gets_the_longest_answer(autojump_clock):
    class Slow:
        """Of 4 kB a second."""

        taken = 0
        receive_some = None

        async def send_all(self, data):
            await trio.sleep(len(data) / 4096)
            self.taken += len(data)

        async def aclose(self):
            await trio.lowlevel.checkpoint()

    slow = Slow()
    patient = connections._Patient(slow)
    await patient.send_all(b"x" * 1_000_000)
    assert slow.taken == 1_000_000
    assert not patient.gone


async def test_one_who_asks_twice_at_once_and_leaves_holds_no_connection(state, api, monkeypatch):
    """The second question waits for the end of the first answer, which has none."""
    monkeypatch.setattr(connections, "STALL_S", 0.3)
    monkeypatch.setattr(crowd, "MOST_OF_ONE", 1)
    async with open_page(state, api) as browser:
        with trio.fail_after(10):
            while (await browser.sign_in()).status != 200:  # the connection before may not be gone yet
                await trio.sleep(0.01)
            async with await browser.connect() as stream:
                await stream.send_all(2 * browser.head("GET", "/v1/flood", {"Connection": ""}))
                await stream.receive_some(10)
            await api.stream_ended.wait()
            while (await browser.get("/")).status != 200:
                await trio.sleep(0.01)


async def test_what_strangers_send_does_not_fill_the_log(browser, caplog):
    caplog.set_level(logging.INFO)
    for raw in (
        b"\x00\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"A" * 40_000,
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    ):
        async with await browser.connect() as stream:
            await stream.send_all(raw)
            await stream.send_eof()
            await ended(stream)
    assert (await browser.get("/")).status == 200
    assert caplog.text == ""
