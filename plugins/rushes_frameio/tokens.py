"""The sealed token pair: one refresher at a time, early, stored before it is used.

A successful refresh kills the old pair at once, so an answer that is lost costs a new pairing: refreshing is
shielded from cancellation, and a rotated pair is sealed before anyone sees it.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import trio

from rushes import Context, NotAuthorised, RushesError, Unavailable
from rushes_frameio.api import Api, Device, Grant, Identity
from rushes_frameio.failures import Refused, Unreachable, not_paired

T = TypeVar("T")

SECRET_VARIABLE = "RUSHES_FRAMEIO_CLIENT_SECRET"  # noqa: S105 - the variable's name, not its value
#: Share of its life after which an access token is replaced.
EARLY = 0.75
#: Seconds a refresh may take, and what is left of them once somebody wants to stop.
LONGEST_REFRESH_S = 60.0
GRACE_S = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Tokens as sealed; `issued_at` is seconds since the epoch, `life` seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    issued_at: float
    life: float

    def due(self, now: float) -> bool:
        """Whether it is time for a new pair; a clock that was set back makes it due too."""
        return not 0 <= now - self.issued_at < self.life * EARLY


def this_device(context: Context) -> Device:
    """This installation's id, minted once and sealed, with the model's secret.

    The secret comes from the environment, else from what the last pairing sealed. Raises NotAuthorised where
    there is none.
    """
    client_id = context.secrets.get("client_id")
    if client_id is None:
        client_id = str(uuid.uuid4())
        context.secrets.set("client_id", client_id)
    secret = os.environ.get(SECRET_VARIABLE) or context.secrets.get("client_secret")
    if not secret:
        raise NotAuthorised(f"no client secret; set {SECRET_VARIABLE} to the one Frame.io gave you")
    return Device(client_id=client_id, client_secret=secret)


class Tokens:
    """The pair of one component, and the only one who refreshes it."""

    def __init__(
        self,
        api: Api,
        context: Context,
        identified: Callable[[Identity], None] = lambda _identity: None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`identified` gets the identity: the service wants it asked first thing after a refresh."""
        self._api = api
        self._context = context
        self._identified = identified
        self._clock = clock
        self._refreshing = trio.Lock()
        self.rotations = 0

    @property
    def paired(self) -> bool:
        return self._load() is not None

    async def call(self, request: Callable[[str], Awaitable[T]]) -> T:
        """`request(access token)`, repeated once with a new token when it is answered with 401.

        Raises Unavailable where the device is not paired, or not any more.
        """
        access = await self._access()
        try:
            return await request(access)
        except Refused as refused:
            if refused.status != 401:
                raise
        try:
            return await request(await self._access(stale=access))
        except Refused as refused:
            if refused.status == 401:
                raise not_paired() from refused
            raise

    async def adopt(self, device: Device, grant: Grant) -> None:
        """Seal the tokens of a new pairing, and the secret they are refreshed with."""
        async with self._refreshing:
            self._context.secrets.set("client_secret", device.client_secret)
            self._seal(grant)

    async def _access(self, *, stale: str = "") -> str:
        """An access token other than `stale`, refreshed when it is due."""
        async with self._refreshing:
            pair = self._load()
            if pair is None:
                raise not_paired()
            if pair.access != stale and not pair.due(self._clock()):
                return pair.access
            try:
                return await self._refreshed(pair)
            except NotAuthorised as failure:
                raise Unavailable(str(failure)) from failure
            except Unreachable:
                if not self._lasts(pair, stale):
                    raise
            except Refused as refused:
                if refused.status in {400, 401}:  # spent, revoked, or its answer was lost
                    self._context.secrets.delete("tokens")
                    self._context.log.warning("Frame.io does not know this device any more: %s", refused.name)
                    raise not_paired() from refused
                if not self._lasts(pair, stale):
                    raise Unavailable(f"Frame.io answered {refused} to a token refresh") from refused
            return pair.access

    async def _identify(self, access: str) -> None:
        try:
            self._identified(await self._api.identity(access))
        except (Unreachable, Refused) as failure:
            self._context.log.info("identity not read after a refresh: %s", failure)

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
                    result = await self._api.refresh(this_device(self._context), pair.refresh)
                    self._seal(result)
                    self.rotations += 1
                except (RushesError, Refused) as failure:
                    result = failure
            nursery.cancel_scope.cancel()
        if isinstance(result, Exception):
            raise result
        await self._identify(result.access)
        return result.access

    def _seal(self, grant: Grant) -> None:
        values = [grant.access, grant.refresh, self._clock(), grant.expires_in]
        self._context.secrets.set("tokens", json.dumps(values))

    def _load(self) -> Pair | None:
        sealed = self._context.secrets.get("tokens")
        if sealed is None:
            return None
        access, refresh, issued_at, life = json.loads(sealed)
        return Pair(access=access, refresh=refresh, issued_at=issued_at, life=life)


async def _hurry(shield: trio.CancelScope) -> None:
    """Once this is cancelled, what the shield protects has a short time left."""
    try:
        await trio.sleep_forever()
    finally:
        shield.deadline = min(shield.deadline, trio.current_time() + GRACE_S)
