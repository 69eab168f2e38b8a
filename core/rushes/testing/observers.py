"""The contract of an observer: `check_observer`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import trio

from rushes.contract import AnySpec
from rushes.events import Event
from rushes.testing.bench import Bench, Ready, bench_of
from rushes.testing.cuts import call_cut, spread
from rushes.testing.faults import FAULTY_S, Fail, failing
from rushes.testing.leaks import nothing_left
from rushes.testing.lives import check_lives
from rushes.testing.options import check_options
from rushes.testing.promises import answered, broken, demand, expected, judged, works

#: The `seq` of every event that the world has been told, in the order it came, repetitions included.
Told = Callable[[], Sequence[int] | Awaitable[Sequence[int]]]

#: Events of one call, once the first has taken them all.
BATCH = 3
#: Real seconds in which all events must have been taken.
TAKES_S = 20.0


@judged
async def check_observer(
    spec: AnySpec,
    options: Mapping[str, Any],
    *,
    folder: Path,
    told: Told | None = None,
    ready: Ready | None = None,
    fail: Fail | None = None,
    events: Sequence[Event] = (),
    cuts: int = 20,
    seeds: int = 8,
    secrets: Collection[str] = (),
) -> None:
    """See that an observer keeps every promise of `rushes.contract`; raises AssertionError with the one it breaks.

    `options` are what a pipeline file would say, `folder` is the test's own. It is given `events`, or a few of each
    sort. `told()` answers with the `seq` of every event that has reached the world; without it, it is believed.
    `ready(context)` is called with each StandIn before the observer opens. `fail(dice)` is held while the world is to
    fail, in a way that the seeded dice choose. It is cancelled at each checkpoint, at `cuts` of them where there are
    more; the world fails by `seeds` seeds. `secrets` are texts that may be seen nowhere. Needs the real clock.
    """
    checked = check_options("observer", spec, options, secrets)

    def bench(name: str) -> AbstractAsyncContextManager[Bench]:
        return bench_of(spec, checked, folder / f"kit-{name}", ready=ready, secrets=secrets)

    kinds = list(events) or EVENTS
    log = _Log(kinds)
    async with bench("first") as first:
        async with first.life() as observer:
            with works("watch"):
                await _watched(observer, log, len(kinds), told)
        await log.judge(told, 1, "watch")
    async with (
        nothing_left(f"{spec.name}, watching and cancelled again and again,"),
        bench("second") as second,
    ):
        await check_lives(second, "watch", cuts)
        await _cancelled(second, log, told, cuts)
        for seed in range(seeds if fail is not None else 0):
            await _fails(second, log, told, fail, seed)


class _Log:
    """Events as the engine hands them out: one is over when the next is asked for, the rest come again."""

    def __init__(self, kinds: Sequence[Event]) -> None:
        self._kinds = kinds
        self.over = 0
        self.asked = trio.Event()
        self.wrongs: list[str] = []

    def event(self, seq: int) -> Event:
        kind = self._kinds[(seq - 1) % len(self._kinds)]
        return Event(
            kind=kind.kind, at=1_700_000_000.0 + seq, seq=seq, clip=kind.clip, job=kind.job, step=kind.step,
            component=kind.component, detail=kind.detail,
        )  # fmt: skip

    async def judge(self, told: Told | None, first: int, doing: str) -> None:
        """All events up to the last one that is over have come, each for the first time in order."""
        if self.wrongs:
            broken(f"{doing} {self.wrongs[0]}; what was not told when the pipeline dies would be lost")
        if told is None:
            return
        order = [seq for seq in dict.fromkeys(await answered("told", told)) if seq >= first]
        demand(order == sorted(order), f"{doing} told events out of order: {order[:20]}")
        missed = set(range(first, self.over + 1)) - set(order)
        demand(not missed, f"{doing} never told event {min(missed, default=0)}, which it took")


class _Stream:
    """The events from the first that is not over to `until`, then silence."""

    def __init__(self, log: _Log, until: int, told: Told | None) -> None:
        self._log = log
        self._until = until
        self._told = told
        self._handed_out = 0

    def __aiter__(self) -> _Stream:
        return self

    async def __anext__(self) -> Event:
        await trio.lowlevel.checkpoint()
        log, seq = self._log, self._handed_out
        if seq and self._told is not None and seq not in await answered("told", self._told):
            log.wrongs.append(f"asked for the next event before event {seq} had reached the world")
        log.over = max(log.over, seq)
        if log.over >= self._until:
            log.asked.set()
            await trio.sleep_forever()
        self._handed_out = log.over + 1
        return log.event(self._handed_out)


async def _watched(observer: Any, log: _Log, until: int, told: Told | None) -> None:
    """Watch until all events are over; it must not end by itself meanwhile."""
    log.asked = trio.Event()
    ended = False

    async def watch() -> None:
        nonlocal ended
        await observer.watch(_Stream(log, until, told))
        ended = True
        log.asked.set()

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch)
            with trio.move_on_after(TAKES_S) as patience:
                await log.asked.wait()
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    if patience.cancelled_caught:
        broken(f"watch had not taken {until} events after {TAKES_S:.0f} s; it took {log.over}")
    demand(not ended, "watch returned by itself; it takes events until it is cancelled")


async def _cancelled(bench: Bench, log: _Log, told: Told | None, cuts: int) -> None:
    """Cut at each checkpoint; the events that were not over come again, and none is lost."""

    async def watch() -> None:
        async with bench.life() as observer:
            await _watched(observer, log, log.over + BATCH, told)

    whole = await call_cut("watch", watch)
    if whole.failure is not None:
        with works("watch"):
            raise whole.failure
    for at in spread(whole.steps, cuts):
        first = log.over + 1
        await call_cut("watch", watch, at)
        with works(f"watch, called again after a cancellation at checkpoint {at},"):
            await watch()
        await log.judge(told, first, f"watch, called again after a cancellation at checkpoint {at},")


async def _fails(bench: Bench, log: _Log, told: Told | None, fail: Any, seed: int) -> None:
    """In a world that fails it may wait or give up; in a whole one the events come again, and none is lost."""
    first, doing = log.over + 1, f"watch under the faults of seed {seed}"

    async def watch() -> None:
        async with bench.life() as observer:
            await _watched(observer, log, log.over + BATCH, told)

    async with failing(fail, seed):
        with trio.move_on_after(FAULTY_S):
            try:
                await watch()
            except (Exception, BaseExceptionGroup, SystemExit) as failure:  # noqa: BLE001 - judged by `expected`
                expected(failure, doing)
    with works(f"watch, called again after seed {seed},"):
        await watch()
    await log.judge(told, first, doing)


#: A few of each sort, with what their details hold.
EVENTS: Sequence[Event] = (
    Event(kind="pipeline.started", at=0.0, detail={"name": "onset", "pid": 4711}),
    Event(kind="clip.admitted", at=0.0, clip="c1", detail={"name": "A001C001.mov", "path": "A001/é.mov"}),
    Event(kind="step.note", at=0.0, clip="c1", job="j1", step="j1.1", component="proxy", detail={"text": 'a "note"'}),
    Event(
        kind="step.done", at=0.0, clip="c1", job="j1", step="j1.2", component="raid",
        detail={"name": "A001C001.mov", "receipt": {"where": "/raid/A001C001.mov", "size": 1000, "sent": 1000}},
    ),
    Event(kind="step.parked", at=0.0, clip="c1", job="j1", step="j1.2", detail={"reason": "no moov atom"}),
    Event(kind="component.lost", at=0.0, component="raid", detail={"reason": "no such folder"}),
)  # fmt: skip
