"""What there is, from a real ledger: the list that people look through, and the clip that they mean by a word of it."""

import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from rushes import NotFound, Permanent, Unavailable
from rushes.testing import StandIn
from rushes_masterlockit.actions.clips import clips
from rushes_masterlockit.actions.edit import edit
from rushes_masterlockit.actions.export import export
from rushes_masterlockit.actions.finding import find_clip
from rushes_masterlockit.actions.people import delete
from rushes_masterlockit.actions.slate import slate
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.reports import KINDS

from .repository_rig import CAMERA, SOURCE, held

FOLLOW = MasterlockitOptions(host="127.0.0.1", port=9)
BE = MasterlockitOptions(listen="127.0.0.1:0")


def clip(identity, number, kind="video", **members):
    return {
        "id": identity,
        "type": kind,
        "version": {CAMERA: 1},
        "created": 1_700_000_000_000 + number,
        "tcStartSeconds": 36_000 + number,
        "tcStartFrames": 0,
        "tcStopSeconds": 36_010 + number,
        "tcStopFrames": 0,
        **members,
    }


DAY = [
    clip(
        "3f0a62c1" + "0" * 24,
        1,
        clipName="A001",
        scene={"number": 14, "additional": "A"},
        camera={"name": "A"},
    ),
    clip(
        "3f0a62c1" + "1" * 24,
        2,
        clipName="A002",
        take={"number": 2, "printState": 1, "comment": "long " * 30},
    ),
    clip("5D5A0000-0000-0000-0000-00000000000C", 3, "sound", fileName="S.wav", circle=True, isWaste=True),
    clip("odd id", 4, clipLabel={"name": "3f0a62c1"}, tcStartSeconds=None, projectDay={"number": 12}),
    clip("7" * 32, 5, clipName="twice"),
    clip("8" * 32, 6, fileName="twice", episode={"number": 2}, scene={"number": 1}),
]


async def tell(_facts):
    """Nobody listens."""


@asynccontextmanager
async def made(tmp_path, said=DAY):
    """The context, and what runs."""
    async with held(tmp_path) as rig:
        await rig.repository.say(said, CAMERA)
        context = StandIn(tmp_path, None, SOURCE)
        context.catalog = rig.ledger
        yield context, SimpleNamespace(repository=rig.repository, door=None, rate=""), rig


async def look(context, part, **arguments):
    return await clips(FOLLOW, context, part, arguments, tell)


@pytest.mark.parametrize("running", [True, False])
async def test_the_list(tmp_path, running):
    async with made(tmp_path) as (context, part, _):
        told = await look(context, part if running else None)
        assert told["matched"] == 6
        assert [one["record"] for one in told["clips"]] == DAY
        assert [one["short"] for one in told["clips"]] == [
            "3f0a62c10", "3f0a62c11", "5D5A0000", "odd id", "77777777", "88888888",
        ]  # fmt: skip
        first, second, third, fourth, _, last = told["clips"]
        assert (first["clip"], first["scene"], first["start"], first["length"]) == (
            "A001", "14A", "10:00:01:00", "00:00:10",
        )  # fmt: skip
        assert (second["take"], second["circled"], second["waste"]) == ("2", True, False)
        assert (third["type"], third["circled"], third["waste"]) == ("sound", True, True)
        assert (fourth["clip"], fourth["start"], fourth["length"]) == ("3f0a62c1", "", "")
        assert (last["episode"], last["device"]) == ("2", CAMERA)
        json.dumps(told)


@pytest.mark.parametrize(
    ("arguments", "found", "matched"),
    [
        ({"limit": "2"}, [4, 5], 6),
        ({"limit": "1", "only": "video"}, [5], 5),
        ({"only": "sound"}, [2], 1),
        ({"circled": "True"}, [1, 2], 2),
        ({"day": "12"}, [3], 1),
        ({"scene": "14a"}, [0], 1),
        ({"scene": "2/1"}, [5], 1),
        ({"device": CAMERA}, [0, 1, 2, 3, 4, 5], 6),
        ({"device": "00000000000000ff"}, [], 0),
        ({"first": "10:00:12:00", "last": "10:00:12:01"}, [1, 2, 4, 5], 4),
    ],
)
async def test_filters_are_those_of_reports(tmp_path, arguments, found, matched):
    async with made(tmp_path) as (context, part, _):
        told = await look(context, part, **arguments)
        assert [one["record"] for one in told["clips"]] == [DAY[number] for number in found]
        assert told["matched"] == matched


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"limit": "0"}, "limit is a number from 1 on, not '0'"),
        ({"limit": "-1"}, "limit is a number"),
        ({"limit": "9" * 5000}, "limit is a number"),
        ({"only": "sounds"}, "'sounds' is no kind of clip"),
        ({"first": "ten"}, "is not a timecode"),
    ],
)
async def test_what_is_no_filter_is_one_line(tmp_path, arguments, why):
    async with made(tmp_path) as (context, part, _):
        with pytest.raises(Permanent, match=why) as refused:
            await look(context, part, **arguments)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({}, "no kind ''; there are "),
        ({"kind": "../etc"}, "no kind '../etc'; there are "),
        *(
            ({"kind": next(iter(KINDS)), "header": header}, "header is a JSON object of texts")
            for header in ("", "x", "[]", '{"a": 1}', "[" * 9999, "\ud800")
        ),
    ],
)
async def test_what_is_no_report_is_one_line(tmp_path, arguments, why):
    async with made(tmp_path) as (context, part, _):
        with pytest.raises(Permanent, match=why) as refused:
            await export(FOLLOW, context, part, arguments, tell)
        assert "\n" not in str(refused.value)


async def test_a_set_without_clips(tmp_path):
    async with made(tmp_path, []) as (context, part, _):
        assert await look(context, part) == {"matched": 0, "clips": []}
        assert await look(context, None) == {"matched": 0, "clips": []}


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (DAY[0]["id"], 0),
        (DAY[0]["id"].upper(), 0),
        ("3f0a62c10", 0),
        ("3F0A62C1-1", 1),
        ("3f0a62c1", 3),
        ("A002", 1),
        ("S.wav", 2),
        ("5d5a000000000000000000000000000c", 2),
        ("5d5a00", 2),
        ("odd id", 3),
        ("777777", 4),
        ("8" * 32, 5),
    ],
)
async def test_a_clip_is_meant_by_its_id_its_name_or_the_start_of_its_id(tmp_path, said, number):
    async with made(tmp_path) as (context, _, _):
        assert await find_clip(context, said) == DAY[number]["id"]


async def test_what_means_no_clip_or_several_is_told(tmp_path):
    async with made(tmp_path) as (context, part, _):
        for nobody in ("", "-", "77777", "a001", "%", "A001' OR 1=1 --", "\x00"):
            with pytest.raises(NotFound, match="see: pipeline masterlockit clips FILE"):
                await find_clip(context, nobody)
        with pytest.raises(
            Permanent, match=f"2 clips are called twice; give the id of one: {'7' * 32}, {'8' * 32}"
        ):
            await find_clip(context, "twice")
        with pytest.raises(Permanent, match="2 clips have an id that begins with 3f0a62"):
            await find_clip(context, "3f0a62")
        await part.repository.delete(parse_demand({"clips": ["7" * 32]}))
        assert await find_clip(context, "twice") == "8" * 32
        with pytest.raises(NotFound):
            await find_clip(context, "7" * 32)


class Said:
    """A door that hears what is asked of it."""

    rate = "25"

    def __init__(self):
        self.heard = []

    def devices(self):
        return []

    async def delete(self, demand):
        self.heard.append(demand)

    async def edit(self, clip, changes):
        self.heard.append((clip, changes))
        return SimpleNamespace(body=b"{}", why="")


@pytest.mark.parametrize(
    ("arguments", "number", "patch"),
    [
        ({"clip": "A001", "circle": "yes"}, 0, {"take": {"printState": 1}}),
        ({"clip": "A001", "circle": "no", "waste": "yes"}, 0, {"take": {"printState": 0}, "isWaste": True}),
        ({"clip": "A001", "comment": "late", "circle": "yes"}, 0, {"take": {"printState": 1, "comment": "late"}}),
        ({"clip": "S.wav", "circle": "no", "waste": "no"}, 2, {"circle": False, "isWaste": False}),
        ({"clip": "S.wav", "comment": "null "}, 2, {"comment": "null "}),
        ({"clip": "S.wav", "changes": '["soundroll=S 2", " take.number =3"]'}, 2,
         {"soundroll": "S 2", "take": {"number": 3}}),
    ],
)  # fmt: skip
async def test_flags_are_members_of_the_kind_of_clip(tmp_path, arguments, number, patch):
    async with made(tmp_path) as (context, part, _):
        part.door = Said()
        told = await edit(BE, context, part, arguments, tell)
        assert part.door.heard == [(DAY[number]["id"], patch)]
        assert told == {"clip": DAY[number]["id"], "told": True, "why": "", "record": {}}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"clip": "A001"}, "nothing says what to change"),
        ({"clip": "A001", "changes": "["}, "changes is no JSON list"),
        ({"clip": "A001", "changes": "[1]"}, "changes is no JSON list"),
        ({"clip": "A001", "changes": '["comment"]'}, "'comment' is not NAME=VALUE"),
        ({"clip": "A001", "changes": '["=1"]'}, "'=1' is not NAME=VALUE"),
        ({"clip": "A001", "circle": "maybe"}, "circle is yes or no, not 'maybe'"),
        (
            {"clip": "A001", "circle": "yes", "changes": '["take.printState=2"]'},
            "take.printState is said twice",
        ),
        ({"clip": "A001", "changes": '["version=1"]'}, "version is no member to change"),
    ],
)
async def test_an_edit_that_is_none_changes_nothing(tmp_path, arguments, why):
    async with made(tmp_path) as (context, part, _):
        part.door = Said()
        with pytest.raises(Permanent, match=why) as refused:
            await edit(BE, context, part, arguments, tell)
        assert "\n" not in str(refused.value)
        assert part.door.heard == []


async def test_a_hub_at_rest_says_how_to_start_it(tmp_path, monkeypatch):
    monkeypatch.setenv("RUSHES_MASTERLOCKIT_API_KEY", "LOCKIT-TEST-API-KEY-0001")
    monkeypatch.setenv("RUSHES_MASTERLOCKIT_API_SECRET", "not-a-real-secret")
    async with made(tmp_path) as (context, _, _):
        for asked in (edit(BE, context, None, {"clip": "A001", "waste": "yes"}, tell),
                      slate(BE, context, None, {"scene": "1"}, tell)):  # fmt: skip
            with pytest.raises(Unavailable, match="start it with: pipeline run FILE"):
                await asked


async def test_at_rest_the_list_is_as_people_left_it(tmp_path, monkeypatch):
    monkeypatch.setenv("RUSHES_MASTERLOCKIT_API_KEY", "LOCKIT-TEST-API-KEY-0001")
    monkeypatch.setenv("RUSHES_MASTERLOCKIT_API_SECRET", "not-a-real-secret")
    async with made(tmp_path) as (context, part, _):
        told = await edit(FOLLOW, context, None, {"clip": "A001", "waste": "yes"}, tell)
        assert (told["told"], told["why"]) == (False, "send_back is off, the hub does not get it")
        own = (set(told["record"]["version"]) - {CAMERA}).pop()
        assert own == await context.store.get("device_id")
        told = await edit(FOLLOW, context, None, {"clip": "A001", "comment": "late"}, tell)
        assert told["record"]["version"] == {CAMERA: 1, own: 2}
        await context.store.set("deleted_at_rest", [DAY[1]["id"]])
        rest, live = await look(context, None), await look(context, part)
        assert [one["clip"] for one in rest["clips"]] == ["A001", "S.wav", "3f0a62c1", "twice", "twice"]
        assert (rest["clips"][0]["waste"], rest["clips"][0]["remarks"]) == (True, "late")
        assert [one["record"] for one in live["clips"]] == DAY


async def test_what_is_to_be_deleted_may_be_named_so_too(tmp_path):
    async with made(tmp_path) as (context, part, _):
        part.door = Said()
        named = {"clips": ["A001", "5d5a00", "the hub may know it"]}
        await delete(BE, context, part, {"demand": json.dumps(named)}, tell)
        assert part.door.heard == [{"clips": [DAY[0]["id"], DAY[2]["id"], "the hub may know it"]}]
        with pytest.raises(Permanent, match="2 clips are called twice"):
            await delete(BE, context, part, {"demand": '{"clips": ["twice"]}'}, tell)
        assert len(part.door.heard) == 1
