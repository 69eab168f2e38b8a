"""A person decides: on a running pipeline and at rest; it is remembered, explained, and can be taken back."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import partial

import pytest
import trio
from click.testing import CliRunner

from engine_rig import FunctionSink
from rushes import NotFound, Permanent, Role
from rushes.engine.single import act
from rushes.ledger import FILE_NAME, MEMORY
from rushes.settings import Settings
from rushes_match.commands import command

from .match_rig import Feed, on_set, picture, pipeline_of, record, sidecar, sound

TAKE = [
    picture("A001C001.mov", "10:00:05:00", scene="12", take="1"),
    sound("T001.wav", "10:00:00:00", scene="12", take="1"),
]
PAIR = {("A001C001", "T001", "sound"), ("T001", "A001C001", "picture")}
OTHER = sound("T009.wav", "15:00:00:00", scene="40", take="1")


@pytest.mark.parametrize("ledger", ["memory", "file"])
async def test_what_a_person_rejects_is_no_pair_and_its_jobs_are_withdrawn(tmp_path, ledger):
    where = MEMORY if ledger == "memory" else tmp_path / FILE_NAME
    async with on_set(tmp_path, ledger=where) as made:
        await made.give(*TAKE)
        assert await made.planned() == {"A001C001", "T001"}
        answer = await made.act("reject", clip="T001.wav", other="A001C001")
        assert answer["clip"]["name"] == "A001C001.mov"
        assert answer["now"]
        assert await made.links("rejected") == PAIR
        assert await made.links() == set()
        assert await made.told("T001", "matched") == "none"
        assert await made.told("A001C001", "matched") == "none"
        assert await made.planned() == set()
        await made.act("forget", clip="A001C001", other="T001")
        assert await made.links() == PAIR
        assert await made.told("A001C001", "matched") == "matched"


async def test_what_a_person_accepts_is_a_pair_against_all_evidence_and_says_so(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(*TAKE, OTHER)
        await made.act("accept", clip="A001C001", other="T009")
        assert ("A001C001", "T009", "sound") in await made.links()
        assert ("T009", "A001C001", "picture") in await made.links()
        [pair] = [
            pair
            for pair in (await made.act("list", states="matched", clip="A001C001"))["pairs"]
            if pair["other"]["name"] == "T009.wav"
        ]
        assert pair["evidence"]["by"] == "person"


async def test_a_decision_survives_a_restart_and_what_comes_later(tmp_path):
    ledger = tmp_path / FILE_NAME
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.give(*TAKE)
        await made.act("reject", clip="A001C001", other="T001")
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.give(sound("T002.wav", "10:00:01:00", scene="12", take="1"))
        assert await made.links("rejected") == PAIR
        assert ("A001C001", "T002", "sound") in await made.links()


async def test_what_is_decided_at_rest_counts_from_the_next_run_on(tmp_path):
    ledger = tmp_path / "state" / FILE_NAME
    async with on_set(tmp_path, ledger=None, clock=time.time) as made:
        await made.give(*TAKE)
        assert await made.links() == PAIR
    assert ledger.exists()
    resting = pipeline_of(tmp_path, Feed(), FunctionSink())

    async def tell(_facts):
        await trio.lowlevel.checkpoint()

    ask = partial(act, resting, Settings(), "match")
    answer = await ask("reject", {"clip": "A001C001", "other": "T001"}, tell)
    assert not answer["now"]
    listed = await ask("list", {"states": "matched,rejected"}, tell)
    assert [(pair["clip"]["name"], pair["state"]) for pair in listed["pairs"]] == [
        ("A001C001.mov", "matched")
    ]
    assert [(one["clip"], one["accept"]) for one in listed["decisions"]] == [(answer["clip"]["id"], False)]
    async with on_set(tmp_path, ledger=None, clock=time.time) as made:
        await made.settle()
        await made.until("SELECT count(*) FROM links WHERE state = 'rejected'")
        assert await made.links("rejected") == PAIR


async def test_a_second_sound_of_a_picture_is_told(tmp_path):
    """Two recorders may have run, or somebody has the wrong one: only they know."""
    async with on_set(tmp_path) as made:
        await made.give(*TAKE, sound("T002.wav", "10:00:01:00", scene="12", take="1"))
        assert (await made.act("accept", clip="a001c001.MOV", other="T001"))["others"] == []
        again = await made.act("accept", clip="A001C", other="T002")
        assert [other["name"] for other in again["others"]] == ["T001.wav"]
        assert (await made.act("reject", clip="A001C001", other="T002"))["others"] == []


async def test_a_record_is_decided_as_a_sound_is(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(TAKE[0])
        await made.give(record("r1", "A001C001.mov", comment="x", take={"number": 5}))
        assert await made.told("A001C001", "take") == "5"
        await made.act("reject", clip="r1", other="A001C001")
        assert await made.links("rejected") == {("A001C001", "r1", "record")}
        assert await made.told("A001C001", "take") == "1"


def counted(card, **changes):
    """A camera's file that counts as every other one, without a clock."""
    clip = picture("C0001.mov", "10:00:00:00")
    meta = {name: value for name, value in clip.meta.items() if name not in {"timecode", "created"}}
    return replace(clip, volume=card, card=card, head=card.encode().hex(), meta=meta, **changes)


async def test_a_proxy_is_decided_as_a_sound_is(tmp_path):
    """Of two cameras that count alike; only a person knows whose it is."""
    async with on_set(tmp_path) as made:
        await made.give(
            counted("ONE"), counted("TWO"), counted("NAS", path="Proxy/C0001.mov", role=Role.PROXY)
        )
        ids = dict(await made.query("SELECT card, id FROM clips"))

        async def of(card):
            return dict(await made.query("SELECT other, state FROM links WHERE clip = ?", ids[card]))

        assert await of("NAS") == {ids["ONE"]: "ambiguous", ids["TWO"]: "ambiguous"}
        pairs = (await made.act("list"))["pairs"]
        assert {(pair["clip"]["card"], pair["other"]["card"], pair["kind"]) for pair in pairs} == {
            ("NAS", "ONE", "original"), ("NAS", "TWO", "original"),
        }  # fmt: skip
        # Either may be named first.
        answer = await made.act("accept", clip=ids["TWO"], other=ids["NAS"])
        assert (answer["clip"]["id"], answer["other"]["id"]) == (ids["NAS"], ids["TWO"])
        assert await of("NAS") == {ids["ONE"]: "lost", ids["TWO"]: "matched"}
        assert await of("TWO") == {ids["NAS"]: "matched"}
        assert await of("ONE") == {ids["NAS"]: "lost"}
        assert await made.query("SELECT card FROM clips WHERE proxy_of = ?", ids["TWO"]) == [("NAS",)]
        await made.act("reject", clip=ids["NAS"], other=ids["TWO"])
        assert await of("NAS") == {ids["ONE"]: "matched", ids["TWO"]: "rejected"}
        await made.act("forget", clip=ids["NAS"])
        assert await of("NAS") == {ids["ONE"]: "ambiguous", ids["TWO"]: "ambiguous"}


async def test_a_sidecar_is_decided_as_a_sound_is(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(TAKE[0], sidecar("odd.xml", {"match": {}, "values": {"iso": 800}}))
        assert await made.told("A001C001", "iso") is None
        await made.act("accept", clip="odd.xml", other="A001C001")
        assert await made.links() == {("A001C001", "odd", "sidecar")}
        assert await made.told("A001C001", "iso") == 800
        await made.act("reject", clip="A001C001", other="odd.xml")
        assert await made.told("A001C001", "iso") is None
        assert await made.links() == set()


async def test_who_is_meant_must_be_clear(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(*TAKE, picture("B/A001C001.mov", "11:00:00:00"))
        with pytest.raises(Permanent, match="2 clips are called A001C001; give the id"):
            await made.act("accept", clip="A001C001", other="T001")
        with pytest.raises(NotFound, match="no clip or record T77; see: pipeline match FILE list --all"):
            await made.act("accept", clip="B/A001C001.mov", other="T77")
        with pytest.raises(Permanent, match="is both of them"):
            await made.act("accept", clip="T001", other="T001.wav")
        with pytest.raises(Permanent, match=r"is video and A001C001\.mov video; a pair is"):
            [(one,)] = await made.query("SELECT id FROM clips WHERE path = 'A001C001.mov'")
            await made.act("accept", clip=one, other="B/A001C001.mov")
        with pytest.raises(NotFound, match="nobody decided anything of T001"):
            await made.act("forget", clip="T001")
        with pytest.raises(Permanent, match="no state sure; there are ambiguous, matched"):
            await made.act("list", states="sure")
        for limit in ("", "nan", "0", "-1", "1e3", "9" * 5000, "²"):
            with pytest.raises(Permanent, match="limit is a number from 1 on, not "):
                await made.act("list", limit=limit)


async def test_offsets_are_shown_in_frames(tmp_path):
    async with on_set(tmp_path, offsets={"B": 2}) as made:
        await made.give(*TAKE)
        facts = await made.act("offsets")
        assert facts["rate"] == "25"
        assert facts["hand"] == {"B": 2}
        [row] = facts["learned"]
        assert (row["day"], row["picture"], row["frames"], row["origin"]) == (
            "2026-11-22",
            "A",
            0.0,
            "jammed",
        )


# -- the verbs ---------------------------------------------------------------------------------------------

CLIP = {
    "id": "c1", "name": "A001C001.mov", "card": "A001", "folder": "", "recorder": "A", "timecode": "10:00:05:00",
}  # fmt: skip
SOUND = {
    "id": "c2", "name": "T001\x1b.wav", "card": "SOUND1", "folder": "261122", "recorder": "MixPre",
    "timecode": "10:00:00:00",
}  # fmt: skip
EVIDENCE = {
    "overlap_frames": 500,
    "overlap_share": 1.0,
    "offset_frames": 2,
    "offset_from": "learned",
    "scene": "same",
}
ANSWERS = {
    "list": {
        "pairs": [
            {
                "clip": CLIP, "other": SOUND, "kind": "sound", "state": "ambiguous", "score": 0.71,
                "evidence": EVIDENCE | {"why": "T002.wav is as near"},
            }
        ],
        "more": False,
        "decisions": [],
    },
    "accept": {"clip": CLIP, "other": SOUND, "accept": True, "others": [], "now": False},
    "reject": {"clip": CLIP, "other": SOUND, "accept": False, "others": [], "now": True},
    "forget": {"pairs": [{"clip": "c1", "other": "c2"}]},
    "offsets": {
        "rate": "25",
        "hand": {"B": -1},
        "learned": [
            {
                "day": "2026-11-22", "picture": "A", "sound": "702T", "at": "09:00:00", "days": -1, "frames": 2.5,
                "drift_ppm": -1.25, "pairs": 40, "origin": "learned",
            }
        ],
    },
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def answer(file, use, action, arguments, _tell, component=None):
        calls.append((file, use, action, dict(arguments), component))
        return ANSWERS[action]

    monkeypatch.setattr("rushes.commands.act", answer)
    return calls


def said(*arguments):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_list_shows_what_waits_for_a_person(asked):
    assert said("day.yaml", "list") == [
        "A001C001.mov  A001  A  10:00:05:00  (c1)",
        "  ambiguous  0.71  sound    T001\\x1b.wav  SOUND1/261122  MixPre  10:00:00:00  (c2)",
        "             500 frames (100%); offset 2 (learned); scene same; T002.wav is as near",
        "decide with: pipeline match day.yaml accept CLIP OTHER, or reject; by id where names are alike",
    ]
    assert asked == [("day.yaml", "match", "list", {"states": "ambiguous", "limit": "200"}, None)]


def test_list_of_a_clip_shows_every_state(asked):
    said("day.yaml", "list", "--clip", "A001C001")
    said("day.yaml", "list", "--state", "lost", "--state", "matched", "--component", "m2")
    assert [call[3]["states"] for call in asked] == ["ambiguous,matched,rejected,lost", "lost,matched"]
    assert asked[0][3]["clip"] == "A001C001"
    assert asked[1][4] == "m2"


def test_decisions_say_when_they_count(asked, monkeypatch):
    assert said("day.yaml", "accept", "A001C001", "T001") == [
        "A001C001.mov on A001 belongs to T001\\x1b.wav on SOUND1; it counts from the next run on"
    ]
    two = ANSWERS["accept"] | {"others": [SOUND | {"id": "c3", "card": "SOUND2"}], "now": True}
    monkeypatch.setitem(ANSWERS, "accept", two)
    assert said("day.yaml", "accept", "A001C001", "T001") == [
        "A001C001.mov on A001 belongs to T001\\x1b.wav on SOUND1",
        "  and to T001\\x1b.wav on SOUND2, as was said before; to take that back: forget CLIP c3",
    ]
    assert said("day.yaml", "reject", "A001C001", "T001") == [
        "A001C001.mov on A001 does not belong to T001\\x1b.wav on SOUND1"
    ]
    assert said("day.yaml", "forget", "A001C001") == ["1 decision of A001C001 forgotten"]
    assert [call[3] for call in asked] == [{"clip": "A001C001", "other": "T001"}] * 3 + [{"clip": "A001C001"}]


def test_offsets_are_a_table(asked):
    assert said("day.yaml", "offsets") == [
        "B: -1 frames, by hand",
        "day         picture  sound  from      frames     drift     pairs  by",
        "2026-11-22  A        702T   09:00:00  ~+2, -1 d  -1.2 ppm  40     learned",
        "frames of 25 by which the picture's timecode is ahead of the sound's",
    ]


def test_every_verb_prints_one_json_document(asked):
    for verb, *rest in (["list"], ["accept", "a", "b"], ["reject", "a", "b"], ["forget", "a"], ["offsets"]):
        [line] = ["".join(said("day.yaml", verb, *rest, "--json"))]
        assert json.loads(line) == json.loads(json.dumps(ANSWERS[verb]))
    assert len(asked) == 5
