"""What every book of the service's memory is: facts go to the journal first, then into the book."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rushes_sandbox.journal import Fact, Journal

#: Wall clock in seconds since 1970; tests hand in their own.
Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Sizes in bytes, lives and intervals in seconds; the defaults are the real service's."""

    part_size: int = 25 * 1024 * 1024
    token_life: float = 8 * 3600
    refresh_life: float = 14 * 24 * 3600
    url_life: float = 24 * 3600
    code_life: float = 120
    interval: float = 5
    client_secret: str = "sandbox-secret"  # noqa: S105 - a fixed development value, no secret
    clock: Clock = time.time


class Book:
    """A part of the memory; `apply` takes one fact in, live and at replay alike."""

    name: str

    def __init__(self, journal: Journal, settings: Settings) -> None:
        self._journal = journal
        self._settings = settings

    @property
    def now(self) -> float:
        return self._settings.clock()

    def record(self, what: str, **values: Any) -> None:
        fact = {"book": self.name, "what": what, **values}
        self._journal.append(fact)
        self.apply(fact)

    def apply(self, fact: Fact) -> None:
        raise NotImplementedError


def iso(moment: float) -> str:
    """A wall clock moment as the API prints it: UTC, microseconds, Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
