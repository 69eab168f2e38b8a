"""A plugin that fails, anywhere and in any way, never takes the pipeline with it: the good route goes on to its end."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio

from engine_rig import (
    FunctionAnnotator,
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    running,
)
from rushes import Action, Receipt, Unavailable
from rushes.engine.check import check
from rushes.settings import Settings

pytestmark = pytest.mark.timeout(30)


class Panic(BaseException):
    """As an extension written in Rust raises it (pyo3's PanicException)."""


FAILURES = [
    RuntimeError("oops"),
    SystemExit(3),
    BaseExceptionGroup("several", [SystemExit(1), ValueError("x")]),
    ExceptionGroup("outer", [ExceptionGroup("inner", [KeyError("path")])]),
    trio.TooSlowError(),
    asyncio.CancelledError(),
    Panic("index out of bounds"),
    RecursionError("maximum recursion depth exceeded"),
    StopIteration(),
]
failing_anyhow = pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
#: One that every `except Exception` sees, and three that it does not.
failing = pytest.mark.parametrize(
    "failure", [FAILURES[0], *FAILURES[1:3], FAILURES[5]], ids=lambda failure: type(failure).__name__
)


class Raising:
    """Whatever it is asked, it raises."""

    def __init__(self, failure):
        self.failure = failure

    def _raise(self):
        raise self.failure

    async def run(self, _intake):
        self._raise()

    async def apply(self, _clip):
        self._raise()

    async def annotate(self, _clips):
        self._raise()

    async def deliver(self, _clip, _resume, _report):
        self._raise()


def with_life(made, life):
    """The component with another life; `life(part)` is the async context manager's function."""
    part = made.spec.open

    def opened(options, context):
        return life(part(options, context))

    return replace(made, spec=replace(made.spec, open=opened))


def two_routes(tmp_path, *, bad=None, prepare=(), steps=(), sources=(), good=None):
    """One clip that goes to a good sink, and by a route of its own through what is bad."""
    good = good or FunctionSink()
    clips = card(tmp_path / "A001", "a.mov")
    made = pipeline(
        tmp_path,
        sources=[component("source", "cards", ListSource(clips)), *sources],
        prepare=prepare,
        sinks=[bad or component("sink", "bad", FunctionSink()), component("sink", "good", good)],
        routes=[route("good", to=("good",)), route("bad", steps=steps, to=("bad",))],
    )
    return made, good


async def once(made):
    """What a run came to, its jobs by route, and the components that it lost to bugs."""
    async with engine_of(made) as engine:
        outcome = await engine.run(once=True)
        jobs = {job["route"]: job for job in (await engine.jobs())["jobs"]}
        told = await engine._ledger.query(
            "SELECT DISTINCT component FROM events WHERE kind = 'component.failed'"
        )
    return outcome, jobs, {name for (name,) in told}


@failing_anyhow
async def test_a_sink(tmp_path, autojump_clock, failure):
    made, good = two_routes(tmp_path, bad=component("sink", "bad", Raising(failure)))
    outcome, jobs, _ = await once(made)
    assert (good.delivered, outcome.parked, outcome.waiting) == (["a.mov"], 1, 0)
    assert (jobs["good"]["state"], jobs["bad"]["state"]) == ("done", "parked")
    assert jobs["bad"]["reason"].startswith("bug in bad: ")


@failing
async def test_a_transform(tmp_path, autojump_clock, failure):
    steps = [component("transform", "bad.step", Raising(failure))]
    made, good = two_routes(tmp_path, steps=steps)
    outcome, jobs, _ = await once(made)
    assert (good.delivered, outcome.parked, outcome.waiting) == (["a.mov"], 1, 0)
    assert jobs["bad"]["reason"].startswith("bug in bad.step: ")


@failing
async def test_an_annotator(tmp_path, autojump_clock, failure):
    seen = FunctionAnnotator(lambda _clip: {"scene": "12"})
    prepare = [component("annotator", "bad", Raising(failure)), component("annotator", "fine", seen)]
    made, _ = two_routes(tmp_path, prepare=prepare)
    outcome, jobs, lost = await once(made)
    assert seen.batches == [["a.mov"]]
    assert (outcome.parked, outcome.waiting) == (2, 0)
    assert jobs["good"]["reason"].startswith("bug in bad: ")
    assert lost == {"bad"}


@failing
async def test_a_source(tmp_path, autojump_clock, failure):
    made, good = two_routes(tmp_path, sources=[component("source", "bad", Raising(failure))])
    outcome, _, lost = await once(made)
    assert (good.delivered, outcome.parked) == (["a.mov"], 0)
    assert outcome.waiting == 1, "a source that never caught up is something left to do"
    assert lost == {"bad"}


@failing
@pytest.mark.parametrize("kind", ["sink", "transform"])
async def test_an_opening(tmp_path, autojump_clock, failure, kind):
    async def opening():
        raise failure

    if kind == "sink":
        made, good = two_routes(tmp_path, bad=component("sink", "bad", FunctionSink(), opening=opening))
    else:
        step = component("transform", "bad", FunctionTransform(None), opening=opening)
        made, good = two_routes(tmp_path, steps=[step], bad=component("sink", "other", FunctionSink()))
        made = replace(made, routes=(made.routes[0], replace(made.routes[1], to=("other",))))
    outcome, jobs, lost = await once(made)
    assert (good.delivered, outcome.parked, outcome.waiting) == (["a.mov"], 0, 1)
    assert jobs["bad"]["reason"].startswith("bug in bad: ")
    assert lost == {"bad"}


@failing
async def test_an_opening_that_is_no_context_manager_or_fails_before_it_is(tmp_path, autojump_clock, failure):
    bad = component("sink", "bad", FunctionSink())

    def opened(_options, _context):
        raise failure

    made, good = two_routes(tmp_path, bad=replace(bad, spec=replace(bad.spec, open=opened)))
    outcome, _, lost = await once(made)
    assert (good.delivered, outcome.waiting, lost) == (["a.mov"], 1, {"bad"})


@failing
async def test_a_closing(tmp_path, autojump_clock, failure):
    @asynccontextmanager
    async def life(inner):
        async with inner as part:
            try:
                yield part
            finally:
                raise failure

    bad = with_life(component("sink", "bad", FunctionSink()), life)
    made, good = two_routes(tmp_path, bad=bad)
    outcome, jobs, _ = await once(made)
    assert (good.delivered, outcome.parked, outcome.waiting) == (["a.mov"], 0, 0)
    assert jobs["bad"]["state"] == "done"


@failing
async def test_a_task_behind_an_open_component(tmp_path, autojump_clock, failure):
    """It ends that life; the delivery that was under way is done by the next."""
    lives = []

    @asynccontextmanager
    async def life(inner):
        async def die():
            await trio.sleep(1)
            if len(lives) == 1:
                raise failure

        lives.append(1)
        async with inner as part, trio.open_nursery() as nursery:
            nursery.start_soon(die)
            yield part

    async def slowly(clip, _resume, _report):
        await trio.sleep(3)
        return Receipt(where="bad", size=clip.size)

    bad = with_life(component("sink", "bad", FunctionSink(slowly)), life)
    made, good = two_routes(tmp_path, bad=bad)
    async with engine_of(made) as engine:
        async with running(engine):
            while [job["state"] for job in (await engine.jobs())["jobs"]] != ["done"] * 2:
                await trio.sleep(1)
    assert good.delivered == ["a.mov"]
    assert len(lives) == 2


@failing
async def test_an_action(tmp_path, autojump_clock, failure):
    async def raising(_options, _context, _part, _arguments, _tell):
        raise failure

    actions = {"pair": Action(summary="Pair.", run=raising)}
    good = FunctionSink()
    made, _ = two_routes(tmp_path, bad=component("sink", "bad", FunctionSink(), actions=actions), good=good)
    async with engine_of(made) as engine, running(engine):
        with pytest.raises(Exception, match=r"bug in bad: |oops|path|TooSlow|recursion") as told:
            await engine.act("bad", "pair", {}, print)
        assert not isinstance(told.value, BaseExceptionGroup)
        while not good.delivered:
            await trio.sleep(1)


async def test_what_is_away_is_told_to_be_so_while_it_is_tried_again(tmp_path, autojump_clock):
    """Else all that waits for it would look ready at each attempt."""
    attempts = 0

    async def opening():
        nonlocal attempts
        attempts += 1
        await trio.sleep(3)
        raise Unavailable("no network")

    made, _ = two_routes(tmp_path, bad=component("sink", "bad", FunctionSink(), opening=opening))
    told = set()
    async with engine_of(made) as engine, running(engine):
        while attempts < 4:
            await trio.sleep(0.5)
            if attempts > 1:
                status = await engine.status()
                [bad] = [each for each in status["components"] if each["id"] == "bad"]
                told.add((bad["state"], bad["reason"], status["counts"]["jobs"]["waiting"]))
    assert told == {("unavailable", "no network", 1)}


@failing
async def test_notes_and_an_opening_that_check_asks(tmp_path, failure):
    def notes(_options):
        raise failure

    async def opening():
        raise failure

    told = component("sink", "told", FunctionSink())
    told = replace(told, spec=replace(told.spec, notes=notes))
    made, _ = two_routes(tmp_path, bad=component("sink", "bad", FunctionSink(), opening=opening))
    made = replace(made, sinks=(told, *made.sinks))
    document = await check(made, Settings(), connect=True)
    errors = {entry["id"]: entry["error"] for entry in document["components"]}
    assert errors["told"].startswith("bug in told: ")
    assert errors["bad"].startswith("bug in bad: ")
    assert errors["good"] == ""
    assert "\n" not in "".join(errors.values())


@pytest.mark.parametrize("notes", [None, 7, "one line", [b"bytes"], ["two\nlines"]], ids=repr)
async def test_notes_that_are_none(tmp_path, notes):
    told = component("sink", "told", FunctionSink())
    told = replace(told, spec=replace(told.spec, notes=lambda _options: notes))
    made, _ = two_routes(tmp_path)
    document = await check(replace(made, sinks=(told, *made.sinks)), Settings(), connect=False)
    entry, *others = [each for each in document["components"] if each["kind"] == "sink"]
    assert entry["error"].startswith("bug in told: ") == (not isinstance(notes, list))
    assert all("\n" not in note for note in entry["notes"])
    assert [other["error"] for other in others] == ["", ""]


async def test_a_failure_that_has_no_words(tmp_path, autojump_clock):
    """An error's text is the plugin's own code, too."""

    class Unspeakable(Exception):
        def __str__(self):
            raise RuntimeError("no words")

    made, good = two_routes(tmp_path, bad=component("sink", "bad", Raising(Unspeakable())))
    outcome, jobs, _ = await once(made)
    assert (good.delivered, outcome.parked) == (["a.mov"], 1)
    assert jobs["bad"]["reason"].startswith("bug in bad: Unspeakable")


async def test_a_thread_that_never_returns_holds_up_nobody_else(tmp_path):
    """Blocking belongs in a thread: there even an endless one costs its own slot alone."""
    end = threading.Event()

    async def endless(_clip, _resume, _report):
        await trio.to_thread.run_sync(end.wait)

    good = FunctionSink()
    made, _ = two_routes(tmp_path, bad=component("sink", "bad", FunctionSink(endless)), good=good)
    async with engine_of(made) as engine, running(engine):
        with trio.fail_after(10):
            while not good.delivered:
                await trio.sleep(0.01)
        end.set()
