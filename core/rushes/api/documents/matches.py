"""Matches: what belongs together, what may, and what a person says of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta, Struct

from rushes.engine.searches import MatchState


class Side(TypedDict):
    """One side of a match: a clip, or a record, which has a name alone.

    Two files of one name differ in `card`, `folder` (on the card) or `recorder` (what recorded them). `kind` is a
    clip's (video, audio, ...), "record", or "" of what is gone; what is not known of it, or is no clip's, is null.
    """

    id: str
    name: str
    card: str
    folder: str
    recorder: str
    kind: str
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


class Candidate(TypedDict):
    """What a clip may belong to: `score` is 0 to 1, `evidence` what speaks for and against it, `verbs` what
    a person can say of it.
    """

    other: Side
    state: MatchState
    score: float
    evidence: dict[str, Any]
    verbs: list[Literal["accept", "reject", "forget"]]


class MatchOf(TypedDict):
    """A clip with its candidates of one kind, the likeliest first; `decided` says whether nobody need be asked."""

    clip: Side
    annotator: str
    kind: str
    decided: bool
    candidates: list[Candidate]


class Matches(TypedDict):
    """A page of matches; `after` asks for the next one, null where this is the last; `total` is of all pages."""

    matches: list[MatchOf]
    total: int
    after: str | None


class Pair(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The ids of a clip and of what it is said to belong to, or not."""

    clip: Annotated[str, Meta(min_length=1, max_length=4096)]
    other: Annotated[str, Meta(min_length=1, max_length=4096)]
