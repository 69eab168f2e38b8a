"""What no table can hold, and answers to questions nobody asked: one clip's trouble, never the pipeline's."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from fractions import Fraction

import pytest
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
    simple,
)
from rushes import Admission, Device, Finding, MediaGone, Record, Role
from rushes.model import Link
from rushes.timecode import FLICKS

pytestmark = pytest.mark.timeout(60)

NO_UTF8 = "caf\udce9"


def ok(outcome):
    return (outcome.parked, outcome.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("start_sample", 2**64 - 1, None),
        ("start_sample", -(2**63), None),
        ("start_sample", 2**63 - 1, 2**63 - 1),
        ("width", 2**31, None),
        ("width", math.inf, None),
        ("width", "wide", None),
        ("duration", 10**400, None),
        ("created", "yesterday", None),
        ("created", "0001-01-01T00:00:00+14:00", None),
        ("circled", "perhaps", None),
        ("note", NO_UTF8, "caf?"),
        ("note", "a\0b", "a\0b"),
    ],
)
async def test_a_finding_its_column_cannot_hold_costs_that_value_only(
    tmp_path, autojump_clock, name, value, kept
):
    sink = FunctionSink()
    annotator = FunctionAnnotator(lambda clip: {name: value} if clip.name == "odd" else {name: "1"})
    probe = component("annotator", "probe", annotator)
    clips = card(tmp_path / "A", "a.mov", "odd.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
        found = await engine._ledger.query(f"SELECT {name} FROM clips WHERE name = 'odd'")
    assert sorted(sink.delivered) == ["a.mov", "odd.mov"]
    assert ok(outcome)
    assert found == [(kept,)]


async def test_more_frames_than_any_recording_has_are_no_length(tmp_path, autojump_clock):
    """Flicks to its end would be more than a column holds: no row, and no other clip's, could be written."""
    told = {"frames": 10**13, "rate": "25", "timecode": "10:00:00:00", "timecode_rate": "25"}
    sink = FunctionSink()
    probe = component(
        "annotator", "probe", FunctionAnnotator(lambda clip: told if clip.name == "odd" else {})
    )
    clips = card(tmp_path / "A", "a.mov", "odd.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        assert ok(await engine.run(once=True))
        found = await engine._ledger.query("SELECT starts, ends FROM clips WHERE name = 'odd'")
    assert sorted(sink.delivered) == ["a.mov", "odd.mov"]
    assert found == [(36_000 * FLICKS, None)]


@pytest.mark.parametrize("value", [Fraction(1, 2), NO_UTF8, b"bytes", None, ["list"]], ids=repr)
async def test_any_other_finding_is_kept_as_text(tmp_path, autojump_clock, value):
    sink = FunctionSink()
    probe = component("annotator", "probe", FunctionAnnotator(lambda _clip: {"odd": value, NO_UTF8: "x"}))
    clips = card(tmp_path / "A", "a.mov", "b.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
        found = await engine._ledger.query("SELECT DISTINCT meta['odd'], meta['caf?'] FROM clips")
    assert ok(outcome)
    assert found == [(str(value).replace("\udce9", "?"), "x")]


async def test_a_problem_and_links_that_are_no_utf8_are_told_all_the_same(tmp_path, autojump_clock):
    def look(clip):
        link = Link(clip=clip.id, other=NO_UTF8, kind="same", score=1.0, evidence={"why": NO_UTF8})
        return Finding(clip=clip.id, problem=f"{NO_UTF8} is broken", links=[link])

    probe = component("annotator", "probe", FunctionAnnotator(look))
    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), FunctionSink(), prepare=[probe])
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert (outcome.parked, job["reason"]) == (1, "caf? is broken")


@pytest.mark.parametrize("sign", [1, -1])
async def test_an_absurd_mtime_is_admitted_once_and_delivered(tmp_path, autojump_clock, sign):
    [clip] = card(tmp_path / "A", "old.mov")
    absurd = replace(clip, mtime_ns=sign * 10**19)
    sink, source = FunctionSink(), ListSource([absurd], [absurd])
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        await engine.run(once=True)
    assert source.answers == [[Admission.NEW], [Admission.DUPLICATE]]
    assert sink.delivered == ["old.mov"]


async def test_a_name_that_is_no_utf8_is_told_to_people_and_holds_up_nobody(tmp_path, autojump_clock):
    good = card(tmp_path / "A", "a.mov")
    bad = os.fsdecode(b"caf\xe9.mov")
    (tmp_path / "A" / bad).write_bytes(b"picture")
    clips = [*good, clip_of(tmp_path / "A" / bad)]
    sink, source = FunctionSink(), ListSource(clips, clips)
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        outcome = await engine.run(once=True)
        reasons = {job["name"]: job["reason"] for job in (await engine.jobs())["jobs"]}
    assert source.answers == [[Admission.NEW] * 2, [Admission.DUPLICATE] * 2]
    assert (sink.delivered, outcome.parked) == (["a.mov"], 1)
    assert reasons["caf?.mov"] == "its name is not UTF-8; rename it on the card"


@pytest.mark.parametrize("field", ["card", "volume"])
async def test_a_card_whose_name_is_no_utf8_holds_up_nobody(tmp_path, autojump_clock, field):
    good, odd = card(tmp_path / "A", "a.mov", "odd.mov")
    odd = replace(odd, **{field: f"{getattr(odd, field)}{NO_UTF8}"})
    sink, source = FunctionSink(), ListSource([good, odd], [odd])
    async with engine_of(simple(tmp_path, source, sink)) as engine:
        outcome = await engine.run(once=True)
        reasons = {job["name"]: job["reason"] for job in (await engine.jobs())["jobs"]}
    assert source.answers == [[Admission.NEW] * 2, [Admission.DUPLICATE]]
    assert "a.mov" in sink.delivered
    assert (outcome.parked, reasons["odd.mov"]) == (
        (0, "")
        if field == "card"
        else (1, "the name of its folder is not UTF-8; rename it on the card")
    )  # fmt: skip


async def test_devices_and_records_may_say_what_is_no_text(tmp_path, autojump_clock):
    class Hub(ListSource):
        async def run(self, intake):
            await intake.devices([Device(id="d", source="hub", type=NO_UTF8, name="\ud800")])
            await intake.records(
                [Record(id="r", source="hub", kind=NO_UTF8, device="d", data={"n": "\ud800"})]
            )
            await super().run(intake)

    sink = FunctionSink()
    async with engine_of(simple(tmp_path, Hub(card(tmp_path / "A", "a.mov")), sink)) as engine:
        outcome = await engine.run(once=True)
        assert await engine._ledger.query("SELECT type, name FROM devices") == [("caf?", "?")]
    assert ok(outcome)


async def test_what_a_sink_reports_may_be_no_text(tmp_path, autojump_clock):
    tries = []

    async def odd(_clip, resume, report):
        tries.append(resume)
        if resume is None:
            await report.begin({"name": NO_UTF8})
            await report.part(1, NO_UTF8)
            engine._worker.stop(next(iter(engine._worker.running)))
            await trio.sleep_forever()

    sink = FunctionSink(odd)
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink)) as engine:
        outcome = await engine.run(once=True)
    assert ok(outcome)
    assert (tries[1].head, tries[1].parts) == ({"name": NO_UTF8}, {1: "caf?"})


async def test_a_transform_that_names_its_file_in_no_utf8_parks_that_job_only(tmp_path, autojump_clock):
    async def proxy(context, clip):
        path = context.workspace() / (os.fsdecode(b"caf\xe9.mov") if clip.name == "odd" else "p.mov")
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    steps, sink = [component("transform", "all.proxy", FunctionTransform(proxy))], FunctionSink()
    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov", "odd.mov")), sink, steps=steps)
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        reasons = {job["name"]: job["reason"] for job in (await engine.jobs())["jobs"]}
    assert (sink.delivered, outcome.parked, outcome.waiting) == (["p.mov"], 1, 0)
    assert reasons["odd.mov"].startswith("bug in all.proxy: UnicodeEncodeError")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda clip: [Finding(clip=f"not {clip.id}")], id="about another clip"),
        pytest.param(lambda _clip: [{"note": "x"}], id="no finding"),
        pytest.param(lambda _clip: None, id="nothing"),
    ],
)
async def test_an_answer_that_is_no_answer_is_the_annotators_bug_and_parks_its_clip(
    tmp_path, autojump_clock, answer
):
    class Annotator(FunctionAnnotator):
        async def annotate(self, clips):
            await trio.lowlevel.checkpoint()
            odd = [clip for clip in clips if clip.name == "odd"]
            return answer(odd[0]) if odd else []

    sink = FunctionSink()
    probe = component("annotator", "probe", Annotator(None))
    clips = card(tmp_path / "A", "a.mov", "odd.mov", "c.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink, prepare=[probe])) as engine:
        outcome = await engine.run(once=True)
        reasons = {job["name"]: job["reason"] for job in (await engine.jobs())["jobs"]}
    assert sorted(sink.delivered) == ["a.mov", "c.mov"]
    assert outcome.parked == 1
    assert reasons["odd.mov"].startswith("bug in probe: TypeError: ")


async def test_an_annotator_that_misses_a_card_of_no_clip_it_was_given_blames_the_clip(
    tmp_path, autojump_clock
):
    calls = []

    class Annotator(FunctionAnnotator):
        async def annotate(self, clips):
            await trio.lowlevel.checkpoint()
            calls.append(clips)
            assert len(calls) < 50, "asked again and again"
            raise MediaGone("volume of another clip", "B")

    probe = component("annotator", "probe", Annotator(None))
    made = simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), FunctionSink(), prepare=[probe])
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
    assert (outcome.parked, job["reason"]) == (1, "probe: insert card B")
    assert len(calls) < 10


async def test_a_sink_that_misses_a_card_other_than_its_clips_is_asked_again_with_patience(
    tmp_path, autojump_clock
):
    async def deliver(_clip, _resume, _report):
        assert len(sink.calls) < 50, "asked again and again"
        if trio.current_time() - started < 100:
            raise MediaGone("volume of another clip", "B")

    sink, started = FunctionSink(deliver), trio.current_time()
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A", "a.mov")), sink)) as engine:
        outcome = await engine.run(once=True)
    assert ok(outcome)
    assert len(sink.calls) < 20
