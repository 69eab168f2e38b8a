"""The client: follows a hub for ever, through everything that networks and hubs do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

import trio

from rushes import Context, Device, NotAuthorised, Unavailable
from rushes.retry import Backoff
from rushes_masterlockit.client.burials import bury, bury_due, bury_later
from rushes_masterlockit.client.editing import GIVEN_S, LATER, OFF, edits_due
from rushes_masterlockit.client.giving import Giving
from rushes_masterlockit.client.greeting import REFUSED_RETRY_S, address, alias, greeted
from rushes_masterlockit.client.listening import Listening
from rushes_masterlockit.client.remote import Remote
from rushes_masterlockit.client.roster import Roster
from rushes_masterlockit.client.session import Session
from rushes_masterlockit.client.subscribing import Subscribing
from rushes_masterlockit.client.sync import Paces
from rushes_masterlockit.client.timecode import LiveTimecode
from rushes_masterlockit.client.troubles import Troubles
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.door import Edited
from rushes_masterlockit.formats import device_text
from rushes_masterlockit.link import Peer, PeerLost
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.repository import by_hand

if TYPE_CHECKING:
    from rushes_masterlockit.repository import Outcome, Repository

BACKOFF = Backoff(first=0.5, cap=30.0)
#: A connection that held so long was a good one: the next failure is the first again.
STEADY_S = 10.0
#: Devices are taken to be where they were while the hub is away no longer than this.
GRACE_S = 30.0


class Client(Remote):
    """Follows the hub of `options`; `tell_devices` makes devices known to the engine."""

    def __init__(
        self,
        options: MasterlockitOptions,
        credentials: Credentials,
        repository: Repository,
        *,
        own: int,
        context: Context,
        tell_devices: Callable[[Sequence[Device]], Awaitable[None]],
    ) -> None:
        roster = Roster(own, context.id)
        timecode = LiveTimecode(context, roster, lambda: options.project_rate or roster.rate)
        super().__init__(address(options), roster, timecode, partial(bury, repository))
        self._options = options
        self._credentials = credentials
        self._repository: Repository = repository
        self._own = own
        self._context = context
        self._tell_devices = tell_devices
        self._troubles = Troubles(context)
        self._paces = Paces()
        self._session: Session | None = None
        #: Clips that a person is editing: whoever asked waits until the hub has them.
        self._edited: set[str] = set()
        self._lost_at: float | None = None
        #: The reason that people were told last.
        self._told = ""
        self._away = False
        self._was_there = False
        self._told_caught_up = False

    async def run(self, synced: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled; `synced` is called after the first comparison with the hub, or once it has been away for
        longer than a reboot takes.

        Raises Unavailable when the hub refuses our key, signature or protocol: a person has to act.
        """
        refused: Unavailable | None = None
        await edits_due(self._context, self._repository, device_text(self._own))
        await bury_due(self._context, self._repository)
        self._roster.remember(self._context.devices.present)
        self._repository.changed.append(self._changed)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._tell)
                try:
                    self._context.show(hub=self._hub, connection="connecting")
                    await self._follow(synced)
                except Unavailable as error:
                    refused = error
                nursery.cancel_scope.cancel()
        finally:
            self._repository.changed.remove(self._changed)
        self._roster.lost()
        await self._tell_devices(self._roster.changes())
        assert refused is not None
        raise refused

    async def slate(self, info: Mapping[str, Any], /) -> None:
        """Kept here too: what we say ourselves is not told to us."""
        if self.giving is None:
            raise self.away()
        await self._repository.note("slate", info, device_text(self._own))
        await super().slate(info)

    async def edit(self, clip: str, changes: Mapping[str, Any], /) -> Edited:
        """Given to the hub at once with `send_back`, where it is there."""
        self._edited.add(clip)
        try:
            body = await by_hand(self._repository, clip, changes)
        finally:
            self._edited.discard(clip)
        if not self._options.send_back:
            return Edited(body, OFF)
        if self._session is None:
            return Edited(body, f"{LATER}: it is not connected")
        why = f"{LATER}: it has not answered yet"
        with trio.move_on_after(GIVEN_S):
            why = await self._session.handed(clip)
        return Edited(body, why)

    async def _follow(self, synced: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            connected_at = inf
            try:
                async with greeted(self._options, self._credentials, self._own, self._meet) as session:
                    self._connected(session)
                    connected_at = trio.current_time()
                    await session.follow(partial(self._compared, synced))
            except NotAuthorised as error:
                raise Unavailable(str(error), retry_after=REFUSED_RETRY_S) from error
            except Unavailable as error:
                if error.retry_after is not None:
                    raise
                reason = str(error)
            except PeerLost as error:
                reason = str(error)
            finally:
                self._session = self.peer = self.giving = None
            if trio.current_time() - connected_at > STEADY_S:
                failures = 0
            failures += 1
            wait = BACKOFF.wait(failures)
            self._lost(reason, wait)
            await self._wait(wait, synced)

    def _meet(self, peer: Peer) -> Session:
        return Session(
            peer,
            self._options,
            self._own,
            self._repository,
            self._roster,
            self._timecode,
            self._troubles,
            self._paces,
            self._show_sync,
        )

    def _connected(self, session: Session) -> None:
        self._session, self.peer, self.giving = session, session.peer, session.giving
        self._context.say(
            f"the hub {self._hub} is back" if self._was_there else f"connected to the hub {self._hub}"
        )
        self._was_there = True
        self._lost_at, self._told, self._away = None, "", False
        self._context.show(connection="connected", connected_at=time.time(), clips=self._repository.count)

    def _lost(self, reason: str, wait: float) -> None:
        """Told to people when it is news; the fact tells it always."""
        if self._lost_at is None:
            self._lost_at = trio.current_time()
        if reason != self._told:
            self._told = reason
            self._context.say(reason)
        self._context.show(connection=f"{reason}; next attempt in {wait:.0f} s", connected_at=None)

    async def _wait(self, seconds: float, caught_up: Callable[[], Awaitable[None]]) -> None:
        """A hub that is away for longer than a reboot: nobody knows who is there, and there is nothing to catch up
        with until it is back.
        """
        assert self._lost_at is not None
        end, away_at = trio.current_time() + seconds, self._lost_at + GRACE_S
        if away_at < end and not self._away:
            await trio.sleep_until(away_at)
            self._away = True
            self._roster.lost()
            await self._caught_up(caught_up)
        await trio.sleep_until(end)

    def _show_sync(self, text: str) -> None:
        self._context.show(sync=text or None, clips=self._repository.count)

    async def _compared(self, caught_up: Callable[[], Awaitable[None]], complete: bool) -> None:
        if complete:
            self._context.show(synced_at=time.time())
        await self._caught_up(caught_up)

    async def _caught_up(self, caught_up: Callable[[], Awaitable[None]]) -> None:
        if not self._told_caught_up:
            await caught_up()
            self._told_caught_up = True

    async def _tell(self) -> None:
        """Tell the engine of devices as they come and go."""
        while True:
            await self._roster.changed.wait()
            if changes := self._roster.changes(self._timecode.facts):
                self._context.show(devices=self._roster.present)
                await self._tell_devices(changes)

    def _changed(self, outcome: Outcome, by: str) -> None:
        self._context.show(clips=self._repository.count)
        # What the hub says itself is compared with ours where it comes in.
        ours = by == device_text(self._own) and outcome.id not in self._edited
        if ours and outcome.body and self._session is not None:
            self._session.give(outcome.id)


@asynccontextmanager
async def connected(
    options: MasterlockitOptions, credentials: Credentials, own: int, context: Context
) -> AsyncIterator[Remote]:
    """The hub for what a person asks once, its devices known; nothing of what it says is kept, and what it deletes
    is deleted here when a client runs again.

    Raises Unavailable where it is not reached, NotAuthorised where it refuses us.
    """
    roster, troubles = Roster(own, context.id), Troubles(context)
    timecode = LiveTimecode(context, roster, lambda: options.project_rate or roster.rate)
    door = Remote(address(options), roster, timecode, partial(bury_later, context))

    def meet(peer: Peer) -> Listening:
        door.peer, door.giving = peer, Giving(peer, alias(options), troubles.tell)
        return Listening(peer, roster, timecode, troubles.tell)

    try:
        async with greeted(options, credentials, own, meet):
            assert door.peer is not None
            await Subscribing(door.peer, own, troubles.tell).devices()
            yield door
    except PeerLost as lost:
        raise Unavailable(str(lost)) from lost
