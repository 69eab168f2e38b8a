"""`plan --history` against planning: what it says of random rules is what the planner does with the same clips."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_rig import pipeline, route
from rushes import Clip, Kind
from rushes.config.pipeline import Wait
from rushes.engine.board import Board, unstarted
from rushes.engine.history import history
from rushes.engine.last_rules import ENGINE, PIPELINE_KEY, pipeline_document
from rushes.engine.planner import Planner
from rushes.engine.replanning import Replanning, followed
from rushes.engine.routing import Routing
from rushes.ledger import MEMORY, open_ledger
from rushes.ledger.rows import put_clip, put_stored
from rushes.model import StepState

NULLS = (None, None, True, False)
CLIPS = [
    Clip(
        id=f"c{number:02}", volume="v", card=f"A00{number % 3}", path=f"{number:02}.mov", size=1 << number,
        kind=Kind.AUDIO if number % 5 == 0 else Kind.VIDEO, mtime_ns=0,
        meta={
            name: value
            for name, value in {
                "circled": NULLS[number % 4],
                "scene": (None, "1", "2")[number % 3],
                "duration": (None, 0.0, 5.0, 60.0, -1.0)[number % 5],
            }.items()
            if value is not None
        },
    )
    for number in range(14)
]  # fmt: skip
#: What rules are not asked about: recorded yet, made of another, of a name that was taken over.
OTHERS = [
    put_clip(replace(CLIPS[0], id="growing", path="x.mov", complete=False)),
    put_clip(replace(CLIPS[0], id="made", path="y.mov", parent="c00")),
    put_clip(replace(CLIPS[0], id="old", path="z.mov"), superseded=True),
]
WHENS = (
    "true", "circled", "NOT circled", "circled IS NULL", "scene = '1'", "scene IN ('1', '2') AND circled",
    "scene <> '2'", "duration > 4", "1 / duration > 0.1", "kind = 'audio' OR circled", "name < '05'", "card = 'A001'",
    "NULL", "false", "CASE WHEN circled THEN scene = '1' END",
)  # fmt: skip
PRIORITIES = (0, 7, "duration", "CASE WHEN circled THEN 5 END", "1 / duration")
WAIT = Wait(what="sound", rule="scene = '1'", at_most=60)
WAYS = (["sink"], ["other"], ["sink", "other"])
#: What may have become of the first step of a job meanwhile.
BEGUN = (
    {"state": StepState.DONE},
    {"state": StepState.PARKED},
    {"state": StepState.CANCELLED},
    {"state": StepState.WAITING, "attempts": 1},
    {"head": {"upload": 1}},
    {"in_doubt": 1},
    {"state": StepState.WAITING, "reason": "held by a person"},
)


@st.composite
def rule_sets(draw):
    names = draw(st.permutations(["a", "b", "c", "d", "e"]))[: draw(st.integers(0, 4))]
    routes = [
        route(
            name,
            when=draw(st.sampled_from(WHENS)),
            final=draw(st.booleans()),
            otherwise=bool(place) and draw(st.booleans()),
            priority=draw(st.sampled_from(PRIORITIES)),
            wait=draw(st.sampled_from([None, WAIT])),
            auto=draw(st.booleans()),
            to=draw(st.sampled_from(WAYS)),
        )
        for place, name in enumerate(names)
    ]
    return routes, draw(st.sampled_from(["all", "first"]))


@st.composite
def edits(draw, before):
    """Other rules; half of them are those of before with their names given to one another, and to new ones."""
    if draw(st.booleans()):
        return draw(rule_sets())
    routes, match = before
    names = draw(st.permutations(["a", "b", "c", "d", "e"]))
    fresh, _ = draw(rule_sets())
    routes = [*routes, *fresh][: draw(st.integers(len(routes), 5))]
    return [replace(each, id=name) for each, name in zip(routes, names, strict=False)], match


class World:
    """A ledger with the clips, and a planner on it, for the rules of before."""

    def __init__(self, tmp_path, ledger, rules):
        self.ledger = ledger
        self.made = self.file(tmp_path, rules)
        self.board = Board(lambda: 1000.0)
        journal = SimpleNamespace(event=lambda _kind, **_detail: put_stored("test", "event", 0))
        routing = Routing(self.made.routes, first=self.made.match == "first")
        self.planner = Planner(routing, self.board, journal, lambda: 1000.0, auto=lambda _route: None)
        self.replanning = Replanning(self.planner, self.board, ledger, trio.Lock())

    @staticmethod
    def file(tmp_path, rules):
        routes, match = rules
        return replace(pipeline(tmp_path, sources=(), routes=routes), match=match)

    async def plan(self):
        """Everything, for the first time."""
        clips = [put_clip(clip) for clip in CLIPS]
        matches = await self.ledger.read(
            lambda query: self.planner.matches(query, [put.row for put in clips])
        )
        document = put_stored(ENGINE, PIPELINE_KEY, pipeline_document(self.made))
        await self.ledger.write([*clips, *OTHERS, *self.planner.plan(CLIPS, matches), document])
        await self.replanning.adopt(self.made)

    async def jobs(self):
        """By clip, the routes of its jobs that are not withdrawn."""
        rows = await self.ledger.query(
            "SELECT clip, route FROM jobs WHERE id IN (SELECT job FROM steps WHERE state <> 'withdrawn')"
        )
        return {clip.id: {route for name, route in rows if name == clip.id} for clip in CLIPS}

    async def ids(self):
        """By clip, its jobs that are not withdrawn."""
        rows = await self.ledger.query(
            "SELECT clip, id FROM jobs WHERE id IN (SELECT job FROM steps WHERE state <> 'withdrawn')"
        )
        return {clip.id: {job for name, job in rows if name == clip.id} for clip in CLIPS}

    async def sends(self):
        """By clip and sink, the jobs that bring or brought it there."""
        rows = await self.ledger.query(
            "SELECT clip, unnest(sinks) FROM jobs WHERE id IN (SELECT job FROM steps WHERE state <> 'withdrawn')"
        )
        return Counter(map(tuple, rows))

    def unstarted(self):
        """The jobs of which nothing has begun."""
        return [job for job in self.board.jobs.values() if all(map(unstarted, self.board.steps_of(job.id)))]

    def waits_for_nobody(self, jobs):
        """By clip and sink, those of these jobs whose route the rules do not have."""
        gone = (job for job in jobs if not self.planner.routing.has(job.id, job.route))
        return Counter((job.clip, sink) for job in gone for sink in job.sinks)

    async def begin(self, draw):
        """Something became of some jobs: the clips of those of which work has begun."""
        begun = set()
        for job in list(self.board.jobs.values()):
            [step, *_] = self.board.steps_of(job.id)
            if unstarted(step) and draw(st.integers(0, 3)) == 0:
                after = self.board.put(replace(step, **draw(st.sampled_from(BEGUN))))
                if not unstarted(after):
                    begun.add(job.clip)
        await self.ledger.write(self.board.take_changes())
        return begun


async def planned(tmp_path, rules):
    async with open_ledger(MEMORY) as ledger:
        world = World(tmp_path, ledger, rules)
        await world.plan()
        return await world.jobs()


def check_numbers(document, before, now):
    """`before` and `now` are what planning made of each clip."""
    size = {clip.id: clip.size for clip in CLIPS}
    changed = {name for name in size if before[name] != now[name]}
    assert (document["clips"], document["bytes"]) == (len(CLIPS), sum(size.values()))
    assert document["changed"] == len(changed)
    assert document["unrouted"] == {
        "before": sum(not routes for routes in before.values()),
        "now": sum(not routes for routes in now.values()),
    }
    for told in document["routes"]:
        name = told["route"]
        had = {clip for clip, routes in before.items() if name in routes}
        has = {clip for clip, routes in now.items() if name in routes}
        assert (told["before"], told["now"]) == (len(had), len(has))
        assert (told["gained"], told["lost"]) == (len(has - had), len(had - has))
        assert told["gained_bytes"] == sum(size[clip] for clip in has - had)
        assert told["lost_bytes"] == sum(size[clip] for clip in had - has)
    kinds = Counter((frozenset(before[name]), frozenset(now[name])) for name in changed)
    shown = {
        (frozenset(each["before"]), frozenset(each["now"])): each["clips"] for each in document["examples"]
    }
    assert shown.items() <= kinds.items()
    assert len(shown) == min(len(kinds), 10)
    for each in document["examples"]:
        assert (set(each["before"]), set(each["now"])) == (before[each["clip"]], now[each["clip"]])


@settings(max_examples=30)
@given(before=rule_sets(), data=st.data())
def test_history_says_what_planning_does(tmp_path_factory, before, data):
    folder = tmp_path_factory.getbasetemp()
    now = data.draw(edits(before))
    then = data.draw(edits(now))

    async def compare():
        async with open_ledger(MEMORY) as ledger:
            world = World(folder, ledger, before)
            await world.plan()
            took, had = await world.jobs(), await world.ids()
            begun = await world.begin(data.draw)
            after = World.file(folder, now)
            takes = await planned(folder, now)
            document = await ledger.read(lambda query: history(query, pipeline_document(after)))
            check_numbers(document, took, takes)
            # And a reload makes it so, but for those that stay.
            await follows(world, after, document, begun)
            has, holds = await world.jobs(), await world.ids()
            assert document["staying"] == sum(
                took[name] != takes[name] and holds[name] == had[name] for name in took
            )
            assert {name: has[name] for name in has if name not in begun} == {
                name: takes[name] for name in has if name not in begun
            }
            # Once more: by now jobs may be of routes that are long gone.
            begun |= await world.begin(data.draw)
            after = World.file(folder, then)
            document = await ledger.read(lambda query: history(query, pipeline_document(after)))
            await follows(world, after, document, begun)

    trio.run(compare)


async def follows(world, after, document, begun):
    """A reload does what was foretold, and nothing is sent twice by it, or not at all."""
    waiting, had = len(world.board.jobs), await world.jobs()
    sent, jobs = await world.sends(), world.unstarted()
    known = {job for (job,) in await world.ledger.query("SELECT id FROM jobs")}
    did = await world.replanning.follow(pipeline_document(world.made), after, unrouted=True)
    orphans = world.waits_for_nobody(jobs)
    world.made = after
    await world.ledger.write(followed(after))
    told, has, sends = document["jobs"], await world.jobs(), await world.sends()
    assert (told["opened"], told["withdrawn"]) == (did.opened, did.withdrawn)
    assert did.changed <= told["changed"] <= waiting
    # A job that is changed goes where its route goes now: that is no loss.
    moved = {(job.clip, sink) for job in world.board.jobs.values() for sink in ("sink", "other")}
    lost = {clip for (clip, sink), number in sent.items() if number and not sends[clip, sink]}
    leaving = {clip for (clip, sink) in sent if not sends[clip, sink] and (clip, sink) not in moved}
    assert len(leaving) <= document["leaving"] <= len(lost)
    # What has begun gets a job that it never had only in the place of one that has not, whose route is gone.
    for name in begun:
        assert has[name] <= had[name] | {each.id for each in after.routes}
        for sink in ("sink", "other"):
            newly = sum(
                sink in job.sinks and job.id not in known
                for job in world.board.jobs.values()
                if job.clip == name
            )
            assert newly <= orphans[name, sink]
            if orphans[name, sink]:
                assert sends[name, sink], "lost"
    # Done again, as after a crash, it does nothing.
    again = await world.replanning.follow(pipeline_document(after), after, unrouted=True)
    assert (again.opened, again.withdrawn, again.changed) == (0, 0, 0)
