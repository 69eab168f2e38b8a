"""`plan --history` at rest, on a running pipeline, and where no rules were ever used."""

from __future__ import annotations

import json

import pytest

from rushes.cli.history import history_lines

FILE = """\
pipeline: plan
state: ./state
sources:
  - {{id: cards, use: folder, path: ./A001, settle: 0s}}
sinks:
  - {{id: backup, use: disk, path: ./out}}
routes:
  - {{id: all, when: "{when}", to: [backup]}}
"""
NO_JOBS = {"opened": 0, "withdrawn": 0, "changed": 0}
EMPTY = {"before": 0, "now": 0}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "A001").mkdir()
    for name in ("one.csv", "two.csv"):
        (tmp_path / "A001" / name).write_bytes(name.encode())
    (tmp_path / "out").mkdir()
    file = tmp_path / "plan.yaml"
    file.write_text(FILE.format(when="name = 'one'"))
    return file


def test_rules_that_never_ran_are_compared_with_nothing(pipeline, file):
    result = pipeline("plan", str(file), "--history")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "no rules were used with this state folder yet: there is nothing to compare with",
        "ROUTE     NOW",
        "all         0",
        "no route    0",
        "0 clips, 0 B",
    ]
    assert json.loads(pipeline("plan", str(file), "--history", "--json").stdout)["compared"] is False


def test_other_rules_are_compared_with_those_of_the_last_run(pipeline, file):
    assert pipeline("run", str(file), "--once").exit_code == 0
    assert "2 clips, 14 B: all would go where they went" in pipeline("plan", str(file), "--history").stdout
    file.write_text(FILE.format(when="name = 'two'"))
    before = {path: path.read_bytes() for path in (file.parent / "state").glob("ledger.*")}
    result = pipeline("plan", str(file), "--history")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[:3] == [
        "ROUTE BEFORE NOW GAINED LOST BYTES GAINED BYTES LOST",
        "all 1 1 +1 -1 7 B 7 B",
        "no route 1 1",
    ]
    assert sorted(lines[3:5]) == ["one.csv on A001: all → no route", "two.csv on A001: no route → all"]
    assert lines[5:] == [
        "2 clips, 14 B: 2 would go elsewhere",
        "a reload would do this: 1 job opened; 1 clip that would go elsewhere stays",
    ]
    assert before == {path: path.read_bytes() for path in (file.parent / "state").glob("ledger.*")}


def test_a_running_pipeline_is_asked(pipeline, file, fake):
    asked = []

    def history(rules):
        asked.append(rules)
        return {
            "compared": True,
            "clips": 0,
            "bytes": 0,
            "changed": 0,
            "staying": 0,
            "jobs": NO_JOBS,
            "leaving": 0,
            "left": [],
            "routes": [],
            "unrouted": EMPTY,
            "examples": [],
            "moved": [],
        }

    fake.history = history
    assert pipeline("plan", str(file), "--history").exit_code == 0
    [rules] = asked
    assert [route["when"] for route in rules["routes"]] == ["name = 'one'"]


def test_routes_that_are_new_or_gone_are_called_so():
    route = {
        "added": True,
        "removed": False,
        "reused": False,
        "before": 0,
        "now": 3,
        "gained": 3,
        "lost": 0,
        "gained_bytes": 3_000_000,
        "lost_bytes": 0,
    }
    gone = route | {"route": "old", "added": False, "removed": True, "now": 0, "gained": 0}
    reused = route | {"route": "other", "added": False, "reused": True}
    document = {
        "compared": True,
        "clips": 3,
        "bytes": 3_000_000,
        "changed": 3,
        "staying": 0,
        "jobs": NO_JOBS,
        "leaving": 0,
        "left": [],
        "routes": [route | {"route": "new"}, gone, reused],
        "unrouted": EMPTY,
        "examples": [],
        "moved": [],
    }
    lines = list(history_lines(document))
    assert lines[1].split()[-1] == "new"
    assert "+3" in lines[1]
    assert lines[2].split()[-1] == "gone"
    assert lines[3].endswith("another route by this name")


def test_a_route_that_goes_elsewhere_is_told(pipeline, file):
    assert pipeline("run", str(file), "--once").exit_code == 0
    text = FILE.format(when="name = 'one'")
    file.write_text(text.replace("[backup]", "[{sink: backup, folder: '{scene:-x}'}]"))
    result = pipeline("plan", str(file), "--history")
    assert result.exit_code == 0, result.output
    moved, verdict = result.stdout.splitlines()[-2:]
    assert moved == "route all: goes to backup (folder {scene:-x}) now, went to backup"
    assert verdict == "2 clips, 14 B: all would stay on their routes"


TWO_WAYS = """\
pipeline: plan
state: ./state
sources:
  - {{id: cards, use: folder, path: ./A001, settle: 0s}}
sinks:
  - {{id: cloud, use: disk, path: ./cloud}}
  - {{id: backup, use: disk, path: ./out}}
routes:
  - {{id: quick, when: "true", to: [cloud]}}
  - {{id: {name}, when: "{when}", to: [backup], auto: false}}
"""


@pytest.fixture
def quick_is_done(pipeline, file):
    (file.parent / "cloud").mkdir()
    file.write_text(TWO_WAYS.format(name="later", when="true"))
    result = pipeline("run", str(file), "--once")
    assert sorted(path.name for path in (file.parent / "cloud").rglob("*.csv")) == ["one.csv", "two.csv"], (
        result.output
    )


def test_a_clip_that_loses_its_only_job_to_a_sink_is_named(pipeline, file, quick_is_done):
    file.write_text(TWO_WAYS.format(name="later", when="name = 'one'"))
    result = pipeline("plan", str(file), "--history")
    assert result.exit_code == 0, result.output
    lost, verdict = result.stdout.splitlines()[-2:]
    assert lost.startswith(
        "  two.csv on A001: loses its only job to backup; to send it all the same: pipeline queue "
    )
    assert lost.endswith(" --to backup")
    assert verdict == "a reload would do this: 1 job withdrawn"


def test_explain_says_why_a_route_that_matches_opens_no_job(pipeline, file, quick_is_done):
    passed = "  opens no job: others of this clip had begun before this rule came or held; "
    assert passed not in pipeline("explain", str(file), "two.csv").stdout
    file.write_text(TWO_WAYS.format(name="later", when="true") + "  - {id: new, when: true, to: [backup]}\n")
    pipeline("run", str(file), "--once")
    lines = pipeline("explain", str(file), "two.csv").stdout.splitlines()
    [line] = [line for line in lines if line.startswith(passed)]
    assert line.endswith(" --to SINK")
    assert lines[lines.index(line) - 1].startswith("route new matched")
