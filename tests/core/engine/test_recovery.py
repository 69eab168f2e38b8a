"""What comes back: after a death, without a sink, with files gone, with a disk that takes nothing."""

from __future__ import annotations

import shutil
from contextlib import suppress

import pytest
import trio

from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
)
from rushes import MediaGone, Permanent, Role, Transient, Unavailable
from rushes.engine.recovery import LONGEST_WAIT_S, _taken_up
from rushes.errors import LedgerError, RushesError
from rushes.ledger import FILE_NAME
from rushes.ledger.database import Database
from rushes.ledger.rows import Step
from rushes.model import StepState

pytestmark = pytest.mark.timeout(60)


async def away():
    raise Unavailable("no worker process can be started")


def with_sinks(tmp_path, source, sinks, *, to, **options):
    """A pipeline of some sinks, given by name, whose one route goes to some of them."""
    return pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        sinks=[component("sink", name, sink) for name, sink in sinks.items()],
        routes=[route(to=to, **options)] if to else [],
    )


# -- from one run to the next, on a file ----------------------------------------------------------------------


async def test_the_next_run_goes_on_with_the_parts_that_the_last_one_reported(tmp_path):
    ledger, stopped = tmp_path / FILE_NAME, trio.Event()

    async def die(_clip, _resume, report):
        await report.intend()
        await report.begin({"asset": "x"})
        await report.part(1, "etag1")
        stopped.set()
        await trio.sleep_forever()

    source = ListSource(card(tmp_path / "A", "a.mov"))
    made = simple(tmp_path, source, FunctionSink(die))
    async with engine_of(made, ledger=ledger) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        await stopped.wait()
        # No drain, no word to anyone: what a kill leaves in the ledger.
        nursery.cancel_scope.cancel()
    sink = FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(), sink), ledger=ledger) as engine:
        await engine.run(once=True)
        events = dict(
            await engine._ledger.query("SELECT detail, kind FROM events WHERE kind = 'pipeline.started'")
        )
    [(name, resume)] = sink.calls
    assert (name, dict(resume.head), dict(resume.parts), resume.in_doubt) == (
        "a.mov", {"asset": "x"}, {1: "etag1"}, 0,
    )  # fmt: skip
    assert sorted(events) == ['{"after_death": false}', '{"after_death": true}']


async def test_a_clip_that_the_last_run_had_not_planned_is_planned_by_the_next(tmp_path):
    ledger, admitted = tmp_path / FILE_NAME, trio.Event()

    async def run(intake):
        await intake.clips(card(tmp_path / "A", "a.mov"))
        admitted.set()

    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {}), opening=away)
    made = simple(tmp_path, CallSource(run), FunctionSink(), prepare=[probe])
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        await admitted.wait()
    sink = FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(), sink), ledger=ledger) as engine:
        await engine.run(once=True)
    assert sink.delivered == ["a.mov"]


async def test_a_job_of_a_sink_that_is_in_the_file_no_more_waits_and_takes_commands(tmp_path):
    ledger = tmp_path / FILE_NAME

    async def refuse(_clip, _resume, _report):
        raise Permanent("refused")

    made = with_sinks(
        tmp_path, ListSource(card(tmp_path / "A", "a.mov")), {"old": FunctionSink(refuse)}, to=["old"]
    )
    async with engine_of(made, ledger=ledger) as engine:
        assert (await engine.run(once=True)).parked == 1
    without = with_sinks(tmp_path, ListSource(), {"new": FunctionSink()}, to=["new"])
    async with engine_of(without, ledger=ledger) as engine:
        [job] = (await engine.jobs())["jobs"]
        for verb in ("retry", "top"):
            assert (await engine.queue(verb, [job["id"]]))["changed"] == [job["id"]]
        outcome = await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert (job["state"], job["reason"]) == ("waiting", "old is not in the pipeline file any more")
    assert (outcome.parked, outcome.waiting) == (0, 1)
    back = FunctionSink()
    async with engine_of(
        with_sinks(tmp_path, ListSource(), {"old": back}, to=["old"]), ledger=ledger
    ) as engine:
        await engine.run(once=True)
    assert back.delivered == ["a.mov"]


async def test_what_waits_for_a_persons_release_still_waits_after_a_run_without_its_route(tmp_path):
    ledger, sink = tmp_path / FILE_NAME, FunctionSink()
    source = ListSource(card(tmp_path / "A", "a.mov"))
    for run, (sinks, to) in enumerate(
        [({"a": sink}, ["a"]), ({"b": FunctionSink()}, []), ({"a": sink}, ["a"])]
    ):
        made = (
            with_sinks(tmp_path, ListSource() if run else source, sinks, to=to, auto=False)
            if to
            else (with_sinks(tmp_path, ListSource(), sinks, to=to))
        )
        async with engine_of(made, ledger=ledger) as engine:
            # Without its route it is withdrawn, and with its route it waits as before.
            assert (await engine.run(once=True)).waiting == bool(to)
    assert sink.delivered == []


def test_a_wait_that_a_clock_set_back_made_endless_is_cut_to_an_hour():
    step = Step(
        id="j.1",
        job="j",
        position=0,
        verb="deliver",
        component="c",
        clip="x",
        state=StepState.WAITING,
        until=1e9,
    )
    for died in (0, 1):
        assert _taken_up(step, 1000.0, died=died).until == 1000.0 + LONGEST_WAIT_S


async def test_work_files_of_unfinished_jobs_outlive_a_death_and_strangers_go(tmp_path):
    ledger, made_file = tmp_path / FILE_NAME, trio.Event()

    async def proxy(context, clip):
        path = context.workspace() / "p.mov"
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    async def never(_clip, _resume, _report):
        made_file.set()
        await trio.sleep_forever()

    transform = FunctionTransform(proxy)
    steps = [component("transform", "all.proxy", transform)]
    source = ListSource(card(tmp_path / "A", "a.mov"))
    made = simple(tmp_path, source, FunctionSink(never), steps=steps)
    async with engine_of(made, ledger=ledger) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        await made_file.wait()
        nursery.cancel_scope.cancel()
    work = tmp_path / "state" / "work"
    (work / "jstranger.1").mkdir()
    sink = FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(), sink, steps=steps), ledger=ledger) as engine:
        assert not (work / "jstranger.1").exists()
        await engine.run(once=True)
    assert (transform.calls, sink.delivered) == (["a.mov"], ["p.mov"])
    assert list(work.iterdir()) == []


# -- a person's retry -----------------------------------------------------------------------------------------


async def test_retry_of_a_delivery_whose_file_is_gone_makes_the_file_again_first(tmp_path, autojump_clock):
    refusing = True

    async def refuse(_clip, _resume, _report):
        if refusing:
            raise Permanent("refused")

    async def proxy(context, clip):
        path = context.workspace() / "p.mov"
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    transform, sink = FunctionTransform(proxy), FunctionSink(refuse)
    steps = [component("transform", "all.proxy", transform)]
    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink, steps=steps)
    async with engine_of(made) as engine, running(engine):
        await trio.sleep(5)
        [job] = (await engine.jobs())["jobs"]
        assert job["state"] == "parked"
        shutil.rmtree(tmp_path / "state" / "work")
        refusing = False
        assert (await engine.queue("retry", [job["id"]]))["changed"] == [job["id"]]
        await trio.sleep(30)
        [job] = (await engine.jobs())["jobs"]
        assert [step["state"] for step in job["steps"]] == ["done", "done"]
    assert (len(transform.calls), sink.delivered) == (2, ["p.mov"])


async def test_retry_of_a_job_that_is_done_changes_nothing(tmp_path, autojump_clock):
    sink = FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink)) as engine:
        await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
        assert await engine.queue("retry", [job["id"]]) == {"changed": []}
        assert engine._board.jobs == {}
        assert await engine._ledger.query("SELECT over FROM jobs") == [(True,)]
    assert sink.delivered == ["a.mov"]


# -- components that are away ---------------------------------------------------------------------------------


async def test_an_annotator_that_fails_for_a_moment_blames_no_clip(tmp_path, autojump_clock):
    tries = []

    def look(clip):
        tries.append(clip.filename)
        if len(tries) < 9:
            raise Transient("share is slow")
        return {}

    sink = FunctionSink()
    probe = component("annotator", "probe", FunctionAnnotator(look))
    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink, prepare=[probe])
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
    assert (len(tries), outcome.parked, sink.delivered) == (9, 0, ["a.mov"])


async def test_an_annotator_that_fails_at_a_clip_again_and_again_blames_that_clip_alone(
    tmp_path, autojump_clock
):
    def look(clip):
        if clip.name == "bad":
            raise Transient("decoder hung", blame="clip")
        return {}

    sink = FunctionSink()
    probe = component("annotator", "probe", FunctionAnnotator(look))
    clips = card(tmp_path / "A", "a.mov", "bad.mov", "c.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
        reasons = {job["name"]: job["reason"] for job in (await engine.jobs())["jobs"]}
    assert sorted(sink.delivered) == ["a.mov", "c.mov"]
    assert (outcome.parked, reasons["bad.mov"]) == (1, "probe: decoder hung")


async def test_once_says_that_clips_wait_for_an_annotator_that_is_away(tmp_path, autojump_clock):
    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {}), opening=away)
    clips, sink = card(tmp_path / "A", "a.mov", "b.mov"), FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
    assert (outcome.parked, outcome.waiting, sink.delivered) == (0, 2, [])


async def test_once_says_that_clips_wait_for_their_card(tmp_path, autojump_clock):
    class Gone(FunctionAnnotator):
        async def annotate(self, clips):
            await trio.lowlevel.checkpoint()
            raise MediaGone(clips[0].volume, "A")

    clips, sink = card(tmp_path / "A", "a.mov", "b.mov"), FunctionSink()
    shutil.rmtree(tmp_path / "A")
    probe = component("annotator", "probe", Gone(None))
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
    assert (outcome.parked, outcome.waiting) == (0, 2)


async def test_once_says_that_a_source_never_told_what_it_has(tmp_path, autojump_clock):
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(), opening=away)],
        sinks=[component("sink", "sink", FunctionSink())],
        routes=[route()],
    )
    async with engine_of(made) as engine:
        assert (await engine.run(once=True)).waiting == 1


async def test_once_waits_for_a_source_that_came_late_and_is_looking(tmp_path, autojump_clock):
    tries, late = [], card(tmp_path / "L", "late.mov")

    async def opening():
        tries.append(trio.current_time())
        if len(tries) < 3:
            raise Unavailable("hub not there yet")

    async def scan(intake):
        await trio.sleep(20)
        await intake.clips(late)
        await intake.caught_up()

    async def other(intake):
        await trio.sleep(12)
        await intake.caught_up()

    sink = FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[
            component("source", "hub", CallSource(scan), opening=opening),
            component("source", "folder", CallSource(other)),
        ],
        sinks=[component("sink", "sink", sink)],
        routes=[route()],
    )
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
    assert (sink.delivered, outcome.waiting) == (["late.mov"], 0)


# -- a state disk that takes nothing ----------------------------------------------------------------------------


class FullDisk:
    """A disk that takes nothing while `full`."""

    def __init__(self, monkeypatch):
        self.full = False
        commit = Database.commit

        def take(database, changes):
            if self.full:
                raise LedgerError("no space left")
            commit(database, changes)

        monkeypatch.setattr(Database, "commit", take)


async def test_a_full_state_disk_makes_everything_wait_and_loses_nothing(
    tmp_path, autojump_clock, monkeypatch
):
    disk = FullDisk(monkeypatch)
    clips = card(tmp_path / "A", *(f"{number}.mov" for number in range(6)))

    async def run(intake):
        for number, clip in enumerate(clips):
            disk.full = number == 3
            await intake.clips([clip])
        await intake.caught_up()

    async def clean_up():
        while not disk.full:
            await trio.sleep(1)
        await trio.sleep(30)
        assert engine._ledger.trouble == "no space left; free some space on that disk"
        assert (await engine.status())["attention"][0]["subject"] == "ledger"
        disk.full = False

    sink, outcomes = FunctionSink(), []
    async with engine_of(simple(tmp_path, CallSource(run), sink)) as engine:

        async def work():
            outcomes.append(await engine.run(once=True))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(clean_up)
            nursery.start_soon(work)
        assert engine._ledger.trouble == ""
    assert sorted(sink.delivered) == sorted(clip.filename for clip in clips)
    assert (outcomes[0].parked, outcomes[0].waiting) == (0, 0)


@pytest.mark.parametrize(("ask", "most"), [("drain", 10.0), ("cancel", 1.0)])
async def test_a_run_on_a_full_state_disk_can_be_ended_and_says_why(
    tmp_path, autojump_clock, monkeypatch, ask, most
):
    disk = FullDisk(monkeypatch)

    async def fill(_clip, _resume, report):
        await report.begin({"asset": 1})
        disk.full = True
        await report.part(1, "etag")

    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), FunctionSink(fill))
    async with engine_of(made) as engine:
        said = []

        async def work():
            try:
                await engine.run()
            except* LedgerError as errors:
                said.extend(map(str, errors.exceptions))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(work)
            await trio.sleep(60)
            asked = trio.current_time()
            getattr(engine, ask)()
        assert trio.current_time() - asked <= most
    assert said == ["no space left; free some space on that disk"]


async def test_an_admission_that_waits_for_a_full_state_disk_does_not_hold_up_the_end(
    tmp_path, autojump_clock, monkeypatch
):
    disk = FullDisk(monkeypatch)
    clips = card(tmp_path / "A", "a.mov")

    async def run(intake):
        disk.full = True
        await intake.clips(clips)

    async with engine_of(simple(tmp_path, CallSource(run), FunctionSink())) as engine:

        async def work():
            with suppress(LedgerError, ExceptionGroup):
                await engine.run()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(work)
            await trio.sleep(60)
            with pytest.raises(RushesError, match=r"no space left; .*; nothing was changed"):
                await engine.switch("pause", [])
            asked = trio.current_time()
            engine.drain()
        assert trio.current_time() - asked <= 10.0
