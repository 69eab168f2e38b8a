"""What the desk knows, kept in the component's store and told to the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import trio

from rushes import Context, Device, RushesError
from rushes_masterlockit.formats import TYPE_NAMES, about, device_text
from rushes_masterlockit.hub.desk import Desk
from rushes_masterlockit.hub.known import Known

#: The key in the component's store.
DEVICES = "devices"

#: Seconds between two writes: devices may tell metadata many times a second.
WRITE_EVERY = 5.0

#: Seconds between two tellings: a hub that comes back is joined by hundreds of devices at once.
TELL_EVERY = 0.2

#: Seconds between two tellings of what is true of devices by now: timecodes run.
FACTS_EVERY = 1.0

#: Seconds that the last write of a hub that stops may take.
LAST_WRITE = 2.0


class Keeper:
    """Follows the desk's changes until cancelled."""

    def __init__(
        self,
        desk: Desk,
        context: Context,
        tell: Callable[[Sequence[Device]], Awaitable[None]],
        timecode: Callable[[int], Mapping[str, Any]] = lambda _device: {},
    ) -> None:
        """`timecode` is what a device that is there says of the time, as facts of it."""
        self._timecode = timecode
        self._desk = desk
        self._context = context
        self._tell = tell
        self._writing = trio.Lock()

    async def load(self) -> None:
        """What was known when the hub last stopped; nobody is there yet."""
        for id_, kept in (await self._context.store.get(DEVICES, {})).items():
            known = Known.read(id_, kept)
            self._desk.known[known.id] = known

    async def write(self) -> None:
        """Durable when it returns."""
        async with self._writing:
            kept = {device_text(known.id): known.document() for known in self._desk.known.values()}
            await self._context.store.set(DEVICES, kept)

    async def keep(self) -> None:
        """Write changes, not too often, and once more at the end."""
        seen = 0
        try:
            while True:
                seen = await self._desk.after(seen)
                await self._write_or_log()
                await trio.sleep(WRITE_EVERY)
        finally:
            with trio.move_on_after(LAST_WRITE, shield=True):
                await self._write_or_log()

    async def tell(self) -> None:
        """Tell the engine of each device that changed, of facts alone once a second, and of each that is forgotten."""
        seen, told = 0, dict[str, Device]()
        facts_at = float("-inf")
        while True:
            with trio.move_on_after(FACTS_EVERY):
                seen = await self._desk.after(seen)
            now = {device.id: device for device in self._devices()}
            due = trio.current_time() - facts_at >= FACTS_EVERY
            if due:
                facts_at = trio.current_time()
            changed = [
                device
                for id_, device in now.items()
                if told.get(id_) != device or (due and told[id_].facts != device.facts)
            ]
            changed += [replace(told[id_], present=False) for id_ in told.keys() - now.keys()]
            told = {id_: device for id_, device in told.items() if id_ in now}
            told |= {device.id: device for device in changed if device.id in now}
            if changed:
                await self._tell(changed)
            await trio.sleep(TELL_EVERY)

    def _devices(self) -> list[Device]:
        """Each once, as what it first registered as (a tablet that edits a clip as a camera is still a tablet); a
        name that several have gets the end of the id.
        """
        names = Counter(known.name for known in self._desk.known.values())
        devices = []
        for known in self._desk.known.values():
            types = self._desk.types(known.id)
            id_ = device_text(known.id)
            devices.append(
                Device(
                    id=id_,
                    source=self._context.id,
                    type=TYPE_NAMES[next(iter(known.types))],
                    name=known.name if names[known.name] == 1 else f"{known.name} {id_[-4:]}",
                    present=bool(types),
                    facts={**about.live(known.types), **self._timecode(known.id)} if types else {},
                )
            )
        return devices

    async def _write_or_log(self) -> None:
        try:
            await self.write()
        except RushesError as error:
            self._context.log.warning("the set's devices are not kept: %s", error)
