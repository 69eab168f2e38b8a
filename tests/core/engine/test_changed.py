"""A clip whose file is another one while it is sent: it waits for its source, and is never sent in halves."""

from __future__ import annotations

import os

import trio

from engine_rig import CallSource, FunctionSink, ListSource, card, clip_of, engine_of, running, simple
from rushes import Report


class HalfSent(FunctionSink):
    """Sends one part, then looks at the file: at what of `resume` it was asked to go on with."""

    def __init__(self, between=lambda: None):
        super().__init__(self._in_two_parts)
        self._between = between

    async def _in_two_parts(self, clip, resume, report: Report):
        if not resume or not resume.parts:
            await report.begin({"asset": len(self.calls)})
            await report.part(1, "one")
            self._between()
        self.context.verify(clip)


async def test_a_file_that_is_the_same_again_is_sent_from_its_beginning(tmp_path, autojump_clock):
    [clip] = card(tmp_path / "A001", "a.mov")
    path = tmp_path / "A001" / "a.mov"
    content, times = path.read_bytes(), (0, path.stat().st_mtime_ns)
    sink = HalfSent(lambda: path.write_bytes(b"other") if len(sink.calls) == 1 else None)
    async with engine_of(simple(tmp_path, ListSource([clip]), sink)) as engine, running(engine):
        await trio.sleep(0.4)
        [waiting] = (await engine.jobs())["jobs"]
        told = (await engine.status())["attention"]
        path.write_bytes(content)
        os.utime(path, ns=times)
        await trio.sleep(120)
        [job] = (await engine.jobs())["jobs"]
    assert waiting["state"] == "waiting"
    assert "changed since it was admitted (12 bytes then, 5 now)" in waiting["reason"]
    assert [(note["subject"], note["verbs"]) for note in told] == [("A001: a.mov", ["release", "cancel"])]
    assert job["state"] == "done"
    assert [resume for _, resume in sink.calls if resume and resume.parts] == []


async def test_a_person_has_it_looked_at_at_once(tmp_path, autojump_clock):
    [clip] = card(tmp_path / "A001", "a.mov")
    path = tmp_path / "A001" / "a.mov"
    path.rename(path.with_suffix(".away"))
    path.write_bytes(b"other")
    sink = FunctionSink(lambda clip, *_: sink.look(clip))
    sink.look = lambda clip: _verified(sink, clip)
    async with engine_of(simple(tmp_path, ListSource([clip]), sink)) as engine, running(engine):
        await trio.sleep(90)
        [job] = (await engine.jobs())["jobs"]
        path.with_suffix(".away").rename(path)
        before = trio.current_time()
        await engine.queue("release", [job["id"]])
        while (await engine.jobs())["jobs"][0]["state"] != "done":
            await trio.sleep(0.01)
    assert trio.current_time() - before < 0.1


async def _verified(sink, clip):
    sink.context.verify(clip)


async def test_its_new_revision_takes_its_place(tmp_path, autojump_clock):
    [first] = card(tmp_path / "A001", "a.mov", content=b"x" * 100)
    path = tmp_path / "A001" / "a.mov"

    async def run(intake):
        await intake.clips([first])
        await intake.caught_up()
        await trio.sleep(30)
        await intake.clips([clip_of(path)])

    def write():
        if len(sink.calls) == 1:
            path.write_bytes(path.read_bytes()[:100] + b"other tail")

    sink = HalfSent(write)
    async with engine_of(simple(tmp_path, CallSource(run), sink)) as engine, running(engine):
        await trio.sleep(60)
        jobs = (await engine.jobs())["jobs"]
    assert [(job["revision"], job["state"], job["reason"]) for job in jobs] == [
        (1, "withdrawn", "replaced by revision 2"),
        (2, "done", ""),
    ]


async def test_once_ends_without_it_and_the_next_run_takes_it_up(tmp_path):
    [clip] = card(tmp_path / "A001", "a.mov")
    path = tmp_path / "A001" / "a.mov"
    content, times = path.read_bytes(), (0, path.stat().st_mtime_ns)
    ledger = tmp_path / "ledger.duckdb"
    sink = HalfSent(lambda: path.write_bytes(b"other") if len(sink.calls) == 1 else None)
    made = simple(tmp_path, ListSource([clip]), sink)
    async with engine_of(made, ledger=ledger) as engine:
        outcome = await engine.run(once=True)
    assert (outcome.waiting, outcome.parked) == (1, 0)
    path.write_bytes(content)
    os.utime(path, ns=times)
    async with engine_of(made, ledger=ledger) as engine, running(engine):
        with trio.fail_after(20):
            while (await engine.jobs())["jobs"][0]["state"] != "done":
                await trio.sleep(0.05)
    assert sink.delivered == ["a.mov"]
