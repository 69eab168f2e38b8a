"""One socket's life: join the device's channel, keep it alive, hear what is said, notice that it is of no use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import trio

from rushes.retry import Backoff
from rushes_frameio.reach.phoenix import Sign, Talk
from rushes_frameio.reach.websocket import Socket, SocketLost

if TYPE_CHECKING:
    from rushes_frameio.account.connection import Connection

#: The service closes a socket after 60 s without one.
HEARTBEAT_S = 15.0
#: Ends of the channel in one socket after which the socket itself is opened anew.
ENDS = 3


class Reopen(Exception):
    """The socket works and is of no use any more: another token, another device, another network."""


class Life:
    """`run` it once."""

    def __init__(
        self,
        connection: Connection,
        socket: Socket,
        device: str,
        turn: Callable[[bool], None],
    ) -> None:
        """`turn(online)` is called when the channel is joined and when it ends."""
        self._connection = connection
        self._owed = connection.service.silence.calls
        self._socket = socket
        self._device = device
        self._talk = Talk(device)
        self._turn = turn
        self._backoff = Backoff(first=0.5)
        self._ends = 0
        self._join_by = float("inf")

    async def run(self, rotations: int) -> NoReturn:
        """Until it ends, which is a SocketLost or a Reopen, in a group. Its token is that of `rotations`."""
        try:
            await self._live(rotations)
        finally:
            self._owed.settle(self)
        raise AssertionError

    async def _live(self, rotations: int) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_alive)
            nursery.start_soon(self._until_rotated, rotations)
            nursery.start_soon(self._until_another_device)
            nursery.start_soon(self._until_another_network)
            await self._join()
            while True:
                await self._take(self._talk.hear(await self._socket.receive()))

    async def _join(self) -> None:
        self._join_by = trio.current_time() + HEARTBEAT_S
        self._owed.expect(self)
        await self._socket.send(self._talk.join())

    async def _take(self, sign: Sign | None) -> None:
        if sign is not None:
            self._owed.settle(self)
            self._connection.service.answered()
        match sign:
            case Sign.JOINED:
                self._turn(True)
                # What was told while nobody listened is lost: ask.
                self._connection.wish()
            case Sign.REFUSED:
                raise SocketLost("the device's channel may not be joined")
            case Sign.ENDED:
                await self._rejoin()
            case Sign.PAUSED | Sign.RESUMED:
                await self._connection.saw_paused(sign is Sign.PAUSED)
                # Events overtake each other: the identity has the last word.
                self._connection.wish()

    async def _rejoin(self) -> None:
        self._turn(False)
        self._ends += 1
        if self._ends >= ENDS:
            raise SocketLost("the device's channel ends again and again")
        self._join_by = float("inf")
        await trio.sleep(self._backoff.wait(self._ends))
        await self._join()

    async def _keep_alive(self) -> None:
        while True:
            await trio.sleep(HEARTBEAT_S)
            if self._talk.unanswered:
                raise SocketLost("a heartbeat was not answered")
            if not self._talk.joined and trio.current_time() >= self._join_by:
                raise SocketLost("the join was not answered")
            self._owed.expect(self)
            await self._socket.send(self._talk.heartbeat())

    async def _until_rotated(self, rotations: int) -> None:
        tokens = self._connection.tokens
        while tokens.rotations == rotations:
            await tokens.rotated()
        raise Reopen("another token")

    async def _until_another_device(self) -> None:
        connection = self._connection
        while connection.identity is None or connection.identity.id == self._device:
            await connection.changed()
        raise Reopen("another project")

    async def _until_another_network(self) -> None:
        await self._connection.network.changed()
        raise Reopen("another network")
