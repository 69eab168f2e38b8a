"""The sub-devices that sources told of in this run: after a restart nobody is present until a source says so."""

from __future__ import annotations

from collections.abc import Sequence

import trio

from rushes.model import Device


class PresentDevices:
    """All that are present; each reader has its own `Watch` on them."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str], Device] = {}
        self.version = 0
        self._changed = trio.Event()

    def tell(self, devices: Sequence[Device]) -> None:
        """A source says which are there and which are gone. New facts of a device are no change for who waits."""
        before = dict(self.all)
        for device in devices:
            if device.present:
                self.all[device.source, device.id] = device
            else:
                self.all.pop((device.source, device.id), None)
        if self.all != before:
            self.version += 1
            self._changed.set()
            self._changed = trio.Event()

    async def after(self, version: int) -> int:
        """Return another version than the given one as soon as there is one."""
        while self.version == version:
            await self._changed.wait()
        return self.version


class Watch:
    """`rushes.contract.Devices` for one component."""

    def __init__(self, devices: PresentDevices) -> None:
        self._devices = devices
        self._seen = -1

    @property
    def present(self) -> Sequence[Device]:
        return [device for _, device in sorted(self._devices.all.items())]

    async def changed(self) -> None:
        await trio.lowlevel.checkpoint()
        self._seen = await self._devices.after(self._seen)
