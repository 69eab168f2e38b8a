"""Being online at Frame.io: a websocket, else a heartbeat over HTTP (reference, sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import trio

from rushes import Unavailable
from rushes.retry import Backoff
from rushes_frameio.calls.identity import Identity
from rushes_frameio.reach.online import Life, Reopen
from rushes_frameio.reach.websocket import Dial, SocketLost, TokenRefused, dialler, leaves
from rushes_frameio.refusal.failures import Refused

if TYPE_CHECKING:
    from rushes_frameio.account.connection import Connection

#: Seconds without a socket until a heartbeat goes over HTTP, and between two of them: the service wants at most
#: one a minute and at least one in five.
HTTP_HEARTBEAT_S = 120.0
#: Seconds without a word after which even a socket that never opened makes the service be asked for its health.
SILENCE_S = 60.0


#: Seconds after which a socket was good for something: who accepts it and drops it is asked ever less often.
STEADY_S = 60.0


class Presence:
    """One per open sink."""

    def __init__(self, connection: Connection, dial: Dial | None = None) -> None:
        self._connection = connection
        self._dial = dial or dialler(connection.options.api_url, connection.tls)
        self._backoff = Backoff()
        self._turned = trio.Event()
        self.online = False

    async def run(self) -> None:
        """Until cancelled. Raises Unavailable as soon as this device is not authorised any more."""
        connection = self._connection
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.service.watch, self._show_connected)
                nursery.start_soon(connection.network.watch, connection.context)
                nursery.start_soon(self._beat_over_http)
                await self._stay_online()
        finally:
            self._turn(False)

    def _show_connected(self, answers: bool) -> None:
        self._connection.context.show(connected=answers)

    def _turn(self, online: bool) -> None:
        self._connection.context.show(online=online)
        if self.online != online:
            self.online = online
            turned, self._turned = self._turned, trio.Event()
            turned.set()

    async def _stay_online(self) -> None:
        """Open a socket, and another as soon as one has ended."""
        connection, failures, renewed, opened_at = self._connection, 0, -1, 0.0
        self._turn(False)
        while True:
            try:
                access = await connection.tokens.access()
                rotations = connection.tokens.rotations
                opened_at = trio.current_time()
                ended = await self._life(access, rotations)
                if isinstance(ended, TokenRefused) and renewed != rotations:
                    # Once for a token: who refuses a fresh one too has another reason, or is not the service.
                    await connection.tokens.renew(access)
                    renewed = connection.tokens.rotations
                    continue
            except Unavailable as failure:
                ended = failure
                if not connection.tokens.paired:
                    raise
            was_online = self.online
            self._turn(False)
            if isinstance(ended, Reopen):
                failures = 0
                continue
            failures = 1 if was_online and trio.current_time() - opened_at >= STEADY_S else failures + 1
            connection.context.log.info("not online: %s", ended)
            if was_online or trio.current_time() - connection.service.heard_at > SILENCE_S:
                connection.service.doubt()
            await self._pause(self._backoff.wait(failures))

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until there is a reason to hope."""
        with trio.move_on_after(seconds):
            async with trio.open_nursery() as hopes:
                for hope in (self._connection.service.back, self._connection.network.changed):
                    hopes.start_soon(_first, hope, hopes.cancel_scope)

    async def _life(self, access: str, rotations: int) -> Exception:
        """One socket, from its opening to what ended it."""
        ended: Exception | None = None
        try:
            identity = await self._known()
            async with self._dial(access) as socket:
                await Life(self._connection, socket, identity.id, self._turn).run(rotations)
        except* (SocketLost, Reopen) as group:
            ended = next(leaves(group))
        return ended or SocketLost("it ended without a reason")

    async def _known(self) -> Identity:
        """Who this device is, as soon as that is known."""
        while self._connection.identity is None:
            await self._connection.changed()
        return self._connection.identity

    async def _beat_over_http(self) -> None:
        while True:
            turned = self._turned
            if self.online:
                await turned.wait()
                continue
            with trio.move_on_after(HTTP_HEARTBEAT_S) as patience:
                await turned.wait()
            if patience.cancelled_caught:
                await self._beat()

    async def _beat(self) -> None:
        connection = self._connection
        try:
            await connection.call(connection.api.heartbeat)
        except (Refused, Unavailable) as failure:
            if not connection.tokens.paired:
                raise
            connection.context.log.info("no heartbeat: %s", failure)


async def _first(wait: Callable[[], Awaitable[None]], others: trio.CancelScope) -> None:
    await wait()
    others.cancel()
