"""Annotators see what the others said, and name earlier clips that are annotated again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import trio

from affected_rig import Affecting, Couples, annotator, record
from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    ListSource,
    card,
    clip_of,
    engine_of,
    simple,
)
from rushes.ledger import FILE_NAME, MEMORY

pytestmark = pytest.mark.timeout(60)

LEDGERS = pytest.mark.parametrize("durable", [False, True], ids=["memory", "file"])


async def test_each_annotator_sees_what_the_source_and_those_before_it_said(tmp_path, autojump_clock):
    first = Affecting(lambda clip: {"scene": "12", "reel": f"of {clip.meta['camera']}"})
    second = Affecting(lambda clip: {"take": f"{clip.meta['scene']}/3"})
    [path] = card(tmp_path / "A", "a.mov")
    clips = [clip_of(tmp_path / path.card / path.path, meta={"camera": "A"})]
    prepare = [annotator("first", first), annotator("second", second)]
    async with engine_of(simple(tmp_path, ListSource(clips), FunctionSink(), prepare=prepare)) as engine:
        await engine.run(once=True)
        told = (await engine.clip("a.mov"))["clip"]
    assert first.seen["a.mov"] == {"camera": "A"}
    assert second.seen["a.mov"] == {"camera": "A", "scene": "12", "reel": "of A"}
    assert (told["camera"], told["scene"], told["take"]) == ("A", "12", "12/3")


async def test_who_looks_into_a_file_knows_its_kind_better_than_its_name(tmp_path, autojump_clock):
    first = Affecting(lambda _clip: {"kind": "audio", "take": "3"})
    prepare = [annotator("first", first)]
    clips = card(tmp_path / "A", "a.mov")
    sink = FunctionSink()
    document = simple(tmp_path, ListSource(clips), sink, prepare=prepare, when="kind = 'audio'")
    async with engine_of(document) as engine:
        await engine.run(once=True)
        told = (await engine.clip("a.mov"))["clip"]
        jobs = await engine.jobs()
    assert (told["kind"], told["take"], told["meta"]) == ("audio", "3", {})
    assert [job["state"] for job in jobs["jobs"]] == ["done"]


async def test_a_devices_own_clock_is_told_without_a_zone(tmp_path, autojump_clock):
    moments = {
        "recorded": datetime(2026, 11, 22, 10, 30),  # noqa: DTZ001 - in a zone that nobody tells
        "created": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    }
    prepare = [annotator("first", Affecting(lambda _clip: moments))]
    clips = card(tmp_path / "A", "a.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), FunctionSink(), prepare=prepare)) as engine:
        await engine.run(once=True)
        told = await engine.clip("a.mov")
    for values in (told["clip"], told["findings"][0]["values"]):
        assert values["recorded"] == "2026-11-22T10:30:00"
        assert values["created"] == "2026-11-22T09:30:00+00:00"


async def test_what_an_annotator_said_itself_is_not_told_to_it_again_what_later_ones_said_is(
    tmp_path, autojump_clock
):
    first = Affecting(
        lambda _clip: {"scene": "12"},
        lambda clips, _records: [clip.id for clip in clips if "take" not in clip.meta],
    )
    second = Affecting(lambda _clip: {"take": "3"})
    prepare = [annotator("first", first), annotator("second", second)]
    clips = card(tmp_path / "A", "a.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), FunctionSink(), prepare=prepare)) as engine:
        await engine.run(once=True)
    assert first.batches == [["a.mov"], ["a.mov"]]
    assert first.seen["a.mov"] == {"take": "3"}
    assert second.seen["a.mov"] == {"scene": "12"}


def place(tmp_path, *, durable):
    return tmp_path / FILE_NAME if durable else MEMORY


@LEDGERS
async def test_a_new_clip_has_an_earlier_one_annotated_and_planned_again(tmp_path, durable):
    """By the annotator that names it and those after it; by none before."""
    known = {}

    def match(clip):
        known[clip.filename] = clip.id
        return {"matched": "matched" if {"a.mov", "a.wav"} <= known.keys() else "none"}

    probe, after = FunctionAnnotator(lambda _clip: {"codec": "h264"}), FunctionAnnotator(lambda _clip: {})
    matcher = Affecting(
        match, lambda clips, _records: [known["a.mov"]] if clips[0].filename == "a.wav" else []
    )
    clips = card(tmp_path / "A", "a.mov", "a.wav")
    sink, came = FunctionSink(), trio.Event()

    async def deliver(_clip, _resume, _report):
        came.set()

    sink._deliver = deliver

    async def run(intake):
        await intake.clips(clips[:1])
        while not probe.batches or known.keys() != {"a.mov"}:
            await trio.sleep(0.01)
        await intake.clips(clips[1:])
        await intake.caught_up()

    made = simple(
        tmp_path, CallSource(run), sink, when="matched = 'matched' and extension = 'mov'",
        prepare=[annotator("probe", probe), annotator("match", matcher), annotator("after", after)],
    )  # fmt: skip
    async with engine_of(made, ledger=place(tmp_path, durable=durable)) as engine:
        outcome = await engine.run(once=True)
        [job] = (await engine.jobs())["jobs"]
        rows = await engine._ledger.query("SELECT name, matched, codec FROM clips ORDER BY extension")
    assert came.is_set()
    assert (outcome.waiting, job["name"], job["state"]) == (0, "a.mov", "done")
    assert rows == [("a", "matched", "h264"), ("a", "matched", "h264")]
    assert probe.batches == [["a.mov"], ["a.wav"]]
    assert matcher.batches == after.batches == [["a.mov"], ["a.wav"], ["a.mov"]]


@LEDGERS
async def test_a_record_that_arrives_has_its_clip_annotated_again(tmp_path, durable):
    couples, sink = Couples(), FunctionSink()

    async def run(intake):
        await intake.clips(card(tmp_path / "A", "a.mov", "b.mov"))
        while not couples.batches:
            await trio.sleep(0.01)
        await intake.records([record("a", scene="12A"), record("zzz", scene="1")])
        await intake.caught_up()

    made = simple(
        tmp_path, CallSource(run), sink, when="scene = '12A'", prepare=[annotator("match", couples)]
    )
    async with engine_of(made, ledger=place(tmp_path, durable=durable)) as engine:
        outcome = await engine.run(once=True)
        left = await engine._ledger.query("SELECT * FROM record_backlog")
    assert (sink.delivered, outcome.waiting, left) == (["a.mov"], 0, [])
    assert couples.batches == [["a.mov", "b.mov"], ["a.mov"]]
    assert (0, ["a", "zzz"]) in couples.asked
