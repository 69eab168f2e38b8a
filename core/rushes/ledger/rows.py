"""Values to rows and back; the one place that knows how each value lies in its table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import isfinite
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import msgspec

from rushes.columns import META, METADATA
from rushes.events import Event
from rushes.ledger.schema import (
    BACKLOG,
    CLIPS,
    DEVICES,
    EVENTS,
    FINDINGS,
    JOBS,
    LINKS,
    PARTS,
    RECORD_BACKLOG,
    RECORDS,
    REVISIONS,
    STEPS,
    STORE,
)
from rushes.ledger.write import Delete, Put
from rushes.model import Clip, Device, Finding, Kind, Link, Receipt, Record, Role, Scalar, StepState
from rushes.timecode import timespan

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive as the ledger holds times
_FIRST = datetime(1, 1, 2, tzinfo=UTC).timestamp()
_LAST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()

Verb = Literal["apply", "deliver"]

_BOUNDS = {"INTEGER": 2**31, "BIGINT": 2**63}
_NOTHING = (None,) * len(METADATA)
#: By the name of a column of metadata, its place among them and its type.
_TYPES = {column.name: (place, column.type) for place, column in enumerate(METADATA)}
_METADATA_AT = CLIPS.names.index(METADATA[0].name)
_KIND, _PROBLEM, _META, _SUPERSEDED = map(CLIPS.names.index, ("kind", "problem", META.name, "superseded"))
_KINDS, _ROLES = {kind.value: kind for kind in Kind}, {role.value: role for role in Role}
#: The columns of a clip's own fields, without its metadata.
CLIP_COLUMNS = (
    "id", "revision", "volume", "card", "path", "kind", "role", "size", "mtime_ns", "inode", "head", "tail",
    "complete", "completed_by", "born", "parent", "origin", "first_seen",
)  # fmt: skip
_own_of = itemgetter(*map(CLIPS.names.index, CLIP_COLUMNS))
_PYTHON_TYPES: Mapping[str, type] = {
    "VARCHAR": str, "INTEGER": int, "BIGINT": int, "DOUBLE": float, "BOOLEAN": bool, "TIMESTAMP": datetime,
}  # fmt: skip


class Place(NamedTuple):
    """Where a job stands in the queue: the more urgent first, then by priority, by lane (0 for proxies), since when."""

    urgent: int
    priority: int
    lane: int
    since: float
    tail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One (clip, revision, route). `steps` and `sinks` are component ids, kept as planned.

    `urgent` is 0, or grows with each move to the top. `over` means that all its steps are done, cancelled or
    withdrawn: its work files are gone and no start-up loads it. `wishes` are the route's options by sink. `place` is
    where a person moved it, None while it stands where it was planned.
    """

    id: str
    clip: str
    revision: int
    route: str
    steps: Sequence[str]
    sinks: Sequence[str]
    priority: int = 0
    urgent: int = 0
    created: float = 0.0
    over: bool = False
    wishes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    place: Place | None = None


#: What a step waits for that only a person can bring about.
PERSON = "person"
#: What a step waits for that comes with whatever is said of its clip next; a person may release it too.
NEWS = "metadata"
#: What a step waits for whose clip is still being recorded, in a way that its component cannot follow.
COMPLETE = "complete"
#: What a step waits for whose route has a `wait`; `until` then, at the latest.
ROUTE = "its route"
#: What a step waits for whose clip changed: its source tells what the file is now. It is looked at until then.
SOURCE = "its source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One component working on one clip of a job.

    `maker` is the step whose output `clip` is ("" for the job's own clip); `position` counts the transforms
    before it. `until` is epoch seconds (0: not waiting for a time). `faults` counts failures blamed on the
    clip, `deaths` the times in a row that the process died with it, `in_doubt` intents without an answer.
    `head` is what the sink's last `report.begin` said, None before the first. `waits_for` is what a component
    had it wait for (`NotYet`), "" when it does not; `consent` is a person's release from that.
    """

    id: str
    job: str
    maker: str = ""
    position: int
    verb: Verb
    component: str
    clip: str
    state: StepState = StepState.READY
    reason: str = ""
    until: float = 0.0
    attempts: int = 0
    faults: int = 0
    deaths: int = 0
    in_doubt: int = 0
    head: Mapping[str, Any] | None = None
    receipt: Receipt | None = None
    changed: float = 0.0
    waits_for: str = ""
    consent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFinding:
    """A finding with the annotator that made it."""

    annotator: str
    finding: Finding


def utc(epoch: float) -> datetime:
    """Epoch seconds as the naive UTC that DuckDB's TIMESTAMP holds; a file's absurd mtime is cut to year 1 to 9999."""
    return datetime.fromtimestamp(min(max(epoch, _FIRST), _LAST), UTC).replace(tzinfo=None)


def epoch(stamp: datetime | None) -> float:
    """A naive UTC TIMESTAMP as epoch seconds; 0 for NULL."""
    return (stamp - _EPOCH).total_seconds() if stamp else 0.0


def put_clip(clip: Clip, *, superseded: bool = False) -> Put:
    """A clip with its merged metadata."""
    told = clip.meta
    path = text(clip.path)
    return Put(
        CLIPS,
        (
            clip.id, clip.revision, text(clip.volume), text(clip.card), path, path.rpartition("/")[0],
            text(clip.name), text(clip.extension), clip.kind.value,
            clip.role.value, clip.size, utc(clip.mtime_ns / 1e9), utc(clip.first_seen), clip.complete,
            clip.completed_by, _typed(told.get("problem"), "VARCHAR"),
            *_metadata(told), clip.mtime_ns, clip.inode, clip.head, clip.tail, clip.born, clip.parent,
            text(clip.origin), superseded, *timespan(told),
        ),
    )  # fmt: skip


def told_otherwise(row: Sequence[Any], clip: Clip, *, superseded: bool) -> tuple[Any, ...]:
    """The row of a clip with what is told of it now."""
    problem = _typed(clip.meta.get("problem"), "VARCHAR")
    return (
        *row[:_KIND], clip.kind.value, *row[_KIND + 1 : _PROBLEM], problem, *_metadata(clip.meta),
        *row[_META + 1 : _SUPERSEDED], superseded, *timespan(clip.meta),
    )  # fmt: skip


def _metadata(told: Mapping[str, Scalar]) -> list[Any]:
    """What is told in the columns of metadata, and the map of all other."""
    columns: list[Any] = [*_NOTHING, {}]
    for name, value in told.items():
        if name in _TYPES:
            place, kind = _TYPES[name]
            columns[place] = text(value) if kind == "VARCHAR" and type(value) is str else _typed(value, kind)
        elif name != "problem":
            columns[-1][text(name)] = text(str(value))
    return columns


def read_clip(row: Sequence[Any], meta: Mapping[str, Scalar] | None = None) -> Clip:
    """A clip from `SELECT * FROM clips`; with other metadata where they are given."""
    if meta is None:
        values = zip(_TYPES, row[_METADATA_AT:_META], strict=True)
        meta = {name: value for name, value in values if value is not None}
        meta |= row[_META] or {}
        if row[_PROBLEM]:
            meta |= {"problem": row[_PROBLEM]}
    return clip_of(_own_of(row), meta)


def clip_of(own: Sequence[Any], meta: Mapping[str, Scalar]) -> Clip:
    """A clip from its `CLIP_COLUMNS` and its metadata."""
    (
        id_, revision, volume, card, path, kind, role, size, mtime_ns, inode, head, tail,
        complete, completed_by, born, parent, origin, first_seen,
    ) = own  # fmt: skip
    return Clip(
        id=id_, revision=revision, volume=volume, card=card, path=path, kind=_KINDS[kind], role=_ROLES[role],
        size=size, mtime_ns=mtime_ns, inode=inode, head=head, tail=tail, complete=complete,
        completed_by=completed_by, born=born, parent=parent, origin=origin, first_seen=epoch(first_seen), meta=meta,
    )  # fmt: skip


def _typed(value: Scalar | None, kind: str) -> Scalar | None:
    """A finding's value as its column's type; what cannot be one is NULL, the finding itself keeps the original."""
    if value is None:
        return None
    if kind == "VARCHAR":
        return text(str(value))
    wanted = _PYTHON_TYPES[kind]
    try:
        if wanted is datetime:
            stamp = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return stamp.astimezone(UTC).replace(tzinfo=None) if stamp.tzinfo else stamp
        if wanted is bool:
            return (
                value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
            )
        number = wanted(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if not isinstance(number, int) or abs(number) < _BOUNDS[kind] else None


def text(value: str) -> str:
    """Text that DuckDB takes: a file name that is no UTF-8, or JSON of a device, has parts that are no characters."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def put_revision(clip: Clip, ended: float) -> Put:
    """What the bytes of a past revision were; the present one's are in the clip."""
    return Put(
        REVISIONS, (clip.id, clip.revision, clip.size, clip.mtime_ns, clip.head, clip.tail, utc(ended))
    )


def put_finding(annotator: str, finding: Finding, *, first: bool = False) -> list[Put | Delete]:
    """A finding and its links in place of the earlier ones of the same annotator; `first` when there are none."""
    data = _json({name: _jsonable(value) for name, value in finding.values.items()})
    return [
        Put(FINDINGS, (finding.clip, annotator, finding.basis, data, text(finding.problem)), new=first),
        *([] if first else [Delete(LINKS, (finding.clip, annotator))]),
        *(_put_link(annotator, link) for link in finding.links),
    ]


def _jsonable(value: Scalar) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    # JSON has no word for what is no finite number.
    return value if isinstance(value, float) and isfinite(value) else str(value)


def read_finding(row: Sequence[Any]) -> StoredFinding:
    """A finding from `SELECT clip, annotator, basis, data, problem FROM findings`."""
    clip, annotator, basis, data, problem = row
    values = {
        name: datetime.fromisoformat(value["datetime"]) if isinstance(value, dict) else value
        for name, value in _read_json(data).items()
    }
    return StoredFinding(
        annotator=annotator, finding=Finding(clip=clip, basis=basis, values=values, problem=problem or "")
    )


def _put_link(annotator: str, link: Link) -> Put:
    """A match; the earlier ones of the clip are deleted with the same changes."""
    evidence = _json(link.evidence)
    row = (link.clip, annotator, text(link.other), text(link.kind), link.score, link.state, evidence)
    return Put(LINKS, row, new=True)


def put_record(record: Record) -> Put:
    """What a device said."""
    return Put(
        RECORDS,
        (
            text(record.id),
            record.source,
            text(record.kind),
            text(record.device),
            _json(record.clock),
            _json(record.data),
            text(record.rate),
            text(record.rate_from),
            record.seen,
            record.deleted,
            _json(record.history) if record.history else "[]",
            _json(record.conflicts) if record.conflicts else "[]",
        ),
        new=record.new,
    )


def _json(value: object) -> str:
    """A device's values as JSON, several times as fast as `json` would; what only that can write, it writes."""
    try:
        return _encode(value).decode()
    except (UnicodeEncodeError, OverflowError, TypeError):
        return json.dumps(value, default=_plain)


def _read_json(told: str) -> Any:
    """What `_json` wrote, read several times as fast as `json` would; what only that wrote, it reads."""
    try:
        return _decode(told)
    except msgspec.DecodeError:
        return json.loads(told)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def put_device(device: Device) -> Put:
    """A device, present or not."""
    names = (text(device.id), device.source, text(device.type), text(device.name))
    return Put(DEVICES, (*names, device.present))


def put_backlog(clip: str, annotator: str = "") -> Put:
    """A clip that waits to be annotated and planned; again, from an annotator on, where one is given."""
    return Put(BACKLOG, (clip, annotator))


def drop_backlog(clip: str) -> Delete:
    """The clip is planned."""
    return Delete(BACKLOG, (clip,))


def put_record_backlog(batch: int, records: Sequence[str]) -> Put:
    """Records that were admitted together: annotators are to be asked what they affect."""
    return Put(RECORD_BACKLOG, (batch, [text(record) for record in records]), new=True)


def drop_record_backlog(batch: int) -> Delete:
    """The annotators were asked."""
    return Delete(RECORD_BACKLOG, (batch,))


def put_job(job: Job) -> Put:
    """A job."""
    return Put(
        JOBS,
        (
            job.id, job.clip, job.revision, job.route, list(job.steps), list(job.sinks), job.priority, job.urgent,
            job.created, job.over, json.dumps(dict(job.wishes)) if job.wishes else None,
            json.dumps(job.place) if job.place else None,
        ),
    )  # fmt: skip


def read_job(row: Sequence[Any]) -> Job:
    """A job from `SELECT * FROM jobs`."""
    get = dict(zip(JOBS.names, row, strict=True))
    get["wishes"] = json.loads(get["wishes"]) if get["wishes"] else {}
    get["place"] = Place(*json.loads(get["place"])) if get["place"] else None
    return Job(**get)


def put_step(step: Step) -> Put:
    """A step."""
    return Put(
        STEPS,
        (
            step.id, step.job, step.maker, step.position, step.verb, step.component, step.clip, step.state.value,
            text(step.reason), step.until, step.attempts, step.faults, step.deaths, step.in_doubt,
            json.dumps(dict(step.head)) if step.head is not None else None,
            json.dumps(asdict(step.receipt)) if step.receipt else None, step.changed, step.waits_for, step.consent,
        ),
    )  # fmt: skip


def drop_step(name: str) -> Delete:
    """Forget a step that never began."""
    return Delete(STEPS, (name,))


def read_step(row: Sequence[Any]) -> Step:
    """A step from `SELECT * FROM steps`."""
    get = dict(zip(STEPS.names, row, strict=True))
    get["state"] = StepState(get["state"])
    get["head"] = json.loads(get["head"]) if get["head"] else None
    get["receipt"] = Receipt(**json.loads(get["receipt"])) if get["receipt"] else None
    return Step(**get)


def put_part(step: str, number: int, value: str, sent: int = 0) -> Put:
    """A part that is there for good; `sent` bytes of all parts were told of by then."""
    return Put(PARTS, (step, number, text(value), sent))


def drop_parts(step: str) -> Delete:
    """The parts of an attempt that is given up."""
    return Delete(PARTS, (step,))


def put_stored(component: str, key: str, value: Any) -> Put:
    """A value of a component's store."""
    return Put(STORE, (component, key, json.dumps(value)))


def drop_stored(component: str, key: str) -> Delete:
    """A value of a component's store goes."""
    return Delete(STORE, (component, key))


def put_event(event: Event) -> Put:
    """A fact of the past."""
    detail = json.dumps(dict(event.detail))
    return Put(
        EVENTS, (event.seq, event.at, event.kind, event.clip, event.job, event.step, event.component, detail)
    )


def read_event(row: Sequence[Any]) -> Event:
    """An event from `SELECT * FROM events`."""
    get = dict(zip(EVENTS.names, row, strict=True))
    get["detail"] = json.loads(get["detail"])
    return Event(**get)
