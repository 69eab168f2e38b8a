"""What `check` notes although it is no error: sources that are away or meet, rules that may not be meant so."""

from __future__ import annotations

import json

import pytest

SINK = "sinks: [{id: raid, use: disk, path: ./raid}]\n"


@pytest.fixture
def noted(pipeline, tmp_path):
    """The notes of a file, once it is seen that lines and JSON tell the same."""
    (tmp_path / "raid").mkdir()
    (tmp_path / "cards" / "A001").mkdir(parents=True)

    def check(sources, when="kind = 'video'"):
        file = tmp_path / "x.yaml"
        listed = ", ".join(f"{{id: {name}, use: folder, path: {path}}}" for name, path in sources.items())
        routes = f'routes: [{{id: a, when: "{when}", to: [raid]}}]\n'
        file.write_text(f"sources: [{listed}]\n{SINK}{routes}")
        told = pipeline("check", str(file))
        notes = json.loads(pipeline("check", str(file), "--json").stdout)["notes"]
        lines = told.stdout.splitlines()
        assert [line.removeprefix("note: ") for line in lines if line.startswith("note: ")] == notes
        remarks = f", {len(notes)} remark{'s' * (len(notes) > 1)}" if notes else ""
        assert lines[-1] == f"{file}: ok{remarks}"
        assert told.exit_code == 0
        return notes

    return check


def test_a_source_that_is_there_alone_needs_no_note(noted):
    assert noted({"cards": "./cards"}) == []


def test_a_folder_that_does_not_exist(noted, tmp_path):
    gone = tmp_path / "gone"
    assert noted({"cards": "./gone"}) == [
        f"source 'cards': {gone} does not exist: nothing is read until it is mounted"
    ]


def test_two_sources_on_one_folder(noted, tmp_path):
    (note,) = noted({"one": "./cards", "two": "./cards/../cards"})
    assert note.startswith("sources 'one' and 'two' watch the same folder, ")
    assert note.endswith("all is read twice for nothing; name it once")


@pytest.mark.parametrize("turned", [False, True])
def test_a_source_within_another(noted, tmp_path, turned):
    paths = ["./cards", "./cards/A001"]
    one, two = reversed(paths) if turned else paths
    (note,) = noted({"one": one, "two": two})
    assert note.startswith(
        f"sources 'one' and 'two' meet: {tmp_path / 'cards' / 'A001'} lies in {tmp_path / 'cards'}: "
    )
    assert note.endswith("exclude it from the outer one, or name it once")


def test_a_not_that_null_slips_through(noted, tmp_path):
    (note,) = noted({"cards": "./cards"}, "not waste")
    assert note == (
        f"route 'a' ({tmp_path}/x.yaml:3:10): 'not waste' does not hold while nobody has told waste, for NULL is not "
        "false; not coalesce(waste, false) is likely meant"
    )


def test_a_key_that_no_component_writes_but_one_like_it(noted):
    (note,) = noted(
        {"cards": "./cards"}, "meta['magazin'] = '7' and meta['weather'] = 'dry' and meta['magazine'] = '7'"
    )
    assert note.endswith("no component writes meta['magazin']; nearest: meta['magazine']")
