"""Observers are told everything in order, at their own pace, and never take or hold up the pipeline."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
import trio

from engine_rig import (
    CallSource,
    FunctionSink,
    ListSource,
    card,
    clip_of,
    component,
    engine_of,
    pipeline,
    route,
    running,
)
from rushes import Unavailable
from rushes.engine.observing import KEEP_S, LAST_EVENTS_S, PAGE
from rushes.ledger import MEMORY
from rushes.ledger.rows import put_stored

pytestmark = pytest.mark.timeout(30)


class Watcher:
    """Takes events by a function; keeps what it was handed (`seen`) and what was over (`taken`)."""

    def __init__(self, take=None):
        self.seen = []
        self.taken = []
        self._take = take

    async def watch(self, events):
        async for event in events:
            self.seen.append(event)
            if self._take:
                await self._take(event)
            self.taken.append(event)

    def kinds(self, prefix=""):
        return [event.kind for event in self.taken if event.kind.startswith(prefix)]


def rig(tmp_path, *observers, source=None, sink=None, **opening):
    source = source or ListSource(card(tmp_path / "A001", "a.mov", "b.mov"))
    named = {f"hook{number}": each for number, each in enumerate(observers)}
    return pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        sinks=[component("sink", "sink", sink or FunctionSink())],
        routes=[route()],
        observers=[component("observer", name, each, **opening) for name, each in named.items()],
    )


async def hang(_event):
    await trio.sleep_forever()


def pause(seconds):
    async def take(_event):
        await trio.sleep(seconds)

    return take


async def told(engine):
    """The `seq` and kind of every event in the ledger."""
    return await engine._ledger.query("SELECT seq, kind FROM events ORDER BY seq")


async def cursor(engine, name="hook0"):
    rows = await engine._ledger.query("SELECT value FROM store WHERE key = ?", [f"observed.{name}"])
    return int(rows[0][0])


async def until(true):
    while not true():
        await trio.sleep(0.01)


async def test_everything_that_happens_is_told_in_order_to_its_very_end(tmp_path, autojump_clock):
    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher)) as engine:
        await engine.run(once=True)
        assert [(event.seq, event.kind) for event in watcher.taken] == await told(engine)
        assert watcher.kinds()[0] == "pipeline.started"
        assert watcher.kinds()[-1] == "pipeline.stopped"
        assert watcher.kinds("step.done") == ["step.done"] * 2
        done = next(event for event in watcher.taken if event.kind == "step.done")
        assert done.detail["receipt"]["where"] == "memory"


async def test_a_run_takes_up_where_the_last_one_ended_and_a_new_observer_starts_with_its_first(tmp_path):
    first, second, later = Watcher(), Watcher(), Watcher()
    ledger = tmp_path / "ledger.duckdb"
    async with engine_of(rig(tmp_path, first), ledger=ledger) as engine:
        await engine.run(once=True)
        before = await told(engine)
    async with engine_of(rig(tmp_path, second, later), ledger=ledger) as engine:
        await engine.run(once=True)
        since = (await told(engine))[len(before) :]
    assert [(event.seq, event.kind) for event in first.taken] == before
    assert [(event.seq, event.kind) for event in second.taken] == since
    assert [(event.seq, event.kind) for event in later.taken] == since
    assert since[0][1] == "pipeline.started"


async def test_a_plan_tells_no_observer(tmp_path, autojump_clock):
    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher)) as engine:
        await engine.run(once=True, deliver=False)
    assert watcher.seen == []


async def test_what_was_not_over_comes_again_after_a_failure_and_nothing_is_missed(tmp_path, autojump_clock):
    failures = [Unavailable("no answer"), RuntimeError("oops"), asyncio.CancelledError()]

    async def take(event):
        if event.kind == "step.done" and failures:
            raise failures.pop()

    watcher = Watcher(take)
    async with engine_of(rig(tmp_path, watcher)) as engine:
        async with running(engine):
            await until(lambda: not failures and len(watcher.kinds("component.back")))
        seqs = [event.seq for event in watcher.taken]
        assert seqs == list(range(1, len(seqs) + 1))
        again = [event.seq for event in watcher.seen]
        assert len(again) == len(seqs) + 3
        [(lost,)] = await engine._ledger.query(
            "SELECT count(*) FROM events WHERE kind = 'component.failed' AND component = 'hook0'"
        )
        assert lost == 2


@pytest.mark.parametrize(
    "failure", [RuntimeError("oops"), SystemExit(3), BaseExceptionGroup("two", [SystemExit(1), KeyError()])]
)
async def test_one_that_fails_on_and_on_takes_nobody_with_it(tmp_path, autojump_clock, failure):
    async def take(_event):
        raise failure

    bad, good, sink = Watcher(take), Watcher(), FunctionSink()
    async with engine_of(rig(tmp_path, bad, good, sink=sink)) as engine:
        outcome = await engine.run(once=True)
        assert (outcome.parked, outcome.waiting) == (0, 0)
        assert sorted(sink.delivered) == ["a.mov", "b.mov"]
        assert [(event.seq, event.kind) for event in good.taken] == await told(engine)
        assert bad.taken == []


async def test_one_that_cannot_open_is_told_in_status_and_gets_all_of_it_later(tmp_path, autojump_clock):
    away = True

    async def opening():
        if away:
            raise Unavailable("the receiver is away; start it")

    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher, opening=opening)) as engine:
        async with running(engine):
            await trio.sleep(30)
            status = await engine.status()
            [hook] = [each for each in status["components"] if each["id"] == "hook0"]
            events = len(await told(engine))
            assert (hook["kind"], hook["state"]) == ("observer", "unavailable")
            assert (hook["reason"], hook["facts"]) == (
                "the receiver is away; start it",
                {"events_left": events},
            )
            assert ("component", "hook0", hook["reason"]) in [
                (note["kind"], note["component"], note["reason"]) for note in status["attention"]
            ]
            away = False
            await until(lambda: len(watcher.taken) > events)
            status = await engine.status()
            [hook] = [each for each in status["components"] if each["id"] == "hook0"]
            assert (hook["state"], hook["facts"]) == ("open", {"events_left": 0})
        assert [event.seq for event in watcher.taken][:events] == list(range(1, events + 1))
        assert watcher.kinds("component.back") == ["component.back"]


async def test_one_that_never_opened_is_told_by_the_next_run_what_it_missed(tmp_path):
    async def opening():
        raise Unavailable("not today")

    ledger, watcher = tmp_path / "ledger.duckdb", Watcher()
    async with engine_of(rig(tmp_path, Watcher(), opening=opening), ledger=ledger) as engine:
        await engine.run(once=True)
    async with engine_of(rig(tmp_path, watcher), ledger=ledger) as engine:
        await engine.run(once=True)
        assert [(event.seq, event.kind) for event in watcher.taken] == await told(engine)
    assert watcher.kinds().count("pipeline.started") == 2


async def test_one_that_returns_is_called_broken_and_opened_again(tmp_path, autojump_clock):
    class Leaving(Watcher):
        async def watch(self, events):
            self.taken.append(await anext(events))

    watcher = Leaving()
    async with engine_of(rig(tmp_path, watcher)) as engine:
        async with running(engine):
            await trio.sleep(1)
            [hook] = [each for each in (await engine.status())["components"] if each["id"] == "hook0"]
            assert hook["state"] == "unavailable"
            assert hook["reason"].endswith("watch() returned; it takes events until it is cancelled")
            await trio.sleep(70)
    # The one event was never over.
    assert [event.seq for event in watcher.taken] == [1, 1]


async def test_one_that_hangs_holds_up_no_run_for_longer_than_its_last_seconds(
    tmp_path, autojump_clock, caplog
):
    hanging, sink = Watcher(hang), FunctionSink()
    async with engine_of(rig(tmp_path, hanging, sink=sink)) as engine:
        began = trio.current_time()
        await engine.run(once=True)
        assert trio.current_time() - began == pytest.approx(LAST_EVENTS_S, abs=0.5)
        assert len(sink.delivered) == 2
        assert await cursor(engine) == 0
        assert f"hook0: {len(await told(engine))} events are left for the next run" in caplog.text


async def test_one_that_is_away_holds_up_no_run_at_all(tmp_path, autojump_clock):
    async def take(_event):
        raise RuntimeError("oops")

    async with engine_of(rig(tmp_path, Watcher(take))) as engine:
        began = trio.current_time()
        await engine.run(once=True)
        assert trio.current_time() - began < 0.5


async def test_a_drain_is_over_in_its_time_whatever_observers_do(tmp_path, autojump_clock):
    class Slow(FunctionSink):
        async def deliver(self, clip, resume, report):
            await report.begin({})
            await trio.sleep_forever()

    hanging = Watcher(hang)
    async with engine_of(rig(tmp_path, hanging, sink=Slow())) as engine:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(engine.run)
            await until(lambda: engine._worker.running)
            began = trio.current_time()
            engine.drain()
        assert trio.current_time() - began == pytest.approx(9.0, abs=0.2)


async def test_a_second_signal_waits_for_no_observer(tmp_path, autojump_clock):
    hanging = Watcher(hang)
    async with engine_of(rig(tmp_path, hanging)) as engine:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(engine.run)
            await until(lambda: hanging.seen)
            engine.drain()
            await trio.sleep(LAST_EVENTS_S / 2)
            began = trio.current_time()
            engine.cancel()
        assert trio.current_time() - began < 0.1


async def test_a_slow_one_holds_up_nobody(tmp_path, autojump_clock):
    watcher, sink = Watcher(pause(1)), FunctionSink()
    source = ListSource(card(tmp_path / "A001", *(f"{number}.mov" for number in range(20))))
    async with engine_of(rig(tmp_path, watcher, source=source, sink=sink)) as engine:
        began = trio.current_time()
        await engine.run(once=True)
        assert trio.current_time() - began < 10
        assert len(sink.delivered) == 20
        assert len(watcher.taken) < 12


async def test_there_is_never_more_than_a_page_in_memory(tmp_path, autojump_clock):
    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher, source=ListSource([]))) as engine:
        await engine._ledger.write([engine._journal.event("component.said") for _ in range(3 * PAGE)])
        [place] = engine._observing._places.values()
        lengths, read = [], place.page

        async def noting():
            lengths.append(len(found := await read()))
            return found

        place.page = noting
        await engine.run(once=True)
        assert [event.seq for event in watcher.taken] == [seq for seq, _ in await told(engine)]
    assert max(lengths) <= PAGE
    assert sum(lengths) == len(watcher.taken) > 3 * PAGE


async def test_the_cursor_is_kept_once_a_second_while_it_moves_and_when_it_rests(tmp_path, autojump_clock):
    watcher = Watcher(pause(0.1))
    async with engine_of(rig(tmp_path, watcher, source=ListSource([]))) as engine:
        await engine._ledger.write([engine._journal.event("component.said") for _ in range(50)])
        kept, post = [], engine._ledger.post

        def noting(changes):
            changes = list(changes)
            kept.extend(
                (trio.current_time(), change.row[2]) for change in changes if "observed.hook0" in change.row
            )
            return post(changes)

        engine._ledger.post = noting
        async with running(engine):
            await trio.sleep(10)
            resting = len(watcher.taken)
            assert await cursor(engine) == resting
            count = len(kept)
            await trio.sleep(60)
            assert len(kept) == count
    times = [moment for moment, _ in kept]
    assert 5 <= count <= 8
    assert all(later - earlier >= KEEP_S for earlier, later in pairwise(times))


async def test_a_full_disk_does_not_stop_what_is_durable_already(tmp_path, autojump_clock, monkeypatch):
    """The cursor is posted, not awaited."""
    watcher = Watcher(pause(0.5))
    async with engine_of(rig(tmp_path, watcher, source=ListSource([]))) as engine:
        await engine._ledger.write([engine._journal.event("component.said") for _ in range(20)])
        free, commit = trio.Event(), engine._ledger._commit

        async def later(changes):
            await free.wait()
            await commit(changes)

        async with running(engine):
            await until(lambda: len(watcher.taken) >= 2)
            monkeypatch.setattr(engine._ledger, "_commit", later)
            await trio.sleep(20)
            assert len(watcher.taken) >= 20
            assert await cursor(engine) < 20
            free.set()
            await trio.sleep(2)
            assert await cursor(engine) == len(watcher.taken)


async def test_a_killed_run_repeats_what_its_cursor_was_behind_by_and_skips_nothing(tmp_path):
    """A kill is a ledger of which the last commits are those that were acknowledged: here, no cursor since."""
    watcher = Watcher()
    ledger = tmp_path / "ledger.duckdb"
    async with engine_of(rig(tmp_path, watcher), ledger=ledger) as engine:
        await engine.run(once=True)
        await engine._ledger.write([put_stored("engine", "observed.hook0", 3)])
    again = Watcher()
    async with engine_of(rig(tmp_path, again), ledger=ledger) as engine:
        await engine.run(once=True)
        assert [(event.seq, event.kind) for event in again.taken] == (await told(engine))[3:]
    before = {event.seq: event for event in watcher.taken}
    assert all(before[event.seq] == event for event in again.taken if event.seq in before)
    assert len(before) > 4


async def test_numbers_that_were_never_written_are_passed_over(tmp_path, autojump_clock):
    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher, source=ListSource([]))) as engine:
        for _ in range(3 * PAGE):
            engine._journal.event("component.said")
        await engine.run(once=True)
        assert [event.seq for event in watcher.taken] == [seq for seq, _ in await told(engine)]
        assert watcher.taken[-1].seq > 3 * PAGE


async def test_a_watcher_of_the_api_is_served_beside_observers(tmp_path, autojump_clock):
    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher), ledger=MEMORY) as engine:
        async with engine.events(0) as live:
            await engine.run(once=True)
            streamed = [live.receive_nowait().seq for _ in range(len(watcher.taken))]
    assert sorted(streamed) == [event.seq for event in watcher.taken]


async def test_an_event_that_is_numbered_while_another_batch_is_read_is_told_too(tmp_path):
    """A clip came and another's bytes changed, in one batch; something was said while the ledger was asked of it."""
    folder, fed, finished = tmp_path / "A001", trio.Event(), trio.Event()
    [before] = card(folder, "a.mov")

    async def run(intake):
        await intake.clips([before])
        await fed.wait()
        [fresh] = card(folder, "b.mov")
        (folder / "a.mov").write_bytes(b"picture, and more of it")
        await intake.clips([fresh, replace(clip_of(folder / "a.mov"), head=before.head)])
        finished.set()
        await intake.caught_up()

    watcher = Watcher()
    async with engine_of(rig(tmp_path, watcher, source=CallSource(run))) as engine, running(engine):
        ask = engine._ledger.query

        async def slowly(sql, parameters=()):
            if "FROM findings" in sql:
                engine._said("hook0", "meanwhile")
                await until(lambda: "component.said" in watcher.kinds())
            return await ask(sql, parameters)

        engine._ledger.query = slowly
        fed.set()
        with trio.fail_after(10):
            await finished.wait()
            await until(lambda: "clip.changed" in watcher.kinds())
        assert watcher.kinds("clip.") == ["clip.admitted", "clip.admitted", "clip.changed"]
        taken = [(event.seq, event.kind) for event in watcher.taken]
        assert taken == (await told(engine))[: len(taken)]
