"""The values of the road: frozen, without I/O, one word per idea."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

Scalar = str | int | float | bool | datetime
Basis = Literal["file", "record", "person"]
LinkState = Literal["matched", "ambiguous", "rejected", "lost"]

#: The volume of files that the pipeline made itself: their path is relative to the folder of work files.
WORK = "work"


class Kind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    DATA = "data"


class Role(StrEnum):
    ORIGINAL = "original"
    PROXY = "proxy"
    SOUND = "sound"
    STILL = "still"
    LUT = "lut"
    SIDECAR = "sidecar"
    REPORT = "report"


class Admission(StrEnum):
    """What intake made of a clip: GROWN is still being recorded, UPDATED became complete or got other bytes."""

    NEW = "new"
    GROWN = "grown"
    UPDATED = "updated"
    DUPLICATE = "duplicate"


class StepState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"

    @property
    def settled(self) -> bool:
        """Whether nothing will happen to the step any more unless a person asks."""
        return self in SETTLED


SETTLED = frozenset({StepState.DONE, StepState.PARKED, StepState.CANCELLED, StepState.WITHDRAWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """One recorded or derived file; bytes never ride along.

    `path` is relative to the volume, with forward slashes; `card` is the volume's name for people. `size` is
    in bytes, `inode` 0 where the file system has no lasting ones. `head` and `tail` are xxh3-64 hex digests of
    the first and last 64 KiB and, with size and mtime, the fingerprint, set when the clip is complete; until
    then it is being recorded, and `size` is how long it is so far. `completed_by` names the rule that found it
    complete. `born` tells that the source saw the file come into being.
    `parent` and `origin` are, for a derived clip, the id of the clip it was made of and the path on its card of
    the recording it comes from. `meta` holds the merged metadata: the names of `rushes.columns` with their
    types, any other as text.
    A source leaves `id` and `revision` to intake.
    """

    volume: str
    path: str
    card: str = ""
    kind: Kind = Kind.DATA
    role: Role = Role.ORIGINAL
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    head: str = ""
    tail: str = ""
    complete: bool = True
    completed_by: str = ""
    born: bool = False
    id: str = ""
    revision: int = 1
    parent: str = ""
    origin: str = ""
    first_seen: float = 0.0
    meta: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def filename(self) -> str:
        """The last part of the path, extension included."""
        return self.path.rpartition("/")[2]

    @property
    def name(self) -> str:
        """The file name without its extension."""
        return self._cut[0]

    @property
    def extension(self) -> str:
        """The extension in lower case, without its dot."""
        return self._cut[1].lower()

    @property
    def _cut(self) -> tuple[str, str]:
        """At the last dot, where something is before and behind it."""
        filename = self.filename
        dot = filename.rfind(".")
        return (filename[:dot], filename[dot + 1 :]) if 0 < dot < len(filename) - 1 else (filename, "")

    @property
    def bytes_mark(self) -> str:
        """What tells these bytes from others of the same size: a delivery resumes only under the same mark.

        Head and tail where a source hashed them; an mtime would change with the time zone of a card. A file
        that the pipeline made has its mtime: made again, it may have other bytes.
        """
        return self.head + self.tail or str(self.mtime_ns)

    @property
    def fingerprint(self) -> tuple[int, int, str, str]:
        """Size, mtime, head and tail: what a known path is compared by."""
        return (self.size, self.mtime_ns, self.head, self.tail)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What a device said about a recording: no file, `data` as the device sent it, with its vector clock.

    `device` is who recorded it. `rate` is the timecode rate of its labels ("25", "29.97df"; "" when nobody told),
    `rate_from` who told it. `seen` is when it was last told, in seconds since the epoch. A `deleted` record is a
    tombstone: it keeps its clock, so that an older copy does not bring it back. `history` holds past versions,
    newest first, as {"clock", "data"}; `conflicts` what was said beside what stands, as JSON values. `new` promises
    that nothing was admitted under this id before, which saves looking for it (where it is wrong, it only costs time).
    """

    id: str
    source: str
    kind: str
    device: str
    clock: Mapping[str, int] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    rate: str = ""
    rate_from: str = ""
    seen: float = 0.0
    deleted: bool = False
    history: Sequence[Mapping[str, Any]] = ()
    conflicts: Sequence[Mapping[str, Any]] = ()
    new: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A sub-device on the set network.

    `facts` are what is true of it now: `battery`, `timecode` (a label, with its `timecode_rate` and when it was
    `heard_at`, in seconds since the epoch), `master`, `channel` ... They live in memory alone and make no device
    another one.
    """

    id: str
    source: str
    type: str
    name: str
    present: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A match of a clip with another clip or a record; `score` is 0 to 1, `evidence` is told to people.

    Only `matched` counts. `ambiguous` waits for a person, `rejected` is what a person said no to; `lost` was
    a candidate, and `evidence["why"]` tells what spoke against it.
    """

    clip: str
    other: str
    kind: str
    score: float
    state: LinkState = "matched"
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What an annotator says about one clip; replaces what the same annotator said before.

    `values` are merged person over record over file (`basis`). `problem` tells in one line why the media is
    broken: jobs of such a clip park with it until a person retries them.
    """

    clip: str
    values: Mapping[str, Scalar] = field(default_factory=dict)
    basis: Basis = "file"
    problem: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is known of a delivery beside its clip.

    `planned_at` is when its job was planned, in seconds since the epoch. `wishes` are the route's own options
    for this sink, of the type that the sink's spec names, or None. `consent` is set once a person has released
    it although the sink had it wait for them.
    """

    route: str = ""
    planned_at: float = 0.0
    wishes: Any = None
    consent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Proof of a delivery: where it is, its id there, its bytes, the bytes this call sent, what was checked.

    `placeholders` counts empty remote assets that lost answers may have left behind.
    """

    where: str
    id: str = ""
    size: int = 0
    sent: int = 0
    checked: str = ""
    placeholders: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Resume:
    """All that earlier calls of `deliver` reported for this step.

    `head` is what `report.begin` stored, `parts` maps part number to the value of `report.part`;
    `in_doubt` counts intents whose `begin` never came (a create whose answer was lost).
    """

    head: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[int, str] = field(default_factory=dict)
    in_doubt: int = 0
