"""What careless or hostile components make of waiting, waking and wishes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
import trio.testing

from engine_rig import (
    FunctionSink,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
)
from rushes import NotYet, Options
from rushes.engine.offline import open_offline
from rushes.engine.switches import Switches
from rushes.errors import NotFound
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)


async def settled():
    await trio.testing.wait_all_tasks_blocked()


async def states(engine):
    return [(job["state"], job["reason"]) for job in (await engine.jobs())["jobs"]]


async def test_a_cancelled_question_is_not_answered_by_a_retry(tmp_path, autojump_clock):
    async def deliver(_clip, _resume, _report):
        if not sink.context.order.consent:
            raise NotYet("overlaps a pause")

    sink = FunctionSink(deliver)
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)
    async with engine_of(made) as engine, running(engine):
        await settled()
        [job] = (await engine.jobs())["jobs"]
        await engine.queue("cancel", [job["id"]])
        await settled()
        await engine.queue("retry", [job["id"]])
        await settled()
        assert await states(engine) == [("waiting", "overlaps a pause")]


@pytest.mark.parametrize("word", ["", "person"])
async def test_no_word_of_a_component_stands_for_a_person(tmp_path, autojump_clock, word):
    async def deliver(clip, _resume, _report):
        if clip.filename == "a.mov":
            raise NotYet("overlaps a pause")

    sink = FunctionSink(deliver)
    clips = card(tmp_path / "A001", "a.mov", "b.mov")
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=[component("sink", "sink", sink)],
        routes=[route("one", when="name = 'a'"), route("two", when="name = 'b'", auto=False)],
    )
    async with engine_of(made) as engine, running(engine):
        await settled()
        before = await states(engine)
        with pytest.raises(ValueError, match="wake"):
            await sink.context.wake(word)
        await settled()
        assert await states(engine) == before
        assert len(sink.calls) == 1


@pytest.mark.parametrize("word", ["\ud800", 7, b"x", "x" * 100_000, "a\x00b"])
async def test_odd_words_are_waited_for_and_woken(tmp_path, word):
    tries = []

    async def deliver(_clip, _resume, _report):
        tries.append(1)
        if len(tries) == 1:
            raise NotYet("odd", until=word)

    sink = FunctionSink(deliver)
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)
    async with engine_of(made, ledger=tmp_path / "ledger.duckdb") as engine:
        with trio.fail_after(10):
            outcome = await engine.run(once=True)
        assert outcome.waiting + outcome.parked == 1


async def test_wishes_that_are_not_understood_any_more_stop_their_own_job_only(tmp_path):
    class Old(Options):
        channel: str

    class New(Options):
        lane: int

    def made(wishes, source):
        place = component("sink", "sink", sink)
        place = replace(place, spec=replace(place.spec, wishes=type(wishes)))
        return pipeline(
            tmp_path,
            sources=[component("source", "source", source)],
            sinks=[place],
            routes=[route(wishes={"sink": wishes})],
        )

    async def deliver(clip, _resume, report):
        if clip.filename == "a.mov":
            await report.begin({})  # a delivery that has begun keeps the wishes that it began with
            tried.set()
            await trio.sleep_forever()

    sink, tried = FunctionSink(deliver), trio.Event()
    ledger = tmp_path / "ledger.duckdb"
    clips = card(tmp_path / "A001", "a.mov", "b.mov")
    old = made(Old(channel="raw"), ListSource(clips[:1]))
    async with engine_of(old, ledger=ledger) as engine, running(engine):
        with trio.fail_after(10):
            await tried.wait()
    async with engine_of(made(New(lane=1), ListSource(clips)), ledger=ledger) as engine:
        with trio.fail_after(10):
            outcome = await engine.run(once=True)
        assert (outcome.parked, outcome.waiting) == (1, 0)
        assert any("wishes" in reason for _, reason in await states(engine))
    assert sink.delivered == ["b.mov"]


def test_a_sink_that_left_the_file_while_paused_can_be_resumed():
    switches = Switches(paused=frozenset({"old", "new"}))
    assert switches.switched("resume", [], sinks=["new"], routes=[]).paused == frozenset()
    assert switches.switched("resume", ["old"], sinks=["new"], routes=[]).paused == {"new"}


def test_all_sinks_are_paused_not_those_that_left_the_file():
    assert Switches().switched("pause", [], sinks=["new"], routes=[]).paused == {"new"}


async def test_at_rest_a_pause_is_told_as_it_is_now(tmp_path):
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), FunctionSink())
    state = tmp_path / "state"
    async with engine_of(made, ledger=state / FILE_NAME) as engine:
        await engine.switch("pause", [])
        assert (await engine.run(once=True)).waiting == 1
    for word, told in (("resume", []), ("pause", ["sink"])):
        with open_offline(state, write=True) as offline:
            offline.switch(word, [])
            assert [each["subject"] for each in offline.status()["attention"]] == told
            [job] = offline.jobs()["jobs"]
            assert ("paused by a person" in job["reason"]) is bool(told)


def test_what_has_never_run_cannot_be_switched(tmp_path):
    with open_offline(tmp_path, write=True) as offline, pytest.raises(NotFound, match="never run"):
        offline.switch("pause", [])
