"""Growing clips at the edges: what a person, a slow disk, a restart or a careless plugin does in between."""

from __future__ import annotations

from dataclasses import replace

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
)
from growing_rig import CopyingTransform, FollowingSink, Recorder, live_pipeline
from rushes import Finding, Permanent, Role, Transient
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)


async def states(engine):
    return [(job["state"], job["reason"]) for job in (await engine.jobs())["jobs"]]


def copying(tmp_path, source, transform, sink, **options):
    steps = [component("transform", "copy", transform, live=True)]
    return live_pipeline(tmp_path, source, sink, steps=steps, **options)


async def test_what_is_delivered_is_not_sent_again_by_a_retry_of_its_job(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")
    delivered = []

    async def stumble(clip, _resume, _report):
        delivered.append((clip.filename, clip.complete))
        if not clip.complete:
            raise Transient("no room", retry_after=3000)

    async def refuse(_clip, _resume, _report):
        raise Permanent("refused")

    made = pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        sinks=[
            component("sink", "good", FunctionSink(stumble), live=True),
            component("sink", "bad", FunctionSink(refuse)),
        ],
        routes=[
            route(
                steps=[component("transform", "copy", CopyingTransform(), live=True)],
                to=["good", "bad"],
                live=True,
            )
        ],
    )
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        await source.finish("a.mov", b"def")
        await trio.sleep(4000)
        [job] = (await engine.jobs())["jobs"]
        assert job["state"] == "parked"
        assert delivered[-1] == ("copy-a.mov", True)
        before = len(delivered)
        await engine.queue("retry", [job["id"]])
        await trio.sleep(10)
        assert len(delivered) == before


async def test_a_follower_that_was_parked_stays_so_until_a_person_tries_it_again(tmp_path, autojump_clock):
    source, tries = Recorder(tmp_path / "A"), []

    async def refuse(clip, _resume, _report):
        tries.append(clip.complete)
        raise Permanent("made while paused")

    made = copying(tmp_path, source, CopyingTransform(), FunctionSink(refuse))
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        await source.finish("a.mov", b"def")
        await trio.sleep(2)
        assert await states(engine) == [("parked", "made while paused")]
        assert tries == [False]
        await engine.queue("retry", [], all=True)
        await trio.sleep(2)
        assert tries == [False, True]


async def test_announcing_again_does_not_cut_a_backoff_short(tmp_path, autojump_clock):
    source, tries = Recorder(tmp_path / "A"), []

    class Chatty(CopyingTransform):
        async def apply(self, clip):
            made = self.context.workspace() / "made.mov"
            made.write_bytes(b"x")
            async for _ in self.context.follow(clip):
                await self.context.announce(self.context.derive(clip, made, role=Role.PROXY, complete=False))
            return [self.context.derive(clip, made, role=Role.PROXY)]

    async def stumble(_clip, _resume, _report):
        tries.append(trio.current_time())
        raise Transient("busy", retry_after=1000)

    async with (
        engine_of(copying(tmp_path, source, Chatty(), FunctionSink(stumble))) as engine,
        running(engine),
    ):
        for _ in range(20):
            await source.write("a.mov", b"abc")
            await trio.sleep(1)
        assert len(tries) <= 1 or tries[1] - tries[0] >= 1000


async def test_an_announced_original_is_the_plugins_bug(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")

    class Thief(CopyingTransform):
        async def apply(self, clip):
            await self.context.announce(replace(clip, complete=False, parent="x", path="stolen"))
            return []

    async with engine_of(copying(tmp_path, source, Thief(), FollowingSink())) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        [(state, reason)] = await states(engine)
        assert (state, reason[:11]) == ("parked", "bug in copy")
        assert (await engine.clip("a.mov"))["clip"]["path"] == "a.mov"


@pytest.mark.parametrize("live_sink", [True, False])
async def test_a_clip_added_by_hand_just_as_it_becomes_complete_is_delivered(
    tmp_path, autojump_clock, monkeypatch, live_sink
):
    source, sink = Recorder(tmp_path / "A"), FollowingSink() if live_sink else FunctionSink()
    made = live_pipeline(tmp_path, source, sink, live_sink=live_sink, when="false")
    async with engine_of(made) as engine, running(engine), trio.open_nursery() as nursery:
        await source.write("a.mov", b"abc")
        await trio.sleep(1)
        query = engine._ledger.query

        async def slow(sql, parameters=()):
            rows = await query(sql, parameters)
            if sql == "SELECT * FROM clips WHERE id = ?":
                nursery.start_soon(source.finish, "a.mov", b"def")
                await trio.sleep(1)
            return rows

        monkeypatch.setattr(engine._ledger, "query", slow)
        await engine.add("a.mov", "sink")
        await trio.sleep(5)
        assert await states(engine) == [("done", "")]


async def test_a_job_brought_back_just_as_its_clip_becomes_complete_is_delivered(
    tmp_path, autojump_clock, monkeypatch
):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with (
        engine_of(live_pipeline(tmp_path, source, sink)) as engine,
        running(engine),
        trio.open_nursery() as nursery,
    ):
        await source.write("a.mov", b"abc")
        await trio.sleep(1)
        [job] = (await engine.jobs())["jobs"]
        await engine.queue("cancel", [job["id"]])
        await trio.sleep(1)
        read = engine._ledger.read

        async def slow(view):
            rows = await read(view)
            if isinstance(rows, list) and rows and hasattr(rows[0], "job"):
                nursery.start_soon(source.finish, "a.mov", b"def")
                await trio.sleep(1)
            return rows

        monkeypatch.setattr(engine._ledger, "read", slow)
        await engine.queue("retry", [job["id"]])
        await trio.sleep(5)
        assert await states(engine) == [("done", "")]


@pytest.mark.parametrize("how", ["paused", "manual", "held"])
async def test_a_recording_that_turns_out_broken_before_its_delivery_began_is_parked(
    tmp_path, autojump_clock, how
):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    probe = FunctionAnnotator(lambda clip: Finding(clip=clip.id, problem="truncated"))
    prepare = [component("annotator", "probe", probe)]
    made = live_pipeline(tmp_path, source, sink, prepare=prepare, auto=how != "manual")
    async with engine_of(made) as engine, running(engine):
        if how == "paused":
            await engine.switch("pause", [])
        if how == "held":
            await engine.switch("pause", [])
        await source.write("a.mov", b"abc")
        await trio.sleep(1)
        if how == "held":
            await engine.queue("hold", [], all=True)
        await source.finish("a.mov", b"def")
        await trio.sleep(1)
        assert await states(engine) == [("parked", "truncated")]


async def test_after_a_restart_a_step_still_waits_until_its_clip_is_annotated(tmp_path):
    ledger = tmp_path / FILE_NAME
    seen = []

    async def deliver(clip, _resume, _report):
        seen.append(clip.meta.get("scene"))

    gate = trio.Event()

    class Slow(FunctionAnnotator):
        async def annotate(self, clips):
            await gate.wait()
            return await super().annotate(clips)

    async def until(holds):
        with trio.fail_after(10):
            while not holds():
                await trio.sleep(0.01)

    for run in (1, 2):
        source = Recorder(tmp_path / "A")
        probe = component("annotator", "probe", Slow(lambda _clip: {"scene": "12"}))
        made = live_pipeline(tmp_path, source, FunctionSink(deliver), live_sink=False, prepare=[probe])
        async with engine_of(made, ledger=ledger) as engine, running(engine):
            if run == 1:
                await source.write("a.mov")
                await until(lambda: engine._board.steps)
                await source.finish("a.mov", b"def")
            else:
                await trio.sleep(0.3)
                gate.set()
                await until(lambda: seen)
    assert seen == ["12"]


async def test_what_remains_of_other_clips_does_not_shrink_with_a_recording(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    made = live_pipeline(tmp_path, source, sink, slots=1)
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov", bytes(10))
        await trio.sleep(1)
        sink.pace_s = 1000
        await source.write("a.mov", bytes(5000))
        await source.finish("b.mov", bytes(100))
        await source.finish("c.mov", bytes(1000))
        await trio.sleep(1)
        assert (await engine.status())["counts"]["bytes_remaining"] >= 1000


async def test_what_is_complete_is_not_seen_growing_again(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await source.finish("a.mov", b"whole")
        await trio.sleep(1)
        await source.seen("a.mov")
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]
    assert len(sink.started) == 1


async def test_a_recorder_that_gives_room_back_does_not_park_its_delivery(tmp_path, autojump_clock):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    async with engine_of(live_pipeline(tmp_path, source, sink)) as engine, running(engine):
        await engine.switch("pause", [])
        await source.write("a.mov", bytes(1000))
        await trio.sleep(1)
        with (tmp_path / "A" / "a.mov").open("r+b") as file:
            file.truncate(400)
        await engine.switch("resume", [])  # it begins before its source has told of that
        await trio.sleep(3)
        [(state, reason)] = await states(engine)
        assert (state, reason.partition(" (")[0]) == (
            "waiting",
            "became shorter while it was recorded",
        )
        await source.finish("a.mov")
        await trio.sleep(60)
        assert await states(engine) == [("done", "")]
    assert [len(received) for received in sink.received.values()] == [400]
