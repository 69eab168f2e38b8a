"""A simulated day on the screen: what happens, line by line; on a terminal with a slate that runs below it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import trio
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rushes_masterlockit.simulate import Day, Play, Told

_COLOURS = {
    "rolls": "green",
    "cuts": "red",
    "circled": "bold yellow",
    "claps": "cyan",
    "wrap": "bold",
    "lost": "bold red",
}


#: Seconds between two looks at the clock.
_EVERY = 0.12


class Screen:
    """Use it in a `with`; `watch` keeps it alive."""

    def __init__(self, day: Day, *, on_stderr: bool) -> None:
        self._day = day
        self._frame, self._said = day.first, 0
        self._console = Console(stderr=on_stderr, highlight=False)
        self._began = time.monotonic()
        self._live = Live(
            console=self._console, get_renderable=self._running, auto_refresh=False, transient=True
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._live.stop()

    async def watch(self, play: Play) -> None:
        """Show where the day is, until cancelled."""
        while True:
            self._frame, self._said = min(play.clock.frame(), self._day.last), play.said
            self._live.refresh()
            await trio.sleep(_EVERY)

    def tell(self, told: Told) -> None:
        """One line."""
        line = Text(f"{told.timecode}  ", style="dim")
        line.append(f"{told.device:<9}", style="default not dim")
        line.append(f"{told.what:<8}", style=f"not dim {_COLOURS.get(told.what, '')}")
        line.append(told.text, style="default not dim")
        self._console.print(line, no_wrap=True, overflow="ellipsis", soft_wrap=not self._console.is_terminal)

    def end(self, play: Play) -> None:
        """What the day came to."""
        self._live.stop()
        found = play.document()
        took = time.monotonic() - self._began
        lost = found["timecode"]["dropped"] + found["lens"]["dropped"]
        self._console.print()
        self._console.print(
            f"day {found['day']}, seed {found['seed']}: {found['clips']} clips, {found['claps']} claps, "
            f"{found['slates']} slates in {took:.0f} s"
        )
        self._console.print(
            f"timecode {found['timecode']['told']:,} frames, lens {found['lens']['told']:,}; "
            f"{lost:,} came too late and were not said",
            style="dim",
        )
        for refused in found["refused"]:
            self._console.print(f"refused: {refused}", style="red", markup=False)
        done = f"{found['acked']} of {found['said']} records acknowledged"
        if again := found["reconnected"]:
            done += f", after {again} broken connection{'' if again == 1 else 's'}"
        self._console.print(done, style="bold green" if found["ok"] else "bold red")

    def _running(self) -> Table:
        row = Table.grid(padding=(0, 2, 0, 0))
        day = self._day
        row.add_row(
            Text(str(day.timecode(self._frame)), style="bold"),
            ProgressBar(total=day.last - day.first, completed=self._frame - day.first, width=40),
            Text(f"{self._said} of {len(day.moments)} acknowledged"),
        )
        return row
