"""The tie of one open component to Frame.io: API, tokens, who it is there, whether it is paused.

Everything else of this plugin asks here; nothing else asks who the device is, so that the service is asked at
most once a minute (seed manage-status-and-state). The call right after a token refresh, which the same seed
wants, is exempt.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypeVar

import trio

from rushes import Context, Unavailable
from rushes_frameio.account.asked import EVERY_S, Asked
from rushes_frameio.account.belonging import Belonging, waits_for
from rushes_frameio.account.projects import Projects
from rushes_frameio.account.tokens import Tokens, unconnected
from rushes_frameio.account.watched import WatchedWire
from rushes_frameio.calls.api import Api, open_api
from rushes_frameio.calls.apps import Apps, Person
from rushes_frameio.calls.identity import Channel, Identity
from rushes_frameio.clip.pauses import Pauses
from rushes_frameio.options import FrameioOptions
from rushes_frameio.reach.network import Network
from rushes_frameio.reach.service import Service
from rushes_frameio.refusal.failures import Refused, Unreachable

T = TypeVar("T")

#: Nobody asks for it: a renamed project is seen this much later at most.
LAZY_S = 60.0
#: What a timer may be late or early by.
SLACK_S = 1.0
#: The key of the last identity in the component's store.
STORED = "identity"
#: The key of who logged in, where that is how this device was authorised.
PERSON = "person"


class Connection:
    """Made by `open_connection`. `identity` is what the service said last, None while it has not.

    `person` is who logged in, None where this device was paired by code.
    """

    def __init__(self, options: FrameioOptions, context: Context, api: Api, tls: ssl.SSLContext) -> None:
        self.options = options
        self.context = context
        self.tls = tls
        self.asked = Asked(context.store)
        self.service = Service(api.health)
        self.network = Network(options.api_url, self.service, cap=options.max_rate)
        self.api = api = Api(WatchedWire(api.wire, self.asked, self.service))
        self.apps = Apps(api.wire, options)
        self.tokens = Tokens(api, self.apps, context, self.identified, self.forgotten)
        self.projects = Projects(context.store)
        self.pauses = Pauses(context.store)
        self.belonging = Belonging(self)
        self.identity: Identity | None = None
        #: How often `identity` was set or dropped.
        self._settled = 0
        #: When the question went out whose answer `identity` is, by trio's clock; -inf where an earlier life asked.
        self.asked_at = float("-inf")
        self.person: Person | None = None
        self.closed = False
        self._asking = trio.Lock()
        self._paused_told_at = float("-inf")
        self._changed = trio.Event()
        self._wish = trio.Event()

    async def load(self) -> None:
        """Remember what earlier runs learned."""
        await self.projects.load()
        await self.pauses.load()
        person = await self.context.store.get(PERSON)
        self.person = Person(**person) if person else None
        stored, held = await self.context.store.get(STORED), self.tokens.held
        if stored is None or held is None or stored["authorisation"] != held.authorisation:
            return
        known = {
            **stored["identity"],
            "channels": tuple(Channel(**each) for each in stored["identity"]["channels"]),
        }
        self.identity = Identity(**known)

    async def changed(self) -> None:
        """Return at the next change of the identity, a pause included."""
        await self._changed.wait()

    async def call(self, request: Callable[[str], Awaitable[T]]) -> T:
        """See `Tokens.call`."""
        return await self.tokens.call(request)

    async def rest(self, seconds: float) -> None:
        """Sleep so long after a failure of the network, or until the network has come back meanwhile."""
        await self.service.rest(seconds)

    async def identify(self) -> Identity:
        """Who this device is, asked unless it was within the last minute. Raises Unavailable."""
        async with self._asking:
            wait = await self.asked.wait()
            if wait and self.identity is not None:
                return self.identity
            held = self.tokens.held
            if wait and held is not None:
                if held.kind == "app":
                    raise Unavailable(str(self.absence()), retry_after=wait)
                text = f"Frame.io has not answered who this device is; it may be asked again in {wait:.0f} s"
                raise Unavailable(text, retry_after=wait)
            try:
                return await self.tokens.call(partial(self._ask, self.asked.times))
            except Refused as refused:
                held = self.tokens.held
                if held is not None and unconnected(held.kind, refused):
                    await self.forgotten()
                    raise self.absence() from refused
                raise Unavailable(f"Frame.io answered {refused} when asked who this device is") from refused

    async def _ask(self, times: int, access: str) -> Identity:
        # Where it was asked meanwhile, that was right after the refresh that brought this token.
        if self.asked.times == times:
            settled = self._settled
            identity = await self.api.identity(access)
            # Else another project was chosen, or this one left, while the answer was on its way.
            if self._settled == settled:
                await self.identified(identity)
        if self.identity is None:
            raise Unreachable("no answer when asked who this device is", lost=True)
        return self.identity

    async def identified(self, identity: Identity) -> None:
        """The service has said who this device is."""
        self._settled += 1
        if self.identity is not None and self._paused_told_at >= self.asked.begun_at:
            # Told while this answer was on its way: which of the two is newer cannot be known, the next will say.
            identity = replace(identity, paused=self.identity.paused)
            self.wish()
        self.asked_at = self.asked.begun_at
        other = self.identity is None or self.identity.project_id != identity.project_id
        self.identity = identity
        now = time.time()
        await self.projects.connected(identity.project_id, identity.project, now)
        self.belonging.moved()
        await self.pauses.saw(identity.paused, now)
        held = self.tokens.held
        authorisation = held.authorisation if held else ""
        stored = {"identity": asdict(identity), "authorisation": authorisation}
        await self.context.store.set(STORED, stored)
        self._tell()
        if other:
            await self.context.wake(waits_for(identity.project_id))

    def resumed(self) -> None:
        """What an earlier life of this component learned a moment ago still holds."""
        self._tell()

    async def forgotten(self) -> None:
        """The service does not know this device any more, or it was told to forget: old names are dropped."""
        self._settled += 1
        self.identity = None
        self.belonging.moved()
        if not self.tokens.paired:
            await self.logged_in(None)
        await self.projects.disconnected(time.time())
        await self.context.store.delete(STORED)
        self._tell()

    async def changing(self) -> None:
        """Another project is about to be chosen: after a crash nothing that was known of this one is believed."""
        await self.context.store.delete(STORED)

    async def logged_in(self, person: Person | None) -> None:
        """Who it was that logged in; None where nobody has, or has logged out."""
        self.person = person
        await self.context.store.set(PERSON, asdict(person) if person else None)
        self._tell()

    async def hold(self) -> None:
        """Raise Unavailable as soon as this device is not connected any more."""
        while self.state == "connected":
            await self.changed()
        raise self.absence()

    def absence(self) -> Unavailable:
        """What to raise where no project is connected."""
        held = self.tokens.held
        if held is None:
            return self.tokens.missing()
        if held.kind == "app":
            return Unavailable("not connected to a project; run: pipeline frameio connect FILE PROJECT")
        return Unavailable("paired, but Frame.io has not said yet with which project")

    async def saw_paused(self, paused: bool) -> None:
        """A socket event, or a refusal, says whether the project is paused now."""
        self._paused_told_at = trio.current_time()
        await self.pauses.saw(paused, time.time(), told=True)
        if self.identity is not None and self.identity.paused != paused:
            self.identity = replace(self.identity, paused=paused)
            self._tell()

    def wish(self) -> None:
        """Ask who this device is as soon as the minute allows."""
        self._wish.set()

    async def keep(self) -> None:
        """Ask again and again: a project is renamed, an authorisation's end is set, without any event."""
        while True:
            await trio.sleep(await self.asked.wait() + SLACK_S)
            with trio.move_on_after(LAZY_S):
                await self._wish.wait()
            self._wish = trio.Event()
            try:
                await self.identify()
            except Unavailable as failure:
                if not self.tokens.paired:
                    raise
                self.context.log.info("identity not read: %s", failure)
                await trio.sleep(EVERY_S)

    def _tell(self) -> None:
        self.show()
        self._changed.set()
        self._changed = trio.Event()

    def show(self) -> None:
        """Tell `status` the facts; that there is a connection is said by the project's name."""
        facts = self.facts
        self.context.show(
            **facts | {"connection": None if facts["connection"] == "connected" else self.state}
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What people are shown; None for what is not known."""
        facts: dict[str, Any] = dict.fromkeys(("project", "user", "email", "device", "paused", "expires_at"))
        facts |= self.identity.facts if self.identity else {}
        if self.person is not None:
            facts |= {"user": self.person.name, "email": self.person.email or None}
        return {"connection": self.state, **facts}

    @property
    def state(self) -> str:
        """One of the checklist's three: "not authorised", "not connected" (to a project), "connected"."""
        if not self.tokens.paired:
            return "not authorised"
        return "connected" if self.identity is not None else "not connected"


@asynccontextmanager
async def open_connection(options: FrameioOptions, context: Context) -> AsyncIterator[Connection]:
    """A connection that has not said a word yet."""
    async with open_api(options) as (api, tls):
        connection = Connection(options, context, api, tls)
        await connection.load()
        try:
            yield connection
        finally:
            connection.closed = True


async def reach(connection: Connection) -> None:
    """Return when the service has answered to this device. Raises Unavailable."""
    connection.context.show(connected=False)
    if not connection.tokens.paired:
        connection.show()
        raise connection.tokens.missing()
    try:
        await _hear(connection)
    except Unavailable:
        # While it is away is when people look at the network most.
        await connection.network.look(connection.context)
        raise
    connection.context.show(connected=True)
    if connection.identity is not None:
        # A crash may have come between learning the project and waking what waits for it.
        await connection.context.wake(waits_for(connection.identity.project_id))


async def _hear(connection: Connection) -> None:
    asked = connection.identity
    if await connection.identify() is asked:
        # Asked within the last minute, by an earlier life: only whether it answers is to be known.
        try:
            await connection.api.health()
        except Refused as refused:
            raise Unavailable(f"Frame.io answered {refused} when asked for its health") from refused
        connection.service.answered()
        connection.resumed()
