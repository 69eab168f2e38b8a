"""Jobs and what a person does with them."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta, Struct

from rushes.engine.searches import JobState


class Step(TypedDict):
    """One component's work on one clip of a job; `maker` is the step that makes the clip, "" for the original.

    `receipt` is what a sink gave for a delivery that is done, `sent` how many bytes of one that rests are there: it
    goes on from them.
    """

    id: str
    maker: str
    component: str
    verb: str
    state: JobState
    reason: str
    until: float | None
    attempts: int
    clip: str
    name: str
    role: str
    size: int
    sent: int
    volume: str
    receipt: dict[str, Any] | None


class Job(TypedDict):
    """One clip on one route; `reason` tells why it is not done, `until` when it goes on by itself.

    `releasable` where a person may have it go on that is held, or that waits for what can be gone without.

    `volume`, `path`, `size` and `modified` (UTC) are those of the clip's file, `problem` says why that is not whole.
    """

    id: str
    clip: str
    name: str
    card: str
    volume: str
    path: str
    modified: str
    route: str
    sinks: list[str]
    revision: int
    state: JobState
    reason: str
    until: float | None
    releasable: bool
    created: float
    priority: int
    urgent: bool
    size: int
    problem: str
    position: NotRequired[int | None]
    steps: list[Step]


class JobFacets(TypedDict):
    """How many jobs there are in each state, whatever was searched for."""

    states: dict[str, int]


class Jobs(TypedDict):
    """A page of jobs; `after` asks for the next one, null where this is the last; `total` is of all pages."""

    jobs: list[Job]
    total: int
    after: str | None
    facets: JobFacets


class Changed(TypedDict):
    """The jobs that a verb changed; those that it makes no sense for are left out."""

    changed: list[str]


class Added(TypedDict):
    """The job that takes a clip to a sink."""

    job: str


JobId = Annotated[str, Meta(min_length=1, max_length=100, description="the id of a job, or the start of one")]


#: As long as paths are.
JobOrClip = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4096,
        description="the id of a job, or the start of one; else a clip, which stands for its jobs",
    ),
]


class JobChoice(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Jobs by their ids, or by their clips, or all of them; not both, and not neither."""

    ids: list[JobOrClip] = []
    all: bool = False

    def __post_init__(self) -> None:
        if bool(self.ids) is self.all:
            raise ValueError("name jobs in ids, or say all, not both and not neither")


#: With the same said in words of JSON schema.
ChosenJobs = Annotated[
    JobChoice,
    Meta(
        extra_json_schema={
            "oneOf": [
                {"required": ["ids"], "properties": {"ids": {"minItems": 1}, "all": {"const": False}}},
                {"required": ["all"], "properties": {"ids": {"maxItems": 0}, "all": {"const": True}}},
            ]
        }
    ),
]


class Move(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Jobs, in the order in which they are to run, and the job that they are to run before."""

    ids: Annotated[list[JobId], Meta(min_length=1)]
    before: JobId


class Delivery(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A clip (an id, a file name, a path or CARD/path) and the id of a sink.

    `route` is one that goes there: its folder and other options are those of the delivery. It is needed only where
    several routes go there with different ones.
    """

    clip: Annotated[str, Meta(min_length=1, max_length=4096)]
    sink: str
    route: str = ""


class Names(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Ids of sinks or routes; none means all."""

    names: list[str] = []
