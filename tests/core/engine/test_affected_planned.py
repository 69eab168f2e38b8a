"""What is annotated again is planned again, where that changes anything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import trio

from affected_rig import Affecting, annotator
from engine_rig import FunctionSink, ListSource, card, component, engine_of, pipeline, route, running, simple
from rushes import Finding, Link
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)


async def test_new_routes_open_unstarted_jobs_are_withdrawn_and_started_ones_go_on(tmp_path, autojump_clock):
    """And a job that was withdrawn is opened once more when its route matches again."""
    circled, begun, finish = {"value": True}, trio.Event(), trio.Event()
    matcher = Affecting(lambda _clip: {"circled": circled["value"]})

    async def slow(_clip, _resume, _report):
        begun.set()
        await finish.wait()

    started, quick = FunctionSink(slow), FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A", "a.mov")))],
        prepare=[annotator("match", matcher)],
        sinks=[component("sink", "started", started), component("sink", "held", quick)],
        routes=[
            route("started", when="circled", to=["started"]),
            route("held", when="circled", to=["held"], auto=False),
            route("new", when="not circled", to=["held"], auto=False),
        ],
    )

    async def states(engine):
        return {job["route"]: job["state"] for job in (await engine.jobs())["jobs"]}

    async def again(engine, value, told):
        circled["value"] = value
        [(clip,)] = await engine._ledger.query("SELECT id FROM clips")
        await engine._hosts["match"].context.again([clip])
        while await states(engine) != told:
            await trio.sleep(0.1)

    async with engine_of(made) as engine, running(engine):
        await begun.wait()
        assert await states(engine) == {"started": "running", "held": "waiting"}
        await again(engine, False, {"started": "running", "held": "withdrawn", "new": "waiting"})
        await again(engine, True, {"started": "running", "held": "waiting", "new": "withdrawn"})
        finish.set()
        while (await states(engine))["started"] != "done":
            await trio.sleep(0.1)
        kinds = [kind for (kind,) in await engine._ledger.query("SELECT kind FROM events ORDER BY seq")]
    assert kinds.count("job.withdrawn") == 2
    assert kinds.count("job.planned") == 4
    assert "clip.unrouted" not in kinds


async def test_a_clip_that_stays_as_it_was_leaves_no_trace(tmp_path):
    """Metadata of every type, so that what the ledger gives back is what was put there."""
    stamp = datetime(2026, 11, 22, 10, 29, 40, 123456, tzinfo=UTC)
    values = {
        "scene": "12", "width": 1920, "duration": 10.01, "circled": True, "created": stamp, "look": "day",
        "note": "Żółć 🎬", "frames": 2**40,
    }  # fmt: skip
    finding = lambda clip: Finding(  # noqa: E731 - short
        clip=clip.id,
        values=values,
        links=[Link(clip=clip.id, other="x", kind="sound", score=0.5, evidence={"a": 1})],
    )
    matcher = Affecting(finding)
    clips = card(tmp_path / "A", "a.mov", "b.mov")
    made = simple(
        tmp_path, ListSource(clips), FunctionSink(), when="scene = '1'", prepare=[annotator("match", matcher)]
    )
    async with engine_of(made, ledger=tmp_path / FILE_NAME) as engine:
        await engine.run(once=True)

    async def everything(engine):
        tables = ("clips", "findings", "links", "jobs", "backlog")
        rows = [await engine._ledger.query(f"SELECT rowid, * FROM {name}") for name in tables]
        kinds = [kind for (kind,) in await engine._ledger.query("SELECT kind FROM events")]
        return rows, kinds.count("clip.unrouted")

    async with (
        engine_of(
            simple(
                tmp_path,
                ListSource(),
                FunctionSink(),
                prepare=[annotator("match", matcher)],
                when="scene = '1'",
            ),
            ledger=tmp_path / FILE_NAME,
        ) as engine,
        running(engine),
    ):
        before = await everything(engine)
        [(clip,)] = await engine._ledger.query("SELECT id FROM clips WHERE name = 'a'")
        await engine._hosts["match"].context.again([clip])
        while matcher.batches[-1] != ["a.mov"] or await engine._ledger.query("SELECT * FROM backlog"):
            await trio.sleep(0.01)
        assert await everything(engine) == before
    assert before[1] == 2
