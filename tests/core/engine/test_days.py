"""Shooting days: kept until the ledger says something else, and summed up as the whole report has them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
import trio

from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    simple,
)
from rushes import Finding, Link, NotYet, Permanent, Record
from rushes.engine import views
from rushes.engine.searches import ClipSearch
from rushes.engine.views.last import NO_WAITS
from rushes.errors import NotFound
from rushes.ledger import FILE_NAME
from rushes.model import Kind
from rushes.report.telling import undelivered

#: The package has a function of that name.
view_of_days = import_module("rushes.engine.views.days")

pytestmark = pytest.mark.timeout(60)
DAY = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Teller(FunctionAnnotator):
    """Says of each clip what `said` has under its name; `links` by name."""

    def __init__(self, said):
        self.said, self.ids, self.links, self.problems = said, {}, {}, {}
        super().__init__(self._say)

    def _say(self, clip):
        name = clip.filename
        self.ids[name] = clip.id
        links = [
            Link(clip=clip.id, other=self.ids[other], kind="sound", score=1.0)
            for other in self.links.get(name, ())
        ]
        return Finding(
            clip=clip.id, values=self.said.get(name, {}), links=links, problem=self.problems.get(name, "")
        )


def recorded(hours, **values):
    return {"recorded": (DAY + timedelta(hours=hours)).replace(tzinfo=None), **values}


async def days(engine):
    return {each["day"]: each["clips"] for each in (await engine.days())["days"]}


async def shot_on(engine, day):
    return [row["name"] for row in (await engine.clips(ClipSearch(day=day)))["clips"]]


async def test_a_day_is_right_after_a_new_clip_and_a_clip_that_is_another_now(tmp_path):
    """What is kept between two questions is made anew by each of these."""
    said = {
        "a.mov": recorded(0, kind="video"),
        "b.mov": recorded(1, kind="video"),
        "c.mov": recorded(48, kind="video"),
    }
    teller = Teller(said)
    folder = tmp_path / "A001"
    rounds = {name: trio.Event() for name in ("second", "third")}

    async def run(intake):
        await intake.clips(card(folder, "a.mov", "b.mov"))
        await intake.caught_up()
        await rounds["second"].wait()
        await intake.clips(card(folder, "c.mov"))
        await rounds["third"].wait()
        # The same file, written again: its camera's clock was set meanwhile.
        said["b.mov"] = recorded(49, kind="video")
        await intake.clips(card(folder, "b.mov", content=b"another and longer "))

    made = pipeline(
        tmp_path,
        sources=[component("source", "source", CallSource(run))],
        prepare=[component("annotator", "tell", teller)],
        sinks=[component("sink", "sink", FunctionSink())],
        routes=[route()],
    )
    (tmp_path / "state").mkdir()

    async def until(wanted):
        with trio.fail_after(30):
            while await days(engine) != wanted:
                await trio.sleep(0.05)

    async with (
        engine_of(made, ledger=tmp_path / "state" / FILE_NAME) as engine,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(engine.run)
        await until({"2026-11-22": 2})
        assert await shot_on(engine, "2026-11-22") == ["a.mov", "b.mov"]
        rounds["second"].set()
        await until({"2026-11-24": 1, "2026-11-22": 2})
        assert await shot_on(engine, "2026-11-24") == ["c.mov"]
        rounds["third"].set()
        await until({"2026-11-24": 2, "2026-11-22": 1})
        assert await shot_on(engine, "2026-11-22") == ["a.mov"]
        assert await shot_on(engine, "2026-11-24") == ["b.mov", "c.mov"]
        engine.cancel()
    other = Teller({"z.mov": recorded(-240, kind="video")})
    # Another ledger in the same process has days of its own.
    made = pipeline(
        tmp_path / "other",
        sources=[component("source", "source", CallSource(lambda intake: _one(intake, tmp_path / "Z")))],
        prepare=[component("annotator", "tell", other)],
        sinks=[component("sink", "sink", FunctionSink())],
        routes=[route()],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        assert await days(engine) == {"2026-11-12": 1}


async def _one(intake, folder):
    await intake.clips(card(folder, "z.mov"))
    await intake.caught_up()


async def test_days_are_counted_once_while_nothing_changes(tmp_path, autojump_clock, monkeypatch):
    said = {name: recorded(0, kind="video") for name in ("a.mov", "b.mov")}
    _, made = _mixed(tmp_path, said)
    asked = []
    counted = view_of_days._made
    monkeypatch.setattr(view_of_days, "_made", lambda query: asked.append(1) or counted(query))
    monkeypatch.setattr(view_of_days, "_last", None)
    async with engine_of(made) as engine:
        await engine.run(once=True)
        for _ in range(3):
            await engine.days()
            await shot_on(engine, "2026-11-22")
    assert asked == [1]


NAMES = [
    *(f"{kind}{n}.mov" for kind in ("good", "failed", "later", "broken", "nowhere", "odd") for n in range(3)),
    *(f"sound{n}.wav" for n in range(3)),
]


def _mixed(tmp_path, said, links=None, problems=None):
    async def run(intake):
        clips = []
        for number, clip in enumerate(card(tmp_path / "cards", *sorted(said))):
            kind = Kind.AUDIO if clip.filename.endswith(".wav") else Kind.VIDEO
            clips.append(replace(clip, kind=kind, card=f"A00{number % 3}"))
        await intake.records([Record(id="r1", source="source", kind="clip", device="d", data={"scene": "9"})])
        await intake.clips(sorted(clips, key=lambda clip: clip.filename, reverse=True))
        await intake.caught_up()

    async def picky(clip, _resume, _report):
        if clip.filename.startswith("failed"):
            raise Permanent("refused")
        if clip.filename.startswith("later"):
            raise NotYet("it waits for its colours")

    teller = Teller(said)
    teller.links, teller.problems = links or {}, problems or {}
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", CallSource(run))],
        prepare=[component("annotator", "tell", teller)],
        sinks=[
            component("sink", "sink", FunctionSink(picky), slots=2),
            component("sink", "shelf", FunctionSink()),
        ],
        routes=[
            route(when="scene <> 'nowhere'"),
            route("shelved", when="scene = '12'", to=("shelf",), auto=False),
        ],
    )
    return teller, made


@pytest.mark.parametrize("seed", range(3))
async def test_a_summary_has_the_numbers_of_the_report(tmp_path, autojump_clock, seed):
    chance = random.Random(seed)

    def about(name):
        scene = "nowhere" if name.startswith("nowhere") else chance.choice(["12", "13"])
        label = chance.randrange(20)
        values = {"scene": scene, "camera": chance.choice("AB"), "duration": chance.choice([1.25, 60.0])}
        if name.startswith("odd"):
            values |= {"mos": chance.choice([True, False]), "waste": chance.choice([True, False])}
        if chance.random() < 0.7:
            values |= {"timecode": f"{label:02}:00:00:00", "timecode_end": f"{label:02}:01:00:00"}
        values["circled"] = chance.choice([True, False])
        return recorded(label / 10, kind="audio" if name.endswith(".wav") else "video", **values)

    said = {name: about(name) for name in NAMES}
    problems = {f"broken{n}.mov": "truncated" for n in range(3)}
    links = {f"good{n}.mov": [f"sound{n}.wav"] for n in range(2)}
    _, made = _mixed(tmp_path, said, links, problems)
    async with engine_of(made) as engine:
        await engine.run(once=True)
        waiting = [job["id"] for job in (await engine.jobs())["jobs"] if job["state"] == "waiting"]
        await engine.queue("cancel", waiting[:2])
        whole, short = await engine.day("last"), await engine.summary("last")
        held = {"components": {"shelf": "it rests"}, "volumes": {}, "running": True}
        for waits in (NO_WAITS, held):
            one, other = await engine.read(
                lambda query, waits=waits: (
                    views.day(query, "2026-11-22", waits, 1.0),
                    views.summary(query, "2026-11-22", waits, 1.0),
                )
            )
            shared = one.keys() & other.keys()
            assert {name: other[name] for name in shared} == {name: one[name] for name in shared}
        with pytest.raises(NotFound):
            await engine.summary("2001-01-01")
    assert shared == {"day", "pipeline", "made", "totals", "cards", "handovers", "records_without_media"}
    assert short["totals"] == whole["totals"]
    assert short["totals"]["failed"] >= 6
    assert short["totals"]["unrouted"] == 3
    assert 0 < short["totals"]["silent"] < 18
    assert short["totals"]["cancelled"] >= 1
    open_ = {clip["clip"] for clip in whole["clips"] if clip["open"]}
    assert {each["clip"] for each in short["undelivered"]} == open_
    assert len(short["undelivered"]) == short["totals"]["undelivered"] == len(open_)
    states = [each["state"] for each in short["undelivered"]]
    order = ["parked", "cancelled", "waiting", "running", "ready", "broken"]
    assert states == sorted(states, key=order.index)
    failed = next(each for each in short["undelivered"] if each["name"].startswith("failed"))
    assert (failed["state"], "sink" in failed["to"]) == ("parked", True)
    assert failed["reason"].startswith("refused")


async def test_a_summary_shows_what_failed_first_where_there_is_more_than_it_shows(
    tmp_path, autojump_clock, monkeypatch
):
    said = {f"later{n:03}.mov": recorded(0, scene="13") for n in range(60)} | {
        "failed.mov": recorded(0, scene="13")
    }
    _, made = _mixed(tmp_path, said)
    async with engine_of(made) as engine:
        await engine.run(once=True)
        short = await engine.summary("last")
    assert short["totals"]["undelivered"] == 61
    assert len(short["undelivered"]) == 50
    assert short["undelivered"][0]["name"] == "failed.mov"


async def test_what_cannot_be_read_is_of_the_day_of_its_card(tmp_path, autojump_clock):
    """Its own time is that of a copy, or none: a report of one damaged file would be the last day's."""
    names = ("a.mov", "b.mov", "broken.mov")
    teller = Teller({name: recorded(0, kind="video") for name in names[:2]})
    teller.problems = {"broken.mov": "no moov atom"}
    source = ListSource(card(tmp_path / "A001", *names))
    made = simple(tmp_path, source, FunctionSink(), prepare=[component("annotator", "tell", teller)])
    async with engine_of(made) as engine:
        await engine.run(once=True)
        assert await days(engine) == {"2026-11-22": 3}
        [parked] = [job["id"] for job in (await engine.jobs())["jobs"] if job["state"] == "parked"]
        [line] = (await engine.summary("last"))["undelivered"]
        assert (line["state"], line["reason"]) == ("parked", "no moov atom")
        await engine.queue("cancel", [parked])
        [line] = (await engine.summary("last"))["undelivered"]
        assert (line["state"], line["reason"]) == ("cancelled", "cancelled by a person; no moov atom")
        [told] = undelivered(await engine.day("last"))
        assert told == "A001: broken.mov: cancelled: cancelled by a person; no moov atom"
