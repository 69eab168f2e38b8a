"""The front desk: which devices are there, what they are called, and who wants to hear of it.

A device is an id; it is there once for each type it registered as. What the hub itself is (its generator, its
storage) stands here like any other, held by nobody's connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import trio

from rushes_masterlockit.formats import device_text, write_meta
from rushes_masterlockit.formats.about import one_line
from rushes_masterlockit.hub.known import MOST_NAME, Known
from rushes_masterlockit.hub.subscriptions import EVERY, Listener, Subscriptions
from rushes_masterlockit.protocol import DeviceAppeared, DeviceDisappeared, DeviceMetaEvent, Message


class Holder(Listener, Protocol):
    """The connection of a device that is there."""

    async def alive(self, within: float, /) -> bool:
        """Whether it answers within so many seconds."""

    def dismiss(self, reason: str, /) -> None:
        """End the connection; the device leaves at once."""


#: So many devices that are gone are remembered; then the one that is gone longest is forgotten.
MOST_GONE = 1000

_NOT_THERE: Mapping[int, None] = {}


class Desk:
    """Presence by (device, type), and what is known of every device, there or not."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.known: dict[int, Known] = {}
        self._changes = 0
        self._changed = trio.Event()
        self._there: dict[int, dict[int, Holder | None]] = {}
        self._watchers = Subscriptions()
        self._now = now

    # Who is there

    def present(self, device: int, type_: int) -> bool:
        return type_ in self._there.get(device, _NOT_THERE)

    def holder(self, device: int, type_: int) -> Holder | None:
        """The connection that registered it; None too for what the hub itself is."""
        return self._there.get(device, _NOT_THERE).get(type_)

    def name(self, device: int) -> str:
        """What it is called; its id where nobody knows it."""
        known = self.known.get(device)
        return known.name if known is not None else device_text(device)

    def types(self, device: int) -> list[int]:
        """As what it is there."""
        return list(self._there.get(device, _NOT_THERE))

    def count(self) -> int:
        """Devices that are there, without the hub's own."""
        return sum(any(types.values()) for types in self._there.values())

    def enter(self, device: int, type_: int, holder: Holder | None, alias: str) -> None:
        """It registered: whoever wants to know is told, and what is known of it."""
        known = self.known.setdefault(device, Known(device))
        known.alias = one_line(alias, MOST_NAME) or known.alias
        known.types.setdefault(type_, {})
        self._there.setdefault(device, {})[type_] = holder
        self._tell(type_, DeviceAppeared(device, type_))
        self._tell_metadata(known, type_)
        self._forget_longest_gone()
        self._change()

    def leave(self, device: int, type_: int, holder: Holder | None) -> None:
        """It unregistered, or its connection ended; one that another connection has taken over stays."""
        if not self.present(device, type_) or self.holder(device, type_) is not holder:
            return
        del self._there[device][type_]
        if not self._there[device]:
            del self._there[device]
        known = self.known[device]
        known.gone_at = self._now()
        self._tell_metadata(known, type_)
        self._tell(type_, DeviceDisappeared(device, type_))
        self._change()

    # What is said of them

    def hear(self, device: int, type_: int, told: Mapping[str, Any]) -> bool:
        """Metadata of a device that is there, maybe partial; False where it became too large to keep."""
        known = self.known[device]
        before = known.name
        if not known.hear(type_, told):
            return False
        if known.name == before:
            self._tell_metadata(known, type_)
        else:
            self._tell_all_metadata(known)
        self._change()
        return True

    def rename(self, device: int, name: str) -> bool:
        """A person's name for it; "" gives it its own back. False where nobody knows the device."""
        known = self.known.get(device)
        if known is None:
            return False
        known.given = name
        self._tell_all_metadata(known)
        self._change()
        return True

    def remove(self, device: int) -> Known | None:
        """Forget it, there or not: it disappears for everyone. None where nobody knows it."""
        known = self.known.pop(device, None)
        if known is not None:
            self._there.pop(device, None)
            for type_ in known.types:
                self._tell(type_, DeviceDisappeared(device, type_))
            self._change()
        return known

    # Who wants to know

    def watch(self, type_: int, who: Listener) -> None:
        self._watchers.add(EVERY, type_, who)

    def unwatch(self, type_: int, who: Listener) -> None:
        self._watchers.remove(EVERY, type_, who)

    def drop(self, who: Listener) -> None:
        """The connection ended: it wants nothing any more."""
        self._watchers.drop(who)

    def replay(self, type_: int, who: Listener) -> None:
        """Tell one that began to watch what is there."""
        for device, types in self._there.items():
            if type_ in types:
                who.tell(DeviceAppeared(device, type_))
                who.tell(self._metadata(self.known[device], type_))

    def _tell(self, type_: int, message: Message) -> None:
        for who in self._watchers.of(EVERY, type_):
            who.tell(message)

    def _tell_metadata(self, known: Known, type_: int) -> None:
        self._tell(type_, self._metadata(known, type_))

    def _tell_all_metadata(self, known: Known) -> None:
        for type_ in known.types:
            self._tell_metadata(known, type_)

    def _metadata(self, known: Known, type_: int) -> DeviceMetaEvent:
        told = known.metadata(type_, connected=self.present(known.id, type_))
        return DeviceMetaEvent(type_, write_meta(told), device=known.id)

    def _forget_longest_gone(self) -> None:
        if len(self.known) <= MOST_GONE:
            return
        gone = [known for known in self.known.values() if known.id not in self._there]
        gone.sort(key=lambda known: known.gone_at)
        for known in gone[: max(0, len(gone) - MOST_GONE)]:
            del self.known[known.id]

    # Who keeps it

    async def after(self, seen: int) -> int:
        """Wait for a change beyond the `seen`-th; returns how many there have been."""
        while self._changes == seen:
            await self._changed.wait()
        return self._changes

    def _change(self) -> None:
        self._changes += 1
        changed, self._changed = self._changed, trio.Event()
        changed.set()
