"""The queue as it is listed is the queue as it runs; a person's order outlives the process."""

from __future__ import annotations

import shutil

import pytest
import trio

from engine_rig import CallSource, FunctionSink, ListSource, card, engine_of, running, simple
from rushes.engine.offline import open_offline
from rushes.engine.searches import JobSearch, SearchError
from rushes.errors import NotFound
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)
NAMES = [f"{letter}.mov" for letter in "abcdefgh"]


class Gate:
    """A sink's deliver that waits until it is opened."""

    def __init__(self):
        self.open = trio.Event()

    async def __call__(self, _clip, _resume, _report):
        await self.open.wait()


async def until(holds):
    with trio.fail_after(20):
        while not await holds():
            await trio.sleep(0.01)


async def listed(engine, **asked):
    return (await engine.jobs(JobSearch(**asked)))["jobs"]


async def in_line(engine):
    jobs = await listed(engine)
    return jobs if len([job for job in jobs if job["state"] in {"ready", "running"}]) == len(NAMES) else []


def place(tmp_path, gate):
    sink = FunctionSink(gate)
    clips = card(tmp_path / "A001", *NAMES)
    return sink, simple(tmp_path, ListSource(clips), sink, slots=1)


async def test_the_order_listed_is_that_in_which_they_run(tmp_path, autojump_clock):
    gate = Gate()
    sink, made = place(tmp_path, gate)
    async with engine_of(made) as engine, running(engine):
        await until(lambda: in_line(engine))
        line = await listed(engine)
        ids = [job["id"] for job in line]
        changed = await engine.move([ids[7], ids[5]], ids[2])
        assert changed == {"changed": [ids[7], ids[5]]}
        expected = [ids[0], ids[1], ids[7], ids[5], ids[2], ids[3], ids[4], ids[6]]
        assert [job["id"] for job in await listed(engine)] == expected
        # Before one that was moved, and a move to the top over it all.
        await engine.move([ids[6]], ids[7])
        await engine.queue("top", [ids[4]])
        # The one that ran gives way, and stands where it stood.
        expected = [ids[4], ids[0], ids[1], ids[6], ids[7], ids[5], ids[2], ids[3]]

        async def gave_way():
            return (await listed(engine))[0]["id"] == ids[4] and (await listed(engine))[1]["state"] == "ready"

        await until(gave_way)
        line = await listed(engine)
        assert [job["id"] for job in line] == expected
        assert [job.get("position") for job in line] == [None, *range(1, 8)]
        names = [job["name"] for job in line]
        gate.open.set()
        await until(lambda: done(engine))
    assert sink.delivered == names


async def done(engine):
    return (await engine.status())["counts"]["jobs"]["done"] == len(NAMES)


async def test_a_move_is_durable_when_it_returns(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    gate = Gate()
    _, made = place(tmp_path, gate)
    async with engine_of(made, ledger=state / FILE_NAME) as engine, running(engine):
        await until(lambda: in_line(engine))
        ids = [job["id"] for job in await listed(engine)]
        await engine.move([ids[6]], ids[3])
        # What a SIGKILL leaves.
        shutil.copytree(state, tmp_path / "killed")
        gate.open.set()
        await until(lambda: done(engine))
    with open_offline(tmp_path / "killed") as rest:
        jobs = rest.jobs(JobSearch(states=frozenset({"ready", "running"})))["jobs"]
    assert [job["id"] for job in jobs] == [ids[0], ids[1], ids[2], ids[6], ids[3], ids[4], ids[5], ids[7]]
    with open_offline(tmp_path / "killed", write=True) as rest:
        assert rest.move([ids[7]], ids[6]) == {"changed": [ids[7]]}
        jobs = rest.jobs(JobSearch(states=frozenset({"ready", "running"})))["jobs"]
    assert [job["id"] for job in jobs] == [ids[0], ids[1], ids[2], ids[7], ids[6], ids[3], ids[4], ids[5]]
    sink = FunctionSink()
    again = simple(tmp_path, ListSource(), sink, slots=1)
    async with engine_of(again, ledger=tmp_path / "killed" / FILE_NAME) as engine:
        await engine.run(once=True)
    assert sink.delivered == [job["name"] for job in jobs]


async def test_what_is_over_is_no_place_to_move_to(tmp_path, autojump_clock):
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", *NAMES)), FunctionSink())
    async with engine_of(made) as engine:
        await engine.run(once=True)
        ids = [job["id"] for job in await listed(engine)]
        with pytest.raises(NotFound, match="is over"):
            await engine.move([ids[0]], ids[1])
        with pytest.raises(NotFound):
            await engine.move([ids[0]], "nothing")


async def test_pages_have_every_job_once_whatever_the_order(tmp_path, autojump_clock):
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", *NAMES)), FunctionSink())
    async with engine_of(made) as engine:
        await engine.run(once=True)
        for sorted_by in ("queue", "newest"):
            found, after = [], ""
            while after is not None:
                page = await engine.jobs(JobSearch(order=sorted_by, limit=3, after=after))
                found += [job["id"] for job in page["jobs"]]
                after = page["after"]
                assert page["total"] == page["facets"]["states"]["done"] == len(NAMES)
            assert len(found) == len(set(found)) == len(NAMES)
        with pytest.raises(SearchError):
            await engine.jobs(JobSearch(after="nonsense"))
        none = await engine.jobs(JobSearch(states=frozenset({"parked"})))
        assert (none["jobs"], none["total"], none["after"]) == ([], 0, None)


async def test_jobs_are_found_by_what_their_clip_is_called_by_route_and_by_sink(tmp_path, autojump_clock):
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", *NAMES)), FunctionSink())
    async with engine_of(made) as engine:
        await engine.run(once=True)

        async def found(**asked):
            return sorted(job["name"] for job in await listed(engine, **asked))

        assert await found(q="B.MOV") == ["b.mov"]
        assert await found(q="a001 c.m") == ["c.mov"]
        assert await found(q="nowhere") == await found(route="other") == await found(sink="other") == []
        assert await found(route="all", sink="sink") == NAMES
        [job] = await listed(engine, q="d.mov")
        assert (await engine.job(job["id"][:8]))["id"] == job["id"]
        assert [each["id"] for each in await listed(engine, q=job["id"])] == [job["id"]]


async def test_what_waits_for_a_sink_that_rests_is_listed_as_waiting(tmp_path, autojump_clock):
    async def run(intake):
        await resting.wait()
        await intake.clips(card(tmp_path / "A001", *NAMES))
        await intake.caught_up()

    resting = trio.Event()
    made = simple(tmp_path, CallSource(run), FunctionSink())
    async with engine_of(made) as engine, running(engine):
        await engine.switch("pause", ["sink"])
        resting.set()

        async def waiting():
            return (await engine.status())["counts"]["jobs"]["waiting"] == len(NAMES)

        await until(waiting)
        page = await engine.jobs(JobSearch(states=frozenset({"waiting"}), limit=3))
        assert page["total"] == page["facets"]["states"]["waiting"] == len(NAMES)
        assert [(job["state"], job["position"]) for job in page["jobs"]] == [
            ("waiting", n) for n in (1, 2, 3)
        ]
        assert "paused by a person" in page["jobs"][0]["reason"]
        second = await engine.jobs(JobSearch(states=frozenset({"waiting"}), limit=3, after=page["after"]))
        assert [job["position"] for job in second["jobs"]] == [4, 5, 6]
        counts = (await engine.status())["counts"]
        assert (counts["files_remaining"], counts["rate"], counts["eta_s"]) == (len(NAMES), 0.0, None)
        assert {row["state"] for row in (await engine.clips())["clips"]} == {"waiting"}


async def test_room_is_made_by_the_last_in_line_where_a_person_moved_it(tmp_path, autojump_clock):
    gate = Gate()
    sink = FunctionSink(gate)
    clips = card(tmp_path / "A001", *NAMES)
    async with engine_of(simple(tmp_path, ListSource(clips), sink, slots=2)) as engine, running(engine):
        await until(lambda: in_line(engine))
        moved, kept, *_, last, wanted = [job["id"] for job in await in_line(engine)]
        await engine.queue("top", [moved])
        await engine.move([moved], last)
        await engine.queue("top", [wanted])
        await trio.sleep(1)
        assert {job["id"] for job in await in_line(engine) if job["state"] == "running"} == {kept, wanted}
