"""Seconds that a pairing code is still good for, on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Self

import click


class Countdown:
    """Counts on one line of stderr while the caller is blocked; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, seconds: float) -> None:
        """Count down from `seconds`; one count at a time."""
        if not sys.stderr.isatty():
            return
        self._stopped.clear()
        end = time.monotonic() + seconds
        self._thread = threading.Thread(target=self._count, args=(end,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the count and wipe its line."""
        if self._thread is None:
            return
        self._stopped.set()
        self._thread.join()
        self._thread = None
        click.echo("\r\x1b[K", nl=False, err=True)

    def _count(self, end: float) -> None:
        while (left := end - time.monotonic()) > 0:
            click.echo(f"\rgood for {left:.0f} s; Ctrl-C cancels \x1b[K", nl=False, err=True)
            if self._stopped.wait(1.0):
                return
