"""A run on a terminal: the status screen, drawn four times a second."""

from __future__ import annotations

from collections.abc import Callable

import trio
from rich.console import Console
from rich.live import Live
from rich.text import Text

from rushes.api.control import Control
from rushes.cli.screen import screen
from rushes.cli.text import printable

PERIOD_S = 0.25


class LiveScreen:
    """Draws in a thread: a terminal that is stopped (Ctrl-S) or gone holds up the screen, not the engine."""

    def __init__(self) -> None:
        self._console = Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._order = trio.Lock()
        self._closed = False

    async def follow(self, control: Control) -> None:
        """Draw until cancelled."""
        await self._draw(self._live.start)
        while True:
            started = trio.current_time()
            self._live.update(screen(await control.status()))
            await self._draw(self._live.refresh)
            # A tenth of the time at most: asking a very large ledger has its price.
            await trio.sleep(max(PERIOD_S, 9 * (trio.current_time() - started)))

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
