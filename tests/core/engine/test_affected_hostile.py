"""Annotators that name what is not there, name for ever, or break: the pipeline goes on and says so."""

from __future__ import annotations

import pytest
import trio

from affected_rig import Naming, made, once
from engine_rig import FunctionSink, ListSource, card, component, engine_of, simple
from rushes import Permanent, Record, Transient, Unavailable
from rushes.engine.again import MOST_ROUNDS

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize(
    "names",
    [["c0", "no such id", "\ud800", "", "x" * 100_000], [], {"c0": 1}, frozenset({"'; DROP TABLE clips"})],
)
async def test_ids_of_no_clip_are_passed_over(tmp_path, autojump_clock, names):
    part, sink = Naming(once(names)), FunctionSink()
    async with engine_of(made(tmp_path, part, *card(tmp_path / "A", "a.mov"), sink=sink)) as engine:
        outcome = await engine.run(once=True)
        left = await engine._ledger.query("SELECT * FROM backlog")
    assert (part.batches, sink.delivered, outcome.waiting, left) == ([["a.mov"]], ["a.mov"], 0, [])


@pytest.mark.parametrize("answer", [None, "c0", 3, [b"c0"], [["c0"]], [None], KeyError])
async def test_an_answer_that_is_no_ids_is_the_annotators_bug_and_told_as_such(
    tmp_path, autojump_clock, answer
):
    part = Naming(once(answer))
    async with engine_of(made(tmp_path, part, *card(tmp_path / "A", "a.mov", "b.mov"))) as engine:
        outcome = await engine.run(once=True)
        reasons = {job["reason"] for job in (await engine.jobs())["jobs"]}
    assert outcome.parked == 2
    assert all(
        reason.startswith(("bug in match: TypeError: affected answers with ids", "bug in match: KeyError"))
        for reason in reasons
    )


async def test_the_clip_that_breaks_affected_is_found_by_halves(tmp_path, autojump_clock):
    async def affected(clips, _records):
        if any(clip.filename == "bad.mov" for clip in clips):
            raise Permanent("cannot be compared")
        return []

    names = ["a.mov", "bad.mov", "c.mov", "d.mov", "e.mov"]
    sink = FunctionSink()
    async with engine_of(
        made(tmp_path, Naming(affected), *card(tmp_path / "A", *names), sink=sink)
    ) as engine:
        outcome = await engine.run(once=True)
        told = await engine.clip("bad.mov")
    assert sorted(sink.delivered) == ["a.mov", "c.mov", "d.mov", "e.mov"]
    assert (outcome.parked, told["clip"]["problem"]) == (1, "match: cannot be compared")


async def test_one_that_names_itself_for_ever_comes_to_an_end_and_is_told_once(tmp_path, autojump_clock):
    async def itself(clips, _records):
        return [clip.id for clip in clips]

    part, sink = Naming(itself), FunctionSink()
    clips = card(tmp_path / "A", "a.mov", "b.mov")
    async with engine_of(made(tmp_path, part, *clips, sink=sink)) as engine:
        outcome = await engine.run(once=True)
        said = await engine._ledger.query("SELECT detail->>'text' FROM events WHERE kind = 'component.said'")
        takes = await engine._ledger.query("SELECT DISTINCT take FROM clips")
    assert part.batches == [["a.mov", "b.mov"]] * (MOST_ROUNDS + 1)
    assert (sorted(sink.delivered), outcome.waiting) == (["a.mov", "b.mov"], 0)
    assert takes == [(str(MOST_ROUNDS + 1),)]
    [(text,)] = said
    assert f"again and again, {MOST_ROUNDS} times because of one change" in text


async def test_two_that_name_each_other_for_ever_come_to_an_end(tmp_path, autojump_clock):
    ids = {}

    async def the_other(clips, _records):
        ids.update((clip.filename, clip.id) for clip in clips)
        return [name for filename, name in ids.items() if filename not in {clip.filename for clip in clips}]

    part = Naming(the_other)
    batches = [[clip] for clip in card(tmp_path / "A", "a.mov", "b.mov")]
    async with engine_of(
        simple(
            tmp_path, ListSource(*batches), FunctionSink(), prepare=[component("annotator", "match", part)]
        )
    ) as engine:
        outcome = await engine.run(once=True)
    assert outcome.waiting == 0
    assert len(part.batches) <= 2 * (MOST_ROUNDS + 1)


async def test_a_broken_record_is_told_and_the_others_are_heard(tmp_path, autojump_clock):
    heard = []

    async def affected(clips, records):
        if "r7" in records:
            raise ValueError("no number")
        heard.extend(records)
        return []

    part = Naming(affected)
    run = records_after(tmp_path, part, [f"r{number}" for number in range(20)])
    sink = FunctionSink()
    async with engine_of(made(tmp_path, part, run=run, sink=sink)) as engine:
        outcome = await engine.run(once=True)
        failed = await engine._ledger.query(
            "SELECT detail->>'reason' FROM events WHERE kind = 'component.failed'"
        )
        left = await engine._ledger.query("SELECT * FROM record_backlog")
    assert set(heard) == {f"r{number}" for number in range(20)} - {"r7"}
    assert failed == [("record r7: bug in match: ValueError: no number",)]
    assert (sink.delivered, outcome.parked, outcome.waiting, left) == (["a.mov"], 0, 0, [])


def records_after(tmp_path, part, *admissions):
    """A source of one clip, and of records once that is annotated: some names with each admission."""

    async def run(intake):
        await intake.clips(card(tmp_path / "A", "a.mov"))
        while not part.batches:
            await trio.sleep(0.1)
        for names in admissions:
            await intake.records([_record(name) for name in names])
        await intake.caught_up()

    return run


def _record(name):
    return Record(id=name, source="hub", kind="clip", device="d", clock={}, data={}, rate="24", rate_from="")


async def test_affected_is_asked_again_after_trouble_that_passes(tmp_path, autojump_clock):
    troubles = [Transient("busy"), Unavailable("gone"), Transient("busy")]
    asked = []

    async def affected(clips, records):
        asked.append((len(clips), len(records)))
        if troubles:
            raise troubles.pop()
        return []

    sink = FunctionSink()
    async with engine_of(
        made(tmp_path, Naming(affected), *card(tmp_path / "A", "a.mov"), sink=sink)
    ) as engine:
        outcome = await engine.run(once=True)
    assert (asked, sink.delivered, outcome.parked) == ([(1, 0)] * 4, ["a.mov"], 0)


async def test_an_annotator_that_fails_to_the_end_of_records_loses_none(tmp_path, autojump_clock):
    """It is away when they come; they are asked about once it is back."""
    away, heard = trio.Event(), []

    async def affected(_clips, records):
        if records and not away.is_set():
            away.set()
            raise Unavailable("gone")
        heard.extend(records)
        return []

    part = Naming(affected)
    run = records_after(tmp_path, part, *([f"r{number}"] for number in range(5)))
    async with engine_of(made(tmp_path, part, run=run)) as engine:
        await engine.run(once=True)
    assert sorted(set(heard)) == [f"r{number}" for number in range(5)]
