"""A run without a terminal: plain lines, one for each clip that arrives, is delivered or is stuck."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TextIO

import trio

from rushes.api.control import Control
from rushes.api.events import follow
from rushes.cli.reload import reload_words
from rushes.cli.text import clock, for_file, printable, size
from rushes.events import Event


class Lines:
    """Tells what happens on a stream; one that nobody reads any more ends the telling, not the pipeline."""

    def __init__(self, out: TextIO | None = None, file: str = "") -> None:
        self._file = file
        self._out = out or sys.stdout
        self._order = trio.Lock()
        self._closed = False
        self._stopped = trio.Event()

    async def follow(self, control: Control) -> None:
        """Tell events from now on, until cancelled or the engine ends."""
        await follow(control, None, self._tell, beat_s=float("inf"))

    async def _tell(self, events: Sequence[Event]) -> None:
        if lines := [f"{clock(event.at)} {line}" for event in events if (line := sentence(event))]:
            await self.say(for_file("\n".join(lines), self._file))
        if any(event.kind == "pipeline.stopped" for event in events):
            self._stopped.set()

    async def say(self, text: str) -> None:
        """Print, in a thread: a pipe that is full holds up the reader's line, not the engine."""
        async with self._order:
            if not self._closed:
                await trio.to_thread.run_sync(self._print, text, abandon_on_cancel=True)

    async def finish(self) -> None:
        """Return when the last event of a run has been told."""
        await self._stopped.wait()

    def close(self) -> None:
        """Nothing to put back."""

    def _print(self, text: str) -> None:
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except (OSError, ValueError):
            self._closed = True


def sentence(event: Event) -> str | None:
    """What a line says of an event, None for those that would be noise (parts, starts, work in between)."""
    detail = event.detail
    name = str(detail.get("name") or PurePosixPath(str(detail.get("path") or event.clip)).name)
    reason = str(detail.get("reason") or "no reason given")
    match event.kind:
        case "clip.admitted":
            words = f"recording {name}" if detail.get("recording") else f"admitted {name}"
        case "clip.completed":
            words = f"complete {name}"
        case "clip.changed":
            words = f"changed {name}"
        case "job.planned" if "until" in detail:
            words = f"{name}: {reason}, until {clock(detail['until'])} at most"
        case "step.done" if receipt := detail.get("receipt"):
            words = f"delivered {name} to {event.component} ({size(receipt['size'])})"
        case "step.parked":
            words = f"parked {name}: {reason}"
        case "component.lost" | "component.failed":
            words = f"lost {event.component}: {reason}"
        case "component.said":
            words = f"{event.component}: {detail['text']}"
        case "pipeline.reloaded":
            words = reload_words(detail)
        case "pipeline.reload_refused":
            more = f" (and {detail['errors'] - 1} more)" if detail["errors"] > 1 else ""
            words = f"not reloaded: {reason}{more}; the rules of before stay in force"
        case "component.back":
            words = f"back {event.component}"
        case _:
            return None
    return printable(words)
