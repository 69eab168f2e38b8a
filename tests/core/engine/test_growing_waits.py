"""Steps that wait until their clip is complete: `NotYet(until="complete")`; commands of those that follow it."""

from __future__ import annotations

import sys

import pytest
import trio

from engine_rig import FunctionAnnotator, FunctionSink, component, engine_of, running
from growing_rig import FollowingSink, Recorder, live_pipeline
from rushes import NotYet, Role
from rushes.engine.work import RECORDING_POLL_S
from rushes.executor import open_executor
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)
REASON = "its index comes at the end"


class Reluctant:
    """A transform that cannot read what grows; `during` is awaited while it makes up its mind."""

    def __init__(self, during=None):
        self.context = None
        self.seen = []
        self.during = during

    async def apply(self, clip):
        self.seen.append((clip.complete, clip.meta.get("scene")))
        if self.during is not None:
            during, self.during = self.during, None
            await during()
        if not clip.complete:
            raise NotYet(f"a.mov: {REASON}", until="complete")
        path = self.context.workspace() / "made"
        path.write_bytes(b"made")
        return [self.context.derive(clip, path, role=Role.PROXY)]


def waiting(tmp_path, source, transform):
    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {"scene": "12"}))
    steps = [component("transform", "proxy", transform, live=True)]
    return live_pipeline(tmp_path, source, FollowingSink(), steps=steps, prepare=[probe])


async def states(engine):
    return [(job["state"], job["reason"]) for job in (await engine.jobs())["jobs"]]


async def test_it_waits_until_the_clip_is_complete_and_annotated(tmp_path, autojump_clock):
    source, transform = Recorder(tmp_path / "A"), Reluctant()
    async with engine_of(waiting(tmp_path, source, transform)) as engine, running(engine):
        for _ in range(3):
            await source.write("a.mov")
            await trio.sleep(1)
        assert await states(engine) == [("waiting", REASON)]
        assert (await engine.status())["attention"] == []
        with pytest.raises(ValueError, match="nobody speaks for"):
            await transform.context.wake("complete")
        await source.finish("a.mov")
        await trio.sleep(1)
        assert await states(engine) == [("done", "")]
    assert transform.seen == [(False, None), (True, "12")]


async def test_it_is_tried_again_at_once_where_the_clip_was_completed_meanwhile(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")

    async def finish():
        await source.finish("a.mov")
        await trio.sleep(5)

    transform = Reluctant(finish)
    async with engine_of(waiting(tmp_path, source, transform)) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(10)
        assert await states(engine) == [("done", "")]
    assert transform.seen == [(False, None), (True, "12")]


async def test_a_complete_clip_does_not_make_it_spin(tmp_path, autojump_clock):
    calls = []

    async def deliver(clip, _resume, _report):
        calls.append(clip.complete)
        raise NotYet(f"a.mov: {REASON}", until="complete")

    source = Recorder(tmp_path / "A")
    async with engine_of(live_pipeline(tmp_path, source, FunctionSink(deliver))) as engine, running(engine):
        await source.finish("a.mov")
        await trio.sleep(60)
        assert await states(engine) == [("waiting", REASON)]
    assert calls == [True]


async def test_a_recording_that_is_deleted_parks_it(tmp_path, autojump_clock):
    source = Recorder(tmp_path / "A")
    async with engine_of(waiting(tmp_path, source, Reluctant())) as engine, running(engine):
        await source.write("a.mov")
        await trio.sleep(1)
        (tmp_path / "A" / "a.mov").unlink()
        await trio.sleep(2 * RECORDING_POLL_S)
        assert await states(engine) == [("parked", "deleted from card A")]


async def test_it_goes_on_where_the_clip_was_completed_in_another_run(tmp_path):
    ledger, source, transform = tmp_path / FILE_NAME, Recorder(tmp_path / "A"), Reluctant()
    async with engine_of(waiting(tmp_path, source, transform), ledger=ledger) as engine, running(engine):
        await source.write("a.mov")
        with trio.fail_after(10):
            while await states(engine) != [("waiting", REASON)]:
                await trio.sleep(0.05)
    source = Recorder(tmp_path / "A")
    made = waiting(tmp_path, source, transform)
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        await source.finish("a.mov")
        with trio.fail_after(10):
            while await states(engine) != [("done", "")]:
                await trio.sleep(0.05)
    assert transform.seen == [(False, None), (True, "12")]


async def test_a_command_that_goes_with_a_recording_waits_for_no_other(tmp_path):
    """With room for one command, one that must not wait runs beside it; the next ordinary one waits."""
    command = [sys.executable, "-c", "import time; print('on', flush=True); time.sleep(60)"]
    on = []
    async with open_executor(tmp_path, heavy=1) as executor, trio.open_nursery() as nursery:

        async def run(name, *, at_once):
            await executor.run(command, lines=lambda _line: on.append(name), at_once=at_once)

        with trio.fail_after(20):
            for name, at_once in (("heavy", False), ("live", True), ("live too", True)):
                nursery.start_soon(lambda name=name, at_once=at_once: run(name, at_once=at_once))
                while name not in on:
                    await trio.sleep(0.05)
        nursery.start_soon(lambda: run("second", at_once=False))
        await trio.sleep(0.5)
        nursery.cancel_scope.cancel()
    assert on == ["heavy", "live", "live too"]
