"""Clips that are named while they grow, have lost their name, or their card is out."""

from __future__ import annotations

import shutil

import pytest
import trio

from affected_rig import Affecting, Naming, annotator, made, once
from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    ListSource,
    card,
    clip_of,
    component,
    engine_of,
    running,
    simple,
)

pytestmark = pytest.mark.timeout(60)


async def test_a_growing_clip_that_is_named_waits_until_it_is_complete(tmp_path, autojump_clock):
    ids = {}
    [first] = card(tmp_path / "A", "a.mov")
    path = tmp_path / "A" / "b.mov"
    path.write_bytes(b"x" * 10)

    async def affected(clips, _records):
        return [name for (name,) in await part.context.catalog.query("SELECT id FROM clips WHERE name = 'b'")]

    part = Naming(affected)
    growing = clip_of(path, complete=False, completed_by="", inode=7)

    async def run(intake):
        await intake.clips([growing])
        await intake.clips([first])
        while ["a.mov"] not in part.batches or not engine._preparation.idle:
            await trio.sleep(0.1)
        ids["before"] = list(part.batches)
        await intake.clips([clip_of(path, inode=7)])
        await intake.caught_up()

    async with engine_of(made(tmp_path, part, run=run)) as engine:
        await engine.run(once=True)
    assert ids["before"] == [["a.mov"]]
    assert ["b.mov"] in part.batches


async def test_a_superseded_clip_is_not_annotated_again(tmp_path, autojump_clock):
    clips = card(tmp_path / "A", "a.mov")
    seen = {}

    async def affected(_clips, _records):
        return list(seen.values())

    part = Naming(affected)

    async def run(intake):
        await intake.clips(clips)
        while not part.batches:
            await trio.sleep(0.1)
        [(seen["old"],)] = await part.context.catalog.query("SELECT id FROM clips")
        # Another recording takes the name.
        [other] = card(tmp_path / "A", "a.mov", content=b"another recording")
        await intake.clips([other])
        await intake.caught_up()

    async with engine_of(made(tmp_path, part, run=run)) as engine:
        await engine.run(once=True)
        left = await engine._ledger.query("SELECT * FROM backlog")
    assert (part.batches, left) == ([["a.mov"], ["a.mov"]], [])


async def test_the_word_of_one_annotator_is_kept_while_a_later_one_waits_for_the_card(
    tmp_path, autojump_clock
):
    """A picture's card is out when its sound comes: the match is stored at once, the checksum comes with the card."""
    folder, away = tmp_path / "A", tmp_path / "away"

    class Checksum:
        context = None

        def __init__(self):
            self.batches = []

        async def annotate(self, clips):
            await trio.lowlevel.checkpoint()
            for clip in clips:
                self.context.path(clip)
            self.batches.append([clip.filename for clip in clips])
            return []

    part, checksum = Naming(once([])), Checksum()
    [clip] = card(folder, "a.mov")
    prepare = [component("annotator", "match", part), component("annotator", "checksum", checksum)]
    async with (
        engine_of(simple(tmp_path, ListSource([clip]), FunctionSink(), prepare=prepare)) as engine,
        running(engine),
    ):
        while not (await engine.status())["counts"]["jobs"]["done"]:
            await trio.sleep(0.1)
        shutil.move(folder, away)
        [(name,)] = await engine._ledger.query("SELECT id FROM clips")
        await part.context.again([name])
        while await engine._ledger.query("SELECT take FROM clips") != [("2",)]:
            await trio.sleep(0.1)
        assert await engine._ledger.query("SELECT * FROM backlog") == [(name, "checksum")]
        assert [item["reason"] for item in (await engine.status())["attention"]] == ["insert card A"]
        shutil.move(away, folder)
        while await engine._ledger.query("SELECT * FROM backlog"):
            await trio.sleep(0.1)
    assert (part.batches, checksum.batches) == ([["a.mov"], ["a.mov"]], [["a.mov"], ["a.mov"]])


async def test_a_new_revision_that_comes_as_its_clip_is_taken_up_again_goes_through_everybody_first(
    tmp_path, monkeypatch
):
    """The later annotators must not see bytes that the first one has not looked at, and nothing be planned on it."""
    [first] = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    path = tmp_path / "A001" / "a.mov"
    path.write_bytes(path.read_bytes()[:100] + b"other tail")
    second, rewritten, admitted = clip_of(path), trio.Event(), trio.Event()

    async def run(intake):
        await intake.clips([first])
        await intake.caught_up()
        await rewritten.wait()
        await intake.clips([second])
        admitted.set()
        await trio.sleep_forever()

    probe = FunctionAnnotator(lambda clip: {"codec": f"codec {clip.revision}"})
    match, sink = Affecting(lambda clip: {"matched": clip.meta["codec"]}), FunctionSink()
    prepare = [annotator("probe", probe), annotator("match", match)]
    pipeline = simple(tmp_path, CallSource(run), sink, prepare=prepare)
    async with engine_of(pipeline) as engine, running(engine):
        while not sink.delivered:
            await trio.sleep(0.01)
        [(name,)] = await engine._ledger.query("SELECT id FROM clips")
        query = engine._ledger.query

        async def late(sql, *parameters):
            if "FROM clips WHERE" in sql and not rewritten.is_set():
                rewritten.set()
                with trio.move_on_after(0.2):
                    await admitted.wait()
            return await query(sql, *parameters)

        monkeypatch.setattr(engine._ledger, "query", late)
        await engine._preparation.again("match", [name])
        await admitted.wait()
        while len(sink.delivered) < 2 or not engine._preparation.idle:
            await trio.sleep(0.01)
        events = await query("SELECT kind FROM events WHERE kind LIKE 'component.%'")
        assert (await engine.clip("a.mov"))["clip"]["matched"] == "codec 2"
    assert match.seen["a.mov"] == {"codec": "codec 2"}
    assert events == []
