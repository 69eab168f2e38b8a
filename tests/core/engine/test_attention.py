"""What needs a person: what is done alike about one clip is one thing, and what goes on by itself needs nobody."""

from __future__ import annotations

import pytest
import trio

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
from rushes import Permanent, Unavailable

pytestmark = pytest.mark.timeout(60)


async def settled():
    await trio.testing.wait_all_tasks_blocked()


async def attention(engine):
    return (await engine.status())["attention"]


async def test_jobs_of_a_clip_that_fail_for_one_reason_are_one_thing(tmp_path, autojump_clock):
    async def refuse(clip, _resume, _report):
        if clip.filename != "c.mov":
            raise Permanent(f"{clip.filename}: refused")

    async def refuse_otherwise(clip, _resume, _report):
        raise Permanent("not today" if clip.filename == "b.mov" else f"{clip.filename}: refused")

    source = ListSource(card(tmp_path / "A001", "a.mov", "b.mov", "c.mov"))
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        sinks=[
            component("sink", "cloud", FunctionSink(refuse)),
            component("sink", "raid", FunctionSink(refuse_otherwise)),
        ],
        routes=[route("dailies", to=("cloud",)), route("backup", to=("raid",))],
    )
    async with engine_of(made) as engine, running(engine):
        await settled()
        told = {(each["subject"], each["reason"]): each for each in await attention(engine)}
        assert {what: each["to"] for what, each in told.items()} == {
            ("A001: a.mov", "refused"): ["cloud", "raid"],
            ("A001: b.mov", "refused"): ["cloud"],
            ("A001: b.mov", "not today"): ["raid"],
            ("A001: c.mov", "refused"): ["raid"],
        }
        both = told["A001: a.mov", "refused"]
        jobs = {job["id"] for job in (await engine.jobs())["jobs"] if job["name"] == "a.mov"}
        assert (set(both["jobs"]), both["things"], both["verbs"]) == (jobs, 1, ["retry", "cancel"])
        names = " ".join(both["jobs"])
        assert both["remedy"] == f"pipeline queue FILE retry {names}, or cancel {names}"
        first = both["failed_at"]
        await trio.sleep(60)
        await engine.queue("retry", both["jobs"], all=False)
        await settled()
        [again] = [each for each in await attention(engine) if len(each["jobs"]) == 2]
        assert again["failed_at"] >= first + 60
        await engine.queue("cancel", again["jobs"], all=False)
        assert [each for each in await attention(engine) if len(each["jobs"]) == 2] == []


async def test_of_one_job_to_two_sinks_only_that_is_told_which_failed(tmp_path, autojump_clock):
    async def refuse(_clip, _resume, _report):
        raise Permanent("refused")

    sinks = [component("sink", "cloud", FunctionSink(refuse)), component("sink", "raid", FunctionSink())]
    source = component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))
    made = pipeline(tmp_path, sources=[source], sinks=sinks, routes=[route(to=("cloud", "raid"))])
    async with engine_of(made) as engine, running(engine):
        await settled()
        [failed] = await attention(engine)
        assert (failed["to"], failed["verbs"]) == (["cloud"], ["retry", "cancel"])


@pytest.mark.parametrize("by_itself", [True, False])
async def test_what_is_away_says_whether_and_when_it_goes_on_by_itself(tmp_path, autojump_clock, by_itself):
    async def gone(_clip, _resume, _report):
        raise Unavailable("no answer", retry_after=300, by_itself=by_itself)

    source = ListSource(card(tmp_path / "A001", "a.mov"))
    async with engine_of(simple(tmp_path, source, FunctionSink(gone))) as engine, running(engine):
        await settled()
        [note] = await attention(engine)
        assert (note["kind"], note["component"], note["reason"]) == ("component", "sink", "no answer")
        assert note["by_itself"] is by_itself
        now = trio.current_time()
        assert note["again_at"] == (pytest.approx(now + 300, abs=1) if by_itself else None)
        # Whatever else is the matter: a person let it rest, and a person lets it go on.
        await engine.switch("pause", ["sink"])
        [note] = await attention(engine)
        assert (note["by_itself"], note["again_at"]) == (False, None)
