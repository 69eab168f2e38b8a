"""`pipeline test`: rules are judged by the clips beside them, and the file of tests is checked like any other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

PIPELINES = Path(__file__).resolve().parents[3] / "pipelines"
RULES = """
pipeline: rules
state: ./state
sources:
  - {id: cards, use: folder, path: ./card, settle: 0s}
sinks:
  - {id: raid, use: disk, path: ./raid}
  - {id: shelf, use: disk, path: ./shelf, folder: "{day}/{role}"}
routes:
  - id: selects
    when: circled and meta['look'] = 'day'
    to: [{sink: raid, folder: "{project}/{scene}"}]
    priority: case when scene = '12A' then 200 end
    final: true
    wait: {for: sound, at_most: 1m}
  - {id: picture, when: kind = 'video' and duration > 2, to: [raid, shelf], priority: 7}
  - {id: rest, else: true, when: size >= 0, to: [shelf]}
"""


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "card").mkdir()
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return file


def beside(rules, text):
    file = rules.with_name("rules.test.yaml")
    file.write_text(text)
    return file


def case(rules, text):
    """A file with one case, and where it stands."""
    file = beside(rules, f"cases:\n  - {{{text}}}\n")
    return f"{file}:2:5: case 1: "


def test_all_as_expected(pipeline, rules):
    tests = beside(
        rules,
        """
        cases:
          - name: a select
            clip: {circled: true, meta: {look: day}, project: N, scene: 12A}
            routes: [selects]
            to: [raid]
            priority: 200
            waits: [selects]
            folder: {raid: N/12A}
          - {clip: {duration: 2.5, recorded: 2026-11-22 10:00:00}, routes: [picture], to: [shelf, raid], priority: 7,
             folder: {shelf: 2026-11-22/original}}
          - {clip: {kind: audio, path: A/T001.wav, size: 5}, routes: [rest], priority: {rest: 0}, waits: []}
          - {clip: {circled: true, meta: {look: day}, project: N, matched: matched}, routes: [selects], waits: [],
             folder: {raid: "waits: no scene yet"}}
        """,
    )
    for file in (rules, tests):
        result = pipeline("test", str(file))
        assert (result.exit_code, result.stdout) == (0, f"{tests}: 4 cases, all as expected\n"), result.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "clip: {circled: false, meta: {look: day}}, routes: [selects]",
            "expected selects, got rest (selects: not circled (circled is False); rest took it: else when size >= 0)",
        ),
        (
            "clip: {circled: true, meta: {look: night}}, routes: [selects]",
            (
                "expected selects, got rest (selects: not meta['look'] = 'day' (meta is {'look': 'night'}); "
                "rest took it: else when size >= 0)"
            ),
        ),
        (
            "clip: {duration: 3}, routes: []",
            "expected nowhere, got picture (picture took it: when kind = 'video' and duration > 2)",
        ),
        (
            "clip: {circled: true, duration: 3, meta: {look: day}}, routes: [selects, picture]",
            "expected selects, picture, got selects (picture: not considered: route selects is final)",
        ),
        (
            "clip: {duration: 3}, routes: [picture, rest], to: [raid]",
            (
                "expected picture, rest, got picture (rest: else: route picture took it); "
                "to expected raid, got raid, shelf"
            ),
        ),
        ("clip: {duration: 3}, routes: [picture], priority: 8", "priority expected 8, got picture 7"),
        (
            "clip: {duration: 3}, routes: [picture], priority: {rest: 0}",
            "priority expected rest 0, got rest none",
        ),
        ("clip: {duration: 3}, routes: [picture], waits: [picture]", "waits expected picture, got none"),
        (
            "clip: {duration: 3}, routes: [picture], folder: {raid: A, shelf: B}",
            (
                "folder at raid expected A, got no folder template; "
                "folder at shelf expected B, got 2026-01-01/original"
            ),
        ),
        ("clip: {}, routes: [rest], folder: {raid: A}", "folder at raid expected A, got not sent there"),
    ],
)  # fmt: skip
def test_a_case_that_fails_is_one_line_with_the_reason(pipeline, rules, text, told):
    start = case(rules, text)
    result = pipeline("test", str(rules))
    assert result.exit_code == 1, result.output
    tests = rules.with_name("rules.test.yaml")
    assert result.stdout == f"{start}{told}\n{tests}: 1 case, 1 failed\n"


def test_json_tells_every_case(pipeline, rules):
    beside(rules, "cases: [{name: a, clip: {}, routes: [rest]}, {name: b, clip: {}, routes: []}]")
    result = pipeline("test", str(rules), "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["totals"] == {"cases": 2, "passed": 1, "failed": 1}
    assert [(each["name"], each["ok"]) for each in document["cases"]] == [("a", True), ("b", False)]
    assert document["cases"][1]["differences"] == [
        {"what": "routes", "expected": [], "got": ["rest"], "why": "rest took it: else when size >= 0"}
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("clip: {knd: video}, routes: []", "knd", "clip: unknown column 'knd'; did you mean 'kind'?"),
        ("clip: {xyz: 1}, routes: []", "xyz", "what is no column stands under meta: {xyz: ...}"),
        ("clip: {kind: vdeo}, routes: []", "vdeo", "clip: kind: 'vdeo' is no kind; did you mean 'video'?"),
        ("clip: {role: lead}, routes: []", "lead", "'lead' is no role; there is lut, original"),
        ("clip: {circled: maybe}, routes: []", "maybe", "circled: 'maybe' is not true or false; write it as in"),
        ("clip: {width: 1.5}, routes: []", "1.5", "width: '1.5' is not a whole number"),
        ("clip: {width: true}, routes: []", "true", "width: 'true' is not a whole number"),
        ("clip: {width: 3000000000}, routes: []", "3000000000", "is not a whole number"),
        ("clip: {duration: long}, routes: []", "long", "duration: 'long' is not a number"),
        ("clip: {recorded: noon}, routes: []", "noon", "'noon' is not a time; write it as in recorded: 2026-"),
        ("clip: {scene: [12]}, routes: []", "[12]", "clip: scene: a list where a value is needed"),
        ("clip: {id: c1}, routes: []", "id: c1", "clip: 'id' is given by the pipeline; remove it"),
        ("clip: {path: a/b.mov, name: b}, routes: []", "name", "'name' is a part of 'path'; write one of them"),
        ("clip: {meta: day}, routes: []", "day", "meta: a single value where keys are needed"),
        ("clip: {meta: {look: [1]}}, routes: []", "[1]", "meta: look: a list where text is needed"),
        ("clip: {meta: {scene: 1}}, routes: []", "scene", "'scene' is a column; write it beside meta"),
        ("clip: video, routes: []", "video", "clip: a single value where columns are needed"),
        ("clip: {}", "{clip", "'routes' is missing; add routes: [ROUTE], or routes: [] for nowhere"),
        ("routes: rest", "rest", "routes: a single value where a list is needed; write [selects, picture, rest]"),
        ("routes: [rst]", "rst", "routes: no route has the id 'rst'; did you mean 'rest'?"),
        ("routes: [[rest]]", "[rest]", "routes: a list where a name is needed"),
        ("routes: [], to: [rad]", "rad", "to: no sink has the id 'rad'; did you mean 'raid'?"),
        ("routes: [], waits: [rst]", "rst", "waits: no route has the id 'rst'"),
        ("routes: [], priority: high", "high", "priority: must be a whole number, or {ROUTE: NUMBER}"),
        ("routes: [], priority: {rst: 1}", "rst", "priority: no route has the id 'rst'"),
        ("routes: [], priority: {rest: x}", "x}", "priority: must be a whole number"),
        ("routes: [], folder: A", "A", "folder: a single value where sinks are needed"),
        ("routes: [], folder: {rad: A}", "rad", "folder: no sink has the id 'rad'"),
        ("routes: [], folder: {raid: [A]}", "[A]", "folder: raid: a list where a folder is needed"),
        ("routes: [], prioritty: 1", "prioritty", "unknown key 'prioritty'; did you mean 'priority'?"),
        ("name: [a], routes: []", "[a]", "name: a list where text is needed"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_case_is_told_with_its_place(pipeline, rules, text, place, message):
    file = beside(rules, f"cases:\n  - {{{text}}}\n")
    result = pipeline("test", str(rules))
    first, excerpt, caret = result.stderr.splitlines()[:3]
    assert (result.exit_code, result.stdout) == (2, "")
    assert first.startswith(f"error: {file}:2:{caret.index('^') + 1}: ")
    assert message in first
    assert excerpt[caret.index("^") :].startswith(place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cases: []", "no case; add"),
        ("cases: {}", "no case; add"),
        ("pipeline: rules.yaml", "no case; add"),
        ("cases: [circled]", "case 1: a single value cannot stand here"),
        ("case: []\ncases: [{routes: []}]", "unknown key 'case'; did you mean 'cases'?"),
        ("pipeline: rulez.yaml\ncases: [{routes: []}]", "rulez.yaml; correct its name"),
        ("pipeline: []\ncases: [{routes: []}]", "pipeline: name the file whose rules are tested"),
        ("pipeline: other.yaml\ncases: [{routes: []}]", "rules.test.yaml tests rules.yaml; rename one, or name that"),
        ("cases: [", "rules.test.yaml:1:"),
        ("caes: [{routes: []}]", "unknown key 'caes'; did you mean 'cases'?"),
        ("cases:\n  – {routes: []}", "U+2013 (en dash) is no '-'; write '- ' before each entry"),
        ("cases:\n  - clip: {circled: “yes”}\n    routes: []", "typographic quotes are a part of this text"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_of_tests(pipeline, rules, text, message):
    shutil.copy(rules, rules.with_name("other.yaml"))
    beside(rules, text)
    result = pipeline("test", str(rules))
    assert result.exit_code == 2, result.output
    assert message in result.stderr.splitlines()[0]


@pytest.mark.parametrize("written", ["true", "yes", "Yes", "on", "'yes'"])
def test_a_truth_is_written_as_in_a_pipeline(pipeline, rules, written):
    """`else: yes` is true there, too."""
    beside(rules, f"cases: [{{clip: {{circled: {written}, meta: {{look: day}}}}, routes: []}}]")
    rules.write_text(rules.read_text().replace("else: true", f"else: {written}"))
    [case] = json.loads(pipeline("test", str(rules), "--json").stdout)["cases"]
    assert case["differences"][0]["got"] == ["selects"]


def test_a_misspelt_list_of_cases_is_one_error(pipeline, rules):
    beside(rules, "caes: [{routes: []}]")
    assert pipeline("test", str(rules)).stderr.count("error:") == 1


def test_tests_of_another_name_name_their_pipeline(pipeline, rules):
    file = rules.with_name("more.yaml")
    file.write_text("cases: [{routes: [rest]}]")
    result = pipeline("test", str(file))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {file}:1:1: names no pipeline; add pipeline: FILE.yaml\n")
    file.write_text("pipeline: rules.yaml\ncases: [{routes: [rest]}]")
    assert pipeline("test", str(file)).exit_code == 0


def test_a_pipeline_without_tests_says_where_they_belong(pipeline, rules):
    result = pipeline("test", str(rules))
    assert result.exit_code == 2
    assert result.stderr == f"error: {rules}: has no tests; write rules.test.yaml beside it\n"


def test_rules_that_are_broken_are_told_as_by_check(pipeline, rules):
    beside(rules, "cases: [{routes: [rest]}]")
    rules.write_text(RULES.replace("circled and", "circld and"))
    result = pipeline("test", str(rules))
    assert result.exit_code == 2
    assert "unknown column 'circld'; did you mean 'circled'?" in result.stderr


@pytest.mark.parametrize("tests", sorted(path.name for path in PIPELINES.glob("*.test.yaml")))
def test_our_own_rule_tests_pass(pipeline, tests):
    result = pipeline("test", str(PIPELINES / tests))
    assert result.exit_code == 0, result.output
