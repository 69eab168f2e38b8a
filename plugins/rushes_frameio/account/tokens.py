"""The sealed token pair: one refresher at a time, early, stored before it is used.

A successful refresh kills the old pair at once, so an answer that is lost costs a new pairing: refreshing is
shielded from cancellation, and a rotated pair is sealed before anyone sees it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import TypeVar
from weakref import WeakKeyDictionary

import trio

from rushes import Context, NotAuthorised, RushesError, Unavailable
from rushes_frameio.account.sealed import Kind, Pair, this_device, wrong_client
from rushes_frameio.calls.api import Api, Grant
from rushes_frameio.calls.apps import Apps
from rushes_frameio.calls.identity import Identity
from rushes_frameio.refusal.failures import Refused, Unreachable, not_paired
from rushes_frameio.refusal.refusals import Action, Where

T = TypeVar("T")

#: Seconds a refresh may take, and what is left of them once somebody wants to stop.
LONGEST_REFRESH_S = 60.0
GRACE_S = 8.0
#: Seconds before an early refresh that failed is tried again: until then the old token serves.
AGAIN_S = 30.0


class _Common:
    """What all connections of one component share, those of actions beside it and one opened later as well."""

    def __init__(self) -> None:
        self.refreshing = trio.Lock()
        #: A pair that could not be sealed, for a full disk say: the one that is sealed is spent.
        self.unsealed: Pair | None = None


_COMMON: WeakKeyDictionary[Context, _Common] = WeakKeyDictionary()


class Tokens:
    """The pair of one component, and the only one who refreshes it."""

    def __init__(
        self,
        api: Api,
        apps: Apps,
        context: Context,
        identified: Callable[[Identity], Awaitable[None]],
        forgotten: Callable[[], Awaitable[None]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`identified` gets the identity: the service wants it asked first thing after a refresh.

        `forgotten` is called when the service turns out not to know this device any more.
        """
        self._api = api
        self._apps = apps
        self._context = context
        self._identified = identified
        self._forgotten = forgotten
        self._clock = clock
        # An action may have a connection of its own while the component is being opened: one refresher still.
        self._common = _COMMON.setdefault(context, _Common())
        self._refreshing = self._common.refreshing
        self._rotated = trio.Event()
        self._again_at = float("-inf")
        self._owed = False
        held = self.held
        self._authorisation = held.authorisation if held else ""
        self.rotations = 0

    @property
    def paired(self) -> bool:
        """Whether there are tokens at all, of either kind."""
        return self.held is not None

    @property
    def held(self) -> Pair | None:
        """What is sealed; None where this device is not authorised."""
        sealed = self._context.secrets.get("tokens")
        return None if sealed is None else Pair(**json.loads(sealed))

    async def rotated(self) -> None:
        """Return when the next pair is sealed, by a refresh or a new pairing: the old access token is dead."""
        await self._rotated.wait()

    async def call(self, request: Callable[[str], Awaitable[T]]) -> T:
        """`request(access token)`, repeated once with a new token when it is answered with 401.

        Raises Unavailable where the device is not paired, or not any more.
        """
        access = await self.access()
        # The project may have changed meanwhile, and the caller with it.
        await trio.lowlevel.checkpoint_if_cancelled()
        try:
            return await request(access)
        except Refused as refused:
            if refused.row().action is not Action.RENEW:
                raise
        access = await self.renew(access)
        await trio.lowlevel.checkpoint_if_cancelled()
        try:
            return await request(access)
        except Refused as refused:
            if refused.row().action is Action.RENEW:
                raise self.missing() from refused
            raise

    def missing(self) -> Unavailable:
        """What to raise where there are no tokens that work."""
        if self.way == "login":
            return Unavailable("not logged in; run: pipeline frameio login FILE")
        return not_paired()

    @property
    def way(self) -> str:
        """How people authorise this device: "login" with a browser, or "code"."""
        held = self.held
        return "login" if ((held.kind == "app") if held else self._apps.offered) else "code"

    def only(self, kind: Kind | None) -> None:
        """Raise RushesError where this device is authorised in another way than `kind`."""
        held = self.held
        if held is not None and held.kind != kind:
            how = "logged in already" if held.kind == "app" else "paired by code"
            raise RushesError(f"{how}; run: pipeline frameio logout FILE first")

    async def adopt(self, kind: Kind, grant: Grant) -> None:
        """Seal the first tokens of a new pairing or login, and ask who this device is now.

        No other call gets the new token before that is known. Where it cannot be asked, what was known is dropped.
        """
        async with self._refreshing:
            self._seal(kind, str(uuid.uuid4()), grant)
            async with self._or_forgotten() as known:
                if await self._identify(kind, grant.access):
                    known.set()

    async def introduce(self) -> None:
        """Ask who this device is: it has been connected to a project. As `adopt` otherwise."""
        async with self._or_forgotten() as known:
            if (pair := self.held) is not None:
                # The component may have been opened beside this action: it must not go on with what it knows.
                self._store(replace(pair, authorisation=str(uuid.uuid4())))
            access = await self.access()
            async with self._refreshing:
                if (pair := self.held) is not None and await self._identify(pair.kind, access):
                    known.set()

    async def surrender(self, tell: Callable[[Pair], Awaitable[None]]) -> None:
        """Wipe the tokens once `tell` has returned; what it raises leaves them as they are."""
        async with self._refreshing:
            if (pair := self.held) is not None:
                await tell(pair)
                self._context.secrets.delete("tokens")
                with trio.CancelScope(shield=True):
                    await self._forgotten()

    async def access(self) -> str:
        """A valid access token, refreshed when it is due. Raises Unavailable where there is none."""
        return await self.renew("")

    async def renew(self, stale: str) -> str:
        """An access token other than `stale`, which the service refused; otherwise as `access`."""
        async with self._refreshing:
            pair = self.held
            if pair is None:
                raise self.missing()
            pair = self._sealed_late(pair)
            if self._authorisation != pair.authorisation:  # paired anew by an action's own connection
                self._authorisation = pair.authorisation
                self._owed = True
                await self._forgotten()
            if pair.access != stale and not (
                pair.due(self._clock()) and trio.current_time() >= self._again_at
            ):
                if self._owed:
                    await self._identify(pair.kind, pair.access)
                return pair.access
            try:
                return await self._refreshed(pair)
            except (Unreachable, NotAuthorised, Refused) as failure:
                if isinstance(failure, Refused) and _is_spent(failure):
                    missing = self.missing()
                    self._context.secrets.delete("tokens")
                    self._context.log.warning("Frame.io does not know this device any more: %s", failure.name)
                    await self._forgotten()
                    raise missing from failure
                if not self._lasts(pair, stale):
                    raise _unavailable(failure, pair.kind) from failure
                self._context.log.info("the token was not refreshed: %s", failure)
                self._again_at = trio.current_time() + AGAIN_S
            return pair.access

    def _lasts(self, pair: Pair, stale: str) -> bool:
        """Early is early: when a refresh fails, the old token still works until its end."""
        return pair.access != stale and 0 <= self._clock() - pair.issued_at < pair.life

    async def _refreshed(self, pair: Pair) -> str:
        """The access token of a new pair, sealed.

        Cancellation waits a little for the answer: one that is lost costs a new pairing.
        """
        result: Grant | RushesError | Refused = Unreachable("no answer to a token refresh", lost=True)
        shield = trio.CancelScope(shield=True, deadline=trio.current_time() + LONGEST_REFRESH_S)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_hurry, shield)
            with shield:
                try:
                    result = await self._replacement(pair)
                    self._seal(pair.kind, pair.authorisation, result)
                except (RushesError, Refused) as failure:
                    result = failure
            nursery.cancel_scope.cancel()
        if isinstance(result, Exception):
            raise result
        await self._identify(pair.kind, result.access)
        return result.access

    async def _replacement(self, pair: Pair) -> Grant:
        if pair.kind == "app":
            return await self._apps.refresh(pair.refresh)
        return await self._api.refresh(this_device(self._context), pair.refresh)

    @asynccontextmanager
    async def _or_forgotten(self) -> AsyncIterator[trio.Event]:
        """Set the event in this block, or what was known of the device is dropped, however the block ends."""
        known = trio.Event()
        try:
            yield known
        finally:
            if not known.is_set():
                with trio.CancelScope(shield=True):
                    await self._forgotten()

    async def _identify(self, kind: Kind, access: str) -> bool:
        """Ask who this device is, as the service wants it after each new token; whether it said."""
        self._owed = True
        try:
            identity = await self._api.identity(access)
        except Unreachable as failure:
            self._owed = not failure.lost  # one that may have been taken is not asked again within its minute
            self._context.log.info("identity not read with a new token: %s", failure)
            return False
        except Refused as refused:
            self._owed = False
            if unconnected(kind, refused):
                await self._forgotten()
                return False
            self._context.log.info("identity not read with a new token: %s", refused)
            return False
        self._owed = False
        await self._identified(identity)
        return True

    def _seal(self, kind: Kind, authorisation: str, grant: Grant) -> None:
        # Before it is sealed: that may fail, and say so.
        for token in (grant.access, grant.refresh):
            self._context.secrets.remember(token)
        pair = Pair(
            kind=kind,
            authorisation=authorisation,
            access=grant.access,
            refresh=grant.refresh,
            issued_at=self._clock(),
            life=grant.expires_in,
        )
        self._common.unsealed = pair
        self._store(pair)

    def _sealed_late(self, pair: Pair) -> Pair:
        """The pair that could not be sealed when it came, in place of the spent one. Raises Unavailable as before."""
        late = self._common.unsealed
        if late is None or late.authorisation != pair.authorisation:
            return pair
        self._store(late)
        return late

    def _store(self, pair: Pair) -> None:
        self._context.secrets.set("tokens", json.dumps(asdict(pair)))
        self._common.unsealed = None
        self._authorisation = pair.authorisation
        self._again_at = float("-inf")
        self.rotations += 1
        self._rotated.set()
        self._rotated = trio.Event()


def unconnected(kind: Kind, refused: Refused) -> bool:
    """Whether that is how the identity call is refused to an app that is logged in, and in no project."""
    return kind == "app" and refused.status in {403, 404}


def _is_spent(refused: Refused) -> bool:
    """Whether the refresh token is spent, revoked or unknown: nothing but a new pairing will help."""
    return refused.row(Where.REFRESH).action is Action.PAIR_AGAIN


def _unavailable(failure: Unreachable | NotAuthorised | Refused, kind: Kind) -> Unavailable:
    if isinstance(failure, Unreachable):
        return failure
    if isinstance(failure, Refused) and failure.name == "invalid_client":
        return Unavailable(wrong_client(kind))
    if isinstance(failure, Refused):
        return Unavailable(f"Frame.io answered {failure} to a token refresh", retry_after=failure.retry_after)
    return Unavailable(str(failure))


async def _hurry(shield: trio.CancelScope) -> None:
    """Once this is cancelled, what the shield protects has a short time left."""
    try:
        await trio.sleep_forever()
    finally:
        shield.deadline = min(shield.deadline, trio.current_time() + GRACE_S)
