"""The accept loop: one connection's fate is its own, and the machine's shortages pass."""

import errno
import logging
import os
import resource
from pathlib import Path

import pytest
import trio
import trio.testing

from rushes_masterlockit.link import Peer, PeerLost, serve
from rushes_masterlockit.protocol import Ack, DataEvent, Request

from .link_rig import Side, introduced, reset

LOG = logging.getLogger("rushes.set")


async def echo(stream: trio.SocketStream) -> None:
    """A hub that acknowledges; it fails where it is told to."""
    peer = Peer(stream, introduced()[0], name="a device")

    def handle(message) -> None:
        if isinstance(message, DataEvent) and message.data == b"bug":
            raise ZeroDivisionError("our own")
        if isinstance(message, Request):
            peer.send(Ack(message.digest, message.data))

    await peer.run(handle)


@pytest.fixture
async def hub(nursery):
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")

    async def run() -> None:
        await serve([listener], echo, log=LOG)

    nursery.start_soon(run)
    return listener.socket.getsockname()


async def device(nursery, address) -> Side:
    stream = await trio.open_tcp_stream(*address)
    side = Side(Peer(stream, introduced()[1], name="the hub"))
    nursery.start_soon(side.run)
    return side


async def said(side: Side, data: bytes = b"here") -> bytes:
    return await side.peer.request(DataEvent(type=3, data=data))


async def test_a_reset_touches_nobody_else(hub, nursery, caplog):
    caplog.set_level(logging.INFO)
    first, second, third = [await device(nursery, hub) for _ in range(3)]
    for side in (first, second, third):
        await said(side)
    reset(second.peer._stream)
    for _ in range(20):
        assert await said(first) == await said(third) == b"here"
    assert [record.getMessage() for record in caplog.records] == ["a device: connection reset by peer"]
    assert caplog.records[0].levelno == logging.INFO
    assert await said(await device(nursery, hub)) == b"here"


async def test_a_bug_ends_one_connection_and_is_logged_as_one(hub, nursery, caplog):
    first, second = [await device(nursery, hub) for _ in range(2)]
    with pytest.raises(PeerLost):
        await said(first, b"bug")
    await first.over.wait()
    assert await said(second) == b"here"
    await trio.testing.wait_all_tasks_blocked()
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info[0] is ZeroDivisionError
    assert "127.0.0.1:" in record.getMessage()
    assert "the connection was ended by a bug of ours" in record.getMessage()


async def test_no_descriptors_left_passes(hub, nursery, caplog):
    before = await device(nursery, hub)
    await said(before)
    waiting = trio.socket.socket()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest_descriptor() + 1, hard))
    try:
        with pytest.raises(OSError):
            while True:
                spare.append(os.dup(0))
        await waiting.connect(hub)
        while not caplog.records:
            assert await said(before) == b"here"
            await trio.sleep(0.01)
        await trio.sleep(0.3)
        assert await said(before) == b"here"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in spare:
            os.close(descriptor)
    assert len(caplog.records) == 1
    assert "no connection can be accepted: Too many open files" in caplog.text
    after = Side(Peer(trio.SocketStream(waiting), introduced()[1]))
    nursery.start_soon(after.run)
    with trio.fail_after(20):
        assert await said(after) == b"here"


def highest_descriptor() -> int:
    return max(int(path.name) for path in Path("/proc/self/fd").iterdir())


class Aborting(trio.abc.AsyncResource):
    """A listener some of whose connections are gone before they are accepted."""

    def __init__(self, listener: trio.SocketListener, failures: list[int]) -> None:
        self.listener = listener
        self.failures = failures

    async def accept(self) -> trio.SocketStream:
        if self.failures:
            number = self.failures.pop()
            raise OSError(number, os.strerror(number))
        return await self.listener.accept()

    async def aclose(self) -> None:
        await self.listener.aclose()


async def test_connections_that_abort_are_passed_over(nursery, caplog):
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    failures = [errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ECONNABORTED]

    async def run() -> None:
        await serve([Aborting(listener, failures)], echo, log=LOG)

    nursery.start_soon(run)
    assert await said(await device(nursery, listener.socket.getsockname())) == b"here"
    assert failures == []
    assert caplog.records == []


async def test_a_stream_is_closed_whatever_its_handler_did(nursery):
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")

    async def nothing(stream: trio.SocketStream) -> None:
        await trio.lowlevel.checkpoint()

    async def run() -> None:
        await serve([listener], nothing, log=LOG)

    nursery.start_soon(run)
    async with await trio.open_tcp_stream(*listener.socket.getsockname()) as stream:
        assert await stream.receive_some() == b""
