"""What `status` shows of a running hub."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from rushes_masterlockit.hub.house import House

#: Seconds between two looks at the clock.
EVERY = 1.0

#: A network generator that has said nothing for so many seconds is not what the set's time is told by.
FRESH = 10.0


async def show(house: House, listeners: Sequence[trio.SocketListener]) -> None:
    """Tell where the hub listens, and keep the component's facts up to date until cancelled."""
    context = house.context
    listening = ", ".join(address(listener) for listener in listeners)
    context.show(listening=listening)
    context.say(f"listening on {listening}")
    while True:
        heard = house.heard
        if heard is not None and time.time() - heard.at < FRESH:
            context.show(timecode=heard.label, timecode_from=house.desk.name(heard.device), heard_at=heard.at)
        else:
            context.show(timecode=str(house.generator.timecode()), timecode_from="this hub", heard_at=None)
        context.show(devices=house.desk.count())
        await trio.sleep(EVERY)


def address(listener: trio.SocketListener) -> str:
    """As people write it."""
    host, port = listener.socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
