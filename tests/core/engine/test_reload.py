"""Rules that change while the pipeline runs: who follows, who is left alone, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import trio

from engine_rig import (
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    running,
)
from rushes import ConfigError, NotYet, Options, Role, RushesError, Transient
from rushes.api.wire import problem, revive
from rushes.cli.lines import sentence
from rushes.cli.reload import reload_words
from rushes.cli.text import clock
from rushes.engine import open_engine
from rushes.engine.replanning import Replanning
from rushes.events import Event
from rushes.settings import Settings


class Set:
    """Clips of a card, a sink that holds what it is told to hold, and a file that can be edited."""

    def __init__(self, tmp_path, *names):
        self.tmp_path = tmp_path
        self.source = ListSource(card(tmp_path / "A001", *names))
        self.gate, self.holds = trio.Event(), set()
        self.sink, self.other = FunctionSink(self._deliver), FunctionSink()
        self.ledger = tmp_path / "ledger.duckdb"
        self.file = tmp_path / "test.yaml"
        self.file.write_text("1")
        self.error = None
        self.made = None

    async def _deliver(self, clip, _resume, _report):
        if clip.filename in self.holds:
            await self.gate.wait()

    def pipeline(self, *routes, **changes):
        sinks = changes.pop("sinks", None) or [
            component("sink", "sink", self.sink, slots=changes.pop("slots", 1)),
            component("sink", "other", self.other, slots=4),
        ]
        self.made = replace(
            pipeline(
                self.tmp_path,
                sources=[component("source", "source", self.source)],
                sinks=sinks,
                routes=routes,
            ),
            files=(self.file,),
            **changes,
        )
        return self.made

    def write(self, *routes, **changes):
        """Edit the file; who reads it gets these routes."""
        self.pipeline(*routes, **changes)
        self.file.write_text(self.file.read_text() + "1")

    def load(self):
        if self.error:
            raise self.error
        return self.made

    def engine(self):
        return open_engine(self.made, Settings(), ledger=self.ledger, load=self.load)


@pytest.fixture
def place(tmp_path):
    return Set(tmp_path, "a.mov", "b.mov", "c.mov")


async def jobs(engine):
    """By file name and route, the state of the job."""
    return {(job["name"], job["route"]): job["state"] for job in (await engine.jobs())["jobs"]}


async def becomes(engine, wanted):
    found = {}
    with trio.move_on_after(10):
        while (found := await jobs(engine)) != wanted:
            await trio.sleep(0.02)
    assert found == wanted


async def events(engine, *kinds):
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return await engine._ledger.query(f"SELECT kind, detail FROM events WHERE kind IN ({names}) ORDER BY seq")


async def test_started_jobs_stay_and_jobs_that_have_not_started_follow(place):
    place.holds = {"a.mov"}
    place.pipeline(route("one", when="name IN ('a', 'b')"), route("two", when="name = 'b'"))
    async with place.engine() as engine, running(engine):
        await becomes(
            engine, {("a.mov", "one"): "running", ("b.mov", "one"): "ready", ("b.mov", "two"): "ready"}
        )
        place.write(route("one", when="name = 'c'"), route("three", when="name = 'b'", to=("other",)))
        told = await engine.reload()
        assert (told["added"], told["removed"], told["changed"]) == (["three"], ["two"], {"one": ["when"]})
        assert told["jobs"] == {"opened": 2, "withdrawn": 2, "changed": 0}
        place.gate.set()
        await becomes(
            engine,
            {
                ("a.mov", "one"): "done",
                ("b.mov", "one"): "withdrawn",
                ("b.mov", "two"): "withdrawn",
                ("b.mov", "three"): "done",
                ("c.mov", "one"): "done",
            },
        )
        assert place.other.delivered == ["b.mov"]
        assert sorted(place.sink.delivered) == ["a.mov", "c.mov"]
        assert [kind for kind, _ in await events(engine, "pipeline.reloaded")] == ["pipeline.reloaded"]


async def test_what_was_delivered_is_not_sent_again_under_another_name(place):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "done"})
        place.write(route("renamed", when="name IN ('a', 'b')"))
        told = await engine.reload()
        assert told["jobs"]["opened"] == 1
        assert reload_words(told).startswith(
            "reloaded test.yaml: 1 job opened; 1 clip that has jobs stays with them ("
        )
        await becomes(engine, {("a.mov", "one"): "done", ("b.mov", "renamed"): "done"})
    # And a start after it plans nothing twice.
    async with place.engine() as engine:
        with trio.fail_after(10):
            await engine.run(once=True)
        assert place.sink.delivered == ["a.mov", "b.mov"]


async def test_a_job_left_of_a_clip_that_began_keeps_a_route_that_is_gone(place):
    place.holds = {"a.mov"}
    place.pipeline(
        route("one", when="name = 'a'"), route("two", when="name = 'a'", to=("other",), auto=False)
    )
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "running", ("a.mov", "two"): "waiting"})
        place.write(route("one", when="name = 'a'"))
        assert (await engine.reload())["jobs"] == {"opened": 0, "withdrawn": 0, "changed": 0}
        assert (await jobs(engine))["a.mov", "two"] == "waiting"


async def test_steps_sinks_and_priority_of_jobs_that_have_not_started_are_those_of_the_new_file(place):
    async def apply(context, clip):
        path = context.workspace() / "proxy.mov"
        path.write_bytes(b"small")
        return [context.derive(clip, path, role=Role.PROXY)]

    place.holds = {"a.mov"}
    place.pipeline(route("one", when="name IN ('a', 'b')", to=("sink", "other")))
    async with place.engine() as engine, running(engine):
        with trio.fail_after(10):
            while sorted(place.other.delivered) != ["a.mov", "b.mov"]:
                await trio.sleep(0.02)
        place.write(
            route("one", when="name IN ('a', 'b')", to=("sink", "other")),
            route("late", when="name = 'c'", auto=False),
        )
        await engine.reload()
        small = component("transform", "late.small", FunctionTransform(apply))
        place.write(
            route("one", when="name IN ('a', 'b')", to=("sink", "other")),
            route("late", when="name = 'c'", steps=(small,), to=("other",), priority=7),
        )
        told = await engine.reload()
        assert told["changed"] == {"late": ["priority", "auto", "steps", "to"]}
        assert told["jobs"] == {"opened": 0, "withdrawn": 0, "changed": 1}
        with trio.fail_after(10):
            while "proxy.mov" not in place.other.delivered:
                await trio.sleep(0.02)
        [job] = [job for job in (await engine.jobs())["jobs"] if job["route"] == "late"]
        assert (job["priority"], [step["component"] for step in job["steps"]]) == (7, ["late.small", "other"])
        place.gate.set()
        # The step stays open for jobs that name it; with other options it needs a restart.
        place.write(route("one", when="name IN ('a', 'b')", to=("sink", "other")))
        await engine.reload()
        assert "late.small" in {each["id"] for each in (await engine.status())["components"]}
        place.write(route("one", steps=(replace(small, slots=3),)))
        with pytest.raises(ConfigError, match=r"needs a restart: step late\.small changed"):
            await engine.reload()


async def test_a_job_that_a_person_holds_stays_held(place):
    place.holds = {"a.mov"}
    place.pipeline(route("one", when="name IN ('a', 'b')"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "running", ("b.mov", "one"): "ready"})
        [job] = [job["id"] for job in (await engine.jobs())["jobs"] if job["name"] == "b.mov"]
        await engine.queue("hold", [job])
        place.write(route("one", when="name IN ('a', 'b')", to=("other",), auto=False))
        assert (await engine.reload())["jobs"]["changed"] == 1
        [(name, reason)] = [
            (step["component"], step["reason"])
            for each in (await engine.jobs())["jobs"]
            if each["id"] == job
            for step in each["steps"]
        ]
        assert (name, reason) == ("other", "held by a person")
        await engine.queue("release", [job])
        with trio.fail_after(10):
            while place.other.delivered != ["b.mov"]:
                await trio.sleep(0.02)


async def test_withdrawn_and_wanted_again(place):
    place.pipeline(route("one", when="name = 'a'", auto=False))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "waiting"})
        place.write(route("one", when="name = 'z'", auto=False))
        await engine.reload()
        await becomes(engine, {("a.mov", "one"): "withdrawn"})
        place.write(route("one", when="name = 'a'"))
        await engine.reload()
        await becomes(engine, {("a.mov", "one"): "done"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda place: {"slots": 7}, "needs a restart: sink sink changed"),
        (
            lambda place: {"sinks": [component("sink", "raid", place.sink)]},
            "sink raid is new, sink sink is gone, sink other is gone",
        ),
        (lambda place: {"name": "b"}, "the pipeline's name changed from test to b"),
        (lambda place: {"state": place.tmp_path / "elsewhere"}, "state changed to "),
        (lambda place: {"prepare": (component("annotator", "probe", None),)}, "annotator probe is new"),
        (lambda place: {"sources": ()}, "source source is gone"),
        (
            lambda place: {
                "sources": (replace(component("source", "source", place.source), options=Other()),)
            },
            "source source changed",
        ),
    ],
)
async def test_what_needs_a_restart_is_named_and_nothing_changes(place, change, told):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "done"})
        place.write(route("one"), **change(place))
        with pytest.raises(ConfigError, match="needs a restart: ") as caught:
            await engine.reload()
        assert told in str(caught.value)
        assert await jobs(engine) == {("a.mov", "one"): "done"}
        [item] = [item for item in (await engine.status())["attention"] if item["subject"] == "rules"]
        assert told in item["reason"]


class Other(Options):
    text: str = "another"


async def test_a_saved_file_is_followed_by_itself_and_a_broken_one_told_once_until_it_is_mended(place):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "done"})
        place.error = ConfigError("unknown key 'tow'", where="test.yaml:3:1")
        place.file.write_text("broken")
        with trio.fail_after(20):
            while not await events(engine, "pipeline.reload_refused"):
                await trio.sleep(0.05)
            status = await engine.status()
            assert [item["subject"] for item in status["attention"]] == ["rules"]
            place.error = None
            # As editors save: another file in its place.
            new = place.file.with_suffix(".new")
            place.pipeline(route("one", when="name IN ('a', 'b')"))
            new.write_text("mended")
            new.replace(place.file)
            await becomes(engine, {("a.mov", "one"): "done", ("b.mov", "one"): "done"})
            while (await engine.status())["attention"]:
                await trio.sleep(0.05)
        kinds = [kind for kind, _ in await events(engine, "pipeline.reloaded", "pipeline.reload_refused")]
        assert kinds == ["pipeline.reload_refused", "pipeline.reloaded"]


async def test_who_asks_after_a_file_was_followed_by_itself_is_told_of_that(place):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "done"})
        told = await engine.reload()
        assert told["last"] is None
        assert reload_words(told) == "reloaded test.yaml: the rules are as they were"
        place.write(route("one", when="name IN ('a', 'b')"))
        with trio.fail_after(10):
            while len(await events(engine, "pipeline.reloaded")) < 2:
                await trio.sleep(0.05)
        told = await engine.reload()
        assert (told["changed"], told["jobs"]) == ({}, {"opened": 0, "withdrawn": 0, "changed": 0})
        assert (told["last"]["changed"], told["last"]["jobs"]["opened"]) == ({"one": ["when"]}, 1)
        then = clock(told["last"]["at"])
        assert reload_words(told) == (
            f"reloaded test.yaml: as it was when it was last reloaded, at {then}: "
            "1 job opened (changed route one: when)"
        )


async def test_a_refusal_is_told_once_until_the_file_is_written_again(place, caplog):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        place.error = ConfigError("unknown key 'tow'", where="test.yaml:3:1", excerpt="tow: raid")
        for _ in range(2):
            with pytest.raises(ConfigError) as caught:
                await engine.reload()
            told = "test.yaml:3:1: unknown key 'tow'; the rules of before stay in force"
            assert (str(caught.value), caught.value.excerpt) == (told, "tow: raid")
        assert len(await events(engine, "pipeline.reload_refused")) == 1
        assert [line.message for line in caplog.records if "not reloaded" in line.message] == [
            f"not reloaded: {told}"
        ]
        place.file.write_text("saved with the same mistake")
        with pytest.raises(ConfigError):
            await engine.reload()
        assert len(await events(engine, "pipeline.reload_refused")) == 2


async def test_everything_that_is_wrong_with_a_file_is_told(place):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        place.error = ConfigError("unknown key 'tow'", where="test.yaml:3:1")
        other = ConfigError("no sink 'nsa'", where="test.yaml:9:5", excerpt="to: nsa")
        place.error.others = [other, other]
        with pytest.raises(ConfigError) as caught:
            await engine.reload()
        # As it comes over the socket.
        status, told = problem(caught.value)
        assert status == 422
        assert [str(each) for each in revive(told).others] == ["test.yaml:9:5: no sink 'nsa'"] * 2
        assert [each.excerpt for each in revive(told).others] == ["to: nsa"] * 2
        [(_, detail)] = await events(engine, "pipeline.reload_refused")
        assert json.loads(detail) == {
            "file": str(place.file),
            "reason": "test.yaml:3:1: unknown key 'tow'",
            "others": ["test.yaml:9:5: no sink 'nsa'"] * 2,
            "errors": 3,
        }
        [item] = (await engine.status())["attention"]
        assert item["reason"] == "test.yaml:3:1: unknown key 'tow' (and 2 more; see pipeline check)"
        event = Event(seq=1, at=0.0, kind="pipeline.reload_refused", detail=json.loads(detail))
        assert sentence(event).startswith("not reloaded: test.yaml:3:1: unknown key 'tow' (and 2 more); ")


async def test_a_file_that_is_written_in_pieces_is_read_when_it_is_whole(place):
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "done"})
        place.pipeline(route("one", when="name IN ('a', 'b')"))
        reads = []

        def load():
            reads.append(place.file.read_text())
            if reads[-1] != "whole":
                raise ConfigError("half of it")
            return place.made

        engine._reload._load = load
        place.file.write_text("half")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(engine.reload)
            with trio.fail_after(10):
                while not reads:
                    await trio.sleep(0.02)
            place.file.write_text("whole")
        assert reads[0] == "half"
        await becomes(engine, {("a.mov", "one"): "done", ("b.mov", "one"): "done"})
        assert await events(engine, "pipeline.reload_refused") == []


async def test_a_pipeline_that_no_file_was_read_for_cannot_be_reloaded(place):
    place.pipeline(route("one", when="name = 'a'"))
    async with engine_of(place.made, ledger=place.ledger, clock=trio.current_time) as engine, running(engine):
        with pytest.raises(RushesError, match="not started from a file"):
            await engine.reload()


async def test_a_start_with_other_rules_has_jobs_that_have_not_started_follow(place):
    async def never(_clip, _resume, _report):
        raise Transient("later", retry_after=3600)

    place.sink._deliver = never
    place.pipeline(route("one", when="name = 'a'"), route("two", when="name = 'b'", auto=False))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "waiting", ("b.mov", "two"): "waiting"})
    place.pipeline(route("three", when="name IN ('a', 'b')", to=("other",)))
    async with place.engine() as engine, running(engine):
        # The one that was tried is left alone, and nothing is sent twice.
        await becomes(
            engine, {("a.mov", "one"): "waiting", ("b.mov", "two"): "withdrawn", ("b.mov", "three"): "done"}
        )


async def test_what_a_final_route_took_away_is_told_with_its_name(place):
    later = route("later", auto=False)
    place.pipeline(later)
    async with place.engine() as engine, running(engine):
        await becomes(engine, {(name, "later"): "waiting" for name in ("a.mov", "b.mov", "c.mov")})
        place.write(route("first", when="name = 'a'", final=True, auto=False), later)
        await engine.reload()
        [(_, detail)] = await events(engine, "job.withdrawn")
        assert "no longer matches route later: route first, which is final, took the clip" in str(detail)


async def test_a_start_with_other_rules_tells_what_became_of_jobs(place, caplog):
    place.pipeline(route("one"), route("later", auto=False, to=["other"]))
    began = {(name, "one"): "done" for name in ("a.mov", "b.mov", "c.mov")}
    async with place.engine() as engine, running(engine):
        await becomes(engine, began | {(name, "later"): "waiting" for name, _ in began})
    place.write(route("one"), route("later", when="name = 'a'", auto=False, to=["other"]))
    async with place.engine():
        pass
    [told] = [line for line in caplog.messages if line.startswith("the routes changed")]
    assert told.startswith("the routes changed: jobs: 0 opened, 2 withdrawn, 0 changed; 0 clips that")


async def test_a_reload_that_failed_midway_is_undone_with_its_edit(place, monkeypatch):
    place.pipeline(route("one", when="name = 'a'", auto=False))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "waiting"})
        place.pipeline(route("one", when="name = 'z'", auto=False))
        batch = Replanning._batch

        async def one_then_none(self, names, before):
            await batch(self, names, before)
            raise RushesError("the plug is pulled")

        monkeypatch.setattr(Replanning, "_batch", one_then_none)
        with pytest.raises(RushesError, match="plug"):
            await engine.reload()
        assert await jobs(engine) == {("a.mov", "one"): "withdrawn"}
        monkeypatch.setattr(Replanning, "_batch", batch)
        place.pipeline(route("one", when="name = 'a'", auto=False))
        await engine.reload()
        assert await jobs(engine) == {("a.mov", "one"): "waiting"}


async def test_a_crash_before_the_end_of_a_reload_leaves_the_rest_to_the_next_start(place, monkeypatch):
    place.pipeline(route("one", when="name = 'a'", auto=False))
    async with place.engine() as engine:
        async with running(engine):
            await becomes(engine, {("a.mov", "one"): "waiting"})
            place.write(route("one", when="name = 'z'"), route("two", when="name IN ('a', 'b')"))
            batch = Replanning._batch

            async def first_only(self, names, before):
                await batch(self, names[:1], before)
                raise RushesError("the plug is pulled")

            monkeypatch.setattr(Replanning, "_batch", first_only)
            with pytest.raises(RushesError, match="plug"):
                await engine.reload()
            monkeypatch.setattr(Replanning, "_batch", batch)
    async with place.engine() as engine, running(engine):
        await becomes(
            engine, {("a.mov", "one"): "withdrawn", ("a.mov", "two"): "done", ("b.mov", "two"): "done"}
        )
        assert sorted(place.sink.delivered) == ["a.mov", "b.mov"]


async def misses_its_scene(clip, _resume, _report):
    raise NotYet(f"{clip.filename}: no scene yet", until="metadata")


async def test_what_waits_for_news_asks_again_where_its_route_goes_otherwise(place):
    place.sink._deliver = misses_its_scene
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "waiting"})
        place.write(route("one", when="name = 'a'", priority=3))
        assert (await engine.reload())["jobs"]["changed"] == 1
        assert await jobs(engine) == {("a.mov", "one"): "waiting"}
        place.write(route("one", when="name = 'a'", to=("other",), priority=3))
        assert (await engine.reload())["jobs"]["changed"] == 1
        await becomes(engine, {("a.mov", "one"): "done"})
        assert place.other.delivered == ["a.mov"]


async def test_what_waits_for_news_asks_again_at_a_start(place):
    place.sink._deliver = misses_its_scene
    place.pipeline(route("one", when="name = 'a'"))
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "waiting"})
    # It still misses it: it waits as before.
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "waiting"})
    place.sink._deliver = Set._deliver.__get__(place)
    async with place.engine() as engine, running(engine):
        await becomes(engine, {("a.mov", "one"): "done"})


@pytest.mark.parametrize("restarted", [False, True])
async def test_clips_that_lose_their_only_job_to_a_sink_are_told_wherever_a_person_looks(
    place, restarted, caplog
):
    one, two = route("one", auto=False), route("two", to=["other"], when="name = 'a'")
    place.pipeline(one, two)
    async with place.engine() as engine, running(engine):
        wanted = {(f"{name}.mov", "one"): "waiting" for name in "abc"}
        await becomes(engine, wanted | {("a.mov", "two"): "done"})
        place.write(route("one", auto=False, when="name = 'c'"), two)
        if not restarted:
            told = await engine.reload()
            assert (told["leaving"], [(each["clips"], each["sinks"]) for each in told["left"]]) == (
                2,
                [(1, ["sink"]), (1, ["sink"])],
            )
            words = reload_words(told)
            await told_to_people(engine, words)
            # Until the rules change again.
            place.write(one, two)
            assert (await engine.reload())["leaving"] == 0
            assert (await engine.status())["attention"] == []
    if restarted:
        async with place.engine() as engine, running(engine):
            words = " ".join(record.message for record in caplog.records)
            await told_to_people(engine, words)


async def told_to_people(engine, words):
    rows = await engine._ledger.query("SELECT id, path FROM clips")
    ids = {path: name for name, path in rows}
    [item] = (await engine.status())["attention"]
    first = item["reason"].partition(" ")[0]
    assert first in {"a.mov", "b.mov"}
    said = f"{first} on A001 and 1 more clip lost their only job to sink"
    remedy = f"to send one all the same: pipeline queue FILE add {ids[first]} --to sink"
    assert (item["reason"], item["remedy"]) == (f"{said} when the rules changed", remedy)
    assert said in words
    assert remedy in words
