"""What was to be annotated again when a run died, or by a person's word while none ran, is done by the next."""

from __future__ import annotations

import pytest
import trio

from affected_rig import Couples, annotator, record
from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    ListSource,
    card,
    engine_of,
    running,
    simple,
)
from rushes import Action
from rushes.engine.single import act
from rushes.ledger import FILE_NAME, open_ledger
from rushes.ledger.rows import put_backlog
from rushes.settings import Settings

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("news", ["clip", "record"])
async def test_a_run_that_dies_before_a_clip_is_annotated_again_leaves_that_to_the_next(tmp_path, news):
    """What a kill leaves in the ledger: no drain, no word to anyone."""
    ledger, held = tmp_path / FILE_NAME, trio.Event()
    [picture, sound] = card(tmp_path / "A", "a.mov", "a.wav")

    async def hold(clips):
        if couples.batches.count(["a.mov"]) == 2:
            held.set()
            await trio.sleep_forever()

    couples = Couples(hold)

    async def run(intake):
        await intake.clips([picture])
        while not couples.batches:
            await trio.sleep(0.01)
        await (intake.clips([sound]) if news == "clip" else intake.records([record("a", scene="12")]))

    made = simple(tmp_path, CallSource(run), FunctionSink(), prepare=[annotator("match", couples)])
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        await held.wait()
    probe, after = FunctionAnnotator(lambda _clip: {}), Couples()
    made = simple(
        tmp_path, ListSource(), FunctionSink(), prepare=[annotator("probe", probe), annotator("match", after)]
    )
    async with engine_of(made, ledger=ledger) as engine:
        outcome = await engine.run(once=True)
        told = (await engine.clip("a.mov"))["clip"]
        left = await engine._ledger.query("SELECT * FROM backlog")
    assert (told["matched"], told["scene"]) == (("matched", None) if news == "clip" else ("none", "12"))
    assert (after.batches, probe.batches) == ([["a.mov"]], [])
    assert (outcome.waiting, left) == (0, [])


async def test_records_that_nobody_was_asked_about_when_the_run_died_are_asked_about_by_the_next(tmp_path):
    ledger, asked = tmp_path / FILE_NAME, trio.Event()

    class Slow(Couples):
        async def affected(self, clips, records):
            if records:
                asked.set()
                await trio.sleep_forever()
            return ()

    async def run(intake):
        await intake.clips(card(tmp_path / "A", "a.mov"))
        while not slow.batches:
            await trio.sleep(0.01)
        await intake.records([record("a", scene="12")])
        await intake.records([record("b", scene="13")])

    slow = Slow()
    made = simple(tmp_path, CallSource(run), FunctionSink(), prepare=[annotator("match", slow)])
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        await asked.wait()
        while (await engine._ledger.query("SELECT count(*) FROM records"))[0][0] < 2:
            await trio.sleep(0.01)
    after = Couples()
    made = simple(tmp_path, ListSource(), FunctionSink(), prepare=[annotator("match", after)])
    async with engine_of(made, ledger=ledger) as engine:
        await engine.run(once=True)
        assert (await engine.clip("a.mov"))["clip"]["scene"] == "12"
    assert (0, ["a", "b"]) in after.asked


async def test_an_action_without_a_running_pipeline_leaves_it_to_the_next_run(tmp_path):
    """What nobody was asked about yet stays so; what begins earlier stays so."""
    ledger, settings = tmp_path / "state" / FILE_NAME, Settings()
    probe, couples = FunctionAnnotator(lambda _clip: {}), Couples()
    clips = card(tmp_path / "A", "a.mov", "b.mov", "c.mov")

    async def accept(_options, context, part, arguments, _tell):
        assert part is None
        await context.again([*arguments.values(), "nobody's id"])
        return {}

    asked = {"accept": Action(summary="takes a person's word", run=accept)}
    prepare = [annotator("probe", probe), annotator("match", couples, actions=asked)]
    made = simple(tmp_path, ListSource(clips), FunctionSink(), prepare=prepare)
    async with engine_of(made, ledger=ledger) as engine:
        await engine.run(once=True)
        ids = dict(await engine._ledger.query("SELECT name, id FROM clips"))
        await engine._ledger.write([put_backlog(ids["b"], "probe"), put_backlog(ids["c"])])
    await act(made, settings, "match", "accept", ids, lambda _facts: None)
    async with open_ledger(ledger) as opened:
        left = dict(await opened.query("SELECT clip, annotator FROM backlog"))
    assert left == {ids["a"]: "match", ids["b"]: "probe", ids["c"]: ""}
    made = simple(tmp_path, ListSource(), FunctionSink(), prepare=prepare)
    async with engine_of(made, ledger=ledger) as engine:
        await engine.run(once=True)
    assert sorted(name for batch in couples.batches[1:] for name in batch) == ["a.mov", "b.mov", "c.mov"]
    assert sorted(name for batch in probe.batches[1:] for name in batch) == ["b.mov", "c.mov"]
