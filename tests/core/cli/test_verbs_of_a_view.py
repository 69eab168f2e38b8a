"""status, queue and explain over a running pipeline: what they print and how they end."""

from __future__ import annotations

import json

import pytest

from rushes.cli import view
from rushes.cli.queue import table
from rushes.cli.text import clock


def test_status_lines(pipeline, file, fake):
    result = pipeline("status", file)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("onset: running since ")
    assert lines[1:] == [
        "  cards: open (mode inotify)",
        "  cloud: unavailable: no network",
        "12 clips, 12 jobs (1 parked, 1 waiting, 1 running, 9 done), 2 files to go (1.2 GB), 50.0 MB/s, 25 s left",
        "  A001C001.mov: to cloud, 25% of 1.0 GB, 50.0 MB/s, 15 s left",
        "  A001C002\\x1b[2J.mov: proxy, 50%",
        "! B002.mov: no moov atom; copy it again",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("queue", "list"),
        ("queue", "top", "j1aaa"),
        ("queue", "add", "c1", "--to", "cloud"),
        ("explain", "c1"),
    ],
)
def test_json_is_exactly_one_document(pipeline, file, fake, arguments):
    verb, *rest = arguments
    result = pipeline(verb, file, *rest, "--json")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    assert isinstance(json.loads(result.stdout), dict)
    assert result.stderr == ""


def test_what_is_still_being_recorded_is_told(pipeline, file, fake):
    fake.document["current"][0] |= {"growing": True, "eta_s": None}
    line = "  A001C001.mov: to cloud, 25% of 1.0 GB, 50.0 MB/s, still being recorded"
    assert line in pipeline("status", file).stdout.splitlines()


def test_status_json_is_the_document(pipeline, file, fake):
    assert json.loads(pipeline("status", file, "--json").stdout) == fake.document


def test_watch_and_json_exclude_each_other(pipeline, file, fake):
    result = pipeline("status", file, "--watch", "--json")
    assert result.exit_code == 2
    assert "one document" in result.stderr


def test_watch_without_a_terminal_tells_changes(pipeline, file, fake, monkeypatch):
    answers = iter([fake, fake, fake, None])
    monkeypatch.setattr(view, "connect", lambda _state: next(answers))
    monkeypatch.setattr("rushes.cli.status.WATCH_S", 0)
    result = pipeline("status", file, "--watch")
    assert result.exit_code == 0
    assert result.stdout.count("onset: running") == 1
    assert result.stdout.endswith("the pipeline has ended\n")


def test_queue_list(pipeline, file, fake):
    lines = pipeline("queue", file, "list").stdout.splitlines()
    assert lines[0].split() == ["JOB", "CARD", "CLIP", "ROUTE", "SIZE", "PRIORITY", "STATE", "WHY"]
    assert lines[1].endswith("urgent  parked  no moov atom")
    assert lines[2].split() == ["j1aaa", "A001", "A001C001.mov", "dailies", "5.0", "MB", "100", "done"]


def test_queue_list_by_state(pipeline, file, fake):
    assert "j1aaa" not in pipeline("queue", file, "list", "--state", "parked").stdout
    assert pipeline("queue", file, "list", "--state", "ready").stdout == "no jobs\n"
    refused = pipeline("queue", file, "list", "--state", "lost")
    assert (refused.exit_code, "no such state: lost" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("top", "moved to the top"),
        ("hold", "held"),
        ("release", "released"),
        ("retry", "to be tried again"),
        ("cancel", "cancelled"),
    ],
)
def test_queue_verbs(pipeline, file, fake, verb, says):
    assert pipeline("queue", file, verb, "j1").stdout == f"1 job {says}\n"
    assert pipeline("queue", file, verb, "--all").stdout == f"2 jobs {says}\n"
    assert fake.asked == [(verb, ["j1"], False), (verb, [], True)]


@pytest.mark.parametrize("arguments", [(), ("j1", "--all")])
def test_queue_verb_wants_jobs_or_all(pipeline, file, fake, arguments):
    result = pipeline("queue", file, "hold", *arguments)
    assert (result.exit_code, fake.asked) == (2, [])


def test_no_such_job_or_clip_is_4(pipeline, file, fake):
    result = pipeline("queue", file, "top", "zz")
    assert (result.exit_code, result.stderr) == (4, f"error: no job zz; see pipeline queue {file} list\n")
    assert pipeline("explain", file, "nothing").exit_code == 4


def test_add(pipeline, file, fake):
    assert pipeline("queue", file, "add", "c1", "--to", "cloud").stdout == "c1 goes to cloud\n"
    assert fake.asked == [("add", "c1", "cloud", "")]
    pipeline("queue", file, "add", "c1", "--to", "cloud", "--route", "dailies")
    assert fake.asked[1:] == [("add", "c1", "cloud", "dailies")]


def test_add_takes_many(pipeline, file, fake):
    pipeline("queue", file, "add", "c1", "c2", "--to", "cloud")
    assert fake.asked == [("add", "c1", "cloud", ""), ("add", "c2", "cloud", "")]


def test_switches(pipeline, file, fake):
    assert pipeline("queue", file, "pause", "cloud").stdout == "cloud: paused\n"
    assert pipeline("queue", file, "auto").stdout == "every route: new jobs start by themselves\n"
    assert fake.asked == [("switch", "pause", ("cloud",)), ("switch", "auto", ())]


def test_add_needs_a_running_pipeline(pipeline, file):
    result = pipeline("queue", file, "add", "c1", "--to", "cloud")
    assert result.exit_code == 1
    assert result.stderr == f"error: {file} does not run; start it with: pipeline run {file}\n"


def test_explain_tells_the_story(pipeline, file, fake):
    text = pipeline("explain", file, "c1").stdout
    for line in (
        "A001/A001C001.mov on A001",
        "  size 5000000 bytes (5.0 MB)",
        "  codec h264                                    probe",
        "  scene 12A                                     record of A-Cam",
        "  take 3             match, of NOCTURNE-2026-11-22-UNIT-1-SCENE-12A-TAKE-3_1.WAV",
        "  meta look day                                 a person",
        "probe said otherwise: scene 12",
        "route dailies matched: kind = 'video'",
        "  not kind = 'audio' (kind is 'video')",
        "matches",
        "  sound 12A-3.WAV on SOUND1 (0.90)",
        "    overlap 240 frames",
        "job j1aaa on dailies: done",
        "  deliver A001C001.mov by cloud: done, 5.0 MB at Frame.io, md5",
    ):
        assert line in text.splitlines()
    assert " step.done by proxy outputs A001C001.mov + A001C001.wav\n" in text
    assert "note" not in text


@pytest.mark.parametrize(
    ("until", "told"), [(0.0, "reason no timecode"), (1700000000.0, "reason no timecode, until ")]
)
def test_explain_tells_until_as_a_time_of_day(pipeline, file, fake, monkeypatch, until, told):
    event = {
        "at": 1.0,
        "kind": "step.waiting",
        "component": "proxy",
        "detail": {"reason": "no timecode", "until": until},
    }
    story = {**fake.clip("c1"), "events": [event]}
    monkeypatch.setattr(fake, "clip", lambda _ref: story)
    line = pipeline("explain", file, "c1").stdout.splitlines()[-1]
    assert line.split(" by proxy ")[1] == told + (clock(until) if until else "")


def original(kind, name):
    return {"kind": kind, "id": name.lower(), "name": name}


@pytest.mark.parametrize(
    ("basis", "of", "who"),
    [
        ("file", [], "match"),
        ("person", [], "a person"),
        ("record", [], "match"),
        ("record", [original("record", "A-Cam")], "record of A-Cam"),
        (
            "record",
            [original("record", "A-Cam"), original("record", "B-Cam"), original("record", "A-Cam")],
            "record of A-Cam and 1 more",
        ),
        ("file", [original("clip", "T001.WAV")], "match, of T001.WAV"),
    ],
)
def test_explain_tells_who_told_a_value(pipeline, file, fake, monkeypatch, basis, of, who):
    story = fake.clip("c1") | {
        "tellers": {"scene": {"by": "match", "basis": basis, "of": of}},
        "findings": [],
    }
    monkeypatch.setattr(fake, "clip", lambda _ref: story)
    [line] = [line for line in pipeline("explain", file, "c1").stdout.splitlines() if "scene" in line]
    assert line == f"  scene 12A{who:>{len(who) + 37}}"


def test_explain_tells_below_a_long_value_who_told_it(pipeline, file, fake, monkeypatch):
    story = fake.clip("c1")
    tellers = story["tellers"] | {"note": {"by": "probe", "basis": "file", "of": []}}
    clip = story["clip"] | {"note": "y" * 72}
    monkeypatch.setattr(fake, "clip", lambda _ref: story | {"clip": clip, "tellers": tellers})
    lines = pipeline("explain", file, "c1").stdout.splitlines()
    at = lines.index(f"  note {'y' * 72}")
    assert lines[at + 1] == "probe".rjust(80)


def test_explain_keeps_a_sidecars_rows_short(pipeline, file, fake, monkeypatch):
    story = fake.clip("c1")
    long = {**story["clip"], "meta": {"sidecar": "[" + "x" * 5000}, "note": "y" * 300}
    monkeypatch.setattr(fake, "clip", lambda _ref: {**story, "clip": long})
    lines = pipeline("explain", file, "c1").stdout.splitlines()
    assert f"  meta sidecar [{'x' * 299} ... (5001 characters)" in lines
    assert f"  note {'y' * 300}" in lines
    assert "x" * 5000 in pipeline("explain", file, "c1", "--json").stdout


def decided(**changes):
    plain = {"route": "rest", "when": "true", "else": False, "final": False, "hit": True, "matched": True}
    return plain | {"why": "", "priority": 0} | changes


@pytest.mark.parametrize(
    ("route", "lines"),
    [
        (decided(), ["route rest matched: every clip"]),
        (decided(priority=200, when="circled"), ["route rest matched with priority 200: circled"]),
        (decided(**{"else": True}), ["route rest matched: else"]),
        (decided(when="circled", **{"else": True}), ["route rest matched: else, circled"]),
        (
            decided(matched=False, priority=None, why="else: route dailies took it", **{"else": True}),
            ["route rest was passed over: else", "  else: route dailies took it"],
        ),
        (
            decided(matched=False, hit=False, when="waste", why="not considered: route selects is final"),
            ["route rest did not match: waste", "  not considered: route selects is final"],
        ),
    ],
)
def test_explain_tells_what_each_route_made_of_it(pipeline, file, fake, monkeypatch, route, lines):
    story = fake.clip("c1") | {"routes": [route]}
    monkeypatch.setattr(fake, "clip", lambda _ref: story)
    told = pipeline("explain", file, "c1").stdout.splitlines()
    at = told.index(lines[0])
    assert told[at : at + len(lines)] == lines


def test_what_waits_for_its_route_is_told_with_when_it_goes_at_the_latest(pipeline, file, fake, monkeypatch):
    moment = 1700000600.0
    waiting = {**fake.jobs()["jobs"][0], "state": "waiting", "reason": "waiting for sound", "until": moment}
    words = f"waiting for sound, until {clock(moment)} at most"
    monkeypatch.setattr(fake, "jobs", lambda *_, **_order: {"jobs": [waiting]})
    assert pipeline("queue", file, "list").stdout.rstrip().endswith(f"waiting  {words}")
    story = fake.clip("c1") | {"jobs": [waiting]}
    monkeypatch.setattr(fake, "clip", lambda _ref: story)
    assert f"job j1aaa on dailies: waiting, {words}" in pipeline("explain", file, "c1").stdout.splitlines()
    fake.document["route_waits"] = [
        {"reason": "waiting for sound", "jobs": 2, "until": 1700000000.0, "last": moment}
    ]
    assert f"2 jobs {words}" in pipeline("status", file).stdout.splitlines()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_queue_fits_a_terminal(fake, width):
    """Rows that wrap in the middle of a word are read by nobody; a program gets all of it."""
    reason = "frameio answered 422 Invalid Arguments: the name is taken"
    job = fake.jobs()["jobs"][0] | {
        "id": "jabcdefghijkl",
        "route": "pictures",
        "state": "parked",
        "reason": reason,
    }
    jobs = [job | {"name": f"A001C00{n}_261123_R1AB.mov"} for n in (1, 2)]
    whole = list(table(jobs, None))
    assert [line.split()[:4] for line in whole[1:]] == [
        ["jabcdefghijkl", "A001", job["name"], "pictures"] for job in jobs
    ]
    assert whole[1].endswith(f"100  parked  {reason}")
    lines = list(table(jobs, width))
    assert max(map(len, lines)) <= width
    told = " ".join(" ".join(lines).split())
    assert told.count("jabcdefg") == told.count("parked") == 2
    assert "A001C001" in told
    assert "A001C002" in told
    assert told.count("the name is taken") == 2
