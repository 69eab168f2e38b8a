"""What people do to a running pipeline: hold, release, retry, cancel, top, add; drain and stop."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from engine_rig import (
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    simple,
)
from rushes import NotFound, Permanent, Receipt, Role, Unavailable
from rushes.engine.work import MOST_FAULTS


class Gate:
    """A delivery that waits, part by part, until it is let through."""

    def __init__(self, parts=3):
        self.parts = parts
        self.sent = []
        self.open = trio.Event()

    async def deliver(self, clip, resume, report):
        done = set(resume.parts) if resume else set()
        if resume is None:
            await report.begin({"asset": clip.id})
        for number in range(1, self.parts + 1):
            if number in done:
                continue
            await report.proceed()
            await trio.sleep(1)
            if number > 1:
                await self.open.wait()
            self.sent.append((clip.name, number))
            await report.part(number, f"etag{number}")
        return Receipt(where="gate", id=clip.id)


async def running(engine, nursery, **options):
    nursery.start_soon(lambda: engine.run(**options))
    await trio.sleep(0.5)


def only(jobs):
    [job] = jobs["jobs"]
    return job


async def test_hold_stops_a_delivery_and_release_goes_on_with_its_parts(tmp_path, autojump_clock):
    gate = Gate()
    sink = FunctionSink(gate.deliver)
    async with (
        engine_of(simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)) as engine,
        trio.open_nursery() as nursery,
    ):
        await running(engine, nursery)
        await trio.sleep(5)
        job = only(await engine.jobs())
        assert job["state"] == "running"
        assert (await engine.queue("hold", [job["id"][:6]]))["changed"] == [job["id"]]
        job = only(await engine.jobs())
        assert (job["state"], job["reason"]) == ("waiting", "held by a person")
        await trio.sleep(60)
        gate.open.set()
        await engine.queue("release", [job["id"]])
        await trio.sleep(10)
        assert only(await engine.jobs())["state"] == "done"
        engine.cancel()
    assert gate.sent == [("a", 1), ("a", 2), ("a", 3)]
    resume = sink.calls[1][1]
    assert resume.head == {"asset": resume.head["asset"]}
    assert dict(resume.parts) == {1: "etag1"}


async def test_cancel_ends_it_and_retry_brings_it_back(tmp_path, autojump_clock):
    async def proxy(context, clip):
        path = context.workspace() / f"{clip.name}.mp4"
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    gate = Gate()
    sink, transform = FunctionSink(gate.deliver), FunctionTransform(proxy)
    steps = [component("transform", "all.proxy", transform)]
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink, steps=steps)
    async with engine_of(made) as engine, trio.open_nursery() as nursery:
        await running(engine, nursery)
        await trio.sleep(5)
        job = only(await engine.jobs())
        await engine.queue("cancel", [], all=True)
        await trio.sleep(1)
        assert only(await engine.jobs())["state"] == "cancelled"
        assert list((tmp_path / "state" / "work").iterdir()) == []
        gate.open.set()
        assert (await engine.queue("retry", [job["id"]]))["changed"] == [job["id"]]
        await trio.sleep(10)
        assert only(await engine.jobs())["state"] == "done"
        engine.cancel()
    assert transform.calls == ["a.mov", "a.mov"]
    assert gate.sent == [("a", 1), ("a", 2), ("a", 3)]


async def test_top_preempts_the_least_urgent_delivery_which_resumes(tmp_path, autojump_clock):
    gate = Gate()
    sink = FunctionSink(gate.deliver)
    clips = card(tmp_path / "A001", "a.mov", "b.mov")
    async with (
        engine_of(simple(tmp_path, ListSource(clips), sink, slots=1)) as engine,
        trio.open_nursery() as nursery,
    ):
        await running(engine, nursery)
        await trio.sleep(5)
        jobs = {job["name"]: job for job in (await engine.jobs())["jobs"]}
        first, second = sorted(jobs.values(), key=lambda job: job["state"] != "running")
        await engine.queue("top", [second["id"]])
        gate.open.set()
        await trio.sleep(30)
        engine.cancel()
    order = [name for name, _ in gate.sent]
    other, one = second["name"][0], first["name"][0]
    assert order == [one, other, other, other, one, one]


async def test_retry_of_a_parked_job_forgets_its_faults(tmp_path, autojump_clock):
    async def refuse(_clip, _resume, _report):
        if len(sink.calls) < 2:
            raise Permanent("refused")

    sink = FunctionSink(refuse)
    async with (
        engine_of(simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)) as engine,
        trio.open_nursery() as nursery,
    ):
        await running(engine, nursery)
        await trio.sleep(1)
        job = only(await engine.jobs())
        assert (job["state"], job["reason"]) == ("parked", "refused")
        await engine.queue("retry", [job["id"]])
        await trio.sleep(1)
        assert only(await engine.jobs())["state"] == "done"
        engine.cancel()
    assert MOST_FAULTS == 5


async def test_a_manual_route_waits_for_release_and_a_clip_can_be_added_by_hand(tmp_path, autojump_clock):
    sink, other = FunctionSink(), FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[component("sink", "sink", sink), component("sink", "other", other)],
        routes=[route(auto=False)],
    )
    async with engine_of(made) as engine, trio.open_nursery() as nursery:
        await running(engine, nursery)
        assert only(await engine.jobs())["reason"] == "manual route: release it to start"
        added = await engine.add("a.mov", "other")
        await trio.sleep(1)
        assert (sink.delivered, other.delivered) == ([], ["a.mov"])
        with pytest.raises(Exception, match="added to other before"):
            await engine.add("a.mov", "other")
        await engine.queue("release", [], all=True)
        await trio.sleep(1)
        assert sink.delivered == ["a.mov"]
        with pytest.raises(NotFound, match="no job or clip nope"):
            await engine.queue("hold", ["nope"])
        with pytest.raises(NotFound, match="no sink nowhere"):
            await engine.add("a.mov", "nowhere")
        assert added["job"].startswith("j")
        engine.cancel()


async def test_a_clip_stands_for_its_jobs(tmp_path, autojump_clock):
    """Nobody at a set knows a clip by the id of its job."""
    sinks = {name: FunctionSink() for name in ("cloud", "raid")}
    clips = card(tmp_path / "A001", "A001C001_261122_R1AB.mov", "A001C002_261122_R1AB.mov")
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=[component("sink", name, sink) for name, sink in sinks.items()],
        routes=[
            route("dailies", to=["cloud"], auto=False),
            route("backup", when="name = 'A001C001_261122_R1AB'", to=["raid"], auto=False),
        ],
    )
    async with engine_of(made) as engine, trio.open_nursery() as nursery:
        await running(engine, nursery)
        jobs = {(job["name"][:8], job["route"]): job["id"] for job in (await engine.jobs())["jobs"]}
        both = [jobs["A001C001", "dailies"], jobs["A001C001", "backup"]]
        assert set((await engine.queue("hold", ["A001C001"]))["changed"]) == set(both)
        with pytest.raises(NotFound, match="A001C00 names several clips"):
            await engine.queue("hold", ["A001C00"])
        with pytest.raises(
            NotFound, match=r"A001C001 has several jobs: j\w+ \(\w+\), j\w+ \(\w+\); give the id"
        ) as told:
            await engine.queue("cancel", ["A001C001"])
        assert all(name in str(told.value) for name in both)
        assert (await engine.queue("cancel", [both[0][:9]]))["changed"] == both[:1]
        # One is left: it is that one that is meant.
        assert (await engine.queue("cancel", ["a001c001_261122_r1ab.mov"]))["changed"] == both[1:]
        assert set(
            (await engine.queue("retry", ["A001/A001C001_261122_R1AB.mov", both[0]]))["changed"]
        ) == set(both)
        assert (await engine.queue("release", ["A001C002"]))["changed"] == [jobs["A001C002", "dailies"]]
        await trio.sleep(1)
        assert "A001C002_261122_R1AB.mov" in sinks["cloud"].delivered
        engine.cancel()


async def test_a_drain_ends_when_the_parts_in_flight_are_done(tmp_path, autojump_clock):
    gate = Gate(parts=100)
    gate.open.set()
    sink = FunctionSink(gate.deliver)
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)) as engine:
        async with trio.open_nursery() as nursery:
            await running(engine, nursery)
            await trio.sleep(5.2)
            before, started = len(gate.sent), trio.current_time()
            engine.drain()
        took = trio.current_time() - started
        job = only(await engine.jobs())
    assert len(gate.sent) == before + 1
    assert took < 2
    assert (job["state"], job["steps"][0]["state"]) == ("ready", "ready")


async def test_a_drain_is_over_after_ten_seconds_whatever_a_sink_does(tmp_path, autojump_clock):
    async def stuck(_clip, _resume, _report):
        await trio.sleep_forever()

    sink = FunctionSink(stuck)
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)) as engine:
        async with trio.open_nursery() as nursery:
            await running(engine, nursery)
            started = trio.current_time()
            engine.drain()
        assert 9 <= trio.current_time() - started <= 11


async def test_events_are_told_in_order_and_again_from_any_point(tmp_path, autojump_clock):
    async with engine_of(
        simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), FunctionSink())
    ) as engine:
        async with engine.events() as live:
            await engine.run(once=True)
            kinds = []
            with trio.move_on_after(1):
                async for event in live:
                    kinds.append((event.seq, event.kind))
        async with engine.events(after=kinds[1][0]) as again:
            repeated = []
            with trio.move_on_after(1):
                async for event in again:
                    repeated.append((event.seq, event.kind))
    assert repeated == kinds[2:]
    names = [kind for _, kind in kinds]
    assert (
        names.index("clip.admitted")
        < names.index("job.planned")
        < names.index("step.started")
        < names.index("step.done")
    )
    assert names[-2:] == ["job.settled", "pipeline.stopped"]


async def test_what_was_sent_counts_while_its_delivery_rests(tmp_path, autojump_clock):
    """Else it looks as if a pause threw the work away."""
    go_on = trio.Event()

    async def deliver(_clip, resume, report):
        if resume is None:
            await report.begin({"asset": "x"})
            await report.part(1, "etag")
        await report.proceed()
        sink.context.progress(60, 100)
        await go_on.wait()

    sink = FunctionSink(deliver)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    size = clips[0].size

    async def left():
        return (await engine.status())["counts"]["bytes_remaining"]

    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine, trio.open_nursery() as nursery:
        await running(engine, nursery)
        await trio.sleep(5)
        assert await left() == size - 60
        await engine.switch("pause", ["sink"])
        await trio.sleep(5)
        assert (only(await engine.jobs())["state"], await left()) == ("waiting", size - 60)
        still = {"rate": 0.0, "eta_s": None}
        expected = {"sink": "sink", "files": 1, "bytes": size - 60, "paused": True, **still}
        assert (await engine.status())["counts"]["sinks"] == [expected]
        await engine.switch("resume", ["sink"])
        assert [each["paused"] for each in (await engine.status())["counts"]["sinks"]] == [False]
        await trio.sleep(5)
        assert (only(await engine.jobs())["state"], await left()) == ("running", size - 60)
        await engine.queue("cancel", [], all=True)
        await trio.sleep(1)
        assert await left() == 0
        await engine.switch("pause", ["sink"])
        await engine.queue("retry", [only(await engine.jobs())["id"]])
        assert await left() == size
        engine.cancel()


@pytest.mark.parametrize("fact", [{"silent_since": 1.7e9}, {"connected": False}])
async def test_while_no_answer_comes_nothing_moves_and_nobody_says_when_it_ends(
    tmp_path, autojump_clock, fact
):
    async def deliver(_clip, _resume, report):
        await report.begin({})
        for done in range(1000):
            sink.context.progress(done, 1000)
            await trio.sleep(1)

    sink = FunctionSink(deliver)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 1000)

    async def told():
        status = await engine.status()
        return status["counts"]["rate"], status["counts"]["eta_s"], only_of(status["current"])

    def only_of(works):
        [work] = works
        return work["rate"], work["eta_s"]

    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine, trio.open_nursery() as nursery:
        await running(engine, nursery)
        await trio.sleep(20)
        rate, eta, (own, _) = await told()
        assert (rate, own) == (pytest.approx(1, rel=0.1), pytest.approx(1, rel=0.1))
        assert eta == pytest.approx(980, rel=0.1)
        sink.context.show(**fact)
        assert await told() == (0, None, (0, None))
        sink.context.show(**dict.fromkeys(fact))
        assert (await told())[0] > 0
        engine.cancel()


async def test_the_time_leaves_out_what_a_person_lets_rest(tmp_path, autojump_clock):
    async def deliver(_clip, _resume, report):
        await report.begin({})
        for done in range(1000):
            going.context.progress(done, 1000)
            await trio.sleep(1)

    going, resting = FunctionSink(deliver), FunctionSink(deliver)
    clips = card(tmp_path / "A001", "a.mov", content=b"x" * 1000)
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=[component("sink", "going", going), component("sink", "resting", resting)],
        routes=[route(to=("going", "resting"))],
    )
    async with engine_of(made) as engine, trio.open_nursery() as nursery:
        await engine.switch("pause", ["resting"])
        await running(engine, nursery)
        await trio.sleep(20)
        counts = (await engine.status())["counts"]
        assert [(each["sink"], each["files"], each["paused"]) for each in counts["sinks"]] == [
            ("going", 1, False),
            ("resting", 1, True),
        ]
        assert counts["sinks"][1]["bytes"] == clips[0].size
        assert counts["bytes_remaining"] == pytest.approx(2 * clips[0].size - 20, abs=3)
        assert counts["eta_s"] == pytest.approx(980, rel=0.1)
        engine.cancel()


@pytest.mark.parametrize("by_itself", [True, False])
async def test_what_goes_on_by_itself_is_told_as_such(tmp_path, autojump_clock, by_itself):
    async def deliver(_clip, _resume, _report):
        raise Unavailable("no network", by_itself=by_itself)

    clips = card(tmp_path / "A001", "a.mov")
    async with (
        engine_of(simple(tmp_path, ListSource(clips), FunctionSink(deliver))) as engine,
        trio.open_nursery() as nursery,
    ):
        await running(engine, nursery)
        await trio.sleep(0.5)
        [told] = (await engine.status())["attention"]
        assert (told["component"], told["reason"], told["by_itself"]) == ("sink", "no network", by_itself)
        await engine.switch("pause", ["sink"])
        [told] = (await engine.status())["attention"]
        assert not told["by_itself"]
        engine.cancel()
