"""What we say ourselves: as a device of the type that says such things, for as long as there is something to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import msgspec
import trio

from rushes_masterlockit.link import LinkError, NoAnswerError, Peer, RefusedError
from rushes_masterlockit.protocol import (
    DataEvent,
    DeviceMetaEvent,
    DeviceType,
    RegisterAsDevice,
    UnregisterAsDevice,
)

#: Clips that are read at once, and of them, events that wait for their acknowledgement.
BATCH = 100
IN_FLIGHT = 16


class _Kind(msgspec.Struct):
    id: str
    type: str


_kind = msgspec.json.Decoder(_Kind)
#: Who says such clips.
SPEAKERS = {"video": DeviceType.CAMERA, "sound": DeviceType.SOUND_RECORDER}


class Giving:
    """Speaks to one hub under our `alias`; `wrong(kind, text)` tells people."""

    def __init__(self, peer: Peer, alias: str, wrong: Callable[[str, str], None]) -> None:
        self._peer = peer
        self._alias = alias
        self._wrong = wrong
        #: What we were in this connection, whether or not we still are.
        self.been: set[int] = set()
        self._now: set[DeviceType] = set()
        self._saying = trio.Lock()

    async def register(self, type_: DeviceType) -> None:
        """Be a device of that type until the connection ends, or `leave`. Raises LinkError."""
        if type_ in self._now:
            return
        self.been.add(type_)
        await self._peer.request(RegisterAsDevice(type_))
        self._now.add(type_)
        common = {"alias": self._alias, "connected": True, "energyLevel": -1, "parentDeviceId": None}
        whole = {"common": common, "device": {}, "vendor": {}, "vendorTyped": {}}
        self._peer.send(DeviceMetaEvent(type_, msgspec.json.encode(whole)))

    async def leave(self, *types: DeviceType) -> None:
        """Be these no more: the cart is no camera, and does not stay one. Raises PeerLost."""
        for type_ in self._now.intersection(types):
            self._now.discard(type_)
            try:
                await self._peer.request(UnregisterAsDevice(type_))
            except (RefusedError, NoAnswerError) as error:
                self._wrong("leave", f"we may still be told of as a device: {error}")

    async def say(self, type_: DeviceType, data: bytes) -> None:
        """One event of a device of that type. Raises LinkError."""
        async with self._saying:
            await self.register(type_)
            try:
                await self._peer.request(DataEvent(type_, data))
            finally:
                await self.leave(type_)

    async def clips(self, bodies: Sequence[bytes]) -> Mapping[str, str]:
        """Give clips, as JSON, to the hub; what it refuses is told, and returned: why, by id. We stay the devices
        that said them: see `leave`. Raises PeerLost and NoAnswerError.
        """
        refused: dict[str, str] = {}
        kinds: dict[DeviceType, list[tuple[str, bytes]]] = {}
        for body in bodies:
            kind = _kind.decode(body)
            if kind.type in SPEAKERS:
                kinds.setdefault(SPEAKERS[kind.type], []).append((kind.id, body))
        for type_, said in kinds.items():
            try:
                await self.register(type_)
            except RefusedError as refusal:
                why = f"the hub takes no clips from us: {refusal}"
                self._wrong(f"register {type_}", why)
                refused |= {id_: why for id_, _ in said}
            else:
                refused |= await self._give(type_, said)
        return refused

    async def _give(self, type_: DeviceType, said: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
        waiting = iter(said)
        refused: dict[str, str] = {}
        failures: list[LinkError] = []

        async def one(scope: trio.CancelScope) -> None:
            for id_, body in waiting:
                try:
                    await self._peer.request(DataEvent(type_, body))
                except RefusedError as refusal:
                    why = refusal.text or "it gave no reason"
                    self._wrong("given", f"the hub refused clip {id_}: {why}")
                    refused[id_] = f"the hub refused it: {why}"
                except LinkError as error:
                    failures.append(error)
                    scope.cancel()
                    return

        async with trio.open_nursery() as nursery:
            for _ in range(IN_FLIGHT):
                nursery.start_soon(one, nursery.cancel_scope)
        if failures:
            raise failures[0]
        return refused


def batches(ids: Iterable[str]) -> Iterable[Sequence[str]]:
    """So many ids at a time as are worth reading at once."""
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
