"""A live transform's output is followed while it is made: the same steps as on completion, and what comes between."""

from __future__ import annotations

import pytest
import trio

from engine_rig import FunctionSink, component, engine_of, running
from growing_rig import CopyingTransform, FollowingSink, Recorder, live_pipeline
from rushes import Permanent, Role, Transient
from rushes.engine.searches import JobSearch
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)


def copying(tmp_path, source, transform, sink, *, live=True, **options):
    steps = [component("transform", "copy", transform, live=live)]
    return live_pipeline(tmp_path, source, sink, steps=steps, **options)


async def steps(engine):
    """Component, state and reason of every step of the one job."""
    [job] = (await engine.jobs())["jobs"]
    return [(step["component"], step["state"], step["reason"]) for step in job["steps"]]


async def test_the_next_step_starts_on_an_announced_output(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FollowingSink()
    async with engine_of(copying(tmp_path, source, transform, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "running", ""), ("sink", "running", "")]
        await source.write("a.mov", b"def")
        await trio.sleep(2)
        assert sink.seen["copy-a.mov"] == [(3, False), (6, False)]
        await source.finish("a.mov", b"ghi")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "done", ""), ("sink", "done", "")]
        [job] = (await engine.jobs())["jobs"]
        assert [step["id"] for step in job["steps"]] == [f"{job['id']}.1", f"{job['id']}.1.1"]
        assert job["steps"][1]["receipt"]["size"] == 9
    assert sink.received == {"copy-a.mov": b"abcdefghi"}
    assert sink.started == [("copy-a.mov", False, False)]


async def test_a_next_step_that_does_not_follow_waits_for_the_whole_file(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FunctionSink()
    made = copying(tmp_path, source, transform, sink, live_sink=False)
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        assert await steps(engine) == [
            ("copy", "running", ""),
            ("sink", "waiting", "its file is still being made"),
        ]
        await source.finish("a.mov")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "done", ""), ("sink", "done", "")]
    assert len(sink.calls) == 1


async def test_a_transform_that_does_not_follow_waits_for_the_recording(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FollowingSink()
    made = copying(tmp_path, source, transform, sink, live=False)
    async with engine_of(made) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "waiting", "still being recorded")]
        await source.finish("a.mov")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "done", ""), ("sink", "done", "")]


async def test_followers_stop_with_their_maker_and_begin_again_with_it(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FollowingSink()
    async with engine_of(copying(tmp_path, source, transform, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        transform.failing = Transient("the encoder stumbled", retry_after=30)
        await source.write("a.mov", b"def")
        await trio.sleep(2)
        assert await steps(engine) == [
            ("copy", "waiting", "the encoder stumbled"),
            ("sink", "waiting", "its file is still being made"),
        ]
        await trio.sleep(60)
        assert await steps(engine) == [("copy", "running", ""), ("sink", "running", "")]
        await source.finish("a.mov", b"ghi")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "done", ""), ("sink", "done", "")]
    assert sink.received == {"copy-a.mov": b"abcdefghi"}
    assert sink.started == [("copy-a.mov", False, False), ("copy-a.mov", False, True)]


async def test_a_parked_maker_leaves_its_followers_waiting_until_it_is_tried_again(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FollowingSink()
    async with engine_of(copying(tmp_path, source, transform, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        transform.failing = Permanent("no picture")
        await source.finish("a.mov", b"def")
        await trio.sleep(2)
        [job] = (await engine.jobs())["jobs"]
        assert (job["state"], job["reason"]) == ("parked", "no picture")
        counts = (await engine.status())["counts"]
        assert (counts["jobs"]["parked"], counts["jobs"]["waiting"], counts["files_remaining"]) == (1, 0, 0)
        parked = await engine.jobs(JobSearch(states=frozenset({"parked"})))
        assert [found["id"] for found in parked["jobs"]] == [job["id"]]
        await engine.queue("retry", [job["id"]])
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "done", ""), ("sink", "done", "")]
    assert sink.received == {"copy-a.mov": b"abcdef"}


async def test_an_announced_output_that_is_not_kept_is_withdrawn(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(keeps=False), FollowingSink()
    async with engine_of(copying(tmp_path, source, transform, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        await source.finish("a.mov", b"def")
        await trio.sleep(2)
        assert await steps(engine) == [
            ("copy", "done", ""),
            ("sink", "withdrawn", "copy made no such file after all"),
        ]
        assert engine._board.jobs == {}
        assert engine._board.clips == {}


async def test_outputs_keep_the_steps_they_were_announced_with_whatever_order_they_are_returned_in(
    tmp_path, autojump_clock
):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()

    class Splitting:
        context = None

        async def apply(self, clip):
            folder = self.context.workspace()
            for name in ("sound", "picture"):
                (folder / name).write_bytes(name.encode())
            first = self.context.derive(clip, folder / "picture", role=Role.PROXY, complete=False)
            await self.context.announce(first)
            async for _ in self.context.follow(clip):
                pass
            return [
                self.context.derive(clip, folder / name, role=Role.PROXY) for name in ("sound", "picture")
            ]

    async with engine_of(copying(tmp_path, source, Splitting(), sink)) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(2)
        await source.finish("a.mov")
        await trio.sleep(2)
        [job] = (await engine.jobs())["jobs"]
        assert {step["id"].removeprefix(job["id"]): step["name"] for step in job["steps"]} == {
            ".1": "a.mov",
            ".1.1": "picture",
            ".1.2": "sound",
        }
    assert sink.received == {"picture": b"picture", "sound": b"sound"}
    assert sorted(sink.started) == [("picture", False, False), ("sound", True, False)]


async def test_a_job_cancelled_while_its_output_grows_is_over(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FollowingSink()
    async with engine_of(copying(tmp_path, source, transform, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        await engine.queue("cancel", [], all=True)
        await trio.sleep(2)
        assert [state for _, state, _ in await steps(engine)] == ["cancelled", "cancelled"]
        assert (engine._worker.running, engine._board.clips) == ({}, {})


async def test_a_job_held_while_its_output_grows_begins_again_when_released(tmp_path, autojump_clock):
    source, transform, sink = Recorder(tmp_path / "A"), CopyingTransform(), FollowingSink()
    async with engine_of(copying(tmp_path, source, transform, sink)) as engine, running(engine):
        await source.write("a.mov", b"abc")
        await trio.sleep(2)
        await engine.queue("hold", [], all=True)
        await trio.sleep(2)
        assert {reason for *_, reason in await steps(engine)} == {"held by a person"}
        await engine.queue("release", [], all=True)
        await source.finish("a.mov", b"def")
        await trio.sleep(2)
        assert await steps(engine) == [("copy", "done", ""), ("sink", "done", "")]
    assert (transform.calls, sink.received) == (2, {"copy-a.mov": b"abcdef"})


async def test_after_a_death_followers_wait_until_the_output_is_announced_again(tmp_path):
    ledger = tmp_path / FILE_NAME
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    made = copying(tmp_path, source, CopyingTransform(), sink)
    async with engine_of(made, ledger=ledger) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        await source.write("a.mov", b"abc")
        with trio.fail_after(10):
            while not sink.seen:
                await trio.sleep(0.01)
        nursery.cancel_scope.cancel()
    source, sink = Recorder(tmp_path / "A"), FollowingSink()
    made = copying(tmp_path, source, CopyingTransform(announces=False), sink)
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        # This time it does not say: nobody may read the file of the last run meanwhile.
        await source.write("a.mov", b"def")
        with trio.fail_after(10):
            while (found := await steps(engine))[0][1] != "running":
                await trio.sleep(0.01)
        assert found[1] == ("sink", "waiting", "its file is still being made")
        await source.finish("a.mov", b"ghi")
        with trio.fail_after(10):
            while not sink.received:
                await trio.sleep(0.01)
    assert sink.received == {"copy-a.mov": b"abcdefghi"}
    assert sink.started == [("copy-a.mov", True, True)]


async def test_what_is_whole_cannot_be_announced(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")

    class Wrong:
        context = None

        async def apply(self, clip):
            (made := self.context.workspace() / "x").write_bytes(b"x")
            await self.context.announce(self.context.derive(clip, made, role=Role.PROXY))

    async with engine_of(copying(tmp_path, source, Wrong(), FollowingSink())) as engine, running(engine):
        await source.finish("a.mov")
        await trio.sleep(1)
        [(_, state, reason)] = await steps(engine)
        assert state == "parked"
        assert reason.startswith("bug in copy: TypeError: announce takes an output made by derive")
