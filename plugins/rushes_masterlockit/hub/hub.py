"""The hub: the set's server, and what people may ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import trio

from rushes import Context, Device, Permanent
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.formats import FormatError, parse_demand
from rushes_masterlockit.hub.house import House
from rushes_masterlockit.hub.people import devices
from rushes_masterlockit.hub.session import Session
from rushes_masterlockit.hub.showing import show
from rushes_masterlockit.link import Guard, serve
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.repository import Repository

#: Handshakes with a wrong key or signature, until an address has to wait: a set's network gives many devices one.
MOST_GUESSES = 20


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
        self._guard = Guard(free=MOST_GUESSES)
        self._opened = trio.Event()

    async def serve(self, listeners: Sequence[trio.SocketListener]) -> None:
        """Be there for devices until cancelled. What devices do wrong ends their own connection at most."""
        house = self._house
        await house.open()
        self._opened.set()
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
        """Of the hub's own generator."""
        return self._house.generator.rate.name

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
