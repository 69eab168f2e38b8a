"""A broken pipeline file: every error in the order of the file, as lines for people or as one JSON document."""

from __future__ import annotations

import json

import pytest

HEAD = "sources: [{id: cards, use: folder, path: ./cards}]\nsinks: [{id: raid, use: disk, path: ./raid}]\nroutes:\n"


@pytest.fixture
def broken(tmp_path):
    def write(routes):
        file = tmp_path / "x.yaml"
        lines = (f"  - {{id: r{number}, when: circld, to: [raid]}}\n" for number in range(routes))
        file.write_text(HEAD + "".join(lines))
        return str(file)

    return write


def test_every_error_has_its_line_and_caret(pipeline, broken):
    file = broken(3)
    result = pipeline("check", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "".join(
        f"error: {file}:{4 + number}:20: route 'r{number}': when: unknown column 'circld'; did you mean 'circled'?\n"
        f"  - {{id: r{number}, when: circld, to: [raid]}}\n{' ' * 19}^^^^^^\n"
        for number in range(3)
    )


@pytest.mark.parametrize(("routes", "last"), [(20, ""), (21, "and 1 error more"), (23, "and 3 errors more")])
def test_no_more_than_20_are_told(pipeline, broken, routes, last):
    lines = pipeline("check", broken(routes)).stderr.splitlines()
    assert sum(line.startswith("error: ") for line in lines) == 20
    assert lines[-1].startswith(last or " ")


@pytest.mark.parametrize("verb", ["check", "plan", "test"])
def test_json_is_one_document_with_all_of_them(pipeline, broken, tmp_path, verb):
    file = broken(25)
    (tmp_path / "x.test.yaml").write_text("cases: [{routes: []}]\n")
    result = pipeline(verb, file, "--json")
    assert (result.exit_code, result.stderr) == (2, "")
    errors = json.loads(result.stdout)["errors"]
    assert len(errors) == 25
    assert errors[0] == {
        "file": file,
        "line": 4,
        "column": 20,
        "message": "route 'r0': when: unknown column 'circld'",
        "remedy": "did you mean 'circled'?",
    }


def test_a_broken_file_of_tests_is_told_in_json_too(pipeline, tmp_path):
    (tmp_path / "x.yaml").write_text(HEAD + "  - {id: a, when: true, to: [raid]}\n")
    tests = tmp_path / "x.test.yaml"
    tests.write_text("cases:\n  - {clip: {knd: video}, routes: [b]}\n")
    errors = json.loads(pipeline("test", str(tests), "--json").stdout)["errors"]
    assert [(each["file"], each["line"], each["remedy"]) for each in errors] == [
        (str(tests), 2, "did you mean 'kind'?"),
        (str(tests), 2, "there is a"),
    ]


def test_what_has_no_place_has_none_in_json(pipeline, tmp_path):
    file = str(tmp_path / "none.yaml")
    (error,) = json.loads(pipeline("check", file, "--json").stdout)["errors"]
    assert error == {
        "file": file,
        "line": None,
        "column": None,
        "message": "no such file",
        "remedy": "correct its name",
    }
