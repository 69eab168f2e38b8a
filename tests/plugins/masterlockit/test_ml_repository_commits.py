"""Group commit: many callers share a write; a write that fails, a caller that leaves, a writer that ends."""

import pytest
import trio
import trio.testing

from rushes import Unavailable
from rushes.errors import LedgerError
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.repository import writer
from rushes_masterlockit.versions import Verdict

from .repository_rig import CAMERA, TABLET, clip, held, id_of

ALL = parse_demand(b"{}")


async def test_many_who_speak_at_once_share_a_write(tmp_path):
    done = []
    async with held(tmp_path) as rig, trio.open_nursery() as nursery:

        async def speak(number):
            [outcome] = await rig.repository.say([clip(number)], f"{number:016x}")
            [[rows]] = await rig.ledger.query("SELECT count(*) FROM records WHERE id = ?", [id_of(number)])
            done.append((outcome.verdict, rows))

        for number in range(100):
            nursery.start_soon(speak, number)
    assert done == [(Verdict.NEW, 1)] * 100
    assert sum(rig.intake.writes) == 100
    assert len(rig.intake.writes) <= 3


async def test_edits_of_one_clip_by_many_at_once_all_count(tmp_path):
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(1)], CAMERA)
        async with trio.open_nursery() as nursery:
            for number in range(2, 7):
                edit = clip(1, {CAMERA: 1, f"{number:016x}": 1}, **{f"note{number}": number})
                nursery.start_soon(rig.repository.say, [edit], f"{number:016x}")
        [body] = await rig.repository.bodies([id_of(1)])
    for number in range(2, 7):
        assert f'"note{number}":{number}'.encode() in body


async def test_more_than_a_write_takes_is_written_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "MOST", 10)
    monkeypatch.setattr("rushes_masterlockit.repository.repository.MOST", 10)
    async with held(tmp_path) as rig:
        outcomes = await rig.repository.say([clip(number) for number in range(25)], CAMERA)
        assert rig.intake.writes == [10, 10, 5]
        assert [outcome.id for outcome in outcomes] == [id_of(number) for number in range(25)]
        assert await rig.repository.delete(ALL) == 25


async def test_a_write_that_fails_fails_its_callers_and_changes_nothing(tmp_path):
    def refuse(_records):
        raise LedgerError("the disk is full")

    told = []
    async with held(tmp_path) as rig:
        rig.repository.changed.append(lambda outcome, _by: told.append(outcome.id))
        await rig.repository.say([clip(1)], CAMERA)
        rig.intake.refuse = refuse
        with pytest.raises(Unavailable, match="the disk is full"):
            await rig.repository.say([clip(1, {CAMERA: 2}, lens="50"), clip(2)], CAMERA)
        with pytest.raises(Unavailable):
            await rig.repository.note("clap", {"type": "clap"}, TABLET)
        with pytest.raises(Unavailable):
            await rig.repository.delete(ALL)
        assert (dict(rig.repository.clocks), rig.repository.ids(ALL)) == ({id_of(1): {CAMERA: 1}}, [id_of(1)])
        assert told == [id_of(1)]
        rig.intake.refuse = lambda _records: None
        [edit, new] = await rig.repository.say([clip(1, {CAMERA: 2}, lens="50"), clip(2)], CAMERA)
        await rig.repository.note("clap", {"type": "clap"}, TABLET)
        assert (edit.verdict, new.verdict) == (Verdict.REPLACED, Verdict.NEW)
        assert len(await rig.repository.notes("clap")) == 1


async def test_one_whose_values_the_ledger_refuses_fails_alone(tmp_path):
    def refuse(records):
        if any(record.id == id_of(13) for record in records):
            raise LedgerError("a value was refused")

    verdicts = {}
    async with held(tmp_path) as rig:
        rig.intake.refuse = refuse

        async def speak(number):
            try:
                [outcome] = await rig.repository.say([clip(number)], CAMERA)
                verdicts[number] = outcome.verdict
            except Unavailable:
                verdicts[number] = None

        async with trio.open_nursery() as nursery:
            for number in range(10, 16):
                nursery.start_soon(speak, number)
        assert verdicts == {number: None if number == 13 else Verdict.NEW for number in range(10, 16)}
        assert rig.repository.count == 5


async def test_a_caller_that_leaves_does_not_tear_its_batch(tmp_path):
    async with held(tmp_path) as rig:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(rig.repository.say, [clip(number) for number in range(300)], CAMERA)
                nursery.start_soon(rig.repository.say, [clip(400)], TABLET)
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
        await rig.repository.say([clip(500)], CAMERA)
        assert rig.repository.count == 302
        assert await rig.ledger.query("SELECT count(*) FROM records") == [(302,)]


async def test_whoever_waits_when_the_writer_ends_is_told_and_whoever_comes_later(tmp_path):
    async with held(tmp_path) as rig:
        stuck = trio.Event()

        async def hang(_records):
            stuck.set()
            await trio.sleep_forever()

        rig.intake.records = hang
        async with trio.open_nursery() as nursery:

            async def speak(number):
                with pytest.raises(Unavailable, match="closed"):
                    await rig.repository.say([clip(number)], CAMERA)

            nursery.start_soon(speak, 1)
            await stuck.wait()
            nursery.start_soon(speak, 2)
            await trio.testing.wait_all_tasks_blocked()
            rig.writing.cancel()
        await speak(3)
        assert rig.repository.count == 0
