"""One line against hosts that no sandbox plays: early answers, a host that hangs up while idle."""

import os
import ssl
from contextlib import asynccontextmanager

import pytest
import trio

from rushes_frameio.api import trusted
from rushes_frameio.line import CutError, Line, Lines, Put
from rushes_frameio.threads import interruptible
from rushes_sandbox import open_sandbox

SIZE = 8 * 1024 * 1024
OK = b'HTTP/1.1 200 OK\r\nETag: "x-1"\r\nContent-Length: 0\r\n\r\n'
REASON = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
EARLY = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(REASON), REASON)


@asynccontextmanager
async def host(tmp_path, handler):
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
def put(tmp_path):
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
    async def once(stream):
        head = await read_head(stream)
        left = 10 - len(head.split(b"\r\n\r\n", 1)[1])
        while left > 0:
            left -= len(await stream.receive_some(left))
        await stream.send_all(OK)

    async with host(tmp_path, once) as (url, lines):
        first, _ = await send(lines, put(url, size=10))
        await trio.sleep(0.05)
        second, answer = await send(lines, put(url, size=10))
    assert answer.status == 200
    assert first is not second


async def test_a_cancelled_line_is_never_used_again(tmp_path, put):
    async def hang(stream):
        await trio.sleep_forever()

    async with host(tmp_path, hang) as (url, lines):
        line = await lines.take(url)
        with trio.move_on_after(0.1):
            await interruptible(lambda: line.put(put(url)), line.interrupt)
        assert isinstance(line, Line)
        assert not line.reusable
        line.close()
