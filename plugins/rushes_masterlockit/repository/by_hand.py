"""What a person changes of a clip: an edit of our own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rushes import NotFound, Permanent
from rushes_masterlockit.repository.repository import Repository


async def by_hand(repository: Repository, clip: str, changes: Mapping[str, Any]) -> bytes:
    """The clip as JSON with these changes (a merge patch), durable. NotFound for one that does not live."""
    if clip not in repository.clocks or repository.deleted(clip):
        raise NotFound(f"no clip {clip}; see: pipeline masterlockit clips FILE")
    outcome = await repository.edit(clip, {**changes, "updated": now_ms()})
    if outcome.problem:
        raise Permanent(outcome.problem)
    return outcome.body


def now_ms() -> int:
    """What `updated` of an edit says: of two that did not know of each other the later stands."""
    return int(time.time() * 1000)
