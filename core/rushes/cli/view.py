"""The facts of a pipeline: asked of the one that runs, or read from its ledger when none does."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from rushes.api.client import Client, Order, connect
from rushes.cli.failures import about
from rushes.config.find import find_file, state_of

#: How long a pipeline may take from locking its ledger to listening.
START_S = 3.0


class View(Protocol):
    """The documents of the API; a Client and a ledger at rest both give them."""

    @property
    def runs(self) -> bool: ...
    def status(self) -> dict[str, Any]: ...
    def jobs(self, states: Collection[str] = (), *, order: Order = "oldest") -> dict[str, Any]: ...
    def clip(self, ref: str) -> dict[str, Any]: ...
    def cards(self) -> dict[str, Any]: ...
    def days(self) -> dict[str, Any]: ...
    def day(self, wanted: str = "") -> dict[str, Any]: ...
    def history(self, rules: Mapping[str, Any]) -> dict[str, Any]: ...
    def switch(self, word: str, names: Sequence[str]) -> dict[str, Any]: ...
    def queue(self, verb: str, ids: Sequence[str], *, all: bool = False) -> dict[str, Any]: ...  # noqa: A002 - the API's word


def find(file: str) -> tuple[Path, Path]:
    """The pipeline file and its state folder, without loading either. Raises ConfigError."""
    path = find_file(file)
    state = state_of(path, os.environ)
    about(file, state)
    return path, state


def running(file: str) -> Client | None:
    """The running pipeline of that file, if it runs."""
    return connect(find(file)[1])


@contextmanager
def open_view(file: str, *, write: bool = False) -> Iterator[View]:
    """The running pipeline of that file, else its ledger, which `write` allows to be changed."""
    _, state = find(file)
    with ExitStack() as stack:
        yield _view(stack, state, write=write)


def _view(stack: ExitStack, state: Path, *, write: bool) -> View:
    deadline = time.monotonic() + START_S
    while True:
        if client := connect(state):
            return client
        from rushes.cli.at_rest import AtRest  # noqa: PLC0415 - costs duckdb, a running pipeline needs none
        from rushes.engine.offline import open_offline  # noqa: PLC0415 - as above
        from rushes.ledger import LedgerInUseError  # noqa: PLC0415 - as above

        try:
            return AtRest(stack.enter_context(open_offline(state, write=write)))
        except LedgerInUseError:
            # A pipeline that is just starting has the lock before it listens.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
