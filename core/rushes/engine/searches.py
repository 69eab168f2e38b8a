"""What may be asked of many clips, jobs or matches, and the places where a page of them goes on. Light to import."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rushes.errors import RushesError

ClipSort = Literal["name", "newest", "timecode"]
ClipMatch = Literal["matched", "ambiguous", "unmatched"]
JobOrder = Literal["queue", "newest"]
EventOrder = Literal["oldest", "newest"]
JobState = Literal["ready", "running", "waiting", "done", "parked", "cancelled", "withdrawn"]
MatchState = Literal["ambiguous", "matched", "rejected", "lost"]

#: The most that one page of a search may hold.
MOST_CLIPS, MOST_JOBS, MOST_MATCHES, MOST_TIMELINE = 500, 5000, 500, 1000


class SearchError(RushesError):
    """A search that cannot be meant, as a place that no page gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSearch:
    """Originals. Empty means any; `q` is looked for in names, paths, scene, slate and take, whatever the case.

    `states` are those of a clip's liveliest job; `problem` asks for broken or for sound media; `day` is the
    shooting day that it is of, `2026-11-22`; `after` is what the page before gave. To count everything that is found
    takes longer than to find a page of it.
    """

    q: str = ""
    kind: str = ""
    role: str = ""
    card: str = ""
    states: frozenset[str] = frozenset()
    match: ClipMatch | None = None
    problem: bool | None = None
    day: str = ""
    sort: ClipSort = "name"
    limit: int = 50
    after: str = ""
    counted: bool = True

    @property
    def most(self) -> int:
        """Rows of a page."""
        return min(self.limit, MOST_CLIPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSearch:
    """Jobs. `order` is that in which they will run (then what waits, is stuck, is over), or the newest first."""

    q: str = ""
    states: frozenset[str] = frozenset()
    route: str = ""
    sink: str = ""
    order: JobOrder = "queue"
    limit: int = 500
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSearch:
    """Clips with their candidates; a clip is found when one of these is in `states`. `clip` is an id."""

    states: frozenset[str] = frozenset()
    clip: str = ""
    limit: int = 50
    after: str = ""


def cursor(*place: str | float | bool | None) -> str:
    """The place behind the last row of a page, as a text that goes into an address."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place(cursor: str, *types: type | tuple[type, ...]) -> Sequence[str | float | bool | None]:
    """What `cursor` was made of, of these types. Raises SearchError for any other text."""
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        json.dumps(told, ensure_ascii=False).encode()  # half a surrogate pair is no text
        if len(told) == len(types) and all(map(_fits, told, types)):
            return tuple(told)
    except (ValueError, TypeError, RecursionError):
        pass
    raise SearchError(f"after: {cursor!r:.40} is not what a page gave; leave it out to begin at the first")


def _fits(value: object, kind: type | tuple[type, ...]) -> bool:
    """Whether it is one, and the ledger can hold it."""
    in_bounds = not isinstance(value, int) or -(2**63) <= value < 2**63
    return isinstance(value, kind) and in_bounds
