"""One device's connection to the hub: how it comes in, what holds while it is there, how it leaves."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from math import ceil

import trio

from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.formats.about import one_line
from rushes_masterlockit.hub.handshake import REASONS, judge
from rushes_masterlockit.hub.house import House
from rushes_masterlockit.hub.pings import Pings, alive
from rushes_masterlockit.hub.requests import Requests
from rushes_masterlockit.link import Guard, LinkError, Peer
from rushes_masterlockit.protocol import (
    NONCE_BYTES,
    VERSION_1_0,
    ByteOrder,
    Challenge,
    Connection,
    FailureCode,
    Hello,
    LocalError,
    Message,
    Refusal,
    Role,
    Welcome,
)

#: How long a client may take to answer the challenge, in seconds.
ANSWER_S = 10.0

#: What may wait for a slow reader beside one answer, in bytes; then it is closed.
MOST_WAITING = 4 * 1024 * 1024

#: So many messages that it was told may wait for its acknowledgement: each is kept in memory until then.
MOST_UNACKNOWLEDGED = 50_000

#: What counts as a failed attempt of an address: guesses.
GUESSES = frozenset({FailureCode.KEY, FailureCode.SIGNATURE})


class Session:
    """`device` is 0 until the handshake is through."""

    def __init__(
        self, stream: trio.SocketStream, house: House, guard: Guard, credentials: Credentials | None
    ) -> None:
        options = house.options
        connection = Connection(
            Role.SERVER,
            byte_order=options.byte_order,
            digest=options.ack_digest,
            strict_digests=options.ack_accept == "strict",
            most_after=options.max_message,
        )
        # A long answer is on its way while short ones follow: it is not what makes a reader too slow.
        most_waiting = options.max_message + MOST_WAITING
        self.peer = Peer(stream, connection, timeout=options.ping_timeout, most_waiting=most_waiting)
        self.device = 0
        self.alias = ""
        self._house = house
        self._guard = guard
        self._credentials = credentials
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._through = trio.Event()
        self._requests = Requests(house, self)
        self._pings = Pings(
            self.peer,
            interval=options.ping_interval,
            timeout=options.ping_timeout,
            misses=options.ping_misses,
        )

    async def run(self) -> None:
        """Until the connection ends, whoever ends it."""
        log, guard, peer = self._house.context.log, self._guard, self.peer
        with guard.connection(self._give_way) as room:
            if (refusal := self._unheard(room)) is not None:
                peer.send(Refusal(FailureCode.FATAL, refusal.encode()))
                await peer.aclose()
                log.info("%s: %s", peer.address, refusal)
                return
            peer.send(Challenge(self._nonce))
            async with trio.open_nursery() as nursery:
                await nursery.start(self._requests.run)
                nursery.start_soon(self._attend)
                try:
                    await peer.run(self._handle, settled=self._requests.settled)
                except LinkError as end:
                    log.info("%s", end)
                finally:
                    self._requests.drop()
                    nursery.cancel_scope.cancel()

    # What others see of it: a Holder

    @property
    def byte_order(self) -> ByteOrder:
        return self.peer.connection.byte_order

    def tell(self, message: Message, /) -> None:
        peer = self.peer
        try:
            peer.send(message)
        except LocalError as error:  # as large as a message may be when it came, and now it names its device
            self._house.context.log.warning("%s is not told: %s", peer.name, error)
        if peer.unacknowledged > MOST_UNACKNOWLEDGED:
            peer.close(f"too slow: {peer.unacknowledged} messages wait for its acknowledgement")

    def tell_volatile(self, message: Message, /) -> None:
        self.peer.send_volatile(message)

    async def alive(self, within: float, /) -> bool:
        return await alive(self.peer, within)

    def dismiss(self, reason: str, /) -> None:
        self._requests.drop()
        self.peer.close(reason)

    # The handshake

    def _give_way(self) -> None:
        self.peer.close("its place is needed, and it does not answer the challenge")

    def _unheard(self, room: bool, device: int | None = None) -> str | None:
        """Why a connection is not even challenged, or its hello not judged."""
        if not room:
            return "the hub has as many connections as it can hold; try again later"
        wait = self._guard.wait(self.peer.host, device)
        if wait > 0:
            return f"too many failed handshakes from this address; try again in {ceil(wait)} s"
        return None

    async def _attend(self) -> None:
        with trio.move_on_after(ANSWER_S) as waiting:
            await self._through.wait()
        if waiting.cancelled_caught:
            self.peer.close(f"no handshake within {ANSWER_S:g} s")
            return
        await self._pings.run()

    def _handle(self, message: Message) -> Awaitable[None] | None:
        if self._through.is_set():
            return self._requests.handle(message)
        assert isinstance(message, Hello)  # all that a connection hands on before
        self._decide(message)
        return None

    def _decide(self, hello: Hello) -> None:
        # Again: many that were challenged at once would else be as many guesses.
        if (refusal := self._unheard(room=True, device=hello.device)) is not None:
            self.peer.send(Refusal(FailureCode.FATAL, refusal.encode()))
            self.peer.close(refusal)
            return
        code = judge(hello, self._nonce, self._credentials)
        if code is not None:
            if code in GUESSES:
                self._guard.failed(self.peer.host, hello.device)
            self.peer.send(Refusal(code))
            self.peer.close(REASONS[code])
            return
        self._guard.succeeded(self.peer.host, hello.device)
        self._guard.through(self._give_way)
        self.device, self.alias = hello.device, hello.alias
        self.peer.name = f"{one_line(hello.alias, 40)} ({self.peer.address})"
        self.peer.send(Welcome(VERSION_1_0))
        self._through.set()
