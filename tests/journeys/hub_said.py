"""All that devices said to a hub, and what they were told of it: what the verdict goes by."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Clock = Mapping[str, int]


@dataclass
class Said:
    """A request that a device says again until it is acknowledged; times are time.monotonic()."""

    first: float = 0.0
    acked: float | None = None
    #: When the last attempt was over: acknowledged, or its connection gone.
    over: float = float("inf")
    attempts: int = 0

    def begins(self) -> None:
        self.attempts += 1
        self.first = self.first or time.monotonic()
        self.over = float("inf")

    def ends(self, *, acked: bool) -> None:
        self.over = time.monotonic()
        if acked and self.acked is None:
            self.acked = self.over


@dataclass
class Edit(Said):
    """A version of a clip. Its `mark` is an entry of `clipLogs` that no later version takes away, and the value of
    `distance`, which later versions replace.
    """

    clip: str = ""
    device: str = ""
    mark: str = ""
    version: Clock = field(default_factory=dict)
    type: int = 0
    body: bytes = b""


@dataclass
class Deletion(Said):
    clips: Sequence[str] = ()


@dataclass
class Note(Said):
    """A clap or a slate info, told apart by `tag`."""

    kind: str = ""
    tag: str = ""
    type: int = 0
    body: bytes = b""


@dataclass
class Log:
    """Of all devices."""

    edits: dict[str, list[Edit]] = field(default_factory=lambda: defaultdict(list))
    deletions: dict[str, list[Deletion]] = field(default_factory=lambda: defaultdict(list))
    notes: list[Note] = field(default_factory=list)
    #: Answers that were no acknowledgement: (code, text).
    nacks: list[tuple[int, str]] = field(default_factory=list)

    def all(self) -> Iterator[Said]:
        for edits in self.edits.values():
            yield from edits
        yield from {id(each): each for several in self.deletions.values() for each in several}.values()
        yield from self.notes

    def counts(self) -> dict[str, Any]:
        said = list(self.all())
        return {
            "clips": len(self.edits),
            "edits": sum(map(len, self.edits.values())),
            "deletions": sum(isinstance(each, Deletion) for each in said),
            "claps and slates": len(self.notes),
            "acknowledged": sum(each.acked is not None for each in said),
            "said again": sum(each.attempts - 1 for each in said if each.attempts > 1),
        }


def covers(a: Clock, b: Clock) -> bool:
    """Whether `a` has seen all that `b` has."""
    return all(a.get(device, 0) >= edits for device, edits in b.items())
