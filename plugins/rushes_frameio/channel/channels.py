"""Sub-devices as C2C channels, kept in step with the devices that are present (seed manage-channels).

The start of a process is a boot: whatever channels there are is cleared, then each present device connected.
After that they come and go one by one, and each answer of the service about who we are is compared with what
should be: what a bad network left undone, or did without telling, is put right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import trio

from rushes import Clip, Context, NotYet, Order, Permanent, Unavailable
from rushes.retry import Backoff
from rushes_frameio.calls.identity import Channel, Identity
from rushes_frameio.channel.roster import Sub, indices, model_of, of_device, of_name, place, recognised, subs
from rushes_frameio.refusal.failures import Refused
from rushes_frameio.refusal.refusals import Action, Where

if TYPE_CHECKING:
    from rushes_frameio.account.connection import Connection

#: How long after a boot a device that no source has told of may still turn up.
GRACE_S = 60.0
#: Stands for the device's own channel where sub-devices have their client id.
PRIMARY = ""
#: What deliveries wait for whose channel is not known.
KNOWN = "channels"
#: Channels that `status` shows.
MOST_SHOWN = 20


@dataclass(kw_only=True)
class Memory:
    """What is remembered from one open component to the next, in one process.

    By client id: `there` the channels that are connected, `index` what each is named by, `device_ids` what the
    service called the device once, `refused` why it would not connect one. `doubtful` are connected, but the
    answer that tells their channel was lost. `listed` tells that an index is a place in the service's list,
    which every change may move. `changed_at` is trio's clock at our last change.
    """

    device: str = ""
    listed: bool = False
    booted_at: float = 0.0
    changed_at: float = 0.0
    there: dict[str, Channel] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)
    device_ids: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    def forget(self, client_id: str) -> None:
        """This channel is no more."""
        self.there.pop(client_id, None)
        self.index.pop(client_id, None)

    def changing(self, client_id: str) -> None:
        """What a clip of these channels goes up on is not known from now on."""
        self.index.pop(client_id, None)
        if self.listed:
            self.index.clear()


#: A component that is opened again after an outage has not booted: its context is the same.
_MEMORIES: WeakKeyDictionary[Context, Memory] = WeakKeyDictionary()


class Channels:
    """Keeps the service's channels in step; `channel` says which one a clip goes up on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._context = connection.context
        self._options = connection.options
        self._memory = _MEMORIES.setdefault(connection.context, Memory(booted_at=trio.current_time()))
        self._unmapped: list[str] = []
        self._complaints: set[str] = set()
        self._dirty = trio.Event()
        self._users: Counter[str] = Counter()
        self._unused = trio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        backoff, failures = Backoff(first=1.0, cap=60.0), 0
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._listen, self._context.devices.changed)
            nursery.start_soon(self._listen, self._connection.changed)
            nursery.start_soon(self._end_grace)
            while True:
                self._dirty = trio.Event()
                try:
                    await self._settle()
                    failures, wait = 0, float("inf")
                except (Refused, Unavailable) as failure:
                    failures += 1
                    wait = max(backoff.wait(failures), failure.retry_after or 0.0)
                    self._context.log.info("channels not in step: %s", failure)
                with trio.move_on_after(wait):
                    await self._dirty.wait()

    @contextmanager
    def channel(self, clip: Clip, order: Order) -> Iterator[int]:
        """The channel that a clip goes up on, 0 for the device itself; it stays what it is until the block ends.

        Raises NotYet while it is not known, Permanent where there is none.
        """
        client_id, index, why = self._find(clip, order)
        if why:
            self._context.note(f"on the primary channel: {why}")
        self._users[client_id] += 1
        try:
            yield index
        finally:
            self._users[client_id] -= 1
            self._unused.set()

    def _find(self, clip: Clip, order: Order) -> tuple[str, int, str]:
        """Client id and index of the clip's channel, and why it is the primary one although it should not."""
        found = place(clip, order, self._options, self._context.devices.present, self._installation)
        if found.missing and trio.current_time() < self._memory.booted_at + GRACE_S:
            raise NotYet(f"{clip.filename}: waits for its device {found.missing} to turn up", until=KNOWN)
        if found.sub is None:
            return PRIMARY, 0, found.why
        identity = self._connection.identity
        known = identity is not None and identity.id == self._memory.device
        index = self._memory.index.get(found.sub.client_id) if known else None
        if index is not None:
            return found.sub.client_id, index, ""
        label, reason = found.sub.label, self._memory.refused.get(found.sub.client_id)
        if reason is None:
            raise NotYet(f"{clip.filename}: the channel of {label} is not known yet", until=KNOWN)
        if order.wishes is not None:
            raise Permanent(
                f"{clip.filename}: no channel {label}: Frame.io answered {reason}; correct its model id"
            )
        return PRIMARY, 0, f"Frame.io refused one for {label}"

    @property
    def _installation(self) -> str:
        return self._context.secrets.get("client_id") or self._context.id

    async def _listen(self, changed: Callable[[], Awaitable[None]]) -> None:
        while True:
            await changed()
            self._dirty.set()

    async def _end_grace(self) -> None:
        await trio.sleep_until(self._memory.booted_at + GRACE_S)
        await self._context.wake(KNOWN)

    async def _settle(self) -> None:
        """Bring the service's channels in step. Raises Unavailable and Refused, and goes on where that ended."""
        identity = self._connection.identity
        if identity is None:
            return
        memory = self._memory
        if memory.device != identity.id:
            await self._connection.call(self._connection.api.disconnect_channels)
            self._memory = memory = Memory(
                device=identity.id, booted_at=memory.booted_at, changed_at=trio.current_time()
            )
            _MEMORIES[self._context] = memory
        wanted = self._wanted()
        if self._connection.asked_at > memory.changed_at:
            await self._compare(identity, wanted)
        for client_id in [each for each in memory.there if each not in wanted]:
            await self._disconnect(client_id, memory.there[client_id])
        trouble: list[Refused] = []
        for client_id, sub in wanted.items():
            if client_id not in {*memory.there, *memory.doubtful, *memory.refused}:
                try:
                    await self._connect(sub)
                except Refused as refused:  # of this one channel: the others are connected all the same
                    trouble.append(refused)
        if any(client_id not in memory.index for client_id in wanted if client_id not in memory.refused):
            self._connection.wish()
        self._show(wanted)
        await self._context.wake(KNOWN)
        if trouble:
            raise trouble[0]

    def _wanted(self) -> Mapping[str, Sub]:
        """Each present device that has a model id, and each declared channel, by client id."""
        installation, devices = self._installation, self._context.devices.present
        named = [of_name(installation, *each) for each in self._options.channels.items()]
        mapped = [(device, model_of(self._options, device)) for device in devices]
        present = [of_device(installation, device, model) for device, model in mapped if model is not None]
        self._unmapped = [device.name or device.id for device, model in mapped if model is None]
        for device in (device for device, model in mapped if model is None):
            self._complain(
                f"no channel for {device.name}: no model id for {device.type} or {device.type}/{device.name} "
                "under `devices`"
            )
        return {sub.client_id: sub for sub in [*named, *present]}

    async def _compare(self, identity: Identity, wanted: Mapping[str, Sub]) -> None:
        """Believe the service's list, which is newer than our last change."""
        memory, listed = self._memory, {channel.id: channel for channel in subs(identity)}
        for client_id in [each for each, channel in memory.there.items() if channel.id not in listed]:
            memory.forget(client_id)
        ours = {channel.id for channel in memory.there.values()}
        unknown = [sub for sub in wanted.values() if sub.client_id not in memory.there]
        strange = [channel for channel in listed.values() if channel.id not in ours]
        memory.there |= recognised(unknown, strange, memory.device_ids)
        numbers = indices(identity)
        memory.listed = any(numbers[channel.id] != channel.index for channel in listed.values())
        memory.index = {client_id: numbers[channel.id] for client_id, channel in memory.there.items()}
        memory.doubtful.clear()
        memory.refused.clear()
        ours = {channel.id for channel in memory.there.values()}
        for channel in strange:
            if channel.id not in ours:
                await self._disconnect(PRIMARY, channel)

    async def _connect(self, sub: Sub) -> None:
        memory = self._memory
        known = dict(memory.index)
        memory.changing(sub.client_id)
        if memory.listed:
            await self._until_unused(*known)
        call = partial(self._connection.api.connect_channel, client_id=sub.client_id, model=sub.model)
        try:
            channel = await self._connection.call(call)
        except Refused as refused:
            action = refused.row(Where.CONNECT).action
            if action is Action.DONE:  # there already: which one it is, the next identity tells
                memory.doubtful.add(sub.client_id)
                return
            if action is Action.LATER:
                raise
            memory.refused[sub.client_id] = str(refused)
            memory.index |= known  # it changed nothing: the others are where they were
            self._complain(f"no channel for {sub.label}: Frame.io answered {refused}")
            return
        finally:
            memory.changed_at = trio.current_time()
        memory.there[sub.client_id] = channel
        memory.device_ids[sub.client_id] = channel.device_id
        # 0 is the device's own, though the guide's sample shows it for a sub-device: then identity must tell.
        if channel.index and not memory.listed and channel.index not in memory.index.values():
            memory.index[sub.client_id] = channel.index

    async def _disconnect(self, client_id: str, channel: Channel) -> None:
        """End a channel once no clip is about to go up on it; one that is gone already is as good."""
        memory = self._memory
        others = memory.index if memory.listed else ()
        using = {*others, client_id} - {PRIMARY}
        memory.changing(client_id)
        await self._until_unused(*using)
        try:
            call = partial(self._connection.api.disconnect_channel, channel=channel.id)
            await self._connection.call(call)
        except Refused as refused:
            if refused.row(Where.DISCONNECT).action is not Action.DONE:
                raise
        finally:
            memory.changed_at = trio.current_time()
        memory.forget(client_id)

    async def _until_unused(self, *client_ids: str) -> None:
        while any(self._users[client_id] for client_id in client_ids):
            self._unused = trio.Event()
            await self._unused.wait()

    def _complain(self, text: str) -> None:
        """Once."""
        if text not in self._complaints:
            self._complaints.add(text)
            self._context.log.warning("%s", text)

    def _show(self, wanted: Mapping[str, Sub]) -> None:
        facts = dict.fromkeys(self._unmapped, "no model id")
        for client_id, sub in wanted.items():
            state = "connected" if client_id in self._memory.there else "connecting"
            facts[sub.label] = self._memory.refused.get(client_id, state)
        self._context.show(channels=dict(list(facts.items())[:MOST_SHOWN]) or None)
