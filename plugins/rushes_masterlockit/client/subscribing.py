"""Which updates we want of a hub: wished for once, asked for again on each connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import trio

from rushes_masterlockit.client.admitting import CLIPS, NOTES
from rushes_masterlockit.client.roster import type_name
from rushes_masterlockit.link import LinkError, NoAnswerError, Peer, PeerLost
from rushes_masterlockit.protocol import (
    DeviceType,
    Request,
    SubscribeDataUpdates,
    SubscribeDeviceUpdates,
    SubscribeVolatileDataUpdates,
    UnsubscribeDataUpdates,
)

#: Device types whose data are worth nothing a moment later.
VOLATILE = frozenset({DeviceType.TIMECODE_GENERATOR, DeviceType.LENS})
#: The device id that stands for every device of a type, for hubs that know it (reference A11).
EVERY = 0


class Subscribing:
    """All types of devices, then each device of which there are data as it is told of."""

    def __init__(self, peer: Peer, own: int, wrong: Callable[[str, str], None]) -> None:
        self._peer = peer
        self._own = own
        self._wrong = wrong
        self._subscribed: set[tuple[int, int]] = set()
        self._due: list[Request] = []
        self._unanswered: set[Request] = set()
        self._some = trio.Event()

    async def devices(self) -> None:
        """Hear of devices. When this returns the hub has told of those that are there, as it does after its answer."""
        await self._all([SubscribeDeviceUpdates(type_) for type_ in DeviceType])
        # What it told after the last answer comes before the next.
        await self._all([UnsubscribeDataUpdates(self._own, DeviceType.CAMERA)])

    async def types(self) -> None:
        """Hear of devices, and of the data of those that are not told of yet."""
        await self.devices()
        # Between a device's appearance and our own subscription to it lies a moment in which it may speak. A hub
        # that knows no such id refuses this and loses nothing but that moment.
        await self._all([SubscribeDataUpdates(EVERY, type_) for type_ in sorted(CLIPS | set(NOTES))])

    def device(self, device: int, type_: int) -> bool:
        """Hear what it says; whether that is asked for only now."""
        if device in {self._own, EVERY} or (device, type_) in self._subscribed:
            return False
        if type_ in VOLATILE:
            self._due.append(SubscribeVolatileDataUpdates(device, type_))
        elif type_ in CLIPS or type_ in NOTES:
            self._due.append(SubscribeDataUpdates(device, type_))
        else:
            return False
        self._subscribed.add((device, type_))
        self._some.set()
        return True

    def gone(self, device: int, type_: int) -> None:
        """When it comes back it is subscribed to again: hubs may forget."""
        self._subscribed.discard((device, type_))

    async def run(self) -> None:
        """Ask for devices until cancelled."""
        async with trio.open_nursery() as nursery:
            while True:
                await self._some.wait()
                self._some = trio.Event()
                due, self._due = self._due, []
                for request in due:
                    nursery.start_soon(self._ask, request)

    async def _all(self, requests: Iterable[Request]) -> None:
        async with trio.open_nursery() as nursery:
            for request in requests:
                nursery.start_soon(self._ask, request)

    async def _ask(self, request: Request) -> None:
        try:
            await self._peer.request(request)
        except PeerLost:
            pass  # all that used this connection ends with it
        except LinkError as error:
            if isinstance(error, NoAnswerError) and request not in self._unanswered:
                # It may have been too busy to answer in time: once more, while all else goes on.
                self._unanswered.add(request)
                self._due.append(request)
                self._some.set()
                return
            match request:
                case SubscribeDeviceUpdates(type=type_):
                    self._wrong("subscription", f"no updates of {type_name(type_)} devices: {error}")
                case SubscribeDataUpdates(device=device) if device != EVERY:
                    self._wrong("subscription", f"no updates of a device's data: {error}")
                case _:
                    pass  # devices may ignore volatile subscriptions, hubs the wildcard
