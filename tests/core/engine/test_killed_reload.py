"""A pipeline that is killed in the middle of a reload, at each of its commits: the next start ends where it would have.

A kill leaves the ledger's files as they are, so they are copied at each such moment and a start is made on each copy.
"""

from __future__ import annotations

import shutil

import trio

from engine_rig import route, running
from reload_rig import Place
from rushes.engine import replanning

#: Delivered, or waiting for a person: so nothing goes on while the reload does.
BEFORE = (
    route("one", when="name IN ('a', 'b')"),
    route("later", when="name IN ('a', 'c', 'd')", to=["other"], auto=False),
    route("gone", when="name IN ('e', 'f', 'g')", auto=False),
)
AFTER = (
    route("renamed", when="name IN ('a', 'b', 'h')", auto=False),
    route("later", when="name IN ('c', 'g')", to=["other", "sink"], auto=False, priority=5),
    route("there", when="name IN ('e', 'f')", auto=False),
)
DELIVERED = {("a.mov", "one"), ("b.mov", "one")}


class Killed(Place):
    """Copies the ledger before each commit of an engine, and after it, before it is acknowledged."""

    def __init__(self, tmp_path):
        super().__init__(tmp_path / "run", *(f"{name}.mov" for name in "abcdefghi"))
        self.copies = []
        self.folder = tmp_path

    def copy_each_commit(self, engine, monkeypatch):
        database = engine._ledger._database
        commit = database.commit

        def copied(changes):
            self._copy()
            commit(changes)
            self._copy()

        monkeypatch.setattr(database, "commit", copied)

    def _copy(self):
        copy = self.folder / f"killed{len(self.copies)}"
        copy.mkdir()
        for file in self.ledger.parent.glob("ledger.*"):
            shutil.copy(file, copy)
        self.copies.append(copy / self.ledger.name)

    async def started(self, rules, ledger):
        """What becomes of it by these rules on that ledger: jobs, and what is delivered once a person says so."""
        self.sink.delivered.clear()
        self.other.delivered.clear()
        self.ledger = (
            shutil.copytree(ledger.parent, self.folder / "started", dirs_exist_ok=True) / ledger.name
        )
        self.write(*rules)
        async with self.engine() as engine, running(engine):
            with trio.fail_after(20):
                while not (engine._preparation.idle and engine._feeding.caught_up):
                    await trio.sleep(0.005)
                planned = await jobs(engine)
                await engine.queue("release", [], all=True)
                while {state for state, *_ in (await jobs(engine)).values()} > {"done"}:
                    await trio.sleep(0.005)
        shutil.rmtree(self.ledger.parent)
        return planned, sorted(self.sink.delivered), sorted(self.other.delivered)


async def jobs(engine):
    """Those that are not withdrawn, by file and route: state, priority, and where they go."""
    return {
        (job["name"], job["route"]): (
            job["state"],
            job["priority"],
            [step["component"] for step in job["steps"]],
        )
        for job in (await engine.jobs())["jobs"]
        if job["state"] != "withdrawn"
    }


async def test_a_reload_that_is_killed_at_any_commit_is_ended_or_undone_by_the_next_start(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(replanning, "MOST", 2)
    (tmp_path / "run").mkdir()
    place = Killed(tmp_path)
    place.write(*BEFORE)
    async with place.engine() as engine, running(engine):
        with trio.fail_after(10):
            while {key for key, job in (await jobs(engine)).items() if job[0] == "done"} != DELIVERED:
                await trio.sleep(0.005)
            while len(await jobs(engine)) < 8:
                await trio.sleep(0.005)
        place.copy_each_commit(engine, monkeypatch)
        told = await place.follow(engine, *AFTER)
    assert told == {"opened": 4, "withdrawn": 5, "changed": 1}
    copies = list(place.copies)
    assert len(copies) >= 16, "before and after: what is new, four batches, the end"
    wanted = await place.started(AFTER, copies[-1])
    assert wanted[1:] == (["c.mov", "e.mov", "f.mov", "g.mov", "h.mov"], ["c.mov", "g.mov"])
    for copy in copies:
        assert await place.started(AFTER, copy) == wanted, copy
    # The edit is undone before the next start.
    wanted = await place.started(BEFORE, copies[0])
    assert wanted[1:] == (["e.mov", "f.mov", "g.mov"], ["a.mov", "c.mov", "d.mov"])
    for copy in copies[::2]:
        assert await place.started(BEFORE, copy) == wanted, copy
