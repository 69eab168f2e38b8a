"""Clips: a page of them, and everything that is known of one."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from rushes.api.documents.jobs import Job
from rushes.engine.tellers import Teller


class ClipRow(TypedDict):
    """An original. `state` is that of its liveliest job, "" without any; `delivered` of `deliveries` are done.

    `has` are the sinks that have all that they are to get.
    What nobody told is null. `picture` says whether asking for one makes sense.
    """

    clip: str
    name: str
    path: str
    card: str
    kind: str
    role: str
    size: int
    complete: bool
    problem: str
    first_seen: float
    timecode: str | None
    timecode_end: str | None
    rate: str | None
    duration: float | None
    scene: str | None
    slate: str | None
    take: str | None
    circled: bool | None
    matched: str | None
    ambiguous: bool
    state: str
    jobs: int
    delivered: int
    deliveries: int
    has: list[str]
    picture: bool


class ClipFacets(TypedDict):
    """What there is to choose from: cards, and how many clips of each kind and state."""

    cards: list[str]
    kinds: dict[str, int]
    states: dict[str, int]


class Clips(TypedDict):
    """A page of clips; `after` asks for the next one, null where this is the last; `total` is of all pages.

    `total` and `facets` are null where nobody wanted to count.
    """

    clips: list[ClipRow]
    total: int | None
    after: str | None
    facets: ClipFacets | None


class FindingOf(TypedDict):
    """What one annotator says of a clip."""

    annotator: str
    basis: str
    values: dict[str, Any]
    problem: str


Decision = TypedDict(
    "Decision",
    {
        "route": str, "when": str, "else": bool, "final": bool, "hit": bool, "matched": bool, "why": str,
        "priority": int | None,
    },
)  # fmt: skip
Decision.__doc__ = """Whether a route takes a clip, and if not, why; `hit` says whether its own rule holds."""


class LinkTo(TypedDict):
    """What a clip matches, or might: another clip or a record; `verbs` are what a person can say of it."""

    other: str
    kind: str
    annotator: str
    score: float
    state: Literal["matched", "ambiguous", "rejected", "lost"]
    evidence: dict[str, Any]
    name: str
    card: str
    folder: str
    recorder: str
    timecode: str | None
    timecode_end: str | None
    duration: float | None
    scene: str | None
    slate: str | None
    take: str | None
    size: int | None
    channels: int | None
    width: int | None
    height: int | None
    verbs: list[Literal["accept", "reject", "forget"]]


class EventOf(TypedDict):
    """Something that happened; `seq` grows by one for each event of a ledger, `at` is seconds since the epoch."""

    kind: str
    at: float
    seq: int
    clip: str
    job: str
    step: str
    component: str
    detail: dict[str, Any]


class Explained(TypedDict):
    """Everything about a clip: its values and who told each, what routes made of it, its jobs, links and events.

    Events are the newest ones, oldest first; `earlier` says whether there are more, which its timeline has.
    """

    clip: dict[str, Any]
    tellers: dict[str, Teller]
    findings: list[FindingOf]
    routes: list[Decision]
    jobs: list[Job]
    links: list[LinkTo]
    events: list[EventOf]
    earlier: bool


class Timeline(TypedDict):
    """Events of a clip in the order asked for; `after` asks for those behind, null where these are the last."""

    events: list[EventOf]
    after: int | None
