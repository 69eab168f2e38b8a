"""A pipeline whose rules change while it runs and between two runs, with an annotator that says what a test wants."""

from __future__ import annotations

from dataclasses import replace

import trio

from engine_rig import FunctionAnnotator, FunctionSink, ListSource, card, component, pipeline
from rushes.engine import open_engine
from rushes.settings import Settings


class Place:
    """Clips of a card, two sinks, an annotator of which `said` is what it says of every clip, a file to edit."""

    def __init__(self, tmp_path, *names):
        self.tmp_path = tmp_path
        self.source = ListSource(card(tmp_path / "A001", *(names or ["a.mov"])))
        self.sink, self.other = FunctionSink(), FunctionSink()
        self.said = {}
        self.ledger = tmp_path / "ledger.duckdb"
        self._annotator = FunctionAnnotator(lambda _clip: self.said)
        self._made = None

    def write(self, *routes, **changes):
        """Edit the file: who reads it gets these routes."""
        made = pipeline(
            self.tmp_path,
            sources=[component("source", "source", self.source)],
            prepare=[component("annotator", "notes", self._annotator)],
            sinks=[component("sink", "sink", self.sink), component("sink", "other", self.other)],
            routes=routes,
        )
        file = self.tmp_path / "test.yaml"
        file.touch()
        self._made = replace(made, files=(file,), **changes)

    def engine(self):
        return open_engine(self._made, Settings(), ledger=self.ledger, load=lambda: self._made)

    async def follow(self, engine, *routes):
        """Edit the file and have a running engine follow it: what became of jobs."""
        self.write(*routes)
        return (await engine.reload())["jobs"]

    async def news(self, engine, **said):
        """The annotator says something else of all clips; returns when that is planned."""
        self.said = said
        clips = [clip for (clip,) in await engine._ledger.query("SELECT id FROM clips")]
        await engine._preparation.again("notes", clips)
        with trio.fail_after(10):
            while engine._preparation._backlog or not engine._preparation.idle:
                await trio.sleep(0.01)


async def states(engine):
    """Of one clip, by route, the state of its job."""
    return {job["route"]: job["state"] for job in (await engine.jobs())["jobs"]}


async def become(engine, wanted):
    """Wait until the states are these."""
    found = {}
    with trio.move_on_after(10):
        while (found := await states(engine)) != wanted:
            await trio.sleep(0.02)
    assert found == wanted
