"""What people decided of a match happened to both sides; and both are told as people know recordings apart."""

from __future__ import annotations

import pytest
import trio

from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    card,
    component,
    engine_of,
    running,
    simple,
)
from rushes import Action, Finding, Link, Record
from rushes.engine.searches import MatchSearch

pytestmark = pytest.mark.timeout(60)
FACTS = {
    "far.wav": {
        "kind": "audio",
        "timecode": "10:00:00:00",
        "timecode_rate": "25",
        "duration": 4.0,
        "channels": 2,
    },
    "near.wav": {"kind": "audio", "scene": "12", "take": "3"},
    "p.mov": {"width": 1920, "height": 1080},
}
WALL = {"far.wav": -900.0, "near.wav": 300.0}


class Matcher(FunctionAnnotator):
    """Says that p.mov may belong to either sound, or to a record."""

    def __init__(self):
        self.ids = {}
        super().__init__(self._say)

    def _say(self, clip):
        self.ids[clip.filename] = clip.id
        links = []
        if clip.filename == "p.mov":
            links = [
                Link(
                    clip=clip.id, other=self.ids[name], kind="sound", score=0.4, state="ambiguous",
                    evidence={"wall_seconds": seconds},
                )
                for name, seconds in WALL.items()
            ]  # fmt: skip
            links.append(Link(clip=clip.id, other="r1", kind="record", score=0.4, state="ambiguous"))
        return Finding(clip=clip.id, values=FACTS[clip.filename], links=links)

    async def act(self, _options, _context, _part, arguments, _tell):
        return {"pairs": [{"clip": arguments["clip"], "other": arguments["other"]}]}


@pytest.fixture
def made(tmp_path):
    async def run(intake):
        data = {"scene": "12", "take": 3}
        await intake.records([Record(id="r1", source="source", kind="clip", device="d", data=data)])
        await intake.clips(card(tmp_path / "A001", *FACTS))
        await intake.caught_up()

    matcher = Matcher()
    action = Action(summary="says so", run=matcher.act)
    actions = dict.fromkeys(("accept", "reject", "forget", "list"), action)
    prepare = [component("annotator", "match", matcher, actions=actions)]
    return matcher, simple(tmp_path, CallSource(run), FunctionSink(), prepare=prepare)


async def happened(engine, clip):
    events = (await engine.timeline(clip, 0, 100))["events"]
    return [(each["kind"], dict(each["detail"])) for each in events if each["kind"].startswith("match.")]


async def prepared(engine):
    with trio.fail_after(20):
        while (await engine.status())["counts"]["jobs"]["done"] < len(FACTS):
            await trio.sleep(0.01)


async def test_a_decision_happened_to_both_sides(made, autojump_clock):
    matcher, pipeline = made
    async with engine_of(pipeline) as engine, running(engine):
        await prepared(engine)
        picture, sound, other = (matcher.ids[name] for name in ("p.mov", "near.wav", "far.wav"))
        await engine.decide("accept", picture, sound)
        await engine.decide("forget", sound, picture)
        await engine.decide("reject", picture, "r1")
        of_sound = {"other": sound, "name": "near.wav", "about": "audio"}
        of_picture = {"other": picture, "name": "p.mov", "about": "video"}
        of_record = {"other": "r1", "name": "scene 12, take 3", "about": "record"}
        assert await happened(engine, picture) == [
            ("match.accepted", of_sound), ("match.taken_back", of_sound), ("match.rejected", of_record),
        ]  # fmt: skip
        assert await happened(engine, sound) == [
            ("match.accepted", of_picture),
            ("match.taken_back", of_picture),
        ]
        assert await happened(engine, other) == []

        async def quiet(_facts):
            """Nobody listens."""

        # As the terminal does; whoever only asks has decided nothing.
        for action in ("reject", "list"):
            await engine.act("match", action, {"clip": picture, "other": other}, quiet)
        assert [kind for kind, _ in await happened(engine, other)] == ["match.rejected"]


async def test_a_side_is_told_as_people_know_recordings_apart_the_nearest_first(made, autojump_clock):
    _, pipeline = made
    async with engine_of(pipeline) as engine, running(engine):
        await prepared(engine)
        page = await engine.matches(MatchSearch(states=frozenset({"ambiguous"})))
    by_kind = {match["kind"]: match for match in page["matches"]}
    clip = by_kind["sound"]["clip"]
    assert (clip["kind"], clip["width"], clip["height"], clip["channels"]) == ("video", 1920, 1080, None)
    near, far = (each["other"] for each in by_kind["sound"]["candidates"])
    assert (near["name"], near["scene"], near["take"], near["timecode"]) == ("near.wav", "12", "3", None)
    assert (far["name"], far["kind"], far["channels"], far["duration"]) == ("far.wav", "audio", 2, 4.0)
    assert (far["timecode"], far["size"]) == ("10:00:00:00", len(b"picturefar.wav"))
    [record] = by_kind["record"]["candidates"]
    assert (record["other"]["kind"], record["other"]["name"]) == ("record", "scene 12, take 3")
    assert {record["other"][name] for name in ("size", "duration", "timecode", "scene")} == {None}
