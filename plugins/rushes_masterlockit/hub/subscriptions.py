"""Who wants to hear of what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from rushes_masterlockit.protocol import ByteOrder, Message

#: The device id that stands for every device of a type (A11).
EVERY = 0


class Listener(Protocol):
    """A connected device, as far as others have something to tell it."""

    @property
    def byte_order(self) -> ByteOrder: ...

    def tell(self, message: Message, /) -> None:
        """Send what must arrive."""

    def tell_volatile(self, message: Message, /) -> None:
        """Send what may be dropped when it reads slowly."""


class Subscriptions:
    """Listeners by (device, type); `changed` is called after each change."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._listeners: dict[tuple[int, int], dict[Listener, None]] = {}
        self._wishes: dict[Listener, set[tuple[int, int]]] = {}
        self._changed = changed

    def add(self, device: int, type_: int, who: Listener) -> None:
        """A second time changes nothing."""
        self._listeners.setdefault((device, type_), {})[who] = None
        self._wishes.setdefault(who, set()).add((device, type_))
        self._changed()

    def remove(self, device: int, type_: int, who: Listener) -> None:
        """One that is not there changes nothing."""
        self._wishes.get(who, set()).discard((device, type_))
        self._forget((device, type_), who)
        self._changed()

    def drop(self, who: Listener) -> None:
        """It is gone, and so is all that it wanted."""
        for wish in self._wishes.pop(who, ()):
            self._forget(wish, who)
        self._changed()

    def count(self, who: Listener) -> int:
        """How many pairs it subscribed to."""
        return len(self._wishes.get(who, ()))

    def of(self, device: int, type_: int) -> Collection[Listener]:
        """Who wants to hear of this device; each once, in the order in which they asked."""
        named = self._listeners.get((device, type_))
        every = self._listeners.get((EVERY, type_))
        if named and every:
            return list(every | named)
        return list(named or every or ())

    def _forget(self, wish: tuple[int, int], who: Listener) -> None:
        listeners = self._listeners.get(wish)
        if listeners is not None:
            listeners.pop(who, None)
            if not listeners:
                del self._listeners[wish]
