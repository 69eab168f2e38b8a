"""What every book of the service's memory is: facts go to the journal first, then into the book."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from rushes_sandbox.journal import Fact, Journal
from rushes_sandbox.limits import RATES, Rate

#: Wall clock in seconds since 1970; tests hand in their own.
Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Sizes in bytes, lives and intervals in seconds; the defaults are the real service's."""

    part_size: int = 25 * 1024 * 1024
    smallest_part: int = 5 * 1024 * 1024
    """Of a part that is not the last; never more than `part_size`."""
    rates: Mapping[str, Rate] = field(default_factory=lambda: RATES)
    """Calls allowed of each class of `limits.py`; a class that is not there has no limit."""
    retry_after: bool = False
    """Whether a 429 has that header too."""
    channel_models: tuple[str, ...] = ()
    """Device model ids that sub-devices may have; any where there is none."""
    channels_at_zero: bool = False
    """Give every channel the external_index 0, as the guide's sample has it."""
    token_life: float = 8 * 3600
    refresh_life: float = 14 * 24 * 3600
    url_life: float = 24 * 3600
    code_life: float = 120
    interval: float = 5
    minute: float = 60
    """Identity and HTTP heartbeat may be asked once in this time; five of it without a call are "offline"."""
    idle_cut: float = 60
    """A socket that sent no heartbeat for so long is closed; one every twelfth of it is the most allowed."""
    status_shape: Literal["string", "object"] = "string"
    """Payload of `status_updated`: "paused" or {"status": "paused"}; the documents leave it open."""
    app_token_life: float = 3600
    app_refresh_life: float = 30 * 24 * 3600
    c2c: bool = True
    """Whether the user has any account in which Camera to Cloud is switched on."""
    projects: tuple[str, ...] = ()
    """Names of projects beside "Sandbox Project"."""
    client_secret: str = "sandbox-secret"  # noqa: S105 - a fixed development value, no secret
    clock: Clock = time.time


class Book:
    """A part of the memory; `apply` takes one fact in, live and at replay alike."""

    name: str

    def __init__(self, journal: Journal, settings: Settings) -> None:
        self._journal = journal
        self._settings = settings
        self.watchers: list[Callable[[Fact], None]] = []

    @property
    def now(self) -> float:
        return self._settings.clock()

    def record(self, what: str, **values: Any) -> None:
        fact = {"book": self.name, "what": what, **values}
        self._journal.append(fact)
        self.apply(fact)
        for watcher in self.watchers:
            watcher(fact)

    def apply(self, fact: Fact) -> None:
        raise NotImplementedError


def iso(moment: float) -> str:
    """A wall clock moment as the API prints it: UTC, microseconds, Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
