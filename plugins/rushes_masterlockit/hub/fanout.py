"""What one device says, on its way to those who want to hear it."""

from __future__ import annotations

from collections.abc import Iterable

from rushes_masterlockit.hub.subscriptions import Listener, Subscriptions
from rushes_masterlockit.protocol import ByteOrder, DataEvent, DeviceType, VolatileDataEvent

#: The binary head of lens data: seconds (4 bytes) and frames (2).
LENS_HEAD = 6


class Fanout:
    """To the subscribers of data and to those of volatile data."""

    def __init__(self, data: Subscriptions, volatile: Subscriptions) -> None:
        self.data = data
        self.volatile = volatile

    def wanted(self, device: int, type_: int) -> bool:
        """Whether anybody listens."""
        return bool(self.volatile.of(device, type_) or self.data.of(device, type_))

    def tell(self, device: int, type_: int, body: bytes, *, but: Listener | None = None) -> None:
        """A clip, a slate or a clap: an event that is to be acknowledged and may not be lost."""
        self._send(DataEvent(type_, body, device=device), self.data.of(device, type_), but)

    def tell_merged(self, device: int, type_: int, body: bytes, editors: Iterable[int]) -> None:
        """A clip that nobody said as it is now: everyone hears of it who listens to one of its editors."""
        listeners = dict.fromkeys(self.data.of(device, type_))
        for editor in editors:
            listeners |= dict.fromkeys(self.data.of(editor, type_))
        self._send(DataEvent(type_, body, device=device), listeners, None)

    def tell_volatile(self, device: int, type_: int, body: bytes, *, by: Listener | None = None) -> None:
        """Timecode or lens data `by` a device (None: the hub's own): the newest replaces what a slow reader missed.

        A subscriber of volatile data gets a notification, one of data the event itself; who asked for both, both.
        """
        volatile, data = self.volatile.of(device, type_), self.data.of(device, type_)
        if not volatile and not data:
            return
        spoken = ByteOrder.LITTLE if by is None else by.byte_order
        bodies = dict.fromkeys((ByteOrder.LITTLE, ByteOrder.BIG), body)
        if type_ == DeviceType.LENS:
            bodies = {order: in_order(body, spoken, order) for order in bodies}
        told = {order: VolatileDataEvent(device, type_, said) for order, said in bodies.items()}
        for who in volatile:
            if who is not by:
                who.tell_volatile(told[who.byte_order])
        for who in data:
            if who is not by:
                who.tell_volatile(DataEvent(type_, bodies[who.byte_order], device=device))

    def _send(self, event: DataEvent, listeners: Iterable[Listener], but: Listener | None) -> None:
        for who in listeners:
            if who is not but:
                who.tell(event)


def in_order(lens: bytes, spoken: ByteOrder, order: ByteOrder) -> bytes:
    """Lens data with its timecode in another byte order; the vendor's bytes have an order of their own."""
    if order is spoken:
        return lens
    return lens[3::-1] + lens[5:3:-1] + lens[LENS_HEAD:]
