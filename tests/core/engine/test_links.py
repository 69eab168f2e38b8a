"""Links in the documents: the other side by its name, what is ambiguous under what needs a person."""

from __future__ import annotations

import pytest

from engine_rig import CallSource, FunctionAnnotator, FunctionSink, card, component, engine_of, simple
from rushes import Finding, Link, Record
from rushes.engine import links
from rushes.engine.offline import open_offline
from rushes.engine.searches import MatchSearch
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)

EVIDENCE = {"overlap_frames": 240, "why": "two fit"}


def matched_by(say):
    """An annotator whose links `say(clip, ids)` gives; ids by file name."""
    ids = {}

    def annotate(clip):
        ids[clip.filename] = clip.id
        return Finding(clip=clip.id, values={"matched": "ambiguous"}, links=say(clip, ids))

    return FunctionAnnotator(annotate)


def made(tmp_path, names, say, records=()):
    async def run(intake):
        await intake.records(records)
        await intake.clips(card(tmp_path / "A001", *names))
        await intake.caught_up()

    prepare = [component("annotator", "match", matched_by(say))]
    return simple(tmp_path, CallSource(run), FunctionSink(), prepare=prepare)


def record(name, data):
    return Record(
        id=name, source="hub", kind="clip", device="d", clock={}, data=data, rate="24", rate_from=""
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (
            {"scene": {"number": 12, "additional": "A"}, "take": {"number": 3}, "clipName": "A1"},
            "scene 12A, take 3, A1",
        ),
        ({"scene": "12A", "slate": 112, "fileName": "T01.WAV"}, "scene 12A, slate 112, T01.WAV"),
        ({}, ""),
        ([], ""),
        ({"scene": {"number": 0}, "take": None}, "scene 0"),
    ],
)
async def test_a_record_is_named_by_what_it_tells(tmp_path, autojump_clock, data, name):
    def say(clip, _ids):
        return [Link(clip=clip.id, other="r1", kind="record", score=1.0)]

    async with engine_of(made(tmp_path, ["a.mov"], say, [record("r1", data)])) as engine:
        await engine.run(once=True)
        [told] = (await engine.clip("a.mov"))["links"]
    assert (told["name"], told["card"], told["other"]) == (name, "", "r1")


async def test_the_other_clip_has_its_name_and_card_and_what_counts_comes_first(tmp_path, autojump_clock):
    def say(clip, ids):
        if clip.filename != "z.mov":
            return []
        states = {"a.wav": "lost", "b.wav": "ambiguous", "c.wav": "matched", "d.wav": "rejected"}
        there = [
            Link(clip=clip.id, other=ids[name], kind="sound", score=0.5, state=state, evidence=EVIDENCE)
            for name, state in states.items()
        ]
        return [*there, Link(clip=clip.id, other="gone", kind="sound", score=0.1, state="lost")]

    async with engine_of(made(tmp_path, ["a.wav", "b.wav", "c.wav", "d.wav", "z.mov"], say)) as engine:
        await engine.run(once=True)
        told = (await engine.clip("z.mov"))["links"]
        listed = (await engine.clips())["clips"]
    assert [(link["name"], link["card"], link["state"]) for link in told] == [
        ("c.wav", "A001", "matched"), ("b.wav", "A001", "ambiguous"), ("d.wav", "A001", "rejected"),
        ("a.wav", "A001", "lost"), ("", "", "lost"),
    ]  # fmt: skip
    assert told[0]["evidence"] == EVIDENCE
    assert {clip["matched"] for clip in listed} == {"ambiguous"}


async def test_what_is_ambiguous_is_told_once_of_the_picture_running_or_not(
    tmp_path, autojump_clock, monkeypatch
):
    monkeypatch.setattr(links, "MOST_AMBIGUOUS", 2)
    names = ["1.wav", "2.wav", "a.mov", "b.mov", "c.mov", "d.mov"]

    def say(clip, ids):
        if clip.filename.endswith(".wav"):
            return [Link(clip=clip.id, other="x", kind="picture", score=0.5, state="ambiguous")]
        sounds = [ids["1.wav"], ids["2.wav"]] if clip.filename == "a.mov" else [ids["1.wav"]]
        return [
            Link(clip=clip.id, other=other, kind="sound", score=0.5, state="ambiguous") for other in sounds
        ]

    (tmp_path / "state").mkdir()
    async with engine_of(made(tmp_path, names, say), ledger=tmp_path / "state" / FILE_NAME) as engine:
        await engine.run(once=True)
        attention = (await engine.status())["attention"]
        asked = await engine.matches(MatchSearch(states=frozenset({"ambiguous"})))
    assert [(note["subject"], note["reason"]) for note in attention] == [
        ("A001: a.mov", "2 sounds may belong to it"),
        ("A001: b.mov", "one sound may belong to it"),
        ("matches", "2 more are ambiguous"),
    ]
    # What is told and what is paged through is the same, whatever is told one by one.
    assert [note["things"] for note in attention] == [1, 1, 2]
    assert asked["total"] == 4
    assert {(note["kind"], note["remedy"]) for note in attention} == {("match", "pipeline match FILE list")}
    assert [bool(note["clip"]) for note in attention] == [True, True, False]
    with open_offline(tmp_path / "state") as offline:
        assert offline.status()["attention"] == attention


async def test_what_both_sides_say_of_a_proxy_is_one_question(tmp_path, autojump_clock):
    def say(clip, ids):
        sides = {"p.mov": [("a.mov", "original"), ("b.mov", "original")]}
        found = sides.get(clip.filename, [])
        return [
            Link(clip=clip.id, other=ids[name], kind=kind, score=0.7, state="ambiguous")
            for name, kind in found
        ] or [Link(clip=clip.id, other="p", kind="proxy", score=0.7, state="ambiguous")]

    async with engine_of(made(tmp_path, ["a.mov", "b.mov", "p.mov"], say)) as engine:
        await engine.run(once=True)
        attention = (await engine.status())["attention"]
        asked = await engine.matches(MatchSearch(states=frozenset({"ambiguous"})))
    assert [(note["reason"], note["things"]) for note in attention] == [("2 originals may belong to it", 1)]
    assert asked["total"] == 1


@pytest.mark.parametrize(
    ("kind", "state", "evidence", "verbs"),
    [
        ("sound", "ambiguous", {}, ["accept", "reject"]),
        ("original", "matched", {"by": "name"}, ["reject"]),
        ("proxy", "rejected", {"by": "person"}, ["accept", "forget"]),
        ("record", "lost", {}, ["accept", "reject"]),
        ("part", "matched", {}, []),
        ("whole", "matched", {}, []),
    ],
)
def test_what_a_person_can_say_of_a_link(kind, state, evidence, verbs):
    assert links.verbs_of(kind, state, evidence) == verbs
