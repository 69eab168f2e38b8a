"""The protocols between the engine and its components."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from logging import Logger
from pathlib import Path
from typing import Any, BinaryIO, Generic, ParamSpec, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict

from rushes.events import Event
from rushes.model import (
    Admission,
    Clip,
    Device,
    Finding,
    Kind,
    Order,
    Receipt,
    Record,
    Resume,
    Role,
    Scalar,
)

P = ParamSpec("P")
T = TypeVar("T")


class Options(BaseModel):
    """Base of what users write for a component: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=Options)
PartT = TypeVar("PartT")

Tell = Callable[[Mapping[str, Any]], Awaitable[None]]


class Intake(Protocol):
    """A source's door into the ledger. Every call returns when the facts are durable."""

    async def clips(self, clips: Sequence[Clip], /) -> Sequence[Admission]:
        """Admit clips; one answer each, in order.

        A recording may be admitted with `complete=False` as soon as it is seen, again as it grows (about once a
        second; GROWN, which nothing is written for), and last as it is when it is complete (UPDATED).
        """

    async def records(self, records: Sequence[Record], /) -> None:
        """Admit what devices said."""

    async def devices(self, devices: Sequence[Device], /) -> None:
        """Tell which devices are present and which are gone."""

    async def caught_up(self) -> None:
        """Say that everything present at the start has been admitted (first scan, first sync)."""


class Source(Protocol):
    async def run(self, intake: Intake, /) -> None:
        """Admit clips until cancelled. Never changes, moves or deletes an original."""


class Transform(Protocol):
    async def apply(self, clip: Clip, /) -> Sequence[Clip]:
        """Make files of a clip: [] drops it, [x] maps, [x, y] splits.

        May be called again after a crash and then makes the same files. Each output is made with
        `context.derive` and is whole, fsynced and in place when this returns. Where the spec is `live`, the clip
        may still be recorded: `context.follow` it, and `context.announce` what others may follow in turn.
        """


class Annotator(Protocol):
    async def annotate(self, clips: Sequence[Clip], /) -> Sequence[Finding]:
        """Say things about clips; a finding replaces what this annotator said about that clip before.

        The metadata of the clips is what everybody else has said so far: their source, the annotators before this
        one in the pipeline's file (just now), those after it (earlier); never what this annotator said itself.
        A clip may come again. Never called twice at a time; `affected` counts as a call.
        """


@runtime_checkable
class Affecting(Protocol):
    """An annotator for whom a new fact may change what it said of earlier clips."""

    async def affected(self, clips: Sequence[Clip], records: Sequence[str], /) -> Collection[str]:
        """Name the clips to be annotated again, by id, because of what is new; none when nothing changes.

        Asked with the `clips` that were just annotated (as they were given to `annotate`; the findings are not in
        the ledger yet), and with the ids of `records` that were just admitted (which are), never with both. The
        clips that are named go to this annotator and to those after it once everything that is known now is
        in the ledger, and routes are planned again where their metadata changed. Ids of no clip, of one that is
        superseded or still being recorded are passed over. What a clip that is annotated again affects is asked
        for in turn, a few times over: name a clip only where its findings will change.
        """


@runtime_checkable
class Illustrator(Protocol):
    """An annotator that can show what a clip looks like."""

    async def picture(self, clip: Clip, width: int, /) -> bytes | None:
        """A JPEG, at most so many pixels across; None where none can be made.

        Asked for people who look at a list of clips, beside `annotate`. Raises MediaGone and Permanent as
        `context.path`.
        """


class Report(Protocol):
    """What a sink tells while it delivers; each call returns when the fact is durable."""

    async def intend(self) -> None:
        """Before asking for a remote place whose answer may be lost; counted until `begin`."""

    async def begin(self, head: Mapping[str, Any], /) -> None:
        """The remote place is known (asset id, part urls, part size ...): JSON values.

        A second `begin` starts over: the parts of the earlier one are forgotten.
        """

    async def proceed(self) -> None:
        """Ask before each part. Returns at once, except while the pipeline drains: then it does not return,
        and the call is cancelled as soon as the parts that had proceeded are reported.
        """

    async def part(self, number: int, value: str = "", /) -> None:
        """A part is there for good; it will be in `resume.parts` of every later call."""


class Sink(Protocol):
    async def deliver(self, clip: Clip, resume: Resume | None, report: Report, /) -> Receipt:
        """Return when the clip is durable there.

        May be called again after any crash or cancellation with all that it reported (None the first time).
        Never resumes over other bytes, never sends a reported part again. Where the spec is `live`, the clip may
        still be recorded: `context.follow` it, and return once all of the complete one is there.
        """


class Observer(Protocol):
    async def watch(self, events: AsyncIterator[Event], /) -> None:
        """Take everything that happened, in order, until cancelled.

        An event is over when the next one is asked for: what was not over when the pipeline ended, or died, comes
        again. A new observer is told what happens from its first start on.
        """


class Store(Protocol):
    """Small durable values of one component (JSON)."""

    async def get(self, key: str, default: Any = None, /) -> Any: ...
    async def set(self, key: str, value: Any, /) -> None: ...
    async def delete(self, key: str, /) -> None: ...


class Secrets(Protocol):
    """Sealed values of one component. Each change is atomic and durable when the call returns."""

    def get(self, name: str, /) -> str | None: ...
    def set(self, name: str, value: str, /) -> None: ...
    def delete(self, name: str, /) -> None: ...
    def remember(self, value: str, /) -> None:
        """From now on the value is removed from every log. What is got, set or an option of type Secret already is:
        this is for what was told by a service and is not sealed, such as a token that was just received.
        """


class Catalog(Protocol):
    async def query(self, sql: str, parameters: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        """Rows of a read-only query over the ledger's tables."""


class Devices(Protocol):
    """The sub-devices that sources told of in this run; none before a source has."""

    @property
    def present(self) -> Sequence[Device]:
        """Those that are there now, in a stable order."""

    async def changed(self) -> None:
        """Return when one has come, gone or got another name since the last call (at once, the first time)."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended with status 0; `output` is the end of its stderr."""

    output: str


class Context(Protocol):
    """What the engine lends to one component."""

    @property
    def id(self) -> str: ...
    @property
    def pipeline(self) -> str:
        """The name of the pipeline, as its file has it."""

    @property
    def folder(self) -> Path:
        """A folder of its own for files that outlive a run; exists."""

    @property
    def log(self) -> Logger: ...
    @property
    def store(self) -> Store: ...
    @property
    def secrets(self) -> Secrets: ...
    @property
    def catalog(self) -> Catalog: ...

    @property
    def devices(self) -> Devices: ...
    @property
    def order(self) -> Order:
        """The running delivery's order."""

    def path(self, clip: Clip, /) -> Path:
        """Where the clip's file is now.

        Raises MediaGone when its volume is not there, Permanent when the volume is but the file is not.
        """

    def open(self, clip: Clip, /) -> BinaryIO:
        """The clip's bytes, unbuffered; raises as `path`, and Permanent when the file is not what was admitted.

        The file of a clip that is not complete may be longer than that; Transient while it is shorter.
        """

    def verify(self, clip: Clip, stream: BinaryIO | None = None, /) -> None:
        """Raise Changed, a Permanent, when the file's size or mtime are not those admitted: call it after reading.

        An mtime from before the file was first seen is a copying tool's, which sets it once it is done.
        Of a clip that is not complete only a file that is shorter than it was raises, Transient.
        With the `stream` it was read from, that file is looked at, whatever has its name by now.
        """

    def workspace(self) -> Path:
        """A folder for the files of the running step; kept until every delivery of its job has settled."""

    def derive(
        self,
        clip: Clip,
        path: Path,
        /,
        *,
        role: Role,
        kind: Kind | None = None,
        meta: Mapping[str, Scalar] | None = None,
        complete: bool = True,
    ) -> Clip:
        """A clip for a finished file in the workspace, made from `clip`; metadata is inherited, `meta` on top.

        What is told of `clip` later is inherited as well, as long as work on the file is not done.
        When its file was made says nothing of when it was shot: the last write of the recording it comes from goes
        along as metadata `original_mtime_ns`, `first_seen` and `born` are that recording's.
        Its id is the same each time the step is repeated. With `complete=False` the file is still being made.
        """

    def follow(self, clip: Clip, /) -> AsyncIterator[Clip]:
        """The clip as it grows: as it is now, then each time it has become longer, and last the complete one.

        Only the newest state is yielded, what was missed is skipped; a complete clip is yielded once. Raises
        MediaGone and Permanent as `path`. Does not return while the pipeline drains (see `Report.proceed`).
        """

    async def announce(self, output: Clip, /) -> None:
        """An output of this live transform, derived with `complete=False`, can be followed from now on.

        The next step starts on it. Its followers are told as its file grows; the transform's return, with the
        same output derived as complete, completes it. A transform that is repeated announces it again.
        """

    async def run(
        self, command: Sequence[str], /, *, lines: Callable[[str], None] | None = None
    ) -> Completed:
        """Run a heavy command; `lines` gets each line of its stdout. Killed when cancelled.

        It waits until few enough others run, but not where its step began on a clip that was growing.

        Raises CommandFailed, or Unavailable when there is no such program.
        """

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of a module in a worker process, killed when cancelled. Raises WorkerDied."""

    def note(self, text: str, /) -> None:
        """Tell something about the running step that `explain` shows for ever; never a secret."""

    def say(self, text: str, /) -> None:
        """Tell people one line about the component: an event, which a run prints. Never a secret."""

    async def wake(self, until: str, /) -> None:
        """The steps of this component that wait by `NotYet(until=until)` are ready again.

        It is not remembered: say it whenever it has come about, and as it opens. "", "person", "metadata" and
        "complete" are a ValueError.
        """

    async def again(self, clips: Collection[str], /) -> None:
        """Have clips annotated again, as if `Affecting.affected` of this annotator had named them.

        Durable when it returns; without a running pipeline the next one does it. For what is new and is neither a
        clip nor a record, as a person's word.
        """

    def progress(self, done: float, total: float, /) -> None:
        """How far the running step is; any unit, shown as a share."""

    def show(self, **facts: Any) -> None:
        """Live facts of the component for `status`; a value of None removes one. Memory only, never a secret.

        A name that ends with `_at` or `_since` is a moment in epoch seconds; `attention` is told as what needs a
        person. While there is a `silent_since`, for an answer is overdue, or `connected` is False, its work is told
        not to move.
        """


@dataclass(frozen=True, kw_only=True)
class Action(Generic[ConfigT, PartT]):
    """Something a person may ask of a component: pair, login ...

    `run(options, context, part, arguments, tell)` gets the open component, or None while it is unavailable;
    it may `tell` facts while it works and returns the last.
    """

    summary: str
    run: Callable[[ConfigT, Context, PartT | None, Mapping[str, str], Tell], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Spec(Generic[ConfigT, PartT]):
    """A component's name, options and life.

    `open(options, context)` is the life, an `async with`; it raises Unavailable while the world is not there.
    `slots` is how many steps it works on at once unless the pipeline file says otherwise. `live` says that its
    `deliver` or `apply` follows clips that are still being recorded; those take no slot. `wishes` are the
    options that a route may give with a sink's id: `to: [{sink: ID, ...}]`; `agree` raises ConfigError where the
    sink's own options do not allow them. A `Template` called `folder` among either is shown by `plan`.

    `notes` tells, for `check`, what the options mean on this machine; it raises ConfigError where they cannot work.
    `reach(options, context)` is for components that open while their world is not there and look for it by
    themselves: `check --connect` awaits it after opening, and it raises why that world would not have us. `plans`
    says that `plan` may run a source: one that tells others that it has what it admitted must not, for a plan keeps
    nothing. `addresses` are those of the services that it calls with these options, `https://HOST[:PORT]` or
    `tcp://HOST:PORT` without anything secret, for `doctor` to look whether they answer. `keys` are the names that
    its findings write into the map `meta`, with what each means. `after` are the annotators whose findings an
    annotator works with: `check` notes where `prepare:` does not name them before it.
    """

    name: str
    summary: str
    config: type[ConfigT]
    open: Callable[[ConfigT, Context], AbstractAsyncContextManager[PartT]]
    slots: int = 1
    live: bool = False
    wishes: type[Options] | None = None
    agree: Callable[[ConfigT, Any], None] = lambda _options, _wishes: None
    actions: Mapping[str, Action[ConfigT, PartT]] = field(default_factory=dict)
    notes: Callable[[ConfigT], Sequence[str]] = lambda _options: ()
    reach: Callable[[ConfigT, Context], Awaitable[None]] | None = None
    plans: bool = True
    addresses: Callable[[ConfigT], Sequence[str]] = lambda _options: ()
    keys: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()


AnySpec = Spec[Any, Any]
