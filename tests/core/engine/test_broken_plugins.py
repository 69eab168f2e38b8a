"""No plugin takes the pipeline with it, however it breaks; and what it leaves says what to mend."""

from __future__ import annotations

import pytest

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
from rushes import NotFound


class Exiting:
    """A sink that ends the process, or tries to."""

    def __init__(self, error):
        self.error = error

    async def deliver(self, _clip, _resume, _report):
        raise self.error


@pytest.mark.parametrize(
    "error", [SystemExit(3), RuntimeError("oops"), BaseExceptionGroup("g", [SystemExit(1)])]
)
async def test_a_sink_that_raises_anything_parks_and_the_other_sink_goes_on(tmp_path, autojump_clock, error):
    good = FunctionSink()
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[component("sink", "bad", Exiting(error)), component("sink", "good", good)],
        routes=[route(to=("bad", "good"))],
    )
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        told = await engine.clip("a.mov")
    assert good.delivered == ["a.mov"]
    assert outcome.parked == 1
    assert told["jobs"][0]["reason"].startswith("bug in bad: ")
    assert any("traceback" in event["detail"] for event in told["events"] if event["kind"] == "step.parked")


async def test_once_ends_when_a_component_cannot_open_for_a_bug(tmp_path, autojump_clock):
    async def opening():
        raise RuntimeError("a typo")

    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[component("sink", "sink", FunctionSink(), opening=opening)],
        routes=[route()],
    )
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert outcome.waiting == 1
    assert job["reason"] == "bug in sink: RuntimeError: a typo"


async def test_once_ends_when_a_source_has_a_bug(tmp_path, autojump_clock):
    class Broken:
        async def run(self, _intake):
            raise KeyError("path")

    async with engine_of(simple(tmp_path, Broken(), FunctionSink())) as engine:
        outcome = await engine.run(once=True)
    assert outcome.waiting == 1


async def test_a_delivery_without_a_receipt_is_told_as_such(tmp_path, autojump_clock):
    class Silent:
        async def deliver(self, _clip, _resume, _report):
            return None

    clips = card(tmp_path / "A001", "a.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), Silent())) as engine:
        await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert job["reason"] == "bug in sink: TypeError: deliver must return a Receipt, not NoneType"


async def test_a_transform_that_returns_paths_is_told_as_such(tmp_path, autojump_clock):
    async def paths(_context, _clip):
        return [tmp_path / "x.mov"]

    steps = [component("transform", "all.step", FunctionTransform(paths))]
    clips = card(tmp_path / "A001", "a.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), FunctionSink(), steps=steps)) as engine:
        await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert job["reason"] == "bug in all.step: TypeError: apply must return clips, not PosixPath"


async def test_the_state_folder_is_its_owners_alone_and_what_is_done_keeps_no_head(tmp_path, autojump_clock):
    async def begin(_clip, _resume, report):
        await report.begin({"urls": ["https://uploads/secret-signature"]})
        await report.part(1, "etag")

    (tmp_path / "state").mkdir(mode=0o755)
    async with engine_of(
        simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), FunctionSink(begin))
    ) as engine:
        await engine.run(once=True)
        heads = await engine._ledger.query("SELECT head FROM steps")
        parts = await engine._ledger.query("SELECT * FROM parts")
    assert (heads, parts) == ([(None,)], [])
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


async def test_clips_of_one_path_on_two_cards_are_told_apart(tmp_path, autojump_clock):
    clips = [*card(tmp_path / "A001", "C1.mov"), *card(tmp_path / "B001", "C1.mov")]
    async with engine_of(simple(tmp_path, ListSource(clips), FunctionSink())) as engine:
        await engine.run(once=True)
        assert (await engine.clip("B001/C1.mov"))["clip"]["card"] == "B001"
        with pytest.raises(
            NotFound, match=r"several clips: A001/C1.mov \(c\w+\), B001/C1.mov \(c\w+\); give CARD/path"
        ):
            await engine.clip("C1.mov")
