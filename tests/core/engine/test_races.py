"""Things that happen at the same moment: a person, a card, a worker on its way out, a commit not yet done."""

from __future__ import annotations

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    clip_of,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
    slow_commits,
)
from rushes import Admission, MediaGone, Role, RushesError, Unavailable
from rushes.engine import knowledge, pace, prepare
from rushes.engine.queue import Queue

pytestmark = pytest.mark.timeout(60)


def state(status, name):
    return next(each["state"] for each in status["components"] if each["id"] == name)


# -- a person and a worker ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["cancelled", "done all the same"])
async def test_a_released_delivery_starts_only_when_the_one_that_was_held_has_come_to_its_end(
    tmp_path, autojump_clock, ends
):
    working, most, calls = 0, 0, 0

    async def deliver(_clip, _resume, _report):
        nonlocal working, most, calls
        working, calls = working + 1, calls + 1
        most = max(most, working)
        try:
            with trio.CancelScope(shield=ends == "done all the same"):
                await trio.sleep(20)
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(1)
            working -= 1

    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), FunctionSink(deliver))
    async with engine_of(made) as engine, running(engine):
        await trio.sleep(3)
        [job] = (await engine.jobs())["jobs"]
        await engine.queue("hold", [job["id"]])
        await engine.queue("release", [job["id"]])
        await trio.sleep(90)
        [job] = (await engine.jobs())["jobs"]
        assert job["state"] == "done"
        assert state(await engine.status(), "sink") == "open"
    assert (most, calls) == (1, 2)


async def test_a_job_cancelled_between_its_claim_and_its_first_tick_never_starts_and_harms_no_other(
    tmp_path, autojump_clock, monkeypatch
):
    sink = FunctionSink()
    source = ListSource(card(tmp_path / "A", "a.mov"), card(tmp_path / "B", "b.mov"))
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        claim, cancelled = engine._worker.claim, []

        def claimed(step):
            taken = claim(step)
            if not cancelled:
                # What any other task may do in this tick.
                cancelled.extend(Queue(engine._board, engine._volumes.has).apply("cancel", [step.job]))
            return taken

        monkeypatch.setattr(engine._worker, "claim", claimed)
        async with running(engine):
            await trio.sleep(10)
            assert state(await engine.status(), "sink") == "open"
            assert engine._worker.running == {}
            jobs = {job["id"]: job["state"] for job in (await engine.jobs())["jobs"]}
    assert len(sink.calls) == 1
    assert sorted(jobs.values()) == ["cancelled", "done"]
    assert jobs[cancelled[0]] == "cancelled"


async def test_retry_while_a_jobs_last_rows_are_on_their_way_brings_no_finished_step_back(
    tmp_path, autojump_clock, monkeypatch
):
    sink = FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink)) as engine:
        gates = slow_commits(engine, monkeypatch)

        async def last(_clip, _resume, report):
            await report.begin({"asset": 1})
            gates.close()

        sink._deliver = last
        async with running(engine):
            await trio.sleep(1)
            assert sink.delivered == ["a.mov"]
            [job] = (await engine.jobs())["jobs"]
            assert job["state"] == "running"
            answers = []

            async def retry():
                answers.append(await engine.queue("retry", [job["id"]]))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(retry)
                await wait_all_tasks_blocked()
                gates.open()
            await trio.sleep(10)
            assert answers == [{"changed": []}]
            assert engine._board.jobs == {}
            assert not engine._board.runnable(lambda _component: True)
            [job] = (await engine.jobs())["jobs"]
            assert job["state"] == "done"
    assert sink.delivered == ["a.mov"]


async def test_of_two_who_add_a_clip_at_once_one_is_told_that_it_was_added(tmp_path, autojump_clock):
    sink, refused = FunctionSink(), []
    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink, when="false")
    async with engine_of(made) as engine, running(engine):
        await trio.sleep(1)

        async def add():
            try:
                await engine.add("a.mov", "sink")
            except RushesError as error:
                refused.append(str(error))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(add)
            nursery.start_soon(add)
        await trio.sleep(5)
        assert state(await engine.status(), "sink") == "open"
    assert sink.delivered == ["a.mov"]
    assert ["was added to sink before" in error for error in refused] == [True]


async def test_top_of_a_job_does_not_make_its_own_deliveries_give_way_to_each_other(tmp_path, autojump_clock):
    order = []

    async def deliver(clip, _resume, _report):
        order.append(("start", clip.name))
        await trio.sleep(100)
        order.append(("done", clip.name))

    async def split(context, clip):
        outputs = []
        for name in "xy":
            path = context.workspace() / f"{name}.mov"
            path.write_bytes(b"proxy")
            outputs.append(context.derive(clip, path, role=Role.PROXY))
        return outputs

    steps = [component("transform", "all.split", FunctionTransform(split))]
    source, sink = ListSource(card(tmp_path / "A", "a.mov")), FunctionSink(deliver)
    async with engine_of(simple(tmp_path, source, sink, slots=1, steps=steps)) as engine, running(engine):
        await trio.sleep(50)
        [job] = (await engine.jobs())["jobs"]
        await engine.queue("top", [job["id"]])
        await trio.sleep(300)
    assert order == [("start", "x"), ("done", "x"), ("start", "y"), ("done", "y")]


async def test_top_right_after_a_cancel_is_served_when_the_cancelled_one_has_left(tmp_path, autojump_clock):
    async def slow_to_leave(_clip, _resume, _report):
        try:
            await trio.sleep(100)
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(1)

    source, sink = ListSource(card(tmp_path / "A", "a.mov", "b.mov")), FunctionSink(slow_to_leave)
    async with engine_of(simple(tmp_path, source, sink, slots=1)) as engine, running(engine):
        await trio.sleep(5)
        first, second = sorted((await engine.jobs())["jobs"], key=lambda job: job["state"] != "running")
        await engine.queue("cancel", [first["id"]])
        assert (await engine.queue("top", [second["id"]]))["changed"] == [second["id"]]
        await trio.sleep(200)
    assert sink.delivered == [second["name"]]


async def test_who_pairs_while_the_component_is_just_trying_is_heard(tmp_path, autojump_clock):
    paired, opened_at = False, []

    async def opening():
        before = paired
        opened_at.append(trio.current_time())
        await trio.sleep(2)
        if not before:
            raise Unavailable("not paired")

    sink = FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A", "a.mov")))],
        sinks=[component("sink", "sink", sink, opening=opening)],
        routes=[route()],
    )
    async with engine_of(made) as engine, running(engine):
        while len(opened_at) < 9:
            await trio.sleep(0.1)
        # It is in the middle of an attempt, and by now the next one is half a minute away.
        paired, asked = True, trio.current_time()
        engine._hosts["sink"].nudge()
        while not sink.delivered:
            await trio.sleep(0.1)
        assert trio.current_time() - asked < 5


async def test_a_drain_and_a_cancel_are_heard_while_more_is_left_to_prepare_than_may_wait(
    tmp_path, autojump_clock, monkeypatch
):
    monkeypatch.setattr(prepare, "MOST_WAITING", 3)
    monkeypatch.setattr(pace, "LEAST", 2)

    async def opening():
        raise Unavailable("no worker")

    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {}), opening=opening)
    clips = card(tmp_path / "A", *(f"{number}.mov" for number in range(9)))
    for ask in ("drain", "cancel"):
        async with engine_of(simple(tmp_path, ListSource(), FunctionSink(), prepare=[probe])) as engine:
            engine._backlog = clips
            async with trio.open_nursery() as nursery:
                nursery.start_soon(engine.run)
                await trio.sleep(2)
                getattr(engine, ask)()
                await trio.sleep(10)
                assert not nursery.child_tasks
                nursery.cancel_scope.cancel()


# -- a source and its clips --------------------------------------------------------------------------------


async def test_a_clip_whose_source_was_lost_while_it_was_written_is_still_delivered(
    tmp_path, autojump_clock, monkeypatch
):
    clips, answers = card(tmp_path / "A", "a.mov"), []

    async def run(intake):
        if not answers:
            answers.append("lost")
            gates.close()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(intake.clips, clips)
                await wait_all_tasks_blocked()
                nursery.start_soon(gates.open_later)
                raise Unavailable("watch lost")
        answers.extend(await intake.clips(clips))
        await intake.caught_up()

    sink = FunctionSink()
    async with engine_of(simple(tmp_path, CallSource(run), sink)) as engine:
        gates = slow_commits(engine, monkeypatch)
        outcome = await engine.run(once=True)
        assert await engine._ledger.query("SELECT count(*) FROM backlog") == [(0,)]
    assert answers == ["lost", Admission.DUPLICATE]
    assert sink.delivered == ["a.mov"]
    assert (outcome.parked, outcome.waiting) == (0, 0)


class SlowAnnotator(FunctionAnnotator):
    async def annotate(self, clips):
        await trio.sleep(5)
        return await super().annotate(clips)


async def test_a_revision_seen_while_the_one_before_is_annotated_is_the_only_one_delivered(
    tmp_path, autojump_clock
):
    [first] = card(tmp_path / "A", "a.mov", content=b"x" * 100)
    path, answers, seen = tmp_path / "A" / "a.mov", [], []

    async def run(intake):
        answers.extend(await intake.clips([first]))
        await trio.sleep(1)
        path.write_bytes(path.read_bytes()[:100] + b"more bytes")
        answers.extend(await intake.clips([clip_of(path)]))
        await intake.caught_up()

    async def deliver(clip, _resume, _report):
        seen.append((clip.revision, clip.size, clip.meta["note"]))

    probe = component("annotator", "probe", SlowAnnotator(lambda clip: {"note": f"of {clip.revision}"}))
    async with engine_of(simple(tmp_path, CallSource(run), FunctionSink(deliver), prepare=[probe])) as engine:
        await engine.run(once=True)
        jobs = (await engine.jobs())["jobs"]
    assert answers == [Admission.NEW, Admission.UPDATED]
    assert seen == [(2, path.stat().st_size, "of 2")]
    assert [(job["revision"], job["state"]) for job in jobs] == [(2, "done")]


async def test_a_recording_overwritten_while_it_is_annotated_stays_overwritten_and_is_told(
    tmp_path, autojump_clock
):
    [old] = card(tmp_path / "A", "a.mov", content=b"old" * 40)
    path, answers = tmp_path / "A" / "a.mov", []

    async def run(intake):
        answers.extend(await intake.clips([old]))
        await trio.sleep(1)
        path.write_bytes(b"NEW" * 50)
        for _ in range(3):
            answers.extend(await intake.clips([clip_of(path)]))
            await trio.sleep(20)
        await intake.caught_up()

    sink = FunctionSink()
    probe = component("annotator", "probe", SlowAnnotator(lambda _clip: {}))
    async with engine_of(simple(tmp_path, CallSource(run), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
        kept = await engine._ledger.query("SELECT size, superseded FROM clips ORDER BY size")
        reasons = sorted(job["reason"] for job in (await engine.jobs())["jobs"])
    assert answers == [Admission.NEW, Admission.NEW, Admission.DUPLICATE, Admission.DUPLICATE]
    assert kept == [(old.size, True), (150, False)]
    assert sink.delivered == ["a.mov"]
    assert outcome.parked == 1
    assert reasons == ["", knowledge.OVERWRITTEN]


async def test_an_older_revision_that_waited_for_its_card_does_not_come_before_the_newer_one(
    tmp_path, autojump_clock
):
    [first] = card(tmp_path / "A", "a.mov", content=b"x" * 100)
    [other] = card(tmp_path / "Z", "z.mov")
    pulled, seen = True, []

    class Annotator(FunctionAnnotator):
        async def annotate(self, clips):
            if pulled and any(clip.volume == first.volume for clip in clips):
                raise MediaGone(first.volume, "A")
            await trio.sleep(5)
            return await super().annotate(clips)

    async def run(intake):
        nonlocal pulled
        await intake.clips([first])
        (tmp_path / "A").rename(tmp_path / "hidden")
        await trio.sleep(2.5)
        (tmp_path / "hidden" / "a.mov").write_bytes(b"x" * 100 + b"more bytes")
        await intake.clips([other])
        await trio.sleep(0.1)
        # The annotator is busy with the other card while this one comes back, its clip grown.
        (tmp_path / "hidden").rename(tmp_path / "A")
        pulled = False
        await intake.clips([clip_of(tmp_path / "A" / "a.mov")])
        await trio.sleep(60)
        await intake.caught_up()

    async def deliver(clip, _resume, _report):
        seen.append((clip.filename, clip.revision))

    probe = component("annotator", "probe", Annotator(lambda _clip: {}))
    async with engine_of(simple(tmp_path, CallSource(run), FunctionSink(deliver), prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
        assert await engine._ledger.query("SELECT count(*) FROM backlog") == [(0,)]
    assert sorted(seen) == [("a.mov", 2), ("z.mov", 1)]
    assert (outcome.parked, outcome.waiting) == (0, 0)
