"""What people are told of the set as it runs, whichever side we are: who comes and goes, what needs a look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

import trio

from rushes import Context, Device
from rushes_masterlockit.repository import Repository

#: Seconds between two tellings of who came and went; one that is back within them never left.
FIRST = 1.0

#: As long as there is always more to tell, each is twice as long coming, up to so many seconds.
LONGEST = 30.0

#: More devices than this are told in one line.
MOST_LINES = 4

#: Seconds between two looks at the repository.
LOOK = 1.0


class Telling:
    """`tell_devices` makes devices known to the engine; `parts` are ids of what we ourselves are."""

    def __init__(
        self,
        context: Context,
        repository: Repository,
        tell_devices: Callable[[Sequence[Device]], Awaitable[None]],
        parts: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._context = context
        self._repository = repository
        self._tell_devices = tell_devices
        self._parts = parts
        self._there: dict[str, str] = {}

    async def devices(self, devices: Sequence[Device]) -> None:
        """Devices as they are now: for the engine at once, for people in a while."""
        await self._tell_devices(devices)
        parts = self._parts()
        for device in devices:
            if device.present and device.id not in parts:
                self._there[device.id] = f"{device.name} ({device.type})"
            else:
                self._there.pop(device.id, None)

    async def run(self) -> None:
        """Tell until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._say_who)
            nursery.start_soon(self._show_what)

    async def _say_who(self) -> None:
        told, wait = dict[str, str](), FIRST
        while True:
            await trio.sleep(wait)
            there = dict(self._there)
            lines = comings(told, there)
            for line in lines:
                self._context.say(line)
            told, wait = there, min(wait * 2, LONGEST) if lines else FIRST

    async def _show_what(self) -> None:
        while True:
            self._context.show(clips=self._repository.count, attention=attention(self._repository.editorial))
            await trio.sleep(LOOK)


def comings(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Who came and who left, by name: a line each, or one for many."""
    came = [name for id_, name in now.items() if id_ not in before]
    left = [name for id_, name in before.items() if id_ not in now]
    return _lines(left, "has left", "have left") + _lines(came, "is here", "are here")


def _lines(names: Sequence[str], one: str, many: str) -> list[str]:
    if len(names) <= MOST_LINES:
        return [f"{name} {one}" for name in names]
    shown = ", ".join(names[: MOST_LINES - 1])
    return [f"{len(names)} devices {many}: {shown} and {len(names) - MOST_LINES + 1} more"]


def attention(conflicts: int) -> str | None:
    """Of conflicts that an editor has to know of (circled, print, waste): what a person may do about them."""
    if not conflicts:
        return None
    return f"{conflicts} conflict{'s'[: conflicts > 1]} to look at: pipeline masterlockit conflicts FILE"
