"""What may stand behind the question mark of an address, as types: see `decoding`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rushes.engine.searches import (
    MOST_CLIPS,
    MOST_JOBS,
    MOST_MATCHES,
    MOST_TIMELINE,
    ClipMatch,
    ClipSearch,
    ClipSort,
    EventOrder,
    JobOrder,
    JobSearch,
    JobState,
    MatchSearch,
    MatchState,
)

#: What the ledger holds.
MOST_SEQ = 2**63 - 1

After = Annotated[
    str, Meta(max_length=1000, description="what the page before gave as `after`; begins without")
]
Words = Annotated[str, Meta(max_length=200, description="a part of a name, whatever the case")]
Name = Annotated[str, Meta(max_length=500)]


class Query(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The base of all: nothing may be asked."""


class ClipsQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which clips, and which page of them."""

    q: Annotated[str, Meta(max_length=200, description="a part of a name, path, scene, slate or take")] = ""
    kind: Name = ""
    role: Name = ""
    card: Name = ""
    state: Annotated[frozenset[JobState], Meta(description="of the liveliest job")] = frozenset()
    match: Annotated[ClipMatch | UnsetType, Meta(description="what annotators made of it")] = UNSET
    problem: Annotated[bool | UnsetType, Meta(description="broken media, or sound media")] = UNSET
    day: Annotated[
        date | UnsetType, Meta(description="the shooting day that it is of, as in `/v1/reports`")
    ] = UNSET
    sort: ClipSort = "name"
    limit: Annotated[int, Meta(ge=1, le=MOST_CLIPS)] = 50
    after: After = ""
    counted: Annotated[bool, Meta(description="false leaves out `total` and `facets`: sooner there")] = True

    @property
    def search(self) -> ClipSearch:
        return ClipSearch(
            q=self.q,
            kind=self.kind,
            role=self.role,
            card=self.card,
            states=frozenset(self.state),
            match=None if self.match is UNSET else self.match,
            problem=None if self.problem is UNSET else self.problem,
            day="" if self.day is UNSET else self.day.isoformat(),
            sort=self.sort,
            limit=self.limit,
            after=self.after,
            counted=self.counted,
        )


class NamedQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A clip as people name it."""

    ref: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            description="an id, a file name, the start of either, a path or CARD/path",
        ),
    ]


class TimelineQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which events of a clip."""

    after: Annotated[
        int, Meta(ge=0, le=MOST_SEQ, description="the `seq` of an event, 0 for the first page")
    ] = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_TIMELINE)] = 200
    order: EventOrder = "oldest"


class PictureQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How large a picture."""

    width: Annotated[int, Meta(ge=16, le=1280, description="pixels across, at most")] = 320


class JobsQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which jobs, and which page of them."""

    q: Words = ""
    state: frozenset[JobState] = frozenset()
    route: Name = ""
    sink: Name = ""
    order: Annotated[JobOrder, Meta(description="as they will run, or the newest first")] = "queue"
    limit: Annotated[int, Meta(ge=1, le=MOST_JOBS)] = 500
    after: After = ""

    @property
    def search(self) -> JobSearch:
        return JobSearch(
            q=self.q,
            states=frozenset(self.state),
            route=self.route,
            sink=self.sink,
            order=self.order,
            limit=self.limit,
            after=self.after,
        )


class MatchesQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which matches, and which page of them."""

    state: Annotated[frozenset[MatchState], Meta(description="of at least one candidate")] = frozenset()
    clip: Annotated[str, Meta(max_length=500, description="the id of a clip")] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST_MATCHES)] = 50
    after: After = ""

    @property
    def search(self) -> MatchSearch:
        return MatchSearch(states=frozenset(self.state), clip=self.clip, limit=self.limit, after=self.after)


class EventsQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Where a stream begins, and whether it tells the status too."""

    after: Annotated[
        int, Meta(ge=0, le=MOST_SEQ, description="the last event that is known; the header counts more")
    ] = 0
    live: Annotated[bool, Meta(description="tell the status, too, whenever it has changed")] = False


class ReportQuery(Query, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """As what."""

    format: Literal["json", "text", "csv", "html"] = "json"
