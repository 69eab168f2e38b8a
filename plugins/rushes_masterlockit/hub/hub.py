"""The hub: the set's server, and what people may ask of it."""

from __future__ import annotations

import resource
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import trio

from rushes import Context, Device, Permanent
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.door import Edited
from rushes_masterlockit.formats import FormatError, device_text, parse_demand
from rushes_masterlockit.hub.house import House
from rushes_masterlockit.hub.news import told
from rushes_masterlockit.hub.people import devices
from rushes_masterlockit.hub.session import Session
from rushes_masterlockit.hub.showing import show
from rushes_masterlockit.link import Guard, serve
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.repository import Repository, by_hand

#: Connections at most; less where the process may not have as many files, of which others need half.
MOST_CONNECTIONS = 1024


class Hub:
    """A Door. Without credentials it lets in whoever speaks the protocol."""

    def __init__(
        self,
        options: MasterlockitOptions,
        credentials: Credentials | None,
        repository: Repository,
        *,
        own: int,
        context: Context,
        tell_devices: Callable[[Sequence[Device]], Awaitable[None]],
    ) -> None:
        self._house = House(options, repository, own=own, context=context, tell_devices=tell_devices)
        self._credentials = credentials
        self._guard = Guard(most_connections=_most_connections())
        self._opened = trio.Event()

    async def serve(self, listeners: Sequence[trio.SocketListener]) -> None:
        """Be there for devices until cancelled. What devices do wrong ends their own connection at most."""
        house = self._house
        await house.open()
        self._opened.set()
        with told(house):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(house.keeper.keep)
                nursery.start_soon(house.keeper.tell)
                nursery.start_soon(house.run_generator)
                nursery.start_soon(show, house, listeners)
                await serve(listeners, self._attend, log=house.context.log)

    async def _attend(self, stream: trio.SocketStream) -> None:
        await Session(stream, self._house, self._guard, self._credentials).run()

    # The Door; what it asks for waits until the hub remembers what was

    @property
    def rate(self) -> str:
        return self._house.rate

    @property
    def parts(self) -> Collection[str]:
        """Ids of the devices that are the hub itself."""
        house = self._house
        return {device_text(device) for device in (house.generator_id, house.storage_id, house.slate_id)}

    def devices(self) -> Sequence[Mapping[str, Any]]:
        return devices(self._house.desk)

    async def rename(self, device: int, name: str, /) -> None:
        await self._opened.wait()
        await self._house.rename(device, name)

    async def remove(self, device: int, /) -> None:
        await self._opened.wait()
        await self._house.remove(device)

    async def delete(self, demand: Mapping[str, Any], /) -> int:
        await self._opened.wait()
        try:
            return await self._house.delete(parse_demand(demand))
        except FormatError as error:
            raise Permanent(str(error)) from error

    async def cjam(self, seconds: int, frames: int, /) -> None:
        await self._opened.wait()
        try:
            await self._house.cjam(seconds, frames)
        except FormatError as error:
            raise Permanent(str(error)) from error

    async def slate(self, info: Mapping[str, Any], /) -> None:
        await self._opened.wait()
        await self._house.slate(info)

    async def edit(self, clip: str, changes: Mapping[str, Any], /) -> Edited:
        """Told to whoever subscribed to one of the clip's editors."""
        await self._opened.wait()
        return Edited(await by_hand(self._house.repository, clip, changes))


def _most_connections() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, files // 2)
