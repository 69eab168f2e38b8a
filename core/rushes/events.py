"""Frozen facts for whoever watches: everything that happened, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One fact. `kind` is past tense with its subject: `clip.admitted`, `step.done`, `component.lost`.

    `seq` grows by one for each event of a ledger (0 until the event is durable); `at` is epoch seconds.
    """

    kind: str
    at: float
    seq: int = 0
    clip: str = ""
    job: str = ""
    step: str = ""
    component: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
