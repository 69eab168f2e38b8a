"""A route's `wait`: its jobs start when the rule holds, when the time is over, or when a person says so."""

from __future__ import annotations

import pytest
import trio

from affected_rig import Affecting, annotator
from engine_rig import CallSource, FunctionSink, ListSource, card, clip_of, engine_of, running, simple
from rushes.config.pipeline import Wait
from rushes.engine.offline import open_offline
from rushes.errors import Transient
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)

SOUND = Wait(what="sound", rule="matched = 'matched' or coalesce(mos, false)", at_most=600.0)
WAITS = ("waiting", "waiting for sound", 1600.0)


class Set:
    """A pipeline of one clip, with the hands on its clock (at 1000 s) and on what is said of the clip."""

    def __init__(self, tmp_path, *, source=None, sink=None, **options):
        self.now = 1000.0
        self.values = {"scene": "1"}
        self.sink = sink or FunctionSink()
        self.state = tmp_path / "state"
        self.card = tmp_path / "A"
        matcher = Affecting(lambda _clip: dict(self.values))
        self.pipeline = simple(
            tmp_path,
            source or ListSource(card(self.card, "a.mov")),
            self.sink,
            prepare=[annotator("match", matcher)],
            **({"wait": SOUND} | options),
        )

    def engine(self):
        self.state.mkdir(exist_ok=True)
        return engine_of(self.pipeline, ledger=self.state / FILE_NAME, clock=lambda: self.now)

    async def said(self, engine, **values):
        """The clip is annotated again, as this from now on."""
        self.values = values
        [(clip,)] = await engine._ledger.query("SELECT id FROM clips WHERE parent = ''")
        await engine._preparation.again("match", [clip])
        await settled(engine)

    async def passes(self, engine, seconds):
        self.now += seconds
        engine._pulse.beat()
        await settled(engine)


async def settled(engine):
    """Everything is annotated and planned."""
    while not engine._feeding.caught_up:
        await trio.sleep(0.002)
    while not engine._preparation.idle:
        await trio.sleep(0.002)
    for _ in range(5):
        await trio.sleep(0.002)


async def told(engine):
    """State, reason and end of what the newest revision's job waits for."""
    job = max((await engine.jobs())["jobs"], key=lambda job: job["revision"])
    return job["state"], job["reason"], job["until"]


async def becomes(engine, state):
    with trio.fail_after(10):
        while (await told(engine))[0] != state:
            await trio.sleep(0.005)


async def test_it_waits_until_the_rule_holds(tmp_path):
    place = Set(tmp_path)
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert await told(engine) == WAITS
        await place.said(engine, scene="2")
        assert await told(engine) == WAITS
        await place.said(engine, matched="matched")
        await becomes(engine, "done")
        [planned] = [
            event for event in (await engine.clip("a.mov"))["events"] if event["kind"] == "job.planned"
        ]
    assert planned["detail"] == {
        "route": "all",
        "name": "a.mov",
        "reason": "waiting for sound",
        "until": 1600.0,
    }
    assert place.sink.delivered == ["a.mov"]


async def test_it_goes_for_good_when_its_time_is_over(tmp_path):
    """A change after that does not make it wait again, not even one by which it is withdrawn in between."""
    paused = "paused by a person; go on with: pipeline queue FILE resume sink"
    place = Set(tmp_path, when="scene is not null")
    async with place.engine() as engine, running(engine):
        await settled(engine)
        await place.passes(engine, 599)
        assert await told(engine) == WAITS
        assert place.sink.calls == []
        await engine.switch("pause", ["sink"])
        await place.passes(engine, 1)
        assert (await told(engine))[1] == paused
        await place.said(engine, scene="2")
        assert (await told(engine))[1] == paused
        await place.said(engine)
        assert (await told(engine))[0] == "withdrawn"
        await place.said(engine, scene="3")
        assert (await told(engine))[1] == paused


async def test_sound_that_is_there_already_is_not_waited_for(tmp_path):
    place = Set(tmp_path)
    place.values = {"mos": True}
    async with place.engine() as engine:
        outcome = await engine.run(once=True)
        assert outcome.waiting == 0
    assert (place.sink.delivered, place.now) == (["a.mov"], 1000.0)


@pytest.mark.parametrize(
    ("auto", "waits"), [(True, WAITS), (False, ("waiting", "manual route: release it to start", None))]
)
async def test_a_person_releases_it_at_once(tmp_path, auto, waits):
    """That of a manual route too: a person's word is all it waits for."""
    place = Set(tmp_path, auto=auto)
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert await told(engine) == waits
        job = (await engine.jobs())["jobs"][0]["id"]
        assert (await engine.queue("release", [job]))["changed"] == [job]
        await becomes(engine, "done")
    assert place.now == 1000.0


async def test_one_that_a_person_holds_stays_held(tmp_path):
    place = Set(tmp_path)
    async with place.engine() as engine, running(engine):
        await settled(engine)
        await engine.queue("hold", [], all=True)
        await place.passes(engine, 1000)
        await place.said(engine, matched="matched")
        assert await told(engine) == ("waiting", "held by a person", None)
        await engine.queue("release", [], all=True)
        await becomes(engine, "done")


async def test_retry_is_for_what_failed_and_does_not_wait_again(tmp_path):
    tries = []

    async def deliver(_clip, _resume, _report):
        tries.append(1)
        if len(tries) == 1:
            raise Transient("the disk is asleep", retry_after=500)

    place = Set(tmp_path, sink=FunctionSink(deliver))
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert (await engine.queue("retry", [], all=True))["changed"] == []
        assert await told(engine) == WAITS
        await place.passes(engine, 600)
        with trio.fail_after(10):
            while (await told(engine))[1] != "the disk is asleep":
                await trio.sleep(0.005)
        await place.said(engine, scene="2")
        assert (await told(engine))[1] == "the disk is asleep"
        assert len((await engine.queue("retry", [], all=True))["changed"]) == 1
        await becomes(engine, "done")
    assert tries == [1, 1]


async def test_a_new_revision_waits_anew(tmp_path):
    [first] = card(tmp_path / "A", "a.mov", content=b"x" * 100)
    again = trio.Event()

    async def run(intake):
        await intake.clips([first])
        await intake.caught_up()
        await again.wait()
        path = tmp_path / "A" / "a.mov"
        path.write_bytes(path.read_bytes()[:100] + b"other tail")
        await intake.clips([clip_of(path)])

    place = Set(tmp_path, source=CallSource(run))
    async with place.engine() as engine, running(engine):
        await settled(engine)
        await place.passes(engine, 100)
        again.set()
        with trio.fail_after(10):
            while await told(engine) != ("waiting", "waiting for sound", 1700.0):
                await trio.sleep(0.005)
        jobs = (await engine.jobs())["jobs"]
        assert [(job["state"], job["until"]) for job in jobs] == [("waiting", 1700.0), ("withdrawn", None)]


async def test_withdrawn_and_opened_again_it_waits_no_longer_than_at_first(tmp_path):
    place = Set(tmp_path, when="scene is not null")
    async with place.engine() as engine, running(engine):
        await settled(engine)
        await place.said(engine)
        assert (await told(engine))[0::2] == ("withdrawn", None)
        await place.passes(engine, 300)
        await place.said(engine, scene="2")
        assert await told(engine) == WAITS
        await place.passes(engine, 300)
        await becomes(engine, "done")


async def test_broken_media_waits_for_nothing(tmp_path):
    place = Set(tmp_path)
    place.values = {"problem": "no index"}
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert await told(engine) == ("parked", "no index", None)


async def test_a_restart_waits_on_and_what_passed_meanwhile_counts(tmp_path):
    place = Set(tmp_path)
    async with place.engine() as engine, running(engine):
        await settled(engine)
    place.now += 200
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert await told(engine) == WAITS
        assert (await engine.status())["route_waits"] == [
            {"reason": "waiting for sound", "jobs": 1, "until": 1600.0, "last": 1600.0}
        ]
        assert (await engine.status())["attention"] == []
    with open_offline(place.state) as rest:
        assert rest.status()["route_waits"][0]["last"] == 1600.0
        [job] = rest.jobs()["jobs"]
        assert (job["state"], job["reason"], job["until"]) == WAITS
    place.now += 10_000
    async with place.engine() as engine:
        assert (await engine.run(once=True)).waiting == 0
    assert place.sink.delivered == ["a.mov"]


async def test_a_clock_that_was_set_back_makes_nothing_wait_longer_than_the_route_says(tmp_path):
    place = Set(tmp_path, wait=Wait(what="sound", rule="matched = 'matched'", at_most=7200.0))
    place.now = 100_000.0
    async with place.engine() as engine, running(engine):
        await settled(engine)
    place.now = 99_999.0
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert (await told(engine))[2] == 107_199.0
    place.now = 1000.0
    async with place.engine() as engine, running(engine):
        await settled(engine)
        assert (await told(engine))[2] == 8200.0


async def test_a_clock_that_is_set_back_while_it_waits_makes_it_wait_no_longer(tmp_path):
    place = Set(tmp_path)
    async with place.engine() as engine:
        async with running(engine):
            await settled(engine)
            await place.passes(engine, 100)
            await place.passes(engine, -0.5)
            assert await told(engine) == WAITS
            place.now = 50.0
            await place.passes(engine, 0)
            assert (await told(engine))[2] == 1600.0 - 1049.5
            await place.passes(engine, 501)
            await becomes(engine, "done")


async def test_a_route_that_waits_no_more_lets_its_jobs_go_when_it_starts_again(tmp_path):
    place = Set(tmp_path)
    async with place.engine() as engine, running(engine):
        await settled(engine)
    later = Set(tmp_path, source=ListSource(), wait=None)
    async with later.engine() as engine, running(engine):
        await becomes(engine, "done")
