"""One websocket to the service, opened with an access token. Nothing that it logs or raises holds the token.

trio-websocket's own opener logs the resource, where the token is; so the stream is opened here and lent to it.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Protocol, TypeVar, cast
from urllib.parse import quote as url_quote
from urllib.parse import urlsplit

import trio
from trio_websocket import ConnectionClosed, ConnectionRejected, WebSocketConnection, wrap_client_stream

from rushes_frameio.calls.version import semver
from rushes_frameio.refusal.causes import why
from rushes_frameio.refusal.failures import quote

T = TypeVar("T")

PATH = "/devices/websocket"
#: Seconds for connect, TLS and upgrade together.
OPENING_S = 20.0
#: Seconds for a goodbye: it is said at once, and its answer is of no use.
CLOSING_S = 0.1
#: A message is a few hundred bytes; who sends more than this is not the service.
LONGEST_MESSAGE = 64 * 1024
#: How the upgrade is answered for a token that is expired, revoked or rotated.
REFUSALS = {401, 403}


class SocketLost(Exception):
    """The socket could not be opened, or is dead; the text says why in a few words."""


class TokenRefused(SocketLost):
    """The service answered the upgrade as it answers an expired token."""


class Socket(Protocol):
    """Each call raises SocketLost."""

    async def send(self, text: str, /) -> None: ...
    async def receive(self) -> str | bytes: ...


#: Opens a socket with an access token; raises SocketLost.
Dial = Callable[[str], AbstractAsyncContextManager[Socket]]


def dialler(api_url: str, tls: ssl.SSLContext) -> Dial:
    """The real thing: `wss`, with the connection's own authorities and never without TLS."""
    url = urlsplit(api_url)
    headers = [(b"x-client-version", semver(version("rushes")).encode())]

    @asynccontextmanager
    async def dial(access: str) -> AsyncIterator[Socket]:
        resource = f"{url.path}{PATH}?Authorization={url_quote(f'Bearer {access}', safe='')}"
        stream = await _opened(url.hostname or "", url.port or 443, tls)
        async with _upgraded(stream, url.netloc, resource, headers) as connection:
            yield _Socket(connection)

    return dial


class _Socket:
    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection

    async def send(self, text: str, /) -> None:
        try:
            await self._connection.send_message(text)
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.get_message()
        except ConnectionClosed as closed:
            raise _ended(closed) from None


def _ended(closed: ConnectionClosed) -> SocketLost:
    reason = closed.reason
    if reason is None or reason.code == 1006:
        return SocketLost("it broke off")
    return SocketLost(f"closed with {reason.code}" + (f" {quote(reason.reason)}" if reason.reason else ""))


class _Watched:
    """A stream that tells when it has ended: trio-websocket waits for ever for an upgrade that cannot come."""

    def __init__(self, stream: trio.SSLStream[trio.SocketStream]) -> None:
        self._stream = stream
        self.ended = trio.Event()

    async def send_all(self, data: bytes) -> None:
        await self._watch(self._stream.send_all(data))

    async def receive_some(self, limit: int | None = None) -> bytes:
        data = bytes(await self._watch(self._stream.receive_some(limit)))
        if not data:
            self.ended.set()
        return data

    async def aclose(self) -> None:
        self.ended.set()
        await trio.aclose_forcefully(self._stream)

    async def _watch(self, doing: Awaitable[T]) -> T:
        try:
            return await doing
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self.ended.set()
            raise


async def _opened(host: str, port: int, tls: ssl.SSLContext) -> _Watched:
    try:
        with trio.fail_after(OPENING_S):
            stream = await trio.open_ssl_over_tcp_stream(host, port, ssl_context=tls, https_compatible=True)
            try:
                await stream.do_handshake()
            except BaseException:
                await trio.aclose_forcefully(stream)
                raise
    except trio.TooSlowError:
        raise SocketLost(f"no connection within {OPENING_S:.0f} s") from None
    except (OSError, trio.BrokenResourceError) as error:
        raise SocketLost(why(error, host)) from None
    return _Watched(stream)


@asynccontextmanager
async def _upgraded(
    stream: _Watched, host: str, resource: str, headers: list[tuple[bytes, bytes]]
) -> AsyncIterator[WebSocketConnection]:
    """The connection; whatever its reader trips over is the end of this socket and of nothing else."""
    ours: list[BaseException] = []
    try:
        async with trio.open_nursery() as nursery:
            connection = await _handshaken(nursery, stream, host, resource, headers)
            try:
                yield connection
            except BaseException as failure:
                ours.append(failure)
                raise
            finally:
                with trio.move_on_after(CLOSING_S, shield=True):
                    await connection.aclose()
                nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        if ours:
            raise ours[0] from None
        raise _lost(group) from None
    finally:
        await stream.aclose()


async def _handshaken(
    nursery: trio.Nursery,
    stream: _Watched,
    host: str,
    resource: str,
    headers: list[tuple[bytes, bytes]],
) -> WebSocketConnection:
    """Upgrade, or raise SocketLost when the stream ends or time is up before an answer."""
    opened: list[WebSocketConnection] = []

    async def wrap(race: trio.CancelScope) -> None:
        lent = cast("trio.SSLStream[trio.SocketStream]", stream)
        size = LONGEST_MESSAGE
        opened.append(
            await wrap_client_stream(
                nursery, lent, host, resource, extra_headers=headers, max_message_size=size
            )
        )
        race.cancel()

    with trio.move_on_after(OPENING_S) as patience:
        async with trio.open_nursery() as race:
            race.start_soon(wrap, race.cancel_scope)
            await stream.ended.wait()
            # A refusal and the end of the stream come together: the refusal's reader has a moment to say so.
            await trio.sleep(0.1)
            race.cancel_scope.cancel()
    if opened:
        return opened[0]
    raise SocketLost(f"no answer within {OPENING_S:.0f} s" if patience.cancelled_caught else "it broke off")


def _lost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What ended the socket: a refusal of the upgrade first, a cancellation or an interrupt as it is."""
    others = group.split((Exception, trio.Cancelled))[1]
    if others is not None:
        return others
    failures = group.split(Exception)[0]
    if failures is None:
        return group
    found = list(leaves(failures))
    for leaf in found:
        if isinstance(leaf, ConnectionRejected):
            text = f"the upgrade was answered with {leaf.status_code}"
            return TokenRefused(text) if leaf.status_code in REFUSALS else SocketLost(text)
    for leaf in found:
        if isinstance(leaf, SocketLost):
            return leaf
    return SocketLost(f"not a websocket: {type(found[0]).__name__}")


def leaves(failure: BaseException) -> Iterator[Exception]:
    """The exceptions of a group, however deep; none that is no Exception."""
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from leaves(inner)
    elif isinstance(failure, Exception):
        yield failure
