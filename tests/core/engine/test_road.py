"""The road on a ledger in memory: admitted, annotated, planned, made, delivered; and what failures do."""

from __future__ import annotations

from dataclasses import replace

import trio

from engine_rig import (
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
    simple,
)
from rushes import Admission, Finding, MediaGone, Permanent, Role, Transient, Unavailable


async def test_every_clip_is_delivered_once(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "a.mov", "b.mov", "c.mov")
    source, sink = ListSource(clips), FunctionSink()
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        outcome = await engine.run(once=True)
        jobs = (await engine.jobs())["jobs"]
    assert (outcome.parked, outcome.waiting) == (0, 0)
    assert sorted(sink.delivered) == ["a.mov", "b.mov", "c.mov"]
    assert [job["state"] for job in jobs] == ["done"] * 3
    assert jobs[0]["steps"][0]["receipt"]["where"] == "memory"


async def test_the_same_file_again_is_a_duplicate(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "a.mov")
    source, sink = ListSource(clips, clips), FunctionSink()
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        await engine.run(once=True)
    assert source.answers == [[Admission.NEW], [Admission.DUPLICATE]]
    assert sink.delivered == ["a.mov"]


async def test_changed_bytes_are_a_new_revision_and_withdraw_the_old_ones_work(tmp_path, autojump_clock):
    [first] = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    path = tmp_path / "A001" / "a.mov"
    path.write_bytes(path.read_bytes()[:100] + b"other tail")
    second = clip_of(path)

    async def never(clip, _resume, _report):
        if clip.revision == 1:
            await trio.sleep_forever()

    class Slow(ListSource):
        async def run(self, intake):
            self.answers.append(list(await intake.clips([first])))
            await trio.testing.wait_all_tasks_blocked()
            self.answers.append(list(await intake.clips([second])))
            await intake.caught_up()

    source, sink = Slow(), FunctionSink(never)
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        await engine.run(once=True)
        jobs = (await engine.jobs())["jobs"]
    assert source.answers == [[Admission.NEW], [Admission.UPDATED]]
    assert [(job["revision"], job["state"]) for job in jobs] == [(1, "withdrawn"), (2, "done")]
    assert jobs[0]["reason"] == "replaced by revision 2"


async def test_a_clip_is_known_by_its_volume_and_its_path_together(tmp_path, autojump_clock):
    one, two = card(tmp_path / "A001", "a.mov", "b.mov")
    three, four = card(tmp_path / "A002", "a.mov", "b.mov")
    source, sink = ListSource([one, four], [two, three], [four, three, two, one]), FunctionSink()
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        await engine.run(once=True)
    assert source.answers == [[Admission.NEW] * 2, [Admission.NEW] * 2, [Admission.DUPLICATE] * 4]
    assert len(sink.delivered) == 4


async def test_a_formatted_card_with_old_names_admits_everything(tmp_path, autojump_clock):
    [first] = card(tmp_path / "A001", "a.mov", content=b"first")
    [second] = card(tmp_path / "A001", "a.mov", content=b"another recording")
    source, sink = ListSource([first], [second]), FunctionSink()
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        await engine.run(once=True)
        jobs = (await engine.jobs())["jobs"]
    assert source.answers == [[Admission.NEW], [Admission.NEW]]
    assert len({job["clip"] for job in jobs}) == 2


async def test_findings_decide_the_route_and_a_problem_parks(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "good.mov", "bad.mov", "waste.mov")

    def look(clip):
        if clip.name == "bad":
            return Finding(clip=clip.id, problem="truncated: no moov atom")
        return {"circled": clip.name == "good", "look": "day"}

    sink = FunctionSink()
    prepare = [component("annotator", "probe", FunctionAnnotator(look))]
    made = simple(
        tmp_path,
        ListSource(clips),
        sink,
        prepare=prepare,
        when="coalesce(circled, true) and coalesce(meta['look'], 'day') = 'day'",
    )
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        status = await engine.status()
        told = await engine.clip("waste.mov")
    assert sink.delivered == ["good.mov"]
    assert outcome.parked == 1
    assert [(a["subject"], a["reason"]) for a in status["attention"]] == [
        ("A001: bad.mov", "truncated: no moov atom")
    ]
    assert told["routes"][0]["matched"] is False
    assert "circled is False" in told["routes"][0]["why"]


async def test_transforms_feed_sinks_and_work_files_go_when_all_is_over(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "a.mov")

    async def halve(context, clip):
        outputs = []
        for number in (1, 2):
            path = context.workspace() / f"{clip.name}-{number}.mp4"
            with context.open(clip) as original:
                path.write_bytes(original.read()[:3])
            outputs.append(context.derive(clip, path, role=Role.PROXY))
        return outputs

    one, two = FunctionSink(), FunctionSink()
    step = component("transform", "all.halve", FunctionTransform(halve))
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=[component("sink", "one", one), component("sink", "two", two)],
        routes=[route(steps=[step], to=("one", "two"))],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert sorted(one.delivered) == sorted(two.delivered) == ["a-1.mp4", "a-2.mp4"]
    assert [step["state"] for step in job["steps"]] == ["done"] * 5
    assert list((tmp_path / "state" / "work").iterdir()) == []


async def test_transient_failures_of_the_world_never_count_and_of_the_clip_park_after_five(
    tmp_path, autojump_clock
):
    clips = card(tmp_path / "A001", "world.mov", "clip.mov")
    tries = {"world": 0, "clip": 0}

    async def fail(clip, _resume, _report):
        tries[clip.name] += 1
        if clip.name == "clip":
            raise Transient("422", blame="clip")
        if tries["world"] < 9:
            raise Transient("503")

    sink = FunctionSink(fail)
    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine:
        outcome = await engine.run(once=True)
        jobs = {job["name"]: job for job in (await engine.jobs())["jobs"]}
    assert tries == {"world": 9, "clip": 5}
    assert (outcome.parked, outcome.waiting) == (1, 0)
    assert jobs["clip.mov"]["reason"] == "422 (tried 5 times)"


async def test_a_bug_parks_its_step_with_the_traceback_and_the_rest_goes_on(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "a.mov", "b.mov")

    async def fail(clip, _resume, _report):
        if clip.name == "a":
            raise ZeroDivisionError("oops")

    sink = FunctionSink(fail)
    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine:
        await engine.run(once=True)
        told = await engine.clip("a.mov")
    assert sink.delivered == ["b.mov"]
    assert told["jobs"][0]["reason"] == "bug in sink: ZeroDivisionError: oops"
    [event] = [event for event in told["events"] if event["kind"] == "step.parked"]
    assert "oops" in event["detail"]["traceback"]


async def test_an_unavailable_sink_is_reopened_and_nothing_counts(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "a.mov")
    openings = []

    async def opening():
        openings.append(trio.current_time())
        if len(openings) in {2, 3}:
            raise Unavailable("no network")

    async def once_lost(_clip, _resume, _report):
        if len(openings) == 1:
            raise Unavailable("no network")

    sink = FunctionSink(once_lost)
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=[component("sink", "sink", sink, opening=opening)],
        routes=[route()],
    )
    async with engine_of(made) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        while not sink.delivered:
            await trio.sleep(1)
        engine.cancel()
    assert len(openings) == 4


async def test_once_ends_when_a_sink_stays_away(tmp_path, autojump_clock):
    async def opening():
        raise Unavailable("not paired; run: pipeline frameio pair FILE")

    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[component("sink", "sink", FunctionSink(), opening=opening)],
        routes=[route()],
    )
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
        status = await engine.status()
    assert outcome.waiting == 1
    assert (job["state"], job["reason"]) == ("waiting", "not paired; run: pipeline frameio pair FILE")
    assert "not paired" in status["attention"][0]["reason"]


async def test_a_pulled_card_waits_for_its_return(tmp_path, autojump_clock):
    folder = tmp_path / "A001"
    clips = card(folder, "a.mov", "b.mov")

    async def read(clip, _resume, _report):
        if not sink.delivered:
            folder.rename(tmp_path / "pulled")
            raise MediaGone(clip.volume, clip.card)

    sink = FunctionSink(read)
    sink.delivered.clear()
    async with (
        engine_of(simple(tmp_path, ListSource(clips), sink, slots=1)) as engine,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(engine.run)
        while not (tmp_path / "pulled").exists():
            await trio.sleep(0.5)
        await trio.sleep(5)
        jobs = (await engine.jobs())["jobs"]
        assert {(job["state"], job["reason"]) for job in jobs} == {("waiting", "insert card A001")}
        sink._deliver = None
        (tmp_path / "pulled").rename(folder)
        while len(sink.delivered) < 2:
            await trio.sleep(1)
        engine.cancel()


async def test_a_card_that_is_pulled_too_early_is_told_before_its_turn(tmp_path, autojump_clock):
    """Whoever pulled it is still near; and once nothing of it is wanted, nobody is asked for it."""
    gate = trio.Event()

    async def slow(_clip, _resume, _report):
        await gate.wait()

    clips = [clip for name in ("A001", "B002") for clip in card(tmp_path / name, f"{name}C001.mov")]
    sink = FunctionSink(slow)
    async with (
        engine_of(simple(tmp_path, ListSource(clips), sink, slots=1)) as engine,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(engine.run)
        await trio.sleep(3)
        [work] = (await engine.status())["current"]
        [pulled] = {"A001", "B002"} - {work["name"][:4]}
        (tmp_path / pulled).rename(tmp_path / "pulled")
        await trio.sleep(6)
        assert [item["reason"] for item in (await engine.status())["attention"]] == [f"insert card {pulled}"]
        [job] = [job for job in (await engine.jobs())["jobs"] if job["card"] == pulled]
        assert (job["state"], job["reason"]) == ("waiting", f"insert card {pulled}")
        await engine.queue("cancel", [job["id"]])
        assert (await engine.status())["attention"] == []
        await engine.queue("retry", [job["id"]])
        (tmp_path / "pulled").rename(tmp_path / pulled)
        gate.set()
        while len(sink.delivered) < 2:
            await trio.sleep(1)
        engine.cancel()


async def test_priority_orders_and_permanent_parks(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "low.mov", "high.mov", "refused.mov")

    async def refuse(clip, _resume, _report):
        if clip.name == "refused":
            raise Permanent("made while paused")

    sink = FunctionSink(refuse)
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=[component("sink", "sink", sink)],
        routes=[route("low", when="name = 'low'"), route("high", when="name <> 'low'", priority=10)],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
    assert [name for name, _ in sink.calls][-1] == "low.mov"
    assert sorted(sink.delivered) == ["high.mov", "low.mov"]


async def test_once_ends_when_a_sink_opens_and_never_delivers(tmp_path, autojump_clock):
    """Its service answers, its upload host does not: opening again must not look like being back."""

    async def fail(_clip, _resume, _report):
        raise Unavailable("upload host cannot be reached")

    sink = FunctionSink(fail)
    clips = card(tmp_path / "A001", "a.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine:
        outcome = await engine.run(once=True)
    assert outcome.waiting == 1
    assert len(sink.calls) == 2


async def test_a_clip_that_is_not_complete_is_not_planned(tmp_path, autojump_clock):
    [clip] = card(tmp_path / "A001", "a.mov")
    growing = replace(clip, complete=False, tail="", size=3)
    source, sink = ListSource([growing], [clip]), FunctionSink()
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        await engine.run(once=True)
    assert source.answers == [[Admission.NEW], [Admission.UPDATED]]
    assert sink.delivered == ["a.mov"]
