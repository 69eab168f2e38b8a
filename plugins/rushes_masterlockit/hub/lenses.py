"""The newest lens data in memory, for FetchLensData where `lens_fetch` is on (a private form, A12)."""

from __future__ import annotations

from collections import deque
from struct import Struct

from rushes_masterlockit.formats import Demand, Facts, device_text
from rushes_masterlockit.hub.fanout import in_order
from rushes_masterlockit.protocol import ByteOrder

#: Events of one lens that are kept: ten minutes at 25 a second.
MOST_EVENTS = 15_000

#: Lenses of which any are kept.
MOST_LENSES = 64

#: A larger event is no lens's; it is passed on but not kept.
MOST_BYTES = 1024

_LABEL = Struct("<IH")


class Lenses:
    """By device, oldest first."""

    def __init__(self) -> None:
        self._events: dict[int, deque[tuple[float, bytes]]] = {}

    def keep(self, device: int, data: bytes, order: ByteOrder, at: float) -> None:
        """`at` is when it was said, in epoch seconds."""
        if len(data) <= MOST_BYTES and (device in self._events or len(self._events) < MOST_LENSES):
            events = self._events.setdefault(device, deque(maxlen=MOST_EVENTS))
            events.append((at, in_order(data, order, ByteOrder.LITTLE)))

    def fetch(self, demand: Demand, order: ByteOrder) -> bytes:
        """Of each event that matches: length (4 bytes), device (8), the event, all in the asker's byte order."""
        head = Struct((">" if order is ByteOrder.BIG else "<") + "IQ")
        answer = bytearray()
        for device, events in self._events.items():
            known = device_text(device)
            for at, data in events:
                label = _LABEL.unpack_from(data)
                if demand.matches(Facts(known, "video", {}, known, label, label, int(at * 1000))):
                    answer += head.pack(len(data), device) + in_order(data, ByteOrder.LITTLE, order)
        return bytes(answer)
