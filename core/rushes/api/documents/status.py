"""The state of everything: components, work in hand, what is left, what needs a person."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Component(TypedDict):
    """`facts` are what the component says of itself; `actions` what it can be asked to do."""

    id: str
    use: str
    kind: Literal["source", "annotator", "transform", "sink", "observer"]
    state: Literal["opening", "open", "unavailable", "closed"]
    reason: str
    facts: dict[str, Any]
    actions: list[str]


class Components(TypedDict):
    """Every component of the pipeline, in the order of its file."""

    components: list[Component]


class Work(TypedDict):
    """A step that runs: `done` of `total` (bytes of a delivery), `rate` a second, `eta_s` seconds left."""

    job: str
    step: str
    clip: str
    name: str
    component: str
    verb: str
    done: float
    total: float | None
    rate: float | None
    growing: bool
    eta_s: float | None


class SinkLeft(TypedDict):
    """What one sink has still to get: files and bytes as far as they are known, and how it goes.

    `rate` is bytes a second over the last half minute, 0 where nothing moves; `eta_s` the seconds left at that rate,
    null where nothing moves. `paused` by a person: it gets nothing until somebody lets it go on.
    """

    sink: str
    files: int
    bytes: int
    paused: bool
    rate: float
    eta_s: float | None


class Counts(TypedDict):
    """`rate` is bytes a second of all deliveries; `eta_s` the seconds until the last of the `sinks` has all.

    The time leaves out sinks that are paused (what remains does not), and is null while another one stands still.
    `sinks` are those for which something is left. `unmade` files are among those that remain; their bytes are not
    known before they are made.
    """

    clips: int
    jobs: dict[str, int]
    files_remaining: int
    unmade: int
    bytes_remaining: int
    rate: float
    eta_s: float | None
    sinks: list[SinkLeft]


class RouteWait(TypedDict):
    """Jobs that wait for what their route waits for; the first goes all the same at `until`, the last at `last`."""

    reason: str
    jobs: int
    until: float
    last: float


class Switches(TypedDict):
    """What a person switched: sinks that rest; whether jobs of a route start by themselves, whatever the file says."""

    paused: list[str]
    auto: dict[str, bool]


class Attention(TypedDict):
    """What needs a person: `remedy` is a command line or a sentence, `verbs` what the queue offers for the `jobs`.

    What is told of should go `to` these sinks; jobs of one clip that fail for one reason are one thing.

    `problem` is what is wrong with the clip's media, "" where nothing is.

    Nobody need do anything where it goes on `by_itself`, such as when a network is back. `failed_at` is when it failed
    last, `again_at` when it is tried again; null is not known.

    Most are one thing; what is not told one by one stands for so many `things`.
    """

    subject: str
    reason: str
    remedy: str
    kind: Literal[
        "parked", "waiting", "match", "media", "component", "card", "ledger", "disk", "clock", "rules"
    ]
    jobs: list[str]
    clip: str
    component: str
    verbs: list[str]
    to: list[str]
    problem: str
    things: int
    by_itself: bool
    failed_at: float | None
    again_at: float | None


class AttentionList(TypedDict):
    """What needs a person, most pressing first."""

    attention: list[Attention]


class Status(TypedDict):
    """Times are seconds since the epoch; `seq` is the newest event, `pid` is null where nothing runs.

    `since` is when the run began; where nothing runs when the last one ended, null if that was cut off.
    """

    pipeline: str
    file: str
    running: bool
    draining: bool
    since: float | None
    pid: int | None
    seq: int
    now: float
    components: list[Component]
    counts: Counts
    route_waits: list[RouteWait]
    switches: Switches
    current: list[Work]
    attention: list[Attention]


class Network(TypedDict):
    """The network that leads to a sink's service: facts of the sink, as it tells them.

    `network` is told to people (`wlan0, wireless, good signal`); `health` is good, fair or poor; `sending` or `rate`
    what leaves now, null while nothing does; `cap` what a person allows.
    """

    component: str
    connected: bool
    reason: str
    network: Any
    interface: NotRequired[Any]
    kind: NotRequired[Any]
    address: NotRequired[Any]
    health: NotRequired[Any]
    sending: NotRequired[Any]
    rate: NotRequired[Any]
    cap: NotRequired[Any]


class Networks(TypedDict):
    """One for each sink that has a network."""

    networks: list[Network]


class Device(TypedDict):
    """A sub-device on the set network; `facts` may hold `battery`, `timecode`, `timecode_rate`, `heard_at`."""

    id: str
    source: str
    type: str
    name: str
    present: bool
    channel: NotRequired[str]
    facts: dict[str, Any]


class Devices(TypedDict):
    """Every sub-device that is present or was heard of."""

    devices: list[Device]


class Timecode(TypedDict):
    """A timecode that runs, as its component tells: it was `timecode` at `heard_at` and counts at `rate`.

    `heard_at` is null where the component counts by itself.
    """

    component: str
    timecode: Any
    timecode_from: NotRequired[Any]
    rate: NotRequired[Any]
    heard_at: Any


class Timecodes(TypedDict):
    """One for each component that hears one."""

    timecodes: list[Timecode]


class Health(TypedDict):
    """`trouble` is why nothing can be written, "" when all is well; `backlog` the clips that wait for annotators."""

    status: Literal["ok", "draining", "trouble"]
    trouble: str
    backlog: int
    seq: int
