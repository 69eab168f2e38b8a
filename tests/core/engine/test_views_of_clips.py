"""Clips, their timeline, matches, days and what is around a pipeline: what people look for, and page through."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

import pytest
import trio

from engine_rig import (
    CallSource,
    FunctionAnnotator,
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
)
from rushes import Action, Device, Finding, Link, Permanent, Record, Role
from rushes.engine.offline import open_offline
from rushes.engine.searches import ClipSearch, MatchSearch, SearchError
from rushes.errors import NotFound
from rushes.ledger import FILE_NAME

#: The package has a function of that name.
view_of_clip = import_module("rushes.engine.views.clip")

pytestmark = pytest.mark.timeout(60)
SAID = {
    "a.mov": {"scene": "12A", "take": "3", "timecode": "10:00:00:00", "timecode_rate": "25", "duration": 2.0},
    "b.mov": {"scene": "12A", "take": "13", "reel": "R7", "timecode": "09:00:00:00", "timecode_rate": "25"},
    "c.mov": {"slate": "112", "take": "1", "camera": "B", "matched": "matched", "circled": True},
    "d.mov": {"matched": "ambiguous"},
}


class Matcher(FunctionAnnotator):
    """Says what SAID has, and that d.mov may belong to a.mov or to a record."""

    def __init__(self):
        self.ids = {}
        self.asked = []
        super().__init__(self._say)

    def _say(self, clip):
        self.ids[clip.filename] = clip.id
        links = []
        if clip.filename == "d.mov":
            evidence = {"why": "two fit"}
            links = [
                Link(clip=clip.id, other=self.ids["a.mov"], kind="sound", score=0.4, state="ambiguous"),
                Link(clip=clip.id, other="r1", kind="sound", score=0.5, state="ambiguous", evidence=evidence),
            ]
        if clip.filename == "a.mov":
            links = [Link(clip=clip.id, other="r1", kind="record", score=1.0)]
        problem = "truncated" if clip.filename == "c.mov" else ""
        return Finding(clip=clip.id, values=SAID[clip.filename], links=links, problem=problem)

    async def act(self, _options, _context, part, arguments, _tell):
        part.asked.append(dict(arguments))
        return {"accept": True}


async def picky(clip, _resume, _report):
    if clip.filename == "b.mov":
        raise Permanent("b.mov: refused")


def made(tmp_path):
    async def run(intake):
        await intake.records([Record(id="r1", source="source", kind="clip", device="d", data={"scene": "9"})])
        await intake.clips(card(tmp_path / "A001", *SAID))
        await intake.caught_up()

    matcher = Matcher()
    action = Action(summary="says yes", run=matcher.act)
    prepare = [component("annotator", "match", matcher, actions={"accept": action})]
    return matcher, simple(tmp_path, CallSource(run), FunctionSink(picky), prepare=prepare)


async def names(engine, **asked):
    return [row["name"] for row in (await engine.clips(ClipSearch(**asked)))["clips"]]


async def test_clips_are_found_by_what_people_call_them(tmp_path, autojump_clock):
    _, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        assert await names(engine, q="12a/3") == ["a.mov"]
        assert await names(engine, q="12A 3") == ["a.mov"]
        assert await names(engine, q="112") == ["c.mov"]
        assert await names(engine, q="r7 a001") == ["b.mov"]
        assert await names(engine, q="%") == await names(engine, q="\ud800") == []
        assert await names(engine, card="A001") == list(SAID)
        assert await names(engine, card="A002") == await names(engine, role="proxy") == []
        assert await names(engine, match="ambiguous") == ["d.mov"]
        assert await names(engine, match="unmatched") == ["a.mov", "b.mov"]
        assert await names(engine, problem=True) == ["c.mov"]
        assert await names(engine, states=frozenset({"parked"})) == ["b.mov", "c.mov"]
        assert (await names(engine, sort="timecode"))[:2] == ["b.mov", "a.mov"]
        assert await names(engine, day="2026-01-01") == await names(engine, day="9999-12-31") == []
        for wrong in ({"day": "tomorrow"}, {"day": "2026-02-30"}, {"after": "x"}, {"after": "WzFd"}):
            with pytest.raises(SearchError):
                await engine.clips(ClipSearch(**wrong))


@pytest.mark.parametrize(
    "search", [{}, {"states": frozenset({"parked"})}, {"kind": "video", "sort": "newest"}, {"q": "nothing"}]
)
async def test_a_page_that_is_not_counted_has_the_same_rows(tmp_path, autojump_clock, search):
    _, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        whole = await engine.clips(ClipSearch(**search, limit=2))
        page = await engine.clips(ClipSearch(**search, limit=2, counted=False))
        assert page == whole | {"total": None, "facets": None}
        assert whole["total"] == (0 if "q" in search else 2 if "states" in search else 4)


async def test_a_row_counts_what_was_made_of_the_clip(tmp_path, autojump_clock):
    """The steps of what is made are of another clip: without them one that got nowhere would say delivered."""

    async def proxy(context, clip):
        path = context.workspace() / f"{clip.name}.mp4"
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    async def no_proxies(clip, _resume, _report):
        if clip.role is Role.PROXY:
            raise Permanent("refused")

    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[
            component("sink", "raid", FunctionSink()),
            component("sink", "cloud", FunctionSink(no_proxies)),
        ],
        routes=[
            route("backup", to=["raid"]),
            route(
                "dailies",
                steps=[component("transform", "dailies.proxy", FunctionTransform(proxy))],
                to=["cloud"],
            ),
        ],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        [row] = (await engine.clips(ClipSearch(states=frozenset({"parked"}))))["clips"]
        assert (row["state"], row["jobs"], row["delivered"], row["deliveries"]) == ("parked", 2, 1, 2)
        assert (await engine.clips(ClipSearch()))["facets"]["states"] == {"parked": 1}


async def test_a_row_says_how_far_the_clip_is_and_facets_what_there_is(tmp_path, autojump_clock):
    _, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        page = await engine.clips(ClipSearch(kind="video", states=frozenset({"done"})))
        assert page["facets"] == {
            "cards": ["A001"],
            "kinds": {"video": 4},
            "states": {"done": 2, "parked": 2},
        }
        assert page["total"] == 2
        row = page["clips"][0]
        told = {
            key: row[key]
            for key in ("name", "path", "state", "jobs", "delivered", "deliveries", "has", "scene")
        }
        assert told == {
            "name": "a.mov", "path": "a.mov", "state": "done", "jobs": 1, "delivered": 1, "deliveries": 1,
            "has": ["sink"], "scene": "12A",
        }  # fmt: skip
        assert (row["picture"], row["ambiguous"], row["problem"]) == (True, False, "")
        found, after = [], ""
        while after is not None:
            page = await engine.clips(ClipSearch(sort="newest", limit=1, after=after))
            found += [row["name"] for row in page["clips"]]
            after = page["after"]
        assert sorted(found) == list(SAID)
        written = (tmp_path / "A001" / "a.mov").stat().st_mtime
        today = f"{datetime.fromtimestamp(written):%Y-%m-%d}"  # noqa: DTZ006 - a shooting day is local
        assert (await engine.days())["days"] == [{"day": today, "clips": 4, "bytes": row["size"] * 4}]


async def test_a_day_is_the_one_that_was_shot_also_after_midnight_and_as_the_report_has_it(
    tmp_path, autojump_clock, monkeypatch
):
    moments = {"a.mov": "20T22:50", "b.mov": "21T00:30", "c.mov": "21T21:00", "d.mov": "22T01:00"}
    for name, moment in moments.items():
        recorded = datetime.fromisoformat(f"2026-11-{moment}")
        monkeypatch.setitem(SAID, name, {"recorded": recorded, "kind": "video"})
    _, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        for day, shot in {
            "2026-11-20": ["a.mov", "b.mov"],
            "2026-11-21": ["c.mov", "d.mov"],
            "2026-11-22": [],
        }.items():
            assert await names(engine, day=day) == shot
            assert (await engine.clips(ClipSearch(day=day, limit=1)))["total"] == len(shot)
        assert [(each["day"], each["clips"]) for each in (await engine.days())["days"]] == [
            ("2026-11-21", 2), ("2026-11-20", 2),
        ]  # fmt: skip


async def test_a_clip_has_its_newest_events_and_says_that_there_are_others(
    tmp_path, autojump_clock, monkeypatch
):
    _, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        whole = await engine.clip("b.mov")
        monkeypatch.setattr(view_of_clip, "MOST_EVENTS", 2)
        cut = await engine.clip("b.mov")
    assert (whole["earlier"], cut["earlier"]) == (False, True)
    assert cut["events"] == whole["events"][-2:]


async def test_a_timeline_goes_on_where_a_page_ends(tmp_path, autojump_clock):
    matcher, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        whole = (await engine.timeline(matcher.ids["b.mov"], 0, 100))["events"]
        first = await engine.timeline(matcher.ids["b.mov"], 0, 2)
        rest = await engine.timeline(matcher.ids["b.mov"], first["after"], 100)
        assert [*first["events"], *rest["events"]] == whole
        assert "step.parked" in [event["kind"] for event in whole]
        assert rest["after"] is None
        newest = await engine.timeline(matcher.ids["b.mov"], 0, 2, "newest")
        before = await engine.timeline(matcher.ids["b.mov"], newest["after"], 100, "newest")
        assert [*newest["events"], *before["events"]] == whole[::-1]
        assert before["after"] is None
        with pytest.raises(NotFound):
            await engine.timeline("nothing", 0, 10)


async def test_matches_name_both_sides_and_a_decision_reaches_who_wrote_them(tmp_path, autojump_clock):
    matcher, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine, running(engine):
        with trio.fail_after(20):
            while (await engine.status())["counts"]["jobs"]["done"] < 2:
                await trio.sleep(0.01)
        page = await engine.matches(MatchSearch(states=frozenset({"ambiguous"})))
        [match] = page["matches"]
        assert (match["clip"]["name"], match["annotator"], match["kind"]) == ("d.mov", "match", "sound")
        assert match["decided"] is False
        assert [(found["other"]["name"], found["score"]) for found in match["candidates"]] == [
            ("scene 9", 0.5), ("a.mov", 0.4),
        ]  # fmt: skip
        assert match["candidates"][1]["other"]["timecode"] == "10:00:00:00"
        assert match["candidates"][0]["evidence"] == {"why": "two fit"}
        both = await engine.matches(MatchSearch(limit=1))
        assert (both["total"], both["matches"][0]["clip"]["name"]) == (2, "a.mov")
        after = await engine.matches(MatchSearch(limit=1, after=both["after"]))
        assert [each["clip"]["name"] for each in after["matches"]] == ["d.mov"]
        ids = matcher.ids
        assert (await engine.matches(MatchSearch(clip=ids["d.mov"])))["total"] == 1
        # From either side.
        assert await engine.decide("accept", ids["a.mov"], ids["d.mov"]) == {"accept": True}
        assert matcher.asked == [{"clip": ids["a.mov"], "other": ids["d.mov"]}]
        for verb, other in (("accept", "nothing"), ("explode", ids["a.mov"])):
            with pytest.raises(NotFound):
                await engine.decide(verb, ids["d.mov"], other)


async def test_attention_says_of_what_kind_it_is_and_what_helps(tmp_path, autojump_clock):
    matcher, pipeline = made(tmp_path)
    async with engine_of(pipeline) as engine:
        await engine.run(once=True)
        notes = {note["kind"]: note for note in (await engine.attention())["attention"] if note["clip"]}
        assert notes["match"]["clip"] == matcher.ids["d.mov"]
        assert notes["parked"]["verbs"] == ["retry", "cancel"]
        assert notes["parked"]["jobs"]


async def test_a_ledger_at_rest_says_the_same(tmp_path):
    (tmp_path / "state").mkdir()
    matcher, pipeline = made(tmp_path)
    async with engine_of(pipeline, ledger=tmp_path / "state" / FILE_NAME) as engine:
        await engine.run(once=True)
        clips, jobs, days = await engine.clips(), await engine.jobs(), await engine.days()
        matches, status = await engine.matches(), await engine.status()
    with open_offline(tmp_path / "state") as rest:
        assert (rest.clips(), rest.jobs(), rest.days(), rest.matches()) == (clips, jobs, days, matches)
        assert rest.status()["counts"] == status["counts"]
        assert rest.timeline(matcher.ids["a.mov"], 0, 5)["events"]
        assert rest.job(jobs["jobs"][0]["id"])["name"] == jobs["jobs"][0]["name"]


async def test_facts_of_devices_live_in_memory_and_disturb_nobody(tmp_path, autojump_clock):
    more = trio.Event()
    device = Device(id="d1", source="source", type="generator", name="A", facts={"battery": 80, "channel": 3})

    async def run(intake):
        await intake.devices(
            [device, Device(id="d2", source="source", type="camera", name="B", present=False)]
        )
        await more.wait()
        await intake.devices(
            [Device(**{**told(device), "facts": {"battery": 79, "timecode": "10:00:00:00"}})]
        )
        await intake.caught_up()

    async with engine_of(simple(tmp_path, CallSource(run), FunctionSink())) as engine, running(engine):
        await trio.sleep(1)
        present = engine._services.devices
        [one, two] = (await engine.devices())["devices"]
        assert (one["present"], one["channel"], one["facts"]) == (True, "3", {"battery": 80})
        assert (two["present"], two["facts"]) == (False, {})
        version, commits = present.version, engine._journal.commits
        more.set()
        await trio.sleep(1)
        [one, _] = (await engine.devices())["devices"]
        assert one["facts"] == {"battery": 79, "timecode": "10:00:00:00"}
        assert (present.version, engine._journal.commits) == (version, commits)


def told(device):
    return {name: getattr(device, name) for name in ("id", "source", "type", "name", "present")}


async def test_networks_and_timecodes_are_facts_of_components(tmp_path, autojump_clock):
    sink = FunctionSink()

    async def run(intake):
        await intake.caught_up()

    source = CallSource(run)
    source.context = None
    async with engine_of(simple(tmp_path, source, sink)) as engine, running(engine):
        await trio.sleep(1)
        assert (await engine.network(), await engine.timecode()) == ({"networks": []}, {"timecodes": []})
        before = engine.mark()
        assert engine.mark() == before
        sink.context.show(connected=True, network="wlan0", health="good")
        source.context.show(timecode="10:00:00:00", timecode_from="Lockit", heard_at=5.0)
        assert engine.mark() != before
        [network] = (await engine.network())["networks"]
        assert network == {
            "component": "sink", "connected": True, "reason": "", "network": "wlan0", "health": "good"
        }  # fmt: skip
        [timecode] = (await engine.timecode())["timecodes"]
        assert timecode == {
            "component": "source", "timecode": "10:00:00:00", "timecode_from": "Lockit", "heard_at": 5.0
        }  # fmt: skip
        status = await engine.status()
        assert (status["seq"], status["now"]) == (engine.health()["seq"], trio.current_time())
        assert engine.health() == {"draining": False, "trouble": "", "backlog": 0, "seq": status["seq"]}
