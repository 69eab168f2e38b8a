"""A run on a terminal: the status screen, drawn four times a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import trio
from rich.console import Console
from rich.live import Live
from rich.text import Text

from rushes.api.control import Control
from rushes.api.events import follow
from rushes.cli.lines import sentence
from rushes.cli.screen import screen
from rushes.cli.text import clock, printable
from rushes.events import Event

PERIOD_S = 0.25
#: Events that stay above the screen.
RULES = frozenset({"pipeline.reloaded", "pipeline.reload_refused"})


class LiveScreen:
    """Draws in a thread: a terminal that is stopped (Ctrl-S) or gone holds up the screen, not the engine."""

    def __init__(self, file: str = "", console: Console | None = None) -> None:
        self._console = console or Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._size = self._console.size
        self._file = file
        self._order = trio.Lock()
        self._closed = False

    async def follow(self, control: Control) -> None:
        """Draw until cancelled."""
        await self._draw(self._live.start)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(follow, control, None, self._tell, beat_s=float("inf")))
            await self._show(control)

    async def _tell(self, events: Sequence[Event]) -> None:
        """What became of the rules: who edits them looks for that."""
        for event in events:
            if event.kind in RULES and (line := sentence(event)):
                await self.say(f"{clock(event.at)} {line}")

    async def _show(self, control: Control) -> None:
        while True:
            started = trio.current_time()
            document = {**await control.status(), **await control.devices()}
            await self._draw(partial(self._refresh, document | ({"file": self._file} if self._file else {})))
            # A tenth of the time at most: asking a very large ledger has its price.
            await trio.sleep(max(PERIOD_S, 9 * (trio.current_time() - started)))

    def _refresh(self, document: Mapping[str, Any]) -> None:
        size = self._console.size
        if size != self._size:
            # What stands there was drawn for another width: where it begins is not known any more.
            self._size = size
            self._console.clear()
        # The last row stays free: a line end there would scroll.
        self._live.update(screen(document, width=size.width, height=size.height - 1), refresh=True)

    async def say(self, text: str) -> None:
        """A line above the screen that stays."""
        await self._draw(lambda: self._console.print(Text(printable(text))))

    async def finish(self) -> None:
        """Nothing to wait for: the screen shows states, not events."""
        await trio.lowlevel.checkpoint()

    async def _draw(self, draw: Callable[[], None]) -> None:
        async with self._order:
            if not self._closed:
                await trio.to_thread.run_sync(self._guard, draw, abandon_on_cancel=True)

    def _guard(self, draw: Callable[[], None]) -> None:
        try:
            draw()
        except OSError:
            self._closed = True  # the terminal is gone; the pipeline goes on

    def close(self) -> None:
        """Give the terminal back."""
        self._guard(self._live.stop)
