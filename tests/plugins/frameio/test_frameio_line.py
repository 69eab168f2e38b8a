"""One line against hosts that no sandbox plays: early answers, a host that hangs up while idle."""

import os
import socket
import ssl
import struct
from contextlib import asynccontextmanager

import pytest
import trio

from rushes_frameio.calls.api import trusted
from rushes_frameio.sending.flow import Flow
from rushes_frameio.sending.line import CutError, Line, Lines, Put
from rushes_frameio.sending.pace import BURST_S
from rushes_frameio.sending.threads import interruptible
from rushes_sandbox import open_sandbox

SIZE = 8 * 1024 * 1024
OK = b'HTTP/1.1 200 OK\r\nETag: "x-1"\r\nContent-Length: 0\r\n\r\n'
REASON = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
EARLY = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(REASON), REASON)


@asynccontextmanager
async def host(tmp_path, handler, hung_up=None):
    """A TLS host with a sandbox's certificate; yields its url and lines that trust it."""
    async with open_sandbox(tmp_path / "sandbox") as sandbox:
        ca_file = sandbox.ca_file
    from rushes_sandbox.authority import open_authority

    context = open_authority(tmp_path / "sandbox" / "tls").server_context()
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    secure = trio.SSLListener(listener, context, https_compatible=True)

    async def guarded(stream):
        try:
            await handler(stream)
        except (trio.BrokenResourceError, ssl.SSLError):
            pass
        finally:
            await trio.aclose_forcefully(stream)
            if hung_up is not None:
                hung_up.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, guarded, [secure])
        lines = Lines(trusted(ca_file))
        yield f"https://127.0.0.1:{listener.socket.getsockname()[1]}/part?a=b", lines
        lines.close()
        nursery.cancel_scope.cancel()


async def read_head(stream):
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive_some(65536)
    return data


@pytest.fixture
def flow():
    return Flow(4)


@pytest.fixture
def put(tmp_path, flow):
    file = tmp_path / "part"
    file.write_bytes(os.urandom(SIZE))
    with file.open("rb") as stream:

        def make(url, size=SIZE):
            return Put(
                number=1,
                url=url,
                filetype="video/mp4",
                descriptor=stream.fileno(),
                offset=0,
                size=size,
                check=False,
                flow=flow,
            )

        yield make


async def send(lines, put):
    line = await lines.take(put.url)
    try:
        return line, await interruptible(lambda: line.put(put), line.interrupt)
    finally:
        lines.give(line)


async def test_an_early_refusal_is_read_although_the_host_hangs_up(tmp_path, put):
    async def refuse(stream):
        await read_head(stream)
        await stream.send_all(EARLY)

    async with host(tmp_path, refuse) as (url, lines):
        _, answer = await send(lines, put(url))
    assert (answer.status, answer.code) == (403, "AccessDenied")


async def test_an_early_success_is_none(tmp_path, put):
    async def lie(stream):
        await read_head(stream)
        await stream.send_all(OK)

    async with host(tmp_path, lie) as (url, lines):
        with pytest.raises(CutError):
            await send(lines, put(url))


async def test_the_head_is_exactly_what_was_signed(tmp_path, put):
    heads = []

    async def keep(stream):
        heads.append(await read_head(stream))
        await stream.send_all(OK)
        await trio.sleep(1)

    async with host(tmp_path, keep) as (url, lines):
        await send(lines, put(url, size=10))
    lines_of_head = heads[0].split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines_of_head[0] == "PUT /part?a=b HTTP/1.1"
    assert sorted(line.split(":")[0].lower() for line in lines_of_head[1:]) == [
        "content-length",
        "content-type",
        "host",
        "x-amz-acl",
    ]


async def test_a_line_that_died_idle_is_not_used(tmp_path, put):
    hung_up = trio.Event()

    async with host(tmp_path, take_one, hung_up) as (url, lines):
        first, _ = await send(lines, put(url, size=10))
        await hung_up.wait()
        second, answer = await send(lines, put(url, size=10))
    assert answer.status == 200
    assert first is not second


async def take_one(stream):
    """The handler of a host that takes one part of any size, then hangs up."""
    head, _, body = (await read_head(stream)).partition(b"\r\n\r\n")
    [length] = [int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")]
    left = length - len(body)
    while left > 0:
        left -= len(await stream.receive_some(left))
    await stream.send_all(OK)


async def test_a_cancelled_line_is_never_used_again(tmp_path, put):
    reached, scope = trio.Event(), trio.CancelScope()

    async def hang(stream):
        reached.set()
        await trio.sleep_forever()

    async def cancel():
        await reached.wait()
        scope.cancel()

    async with host(tmp_path, hang) as (url, lines), trio.open_nursery() as nursery:
        nursery.start_soon(cancel)
        line = await lines.take(url)
        with scope:
            await interruptible(lambda: line.put(put(url)), line.interrupt)
        assert scope.cancelled_caught
        assert isinstance(line, Line)
        assert not line.reusable
        line.close()


async def test_all_lines_together_keep_the_cap(tmp_path, put, flow):
    """8 MiB in four parts at 80 Mb/s: never sooner than that takes, and not much later."""
    flow.cap(80_000_000)
    async with host(tmp_path, take_one) as (url, lines):
        started = trio.current_time()
        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(send, lines, put(url, size=SIZE // 4))
        elapsed = trio.current_time() - started
    due = SIZE / 10e6
    assert due - 2 * BURST_S <= elapsed
    assert elapsed < due * 1.5 + 0.5


async def test_a_cap_can_be_lifted_while_it_is_waited_for(tmp_path, put, flow):
    flow.cap(8)
    async with host(tmp_path, take_one) as (url, lines), trio.open_nursery() as nursery:
        nursery.start_soon(send, lines, put(url, size=SIZE))
        await wait_until(lambda: flow.pace._turns)
        flow.cap(None)
        with trio.fail_after(10):
            while nursery.child_tasks:
                await trio.sleep(0.01)


async def test_a_part_that_waits_for_its_share_is_left_at_once(tmp_path, put, flow):
    flow.cap(8)  # a byte a second
    async with host(tmp_path, take_one) as (url, lines):
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(send, lines, put(url))
                await wait_until(lambda: flow.pace._turns)
                started = trio.current_time()
                scope.cancel()
    assert scope.cancelled_caught
    assert trio.current_time() - started < 0.2


async def wait_until(condition):
    with trio.fail_after(10):
        while not condition():
            await trio.sleep(0.005)


async def test_what_has_left_is_counted_once_and_in_full(tmp_path, put, flow):
    counted = []
    flow.moved = counted.append
    async with host(tmp_path, take_one) as (url, lines):
        await send(lines, put(url))
    assert sum(counted) == SIZE
    assert min(counted) > 0


async def test_when_the_network_is_another_one_every_line_is_cut_at_once(tmp_path, put):
    reached, changed, cut = trio.Event(), trio.Event(), []
    changes = [changed]

    async def hang_on(stream):
        await read_head(stream)
        reached.set()
        await trio.sleep_forever()

    async def becomes_another():
        event = changes.pop() if changes else trio.Event()
        await event.wait()

    async def stuck(lines, url):
        with pytest.raises(CutError):
            await send(lines, put(url))
        cut.append(trio.current_time())

    async with host(tmp_path, hang_on) as (url, lines), trio.open_nursery() as nursery:
        nursery.start_soon(stuck, lines, url)
        await reached.wait()
        started = trio.current_time()
        changed.set()

        with trio.move_on_after(5) as scope:
            async with trio.open_nursery() as inner:
                inner.start_soon(lines.follow, becomes_another)
                while not cut:
                    await trio.sleep(0.001)
                inner.cancel_scope.cancel()
        assert not scope.cancelled_caught
        assert cut[0] - started < 0.2


async def test_a_host_that_resets_at_once_has_cut_the_line(monkeypatch):
    """As one that is killed does to those that wait to be accepted."""
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    opened = trio.open_tcp_stream

    async def and_reset(*key):
        stream = await opened(*key)
        accepted = await listener.accept()
        accepted.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await accepted.aclose()
        return stream

    monkeypatch.setattr(trio, "open_tcp_stream", and_reset)
    async with listener:
        with pytest.raises(CutError):
            await Lines(ssl.create_default_context()).take(
                f"https://127.0.0.1:{listener.socket.getsockname()[1]}/part"
            )
