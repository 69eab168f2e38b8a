"""The contract of a source: `check_source`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path, PurePosixPath
from typing import Any

import trio

from rushes.contract import AnySpec
from rushes.model import Admission, Clip, Device, Record
from rushes.testing.bench import Bench, Ready, bench_of, digest
from rushes.testing.cuts import call_cut, spread
from rushes.testing.doubles import FakeIntake
from rushes.testing.leaks import nothing_left
from rushes.testing.lives import check_lives
from rushes.testing.options import check_options
from rushes.testing.promises import broken, demand, judged, works
from rushes.volumes import Volumes

#: Real seconds in which a source must have caught up.
CATCHES_UP_S = 20.0


@judged
async def check_source(
    spec: AnySpec,
    options: Mapping[str, Any],
    *,
    folder: Path,
    admits: Collection[str] = (),
    originals: Path | None = None,
    ready: Ready | None = None,
    cuts: int = 20,
    secrets: Collection[str] = (),
) -> None:
    """See that a source keeps every promise of `rushes.contract`; raises AssertionError with the one it breaks.

    `options` are what a pipeline file would say, `folder` is the test's own. `admits` are the file names of the clips
    and the ids of the records that the source has to admit before it says that it has caught up. `originals` is the
    folder that it reads: nothing in it may change. `ready(context)` is called with each StandIn before the source
    opens. It is cancelled at each checkpoint until it has caught up, at `cuts` of them where there are more. `secrets`
    are texts that may be seen nowhere. Needs the real clock.
    """
    checked = check_options("source", spec, options, secrets)

    def bench(name: str) -> AbstractAsyncContextManager[Bench]:
        return bench_of(spec, checked, folder / f"kit-{name}", ready=ready, secrets=secrets)

    before = _looks(originals)
    async with bench("first") as first:
        once = await _caught_up(first, WatchedIntake(), "run")
        told = once.told
        demand(
            not (missed := set(admits) - told),
            f"run said that it had caught up without admitting {', '.join(sorted(missed))}",
        )
    async with nothing_left(f"{spec.name}, run and cancelled again and again,"), bench("second") as second:
        await check_lives(second, "run", cuts)
        again = await _caught_up(second, WatchedIntake(), "run in another life")
        demand(
            told == again.told,
            f"run in another life admitted other things: {_some(told ^ again.told)}; the same world gives the same",
        )
    async with nothing_left(f"{spec.name}, cancelled while it catches up,"):
        await _cancelled(bench, told, cuts)
    demand(
        _looks(originals) == before, f"run of {spec.name} changed, moved or deleted something in {originals}"
    )


class WatchedIntake(FakeIntake):
    """As FakeIntake; a clip or record that comes again is a DUPLICATE, and each is judged."""

    def __init__(self) -> None:
        super().__init__()
        self.wrongs: list[str] = []

    async def clips(self, clips: Sequence[Clip], /) -> Sequence[Admission]:
        self.wrongs += [wrong for clip in clips if (wrong := _wrong_clip(clip))]
        known = {(clip.volume, clip.path): clip.fingerprint for clip in self.admitted}
        await super().clips(clips)
        return [_answer(clip, known.get((clip.volume, clip.path))) for clip in clips]

    async def records(self, records: Sequence[Record], /) -> None:
        self.wrongs += [wrong for record in records if (wrong := _wrong_record(record))]
        await super().records(records)

    async def devices(self, devices: Sequence[Device], /) -> None:
        for device in devices:
            if not isinstance(device, Device) or not device.id:
                self.wrongs.append(f"told of {device!r}; a device has an id")
        await super().devices(devices)

    @property
    def told(self) -> set[str]:
        """File names of complete clips, ids of records."""
        return {clip.filename for clip in self.admitted if clip.complete} | {r.id for r in self.seen_records}


def _answer(clip: Clip, known: object) -> Admission:
    if known is None:
        return Admission.NEW
    if known == clip.fingerprint:
        return Admission.DUPLICATE
    return Admission.UPDATED if clip.complete else Admission.GROWN


async def _caught_up(bench: Bench, intake: WatchedIntake, doing: str) -> WatchedIntake:
    """Run until it has caught up; nothing may fail meanwhile."""
    with works(doing):
        async with bench.life() as source:
            await _run(source, intake, doing)
    if intake.wrongs:
        broken(f"{doing} {intake.wrongs[0]}")
    for clip in intake.admitted:
        _found_again(bench, clip, doing)
    return intake


async def _run(source: Any, intake: FakeIntake, doing: str) -> None:
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(source.run, intake)
            with trio.move_on_after(CATCHES_UP_S) as patience:
                await intake.caught.wait()
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    if patience.cancelled_caught:
        broken(
            f"{doing} had not caught up after {CATCHES_UP_S:.0f} s; await intake.caught_up() after the first scan"
        )


async def _cancelled(bench: Any, told: set[str], cuts: int) -> None:
    """Cut at each checkpoint; what was not admitted by then is admitted by the next life."""
    async with bench("cut") as measured:
        whole = await _cut(measured, FakeIntake(), None)
        for at in spread(whole, cuts):
            intake = WatchedIntake()
            await _cut(measured, intake, at)
            doing = f"run, started again after a cancellation at checkpoint {at},"
            await _caught_up(measured, intake, doing)
            demand(
                told <= intake.told,
                f"{doing} never admitted {_some(told - intake.told)}; only what intake answered is admitted",
            )


async def _cut(bench: Bench, intake: FakeIntake, at: int | None) -> int:
    async def run() -> None:
        async with bench.life() as source:
            await _run(source, intake, "run")

    call = await call_cut("run", run, at)
    if call.failure is not None:
        with works("run"):
            raise call.failure
    intake.caught = trio.Event()
    return call.steps


def _wrong_clip(clip: Clip) -> str:
    path = PurePosixPath(clip.path)
    if clip.id or clip.revision != 1:
        return f"admitted {clip.path} with an id or a revision; intake gives both"
    if not clip.volume or not clip.path or path.is_absolute() or {"..", "."} & set(clip.path.split("/")):
        return f"admitted {clip.path!r} of volume {clip.volume!r}; a path is relative, with forward slashes"
    if clip.size < 0 or (clip.complete and not (clip.head and clip.tail and clip.mtime_ns)):
        return (
            f"admitted {clip.path} as complete without size, mtime, head and tail; they are its fingerprint"
        )
    return ""


def _wrong_record(record: Record) -> str:
    if not record.id or not record.source or not record.kind:
        return f"admitted {record!r}; a record has an id, a source and a kind"
    try:
        json.dumps([dict(record.data), dict(record.clock), [*record.history], [*record.conflicts]])
    except (TypeError, ValueError) as error:
        return f"admitted record {record.id} with data that is no JSON: {error}"
    return ""


def _found_again(bench: Bench, clip: Clip, doing: str) -> None:
    """A clip's volume and path lead to its file, as they will when it is worked on."""
    root = bench.context.volumes.get(clip.volume) or Volumes(work=bench.context.folder).root(clip.volume)
    demand(
        root is not None and (root / clip.path).is_file(),
        f"{doing} admitted {clip.path} of volume {clip.volume}, where no file is; use rushes.volumes.identify",
    )


def _looks(folder: Path | None) -> Mapping[str, tuple[int, str]]:
    """Every file below: its mtime and content."""
    files = [path for path in folder.rglob("*") if path.is_file()] if folder else []
    return {str(path): (path.stat().st_mtime_ns, digest(path)) for path in files}


def _some(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (" ..." if len(names) > 3 else "")
