"""Routes that are renamed and swap names, while news come and work goes on, by a pipeline that is killed anywhere.

Each route has sinks of its own: in the end each of them has got each clip once, whatever the route was called then.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_rig import component, pipeline, route
from rushes import Clip, Kind
from rushes.config.pipeline import Wait
from rushes.engine import replanning
from rushes.engine.board import Board
from rushes.engine.last_rules import ENGINE, PIPELINE_KEY
from rushes.engine.planner import Planner
from rushes.engine.queue import Queue
from rushes.engine.recovery import recover
from rushes.engine.replanning import Replanning, followed
from rushes.engine.routing import Routing
from rushes.ledger import MEMORY, LedgerStore, open_ledger
from rushes.ledger.rows import drop_backlog, put_clip, put_stored
from rushes.model import StepState

SOUND = Wait(what="sound", rule="take = '1'", at_most=600.0)
#: What the routes are, whatever they are called.
ROUTES = (
    {"when": "true", "to": ["nas"]},
    {"when": "circled", "to": ["cloud", "other"], "wait": SOUND},
    {"when": "scene = '1'", "to": ["drop"], "auto": False},
    {"when": "circled OR scene = '1'", "to": ["late"], "wait": SOUND},
)
SINKS = sorted(sink for each in ROUTES for sink in each["to"])
CLIPS = [
    Clip(id=f"c{number}", volume="v", card="A", path=f"{number}.mov", size=1, kind=Kind.VIDEO, mtime_ns=0)
    for number in range(3)
]
NEWS = ({}, {"circled": True}, {"scene": "1"}, {"circled": True, "take": "1"}, {"scene": "1", "take": "1"})
ALL = {"circled": True, "scene": "1", "take": "1"}

NAMES = st.permutations("abcdef").map(lambda names: names[: len(ROUTES)])
STEPS = st.one_of(
    st.tuples(st.just("come"), st.integers(0, 2), st.integers(0, 4)),
    st.tuples(st.just("news"), st.integers(0, 2), st.integers(0, 4)),
    st.tuples(st.just("work"), st.integers(0, 20)),
    st.tuples(st.just("person"), st.sampled_from(["hold", "release", "top"]), st.integers(0, 20)),
    st.tuples(st.just("later"), st.sampled_from([1.0, 700.0])),
    st.tuples(st.just("reload"), NAMES, st.none() | st.tuples(st.integers(0, 6), st.booleans())),
    st.tuples(st.just("restart"), NAMES, st.none() | st.tuples(st.integers(0, 6), st.booleans())),
)


class KilledError(Exception):
    pass


class Mortal:
    """A ledger whose process dies at a commit, before it or after it."""

    def __init__(self, ledger, commit=None):
        self._ledger, self._left, self._after = ledger, *(commit or (-1, False))

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    async def write(self, changes):
        self._left -= 1
        if self._left == -1 and not self._after:
            raise KilledError
        await self._ledger.write(changes)
        if self._left == -1:
            raise KilledError


class Pipeline:
    def __init__(self, tmp_path, ledger):
        self.tmp_path, self.ledger, self.now = tmp_path, ledger, 1000.0
        self.journal = SimpleNamespace(event=lambda _kind, **_detail: put_stored("test", "event", 0))
        self.made = self.named("abcd")
        self.clips, self.sent = {}, []

    def named(self, names):
        """The file with the routes by these names."""
        routes = [route(name, **told) for name, told in zip(names, ROUTES, strict=True)]
        sinks = [component("sink", name, None) for name in SINKS]
        return pipeline(self.tmp_path, sources=(), sinks=sinks, routes=routes)

    async def start(self, commit=None):
        """A run that dies at a commit, or takes up what the last one left."""
        ledger = Mortal(self.ledger, commit)
        self.board = Board(lambda: self.now)
        routing = Routing(self.made.routes, first=False)
        self.planner = Planner(routing, self.board, self.journal, lambda: self.now, auto=lambda _route: None)
        self.replanning = Replanning(self.planner, self.board, ledger, trio.Lock())
        taken_up = await recover(
            ledger, self.board, self.made, self.journal, lambda: self.now, self.replanning
        )
        self.replanning.ledger = self.ledger
        for clip in taken_up.backlog:
            await self.plan(clip, {})

    async def plan(self, clip, stored):
        rows = [put_clip(clip).row]
        matches = await self.ledger.read(lambda query: self.planner.matches(query, rows, stored))
        planned = self.planner.plan([clip], matches, again=bool(stored))
        await self.ledger.write([put_clip(clip), *planned, drop_backlog(clip.id)])

    async def come(self, number, news):
        clip = CLIPS[number]
        if clip.id not in self.clips:
            self.clips[clip.id] = replace(clip, meta=NEWS[news])
            await self.plan(self.clips[clip.id], {})

    async def news(self, number, news):
        before = self.clips.get(CLIPS[number].id)
        if before is not None:
            # Nobody takes back what was said, but for circles.
            self.clips[before.id] = replace(before, meta=NEWS[news])
            await self.plan(self.clips[before.id], {before.id: put_clip(before).row})

    async def work(self, number):
        """A delivery, from the first of its parts to its receipt."""
        ready = sorted(step.id for step in self.board.steps.values() if step.state is StepState.READY)
        if ready:
            step = self.board.steps[ready[number % len(ready)]]
            self.sent.append((step.clip, step.component))
            self.board.put(replace(step, state=StepState.RUNNING))
            self.board.put(replace(step, state=StepState.DONE))
            await self.ledger.write(self.board.take_changes())

    async def person(self, verb, number):
        jobs = sorted(self.board.jobs)
        if jobs:
            Queue(self.board, lambda _clip: True).apply(verb, [jobs[number % len(jobs)]])
            await self.ledger.write(self.board.take_changes())

    async def later(self, seconds):
        self.now += seconds
        self.board.wake_due()
        await self.ledger.write(self.board.take_changes())

    async def reload(self, names, commit):
        self.made = self.named(names)
        self.replanning.ledger = Mortal(self.ledger, commit)
        try:
            before = await LedgerStore(self.ledger, ENGINE).get(PIPELINE_KEY)
            await self.replanning.follow(before, self.made, unrouted=True)
            await self.replanning.ledger.write(followed(self.made))
        except KilledError:
            await self.start()
        self.replanning.ledger = self.ledger

    async def restart(self, names, commit):
        self.made = self.named(names)
        try:
            await self.start(commit)
        except KilledError:
            await self.start()

    async def end(self):
        """All that can be said is said, nobody holds anything, no wait lasts any longer."""
        for clip in CLIPS:
            known = self.clips.get(clip.id)
            self.clips[clip.id] = replace(clip, meta=ALL)
            await self.plan(self.clips[clip.id], {clip.id: put_clip(known).row} if known else {})
        await self.later(10_000.0)
        Queue(self.board, lambda _clip: True).apply("release", list(self.board.jobs))
        while self.board.jobs:
            await self.work(0)


@settings(max_examples=40)
@given(st.lists(STEPS, min_size=4, max_size=25))
def test_each_sink_gets_each_clip_once(tmp_path_factory, steps):
    folder = tmp_path_factory.getbasetemp()

    async def live():
        async with open_ledger(MEMORY) as ledger:
            life = Pipeline(folder, ledger)
            await life.start()
            for verb, *arguments in steps:
                await getattr(life, verb)(*arguments)
                assert len(set(life.sent)) == len(life.sent), "sent twice"
            await life.end()
            assert sorted(life.sent) == [(clip.id, sink) for clip in CLIPS for sink in SINKS]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replanning, "MOST", 1)  # a commit for each clip
        trio.run(live)
