"""Reports: what a shooting day brought."""

from __future__ import annotations

from typing import TypedDict

from rushes.api.documents.cards import CardSink


class Day(TypedDict):
    """A shooting day, as `2026-11-22`: the date on which its session began. Its originals and their bytes."""

    day: str
    clips: int
    bytes: int


class Days(TypedDict):
    """Every day on which something was shot, newest first."""

    days: list[Day]


class ReportTotals(TypedDict):
    """`duration` in seconds, the rest counts, of clips but for `deliveries`, `delivered` and `unverified`.

    `undelivered` are those that are not yet everywhere where they go; `unrouted` go nowhere; `silent` are pictures
    without sound that are not MOS.
    """

    clips: int
    duration: float
    bytes: int
    pictures: int
    sounds: int
    circled: int
    deliveries: int
    delivered: int
    delivered_bytes: int
    unverified: int
    failed: int
    cancelled: int
    waiting: int
    undelivered: int
    unrouted: int
    silent: int


class ReportCard(TypedDict):
    """A card and camera; the timecodes span from its first label to the end of its last recording.

    `seen` is when its first file was seen, `handed_over` when its last delivery was done, null while clips are
    `undelivered`. No route takes `unrouted` clips: they are on the card alone. `sinks` tell who has what.
    """

    card: str
    camera: str
    clips: int
    duration: float
    bytes: int
    timecode: str
    timecode_end: str
    seen: float
    undelivered: int
    unrouted: int
    sinks: list[CardSink]
    handed_over: float | None


class ReportDelivery(TypedDict):
    """A file at a sink, or on its way; `at`, `where` and `checked` (how it was verified) of what has arrived."""

    job: str
    route: str
    sink: str
    name: str
    role: str
    state: str
    reason: str
    at: float | None
    where: str
    id: str
    size: int
    checked: str


class ReportProblem(TypedDict):
    """Why a clip is not where it should be; `state` is that of the job, or `broken` for media."""

    job: str
    route: str
    state: str
    reason: str


class ReportClip(TypedDict):
    """`began` is by the wall clock, without a zone; `silent`: a picture without sound that is not MOS; `open`: not yet
    where it goes, or broken.
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
    began: str
    camera: str
    reel: str
    scene: str
    slate: str
    take: str
    note: str
    timecode: str
    timecode_end: str
    rate: str
    circled: bool | None
    waste: bool | None
    mos: bool | None
    duration: float | None
    matched: str
    sounds: list[str]
    silent: bool
    open: bool
    deliveries: list[ReportDelivery]
    problems: list[ReportProblem]


class ReportRecord(TypedDict):
    """What a device told of a recording of which no file came."""

    record: str
    device: str
    says: str


class ReportHandover(TypedDict):
    """What arrived at a sink, from the `first` to the `last`, and what is `left` or `failed`: files."""

    sink: str
    files: int
    bytes: int
    left: int
    failed: int
    first: float | None
    last: float | None


class Report(TypedDict):
    """A shooting day; `made` is when this was told, in seconds since the epoch."""

    day: str
    pipeline: str
    made: float
    totals: ReportTotals
    cards: list[ReportCard]
    clips: list[ReportClip]
    records_without_media: list[ReportRecord]
    pictures_without_sound: list[str]
    handovers: list[ReportHandover]


class ReportUndelivered(TypedDict):
    """A clip that is not yet at the sinks in `to`; `state` is that of its worst job, `broken` where none is open."""

    clip: str
    name: str
    card: str
    path: str
    state: str
    reason: str
    to: list[str]


class ReportSummary(TypedDict):
    """A shooting day in the numbers of its `Report`; its clips are those of `/v1/clips` with that `day`.

    `undelivered` are the first 50, what failed before what waits; how many there are is in `totals`.
    """

    day: str
    pipeline: str
    made: float
    totals: ReportTotals
    cards: list[ReportCard]
    handovers: list[ReportHandover]
    undelivered: list[ReportUndelivered]
    records_without_media: list[ReportRecord]
