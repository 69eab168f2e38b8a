"""What the repository makes of what is said, over a real ledger file: durable, absorbed in order, shared writes."""

import json
from itertools import count

import pytest
import trio
import trio.testing

from rushes import Unavailable
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.repository import LedgerArchive
from rushes_masterlockit.versions import Verdict

from .repository_rig import CAMERA, OWN, RECORDER, SOURCE, TABLET, clip, held, id_of

ALL = parse_demand(b"{}")


def named(*numbers):
    return parse_demand({"clips": [id_of(number) for number in numbers]})


def said(outcome):
    return json.loads(outcome.body)


async def test_what_was_said_is_in_the_ledger_when_say_returns(tmp_path):
    async with held(tmp_path, now=lambda: 77.5) as rig:
        [outcome] = await rig.repository.say([clip(1, fps="24")], RECORDER)
        rows = await rig.ledger.query(
            "SELECT id, source, kind, device, clock, data, rate, rate_from, seen, deleted FROM records"
        )
    assert (outcome.verdict, outcome.problem, said(outcome)) == (Verdict.NEW, "", clip(1, fps="24"))
    assert [(*row[:4], json.loads(row[4]), json.loads(row[5]), *row[6:]) for row in rows] == [
        (id_of(1), SOURCE, "video", RECORDER, {CAMERA: 1}, clip(1, fps="24"), "25", "project", 77.5, False)
    ]


@pytest.mark.parametrize("bodies", [True, False])
async def test_after_a_restart_all_is_there(tmp_path, bodies):
    async with held(tmp_path, bodies=bodies) as rig:
        await rig.repository.say([clip(number) for number in (3, 1, 2)], CAMERA)
        await rig.repository.say([clip(1, {CAMERA: 1, RECORDER: 1}, isWaste=True, comment="a")], RECORDER)
        await rig.repository.say([clip(1, {CAMERA: 1, TABLET: 1}, isWaste=False, comment="b")], TABLET)
        assert await rig.repository.delete(named(2)) == 1
        await rig.repository.note("clap", {"type": "clap", "timecode": {"seconds": 5, "frames": 1}}, TABLET)
        before = (
            dict(rig.repository.clocks),
            rig.repository.conflicts(),
            rig.repository.versions(rig.repository.ids(ALL)),
            await rig.repository.bodies(rig.repository.ids(ALL)),
            await rig.repository.notes("clap"),
        )
    async with held(tmp_path, bodies=bodies) as rig:
        again = rig.repository
        assert before == (
            dict(again.clocks),
            again.conflicts(),
            again.versions(again.ids(ALL)),
            await again.bodies(again.ids(ALL)),
            await again.notes("clap"),
        )
        assert (again.ids(ALL), again.count, again.deleted(id_of(2))) == ([id_of(1), id_of(3)], 2, True)
        assert again.clocks[id_of(1)] == {CAMERA: 1, RECORDER: 1, TABLET: 1, OWN: 1}
        assert again.clocks[id_of(2)] == {CAMERA: 1, OWN: 1}
        assert {conflict["path"] for conflict in again.conflicts()} == {"isWaste", "comment"}
        # The past is there too: an edit that had seen one side merges with the other alone.
        [late] = await again.say([clip(1, {CAMERA: 1, TABLET: 2}, isWaste=False, lens="50")], TABLET)
        assert late.verdict is Verdict.MERGED
        assert said(late)["lens"] == "50"


async def test_the_device_that_said_it_first_stays_its_origin(tmp_path):
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(1)], CAMERA)
        await rig.repository.say([clip(1, {CAMERA: 1, TABLET: 1}, lens="50")], TABLET)
        assert await rig.ledger.query("SELECT device FROM records") == [(CAMERA,)]
        assert rig.repository.ids(parse_demand({"devices": [CAMERA]})) == [id_of(1)]


async def test_several_edits_of_one_clip_in_one_batch_are_absorbed_in_order(tmp_path):
    batch = [
        clip(1, {CAMERA: 1}, lens="32"),
        clip(2),
        clip(1, {CAMERA: 2}, lens="50"),
        clip(1, {CAMERA: 1}, lens="32"),
        clip(1, {CAMERA: 1, TABLET: 1}, lens="32", scene={"number": 14}),
    ]
    async with held(tmp_path) as rig:
        outcomes = await rig.repository.say(batch, CAMERA)
        assert rig.intake.writes == [2]
        [[data, history]] = await rig.ledger.query(
            "SELECT data, history FROM records WHERE id = ?", [id_of(1)]
        )
    assert [outcome.verdict for outcome in outcomes] == [
        Verdict.NEW, Verdict.NEW, Verdict.REPLACED, Verdict.KNOWN, Verdict.MERGED,
    ]  # fmt: skip
    stands = said(outcomes[-1])
    assert (stands["lens"], stands["scene"]) == ("50", {"number": 14})
    assert json.loads(data) == stands
    assert {CAMERA: 1} in [past["clock"] for past in json.loads(history)]


async def test_said_again_it_changes_nothing_and_writes_nothing(tmp_path):
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(1, {CAMERA: 2})], CAMERA)
        outcomes = await rig.repository.say([clip(1, {CAMERA: 2}), clip(1, {CAMERA: 1})], CAMERA)
        assert rig.intake.writes == [1]
    assert [(outcome.verdict, outcome.body) for outcome in outcomes] == [(Verdict.KNOWN, b"")] * 2


async def test_equal_clocks_with_different_content_lose_nothing(tmp_path):
    """A writer that forgot to count, or two with one id: it is resolved as if it were parallel."""
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(1, lens="32")], CAMERA)
        [outcome] = await rig.repository.say([clip(1, lens="50")], CAMERA)
        assert outcome.verdict is Verdict.MERGED
        [conflict] = rig.repository.conflicts()
    assert {conflict["kept"], conflict["lost"]} == {"32", "50"}


async def test_what_is_no_clip_is_refused_and_stops_no_other(tmp_path):
    batch = [
        {"type": "video", "version": {}},
        clip(1),
        {**clip(2), "type": "clap"},
        {**clip(3), "version": {CAMERA: -1}},
        clip(1, {CAMERA: 2}, type="sound"),
        clip(4, comment="\ud800"),
        {**clip(5), "id": "clap:0"},
        clip(6),
    ]
    async with held(tmp_path) as rig:
        outcomes = await rig.repository.say(batch, CAMERA)
        assert rig.repository.ids(ALL) == [id_of(1), id_of(6)]
    refused = [outcome for outcome in outcomes if outcome.verdict is None]
    assert [outcomes.index(outcome) for outcome in refused] == [0, 2, 3, 4, 5, 6]
    assert all(outcome.problem and "\n" not in outcome.problem and not outcome.body for outcome in refused)


async def test_the_rate_is_the_projects_when_it_was_first_said_else_the_clips_own(tmp_path):
    project = [""]
    async with held(tmp_path, rate=lambda: project[0]) as rig:
        await rig.repository.say([clip(1, fps="24"), clip(2), clip(3, sensorFPS="48")], CAMERA)
        project[0] = "25"
        await rig.repository.say([clip(1, {CAMERA: 2}, fps="24"), clip(4, fps="24")], CAMERA)
        project[0] = "29.97df"
        await rig.repository.say([clip(4, {CAMERA: 2}), clip(2, {CAMERA: 2})], CAMERA)
        rates = await rig.ledger.query("SELECT id, rate, rate_from FROM records ORDER BY id")
    assert rates == [
        (id_of(1), "25", "project"),
        (id_of(2), "29.97df", "project"),
        (id_of(3), "", ""),
        (id_of(4), "25", "project"),
    ]


async def test_those_who_want_to_know_are_told_once_it_is_durable(tmp_path):
    told = []
    async with held(tmp_path) as rig:
        rig.repository.changed.append(
            lambda outcome, by: told.append((outcome.id, outcome.verdict, by, len(rig.intake.writes)))
        )
        await rig.repository.say([clip(1), clip(2)], CAMERA)
        await rig.repository.say([clip(1), {"id": "no clip"}], CAMERA)
        await rig.repository.edit(id_of(2), {"comment": "ours"})
        await rig.repository.delete(named(1))
    assert told == [
        (id_of(1), Verdict.NEW, CAMERA, 1),
        (id_of(2), Verdict.NEW, CAMERA, 1),
        (id_of(2), Verdict.REPLACED, OWN, 2),
        (id_of(1), Verdict.BURIED, OWN, 3),
    ]


async def test_an_edit_of_ours_counts_for_us(tmp_path):
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(1, take={"number": 1})], CAMERA)
        edited = await rig.repository.edit(id_of(1), {"take": {"printState": 1}, "clipName": None})
        made = await rig.repository.edit(id_of(2), {"type": "sound", "comment": "wild"})
        refused = await rig.repository.edit(id_of(3), {"comment": "of no type"})
        assert rig.repository.clocks[id_of(1)] == {CAMERA: 1, OWN: 1}
    assert said(edited)["take"] == {"number": 1, "printState": 1}
    assert "clipName" not in said(edited)
    assert (made.verdict, said(made)["version"]) == (Verdict.NEW, {OWN: 1})
    assert refused.verdict is None
    assert refused.problem


async def test_a_tombstone_holds_against_older_copies_and_gives_way_to_edits(tmp_path):
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(1, {CAMERA: 2}), clip(2)], CAMERA)
        assert await rig.repository.delete(ALL) == 2
        assert await rig.repository.delete(ALL) == 0
        assert (rig.repository.count, await rig.repository.bodies([id_of(1)])) == (0, [])
        [old, same] = await rig.repository.say([clip(1, {CAMERA: 1}), clip(1, {CAMERA: 2})], CAMERA)
        assert (old.verdict, same.verdict, rig.repository.count) == (Verdict.BURIED, Verdict.BURIED, 0)
        [edit] = await rig.repository.say([clip(1, {CAMERA: 3}, lens="50")], CAMERA)
        assert (edit.verdict, rig.repository.ids(ALL)) == (Verdict.REVIVED, [id_of(1)])
        assert await rig.repository.bodies([id_of(1)]) == [edit.body]


async def test_deletion_stands_where_the_option_says_so(tmp_path):
    async with held(tmp_path, delete_vs_edit="delete") as rig:
        await rig.repository.say([clip(1)], CAMERA)
        await rig.repository.delete(ALL)
        [edit] = await rig.repository.say([clip(1, {CAMERA: 2}, lens="50")], CAMERA)
        assert (edit.verdict, edit.body, rig.repository.count) == (Verdict.BURIED, b"", 0)


async def test_a_deletion_meets_what_was_said_before_it_and_is_not_answered_yet(tmp_path):
    async with held(tmp_path) as rig, trio.open_nursery() as nursery:
        nursery.start_soon(rig.repository.say, [clip(1), clip(2)], CAMERA)
        await trio.testing.wait_all_tasks_blocked()
        assert await rig.repository.delete(named(1, 2, 3)) == 2


async def test_conflicts_are_kept_until_a_person_settles_them(tmp_path):
    async with held(tmp_path) as rig:
        await rig.repository.say([clip(number, {CAMERA: 1}, isWaste=True) for number in (1, 2)], CAMERA)
        await rig.repository.say([clip(number, {TABLET: 1}, isWaste=False) for number in (1, 2)], TABLET)
        [first, second] = rig.repository.conflicts()
        assert (first["clip"], first["name"], first["path"], first["editorial"]) == (
            id_of(1), "A001C001", "isWaste", True,
        )  # fmt: skip
        clocks = dict(rig.repository.clocks)
        assert await rig.repository.settle([id_of(1), id_of(1), "nobody"]) == 1
        assert rig.repository.conflicts() == [second]
        assert dict(rig.repository.clocks) == clocks
    async with held(tmp_path) as rig:
        assert rig.repository.conflicts() == [second]
        assert await rig.repository.settle() == 1
        assert rig.repository.conflicts() == []
        assert await rig.ledger.query("SELECT DISTINCT conflicts FROM records") == [("[]",)]


async def test_a_clap_said_again_is_no_second_clap(tmp_path):
    clap = {"type": "clap", "timecode": {"seconds": 36000, "frames": 12}}
    clock = count(100)
    async with held(tmp_path, now=lambda: float(next(clock))) as rig:
        await rig.repository.note("clap", clap, TABLET)
        await rig.repository.note("clap", dict(reversed(clap.items())), TABLET)
        await rig.repository.note("clap", clap, CAMERA)
    async with held(tmp_path, now=lambda: 900.0) as rig:
        await rig.repository.note("clap", clap, TABLET)
        claps = await rig.repository.notes("clap")
        assert (rig.repository.count, len(rig.repository.clocks)) == (0, 0)
    assert [clap | {"device": TABLET}, clap | {"device": CAMERA}] == [
        {name: value for name, value in said.items() if name != "seen"} for said in claps
    ]
    assert [said["seen"] < 900 for said in claps] == [True, True]


async def test_a_slate_info_said_again_is_the_newest_again(tmp_path):
    clock = count(100)
    async with held(tmp_path, now=lambda: float(next(clock))) as rig:
        for take in ("1", "2", "1"):
            await rig.repository.note("slate", {"type": "slate", "take": take}, TABLET)
        slates = await rig.repository.notes("slate")
        assert await rig.repository.notes("clap") == []
    assert [slate["take"] for slate in slates] == ["2", "1"]


async def test_an_archive_at_rest_reads_and_says_that_it_cannot_write(tmp_path):
    async with held(tmp_path) as rig:
        archive = LedgerArchive(rig.ledger, None, SOURCE)
        with pytest.raises(Unavailable, match="pipeline run FILE"):
            await archive.write([])
