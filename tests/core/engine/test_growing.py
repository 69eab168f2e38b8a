"""Clips that are still being recorded: who may start on them, who follows them, what is written of them."""

from __future__ import annotations

import os

import pytest
import trio

from engine_rig import (
    FunctionAnnotator,
    FunctionSink,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
    slow_commits,
)
from growing_rig import FollowingSink, Recorder, live_pipeline
from rushes import Finding, MediaGone, Permanent, Receipt, Transient
from rushes.engine import dispatch
from rushes.engine.growth import LOOK_S
from rushes.engine.work import RECORDING_POLL_S
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)


async def states(engine):
    """Of all jobs, the oldest first."""
    jobs = sorted((await engine.jobs())["jobs"], key=lambda job: job["created"])
    return [(job["state"], job["reason"]) for job in jobs]


async def receipts(engine):
    """Name and size of all that was delivered."""
    return sorted(
        (step["name"], step["receipt"]["size"])
        for job in (await engine.jobs())["jobs"]
        for step in job["steps"]
        if step["receipt"]
    )


async def until(engine, holds):
    """Return once `holds()`; for tests on the real clock."""
    with trio.fail_after(10):
        while not holds():
            with trio.move_on_after(0.2):
                await engine._pulse.after(engine._pulse.count)


async def events(engine, clip):
    return [event["kind"] for event in (await engine.clip(clip))["events"]]


# -- following ---------------------------------------------------------------------------------------------


async def test_a_live_sink_starts_with_the_recording_and_ends_with_the_complete_clip(
    tmp_path, autojump_clock
):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    probe = FunctionAnnotator(lambda clip: {"duration": float(clip.size)})
    prepare = [component("annotator", "probe", probe)]
    async with engine_of(live_pipeline(tmp_path, source, sink, prepare=prepare)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(1)
        assert await states(engine) == [("running", "")]
        await source.write("a.mov", b"def")
        await trio.sleep(1)
        assert probe.batches == []  # a half-written file would be called broken
        await source.finish("a.mov", b"ghi")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]
        assert await receipts(engine) == [("a.mov", 9)]
        document = await engine.clip("a.mov")
        assert (document["clip"]["complete"], document["clip"]["duration"]) == (True, 9.0)
        assert await events(engine, "a.mov") == [
            "clip.admitted", "job.planned", "step.started", "clip.completed", "step.done", "job.settled",
        ]  # fmt: skip
    assert source.answers == ["new", "grown", "updated"]
    assert sink.seen["a.mov"] == [(3, False), (6, False), (9, True)]
    assert sink.received == {"a.mov": b"abcdefghi"}
    assert probe.batches == [["a.mov"]]


async def test_growth_is_memory_only(tmp_path, autojump_clock, monkeypatch):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        gates = slow_commits(engine, monkeypatch)
        history = await events(engine, "a.mov")
        gates.close()
        for _ in range(100):
            await source.write("a.mov")
            await trio.sleep(1)
        gates.open()
        assert await events(engine, "a.mov") == history
        assert len(sink.seen["a.mov"]) == 101
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await receipts(engine) == [("a.mov", 101 * 7)]


async def test_a_slow_follower_gets_the_newest_state_only(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    sink.pace_s = 4.5
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        for _ in range(10):
            await source.write("a.mov", b"x")
            await trio.sleep(1)
        await source.finish("a.mov", b"x")
        await trio.sleep(20)
        assert await states(engine) == [("done", "")]
    sizes = [size for size, _ in sink.seen["a.mov"]]
    assert sizes == sorted(set(sizes))
    assert len(sizes) <= 4
    assert sizes[-1] == 11


async def test_a_complete_clip_is_followed_once(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.finish("a.mov", b"whole")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]
    assert sink.seen == {"a.mov": [(5, True)]}


async def test_the_same_file_that_became_shorter_is_the_same_recording(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov", bytes(1000))
        await trio.sleep(1)
        with (tmp_path / "A" / "a.mov").open("r+b") as file:
            file.truncate(400)
        await source.seen("a.mov")
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await receipts(engine) == [("a.mov", 400)]
    assert source.answers == ["new", "grown", "updated"]


async def test_another_recording_under_the_name_ends_the_job_and_begins_one(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov", bytes(1000))
        await trio.sleep(1)
        (tmp_path / "A" / "a.mov").rename(tmp_path / "A" / "kept")
        await source.write("a.mov", b"new")
        await trio.sleep(1)
        assert await states(engine) == [
            ("parked", "another recording took the name a.mov on A; this one was not delivered"),
            ("running", ""),
        ]
        await source.finish("a.mov", b"est")
        await trio.sleep(1)
        assert await receipts(engine) == [("a.mov", 6)]
    assert source.answers == ["new", "new", "updated"]
    assert sink.received == {"a.mov": b"newest"}


# -- who may start -----------------------------------------------------------------------------------------


async def test_only_live_routes_take_a_clip_that_is_being_recorded(tmp_path, autojump_clock):
    source, live, late = Recorder(tmp_path / "A"), FollowingSink(), FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        sinks=[component("sink", "live", live, live=True), component("sink", "late", late)],
        routes=[route("first", to=["live"], live=True), route("second", to=["late"])],
    )
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        assert [job["route"] for job in (await engine.jobs())["jobs"]] == ["first"]
        await source.finish("a.mov")
        await trio.sleep(1)
        assert sorted(job["route"] for job in (await engine.jobs())["jobs"]) == ["first", "second"]
        assert await states(engine) == [("done", "")] * 2
    assert (len(live.started), late.delivered) == (1, ["a.mov"])


async def test_a_component_that_does_not_follow_waits_until_the_clip_is_annotated(tmp_path, autojump_clock):
    source, seen = Recorder(tmp_path / "A"), []

    async def deliver(clip, _resume, _report):
        seen.append((clip.complete, clip.meta.get("scene")))

    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {"scene": "12"}))
    made = live_pipeline(tmp_path, source, FunctionSink(deliver), live_sink=False, prepare=[probe])
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("waiting", "still being recorded")]
        [job] = (await engine.jobs())["jobs"]
        for verb in ("release", "hold", "release"):
            await engine.queue(verb, [job["id"]])
        await trio.sleep(1)
        assert (await states(engine), seen) == ([("waiting", "still being recorded")], [])
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]
    assert seen == [(True, "12")]


async def test_recordings_take_no_slot_and_give_none_up(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    sink.pace_s = 30
    made = live_pipeline(tmp_path, source, sink, slots=1)
    async with engine_of(made) as engine, running(engine):
        for name in ("old1.mov", "old2.mov"):
            await source.finish(name)
        for name in ("a.mov", "b.mov", "c.mov"):
            await source.write(name)
        await trio.sleep(2)
        assert [name for name, *_ in sink.started] == ["old1.mov", "a.mov", "b.mov", "c.mov"]
        jobs = {job["name"]: job["id"] for job in (await engine.jobs())["jobs"]}
        await engine.queue("top", [jobs["old2.mov"]])
        await trio.sleep(2)
        # It has the one slot; the recordings went on.
        assert [name for name, *_ in sink.started][4:] == ["old2.mov"]
        for name in ("a.mov", "b.mov", "c.mov"):
            await source.finish(name)
        await trio.sleep(200)
        assert await states(engine) == [("done", "")] * 5
    assert len(sink.started) == 6  # the first, that gave way, once more


async def test_what_found_no_room_while_it_was_recorded_takes_a_slot_when_it_is_complete(
    tmp_path, autojump_clock, monkeypatch
):
    monkeypatch.setattr(dispatch, "MOST_GROWING", 1)
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        for name in ("a.mov", "b.mov", "c.mov"):
            await source.write(name)
            await trio.sleep(1)
        assert sink.started == [("a.mov", False, False)]
        await source.finish("b.mov")
        await trio.sleep(1)
        assert sink.started[1:] == [("b.mov", True, False)]
        await source.finish("a.mov")
        await trio.sleep(1)
        assert sink.started[2:] == [("c.mov", False, False)]


async def test_a_rule_that_matches_no_more_ends_only_what_has_not_begun(tmp_path, autojump_clock):
    source, live, late = Recorder(tmp_path / "A"), FollowingSink(), FunctionSink()
    when = "coalesce(scene, '') <> '12'"
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        prepare=[component("annotator", "probe", FunctionAnnotator(lambda _clip: {"scene": "12"}))],
        sinks=[component("sink", "live", live, live=True), component("sink", "late", late)],
        routes=[
            route("first", to=["live"], live=True, when=when),
            route("second", to=["late"], live=True, when=when),
        ],
    )
    live.pace_s = 5
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        await source.finish("a.mov", b"more")
        await trio.sleep(20)
        assert {job["route"]: job["state"] for job in (await engine.jobs())["jobs"]} == {
            "first": "done",
            "second": "withdrawn",
        }
    assert late.calls == []


async def test_broken_media_parks_what_waited_for_it(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")
    probe = FunctionAnnotator(lambda clip: Finding(clip=clip.id, problem="truncated"))
    prepare = [component("annotator", "probe", probe)]
    made = live_pipeline(tmp_path, source, FunctionSink(), live_sink=False, prepare=prepare)
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("parked", "truncated")]
        assert "step.parked" in await events(engine, "a.mov")


async def test_a_manual_live_route_starts_when_a_person_releases_it(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink, auto=False)) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        [job] = (await engine.jobs())["jobs"]
        assert (job["state"], sink.started) == ("waiting", [])
        await engine.queue("release", [job["id"]])
        await trio.sleep(1)
        assert sink.started == [("a.mov", False, False)]
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]


async def test_a_recording_is_planned_though_the_annotators_are_away(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()

    async def away():
        raise MediaGone("v", "never")

    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {}), opening=away)
    async with engine_of(live_pipeline(tmp_path, source, sink, prepare=[probe])) as engine, running(engine):
        await source.finish("old.mov")
        await source.write("a.mov")
        await trio.sleep(1)
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]
    assert [name for name, *_ in sink.started] == ["a.mov"]


# -- what goes wrong ---------------------------------------------------------------------------------------


async def test_a_sink_that_returns_before_the_recording_ends_has_a_bug(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")

    async def hasty(clip, _resume, _report):
        return Receipt(where="memory", size=clip.size)

    async with engine_of(live_pipeline(tmp_path, source, FunctionSink(hasty))) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        [(state, reason)] = await states(engine)
        assert state == "parked"
        assert "returned while a.mov was still growing" in reason


async def test_a_recording_deleted_while_it_is_followed_parks(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        (tmp_path / "A" / "a.mov").unlink()
        await trio.sleep(2 * LOOK_S)
        assert await states(engine) == [("parked", "deleted from card A")]


async def test_what_waits_for_a_recording_that_is_deleted_parks(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FunctionSink()
    made = live_pipeline(tmp_path, source, sink, live_sink=False)
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        (tmp_path / "A").rename(tmp_path / "pulled")
        await trio.sleep(2 * RECORDING_POLL_S)
        assert await states(engine) == [("waiting", "still being recorded")]
        (tmp_path / "pulled" / "a.mov").unlink()
        (tmp_path / "pulled").rename(tmp_path / "A")
        await trio.sleep(2 * RECORDING_POLL_S)
        assert await states(engine) == [("parked", "deleted from card A")]


async def test_a_card_that_goes_while_it_records_is_waited_for(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(1)
        (tmp_path / "A").rename(tmp_path / "pulled")
        await trio.sleep(3)
        assert await states(engine) == [("waiting", "insert card A")]
        (tmp_path / "pulled").rename(tmp_path / "A")
        await source.finish("a.mov", b"def")
        await trio.sleep(3)
        assert await receipts(engine) == [("a.mov", 6)]
    assert [resumed for *_, resumed in sink.started] == [False, True]


async def test_a_file_may_be_longer_than_admitted_and_shorter_for_a_moment(tmp_path, autojump_clock):
    source, found = Recorder(tmp_path / "A"), []

    async def deliver(clip, _resume, _report):
        path = sink.context.path(clip)
        with path.open("ab") as file:
            file.write(b"more")
        sink.context.open(clip).close()
        path.write_bytes(b"")
        try:
            sink.context.verify(clip)
        except Transient as error:
            found.append(str(error))
        raise Permanent("enough")

    sink = FunctionSink(deliver)
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(1)
        assert await states(engine) == [("parked", "enough")]
    assert found == ["a.mov: became shorter while it was recorded (3 bytes before, 0 now)"]


async def test_a_time_that_a_copying_tool_sets_late_is_no_change(tmp_path, autojump_clock):
    source, found = Recorder(tmp_path / "A"), []

    async def deliver(clip, _resume, _report):
        path = sink.context.path(clip)
        os.utime(path, (0, 0))  # where the virtual clock begins
        sink.context.verify(clip)
        path.write_bytes(b"abd")
        try:
            sink.context.verify(clip)
        except Permanent as error:
            found.append(str(error))
        raise Permanent("enough")

    sink = FunctionSink(deliver)
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.finish("a.mov", b"abc")
        await trio.sleep(1)
        assert await states(engine) == [("parked", "enough")]
    assert [text.split(" (")[0] for text in found] == ["a.mov: changed since it was admitted"]


# -- ends and beginnings of runs ---------------------------------------------------------------------------


async def test_once_goes_on_while_a_recording_is_delivered(tmp_path, autojump_clock):
    source, sink, outcomes = Recorder(tmp_path / "A", catches_up=False), FollowingSink(), []
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, trio.open_nursery() as nursery:

        async def once():
            outcomes.append(await engine.run(once=True))
            nursery.cancel_scope.cancel()

        nursery.start_soon(once)
        await source.write("a.mov")
        await trio.sleep(100)
        assert outcomes == []
        await source.finish("a.mov")
        await trio.sleep(100)
    assert [(outcome.parked, outcome.waiting) for outcome in outcomes] == [(0, 0)]


async def test_a_drain_does_not_wait_for_a_recording(tmp_path, autojump_clock):
    source, sink, over = Recorder(tmp_path / "A"), FollowingSink(), trio.Event()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, trio.open_nursery() as nursery:

        async def run():
            await engine.run()
            over.set()

        nursery.start_soon(run)
        await source.write("a.mov")
        await trio.sleep(1)
        asked = trio.current_time()
        engine.drain()
        await over.wait()
        assert trio.current_time() - asked < 0.5


@pytest.mark.parametrize("while_down", ["still recorded", "completed"])
async def test_a_recording_is_taken_up_by_the_next_run(tmp_path, while_down):
    ledger = tmp_path / FILE_NAME
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink), ledger=ledger) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await until(engine, lambda: sink.seen.get("a.mov"))
        await source.write("a.mov", b"def")
    source, again = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, again), ledger=ledger) as engine, running(engine):
        await until(engine, lambda: again.seen.get("a.mov"))
        assert again.seen["a.mov"] == [(3, False)]  # as the ledger has it, until the source tells it again
        if while_down == "still recorded":
            await source.write("a.mov", b"ghi")
            await source.finish("a.mov", b"jkl")
        else:
            await source.finish("a.mov", b"ghijkl")
        await until(engine, lambda: again.received)
    assert again.started == [("a.mov", False, True)]
    assert again.received == {"a.mov": b"abcdefghijkl"}
    assert source.answers[-1] == "updated"


async def test_a_recording_that_is_gone_after_a_restart_parks(tmp_path):
    ledger = tmp_path / FILE_NAME
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink), ledger=ledger) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await until(engine, lambda: sink.seen.get("a.mov"))
    (tmp_path / "A" / "a.mov").unlink()
    made = live_pipeline(tmp_path, Recorder(tmp_path / "A"), FollowingSink())
    async with engine_of(made, ledger=ledger) as engine:
        assert (await engine.run(once=True)).parked == 1
        assert await states(engine) == [("parked", "deleted from card A")]


async def test_what_waited_for_a_recording_starts_live_once_its_component_follows(tmp_path):
    ledger = tmp_path / FILE_NAME
    source = Recorder(tmp_path / "A")
    made = live_pipeline(tmp_path, source, FunctionSink(), live_sink=False)
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await until(engine, lambda: engine._board.jobs)
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink), ledger=ledger) as engine, running(engine):
        await until(engine, lambda: sink.seen)
        await source.finish("a.mov")
        await until(engine, lambda: sink.received)


# -- what people are told ----------------------------------------------------------------------------------


async def test_people_are_told_that_it_is_being_recorded(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov", bytes(100))
        await trio.sleep(1)
        await source.write("a.mov", bytes(50))
        await trio.sleep(1)
        [work] = (await engine.status())["current"]
        assert (work["done"], work["total"], work["growing"], work["eta_s"]) == (150, 150, True, None)
        document = await engine.clip("a.mov")
        assert (document["clip"]["complete"], document["clip"]["size"]) == (False, 150)
        assert document["jobs"][0]["size"] == 150


async def test_without_a_live_route_a_recording_is_delivered_when_it_is_complete(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FunctionSink()
    async with engine_of(simple(tmp_path, source, sink)) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        assert await states(engine) == []
        await source.write("a.mov")
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await receipts(engine) == [("a.mov", 14)]
