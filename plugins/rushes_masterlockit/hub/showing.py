"""What `status` shows of a running hub."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import trio

from rushes_masterlockit.repository import Outcome

if TYPE_CHECKING:
    from rushes_masterlockit.hub.house import House

#: Seconds between two looks at the clock.
EVERY = 1.0

#: A network generator that has said nothing for so many seconds is not what the set's time is told by.
FRESH = 10.0


async def show(house: House, listeners: Sequence[trio.SocketListener]) -> None:
    """Keep the component's facts up to date until cancelled."""
    context, repository = house.context, house.repository
    changed = True

    def note(_outcome: Outcome, _by: str) -> None:
        nonlocal changed
        changed = True

    repository.changed.append(note)
    context.show(listening=", ".join(address(listener) for listener in listeners))
    try:
        while True:
            if changed:
                changed = False
                context.show(clips=repository.count, conflicts=len(repository.conflicts()))
            heard = house.heard
            if heard is not None and time.time() - heard.at < FRESH:
                timecode, source, at = heard.label, house.desk.name(heard.device), heard.at
            else:
                timecode, source, at = str(house.generator.timecode()), "this hub", time.time()
            context.show(
                devices=house.desk.count(), timecode=timecode, timecode_source=source, timecode_at=at
            )
            await trio.sleep(EVERY)
    finally:
        repository.changed.remove(note)


def address(listener: trio.SocketListener) -> str:
    """As people write it."""
    host, port = listener.socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
