"""A connection to the hub, from the first packet to the welcome."""

from __future__ import annotations

import os
import platform
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

import trio

from rushes import NotAuthorised, Unavailable
from rushes_masterlockit.credentials import KEY, SECRET, Credentials
from rushes_masterlockit.link import Peer, PeerLost
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import (
    VERSION_1_0,
    Challenge,
    Connection,
    FailureCode,
    Hello,
    Message,
    Refusal,
    Role,
    Welcome,
    sign,
)

#: For the connection, for the challenge, for its result (reference A3).
GREETING_S = 5.0
#: A key that is not accepted will not be by trying again; a person may act earlier.
REFUSED_RETRY_S = 60.0


class Listener(Protocol):
    """Who a hub talks to."""

    def hear(self, message: Message, /) -> Awaitable[None] | None:
        """What the hub says after its welcome, but for answers; see `Peer.run`."""


L = TypeVar("L", bound=Listener)


def address(options: MasterlockitOptions) -> str:
    """Where the hub is, as people write it."""
    host = options.host or ""
    return f"[{host}]:{options.port}" if ":" in host else f"{host}:{options.port}"


@asynccontextmanager
async def greeted(
    options: MasterlockitOptions, credentials: Credentials, own: int, meet: Callable[[Peer], L]
) -> AsyncIterator[L]:
    """The listener that `meet` makes for a peer, once that has welcomed us.

    Raises Unavailable where nobody is there or nobody answers as a hub does; NotAuthorised where key or signature
    are refused; PeerLost when it ends later.
    """
    stream = await _reach(options)
    connection = Connection(
        Role.CLIENT,
        byte_order=options.byte_order,
        digest=options.ack_digest,
        strict_digests=options.ack_accept == "strict",
        most_after=options.max_message,
    )
    peer = Peer(stream, connection, name=f"the hub {address(options)}", timeout=options.ping_timeout)
    listener = meet(peer)
    greeting = _Greeting(options, credentials, own, peer, listener)
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(greeting.listen, nursery.cancel_scope)
        try:
            await greeting.welcomed()
            yield listener
        except Exception as error:  # noqa: BLE001 - it goes on its way without the nursery's group around it
            failure = error
        await peer.aclose()
        nursery.cancel_scope.cancel()
    if greeting.lost is not None and (failure is None or isinstance(failure, PeerLost)):
        raise greeting.lost
    if failure is not None:
        raise failure


async def _reach(options: MasterlockitOptions) -> trio.SocketStream:
    assert options.host is not None  # who has no host is the hub
    try:
        with trio.fail_after(GREETING_S):
            return await trio.open_tcp_stream(options.host, options.port)
    except trio.TooSlowError:
        reason = f"no connection within {GREETING_S:g} s"
    except OSError as error:
        reason = _fact(error)
    raise Unavailable(f"cannot reach the hub {address(options)} ({reason}); is it on, and on this network?")


def _fact(error: BaseException) -> str:
    """Why the last of several addresses could not be reached: trio tells that as the cause of its own error."""
    cause = error.__cause__
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[-1]
    if cause is not None:
        return _fact(cause)
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return (getattr(error, "strerror", None) or str(error)).lower()


class _Greeting(Generic[L]):
    """The handshake, and afterwards whoever wants the messages."""

    def __init__(
        self, options: MasterlockitOptions, credentials: Credentials, own: int, peer: Peer, listener: L
    ) -> None:
        self.lost: PeerLost | None = None
        self._options = options
        self._credentials = credentials
        self._own = own
        self._peer = peer
        self._listener = listener
        self._challenged = trio.Event()
        self._answered = trio.Event()
        self._refusal: Refusal | None = None
        self._welcome: Welcome | None = None

    async def listen(self, scope: trio.CancelScope) -> None:
        """Until the connection ends; then everything that used it does."""
        try:
            await self._peer.run(self._hear)
        except PeerLost as lost:
            self.lost = lost
        scope.cancel()

    async def welcomed(self) -> None:
        """Return once the hub has let us in."""
        name = f"the hub {address(self._options)}"
        for said, what in ((self._challenged, "challenge"), (self._answered, "answer to the handshake")):
            with trio.move_on_after(GREETING_S) as scope:
                await said.wait()
            if scope.cancelled_caught:
                raise Unavailable(
                    f"{name} gave no {what} within {GREETING_S:g} s; is that the port of a MasterLockit?"
                )
        if self._refusal is not None:
            raise self._refused(name, self._refusal)
        assert self._welcome is not None
        if self._welcome.version != VERSION_1_0:
            raise Unavailable(f"{name} chose protocol {self._welcome.version}, which we did not offer")

    def _hear(self, message: Message) -> Awaitable[None] | None:
        if self._welcome is not None:
            return self._listener.hear(message)
        match message:
            case Challenge(nonce):
                self._peer.send(self._hello(nonce))
                self._challenged.set()
            case Welcome():
                self._welcome = message
                self._answered.set()
            case Refusal():
                self._refusal = message
                self._answered.set()
        return None

    def _hello(self, nonce: bytes) -> Hello:
        key = self._credentials.key
        return Hello(
            timestamp=int(time.time() * 1000),
            device=self._own,
            alias=alias(self._options),
            versions=bytes([VERSION_1_0]),
            key=key,
            signature=sign(self._credentials.secret, key, nonce),
        )

    def _refused(self, name: str, refusal: Refusal) -> Exception:
        match refusal.code:
            case FailureCode.KEY:
                return NotAuthorised(f"{name} does not know our API key; set {KEY} to one that it knows")
            case FailureCode.SIGNATURE:
                return NotAuthorised(
                    f"{name} refused our signature; set {SECRET} to the secret of that key (see secret_encoding)"
                )
            case FailureCode.VERSION:
                return Unavailable(
                    f"{name} does not speak protocol 1.0; it needs other firmware",
                    retry_after=REFUSED_RETRY_S,
                )
            case _:
                text = " ".join(refusal.data.decode("utf-8", "replace").split())[:200]
                return Unavailable(f"{name} refused the connection: {text or 'it gave no reason'}")


def alias(options: MasterlockitOptions) -> str:
    """Our name on the set."""
    return options.alias or platform.node() or "Rushes"
