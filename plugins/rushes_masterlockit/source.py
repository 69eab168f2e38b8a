"""The source: a repository of what was said, and the hub it is told by, or that we are."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import trio

from rushes import Context, Intake, Unavailable
from rushes_masterlockit.client import Client
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.formats import device_text
from rushes_masterlockit.hub import Hub
from rushes_masterlockit.identity import credentials_of, own_id
from rushes_masterlockit.options import MasterlockitOptions, split_address, warnings
from rushes_masterlockit.repository import LedgerArchive, Repository
from rushes_masterlockit.telling import Telling


@asynccontextmanager
async def open_source(options: MasterlockitOptions, context: Context) -> AsyncIterator[MasterlockitSource]:
    """The source, its address bound where it is the hub. Raises Unavailable where that is taken."""
    own = await own_id(context)
    credentials = credentials_of(options, context)
    listeners = [] if options.listen is None else await _listen(options.listen)
    try:
        yield MasterlockitSource(options, context, credentials, own, listeners)
    finally:
        for listener in listeners:
            listener.socket.close()


class MasterlockitSource:
    """`door` and `repository` are there while it runs."""

    def __init__(
        self,
        options: MasterlockitOptions,
        context: Context,
        credentials: Credentials | None,
        own: int,
        listeners: list[trio.SocketListener],
    ) -> None:
        self.door: Hub | Client | None = None
        self.repository: Repository | None = None
        self._options = options
        self._context = context
        self._credentials = credentials
        self._own = own
        self._listeners = listeners

    async def run(self, intake: Intake, /) -> None:
        """Admit records and devices until cancelled."""
        options, context = self._options, self._context
        repository = Repository(
            LedgerArchive(context.catalog, intake, context.id),
            device_text(self._own),
            bodies=options.listen is not None,
            rate=lambda: self.rate,
            now=time.time,
            delete_vs_edit=options.delete_vs_edit,
        )
        await repository.load()
        async with trio.open_nursery() as nursery:
            await nursery.start(repository.run)
            self.repository = repository
            telling = Telling(context, repository, intake.devices, self._parts)
            nursery.start_soon(telling.run)
            try:
                if options.listen is not None:
                    await self._be_hub(intake, repository, telling)
                else:
                    await self._follow_hub(intake, repository, telling)
            finally:
                self.door = self.repository = None
            nursery.cancel_scope.cancel()

    @property
    def rate(self) -> str:
        """The project's timecode rate: by the options, else by the set, else ""."""
        return self._options.project_rate or (self.door.rate if self.door is not None else "")

    def _parts(self) -> Collection[str]:
        return self.door.parts if isinstance(self.door, Hub) else ()

    async def _be_hub(self, intake: Intake, repository: Repository, telling: Telling) -> None:
        for warning in warnings(self._options):
            self._context.say(warning)
        self.door = hub = Hub(
            self._options,
            self._credentials,
            repository,
            own=self._own,
            context=self._context,
            tell_devices=telling.devices,
        )
        await intake.caught_up()
        await hub.serve(self._listeners)

    async def _follow_hub(self, intake: Intake, repository: Repository, telling: Telling) -> None:
        assert self._credentials is not None  # `credentials_of` refuses a client without
        self.door = client = Client(
            self._options,
            self._credentials,
            repository,
            own=self._own,
            context=self._context,
            tell_devices=telling.devices,
        )
        await client.run(intake.caught_up)


async def _listen(address: str) -> list[trio.SocketListener]:
    host, port = split_address(address)
    try:
        return list(await trio.open_tcp_listeners(port, host=host, backlog=512))
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable(f"cannot listen on {address} ({reason}); choose another address or port") from error
