"""A pipeline of several files: their order, their paths, their places in errors."""

from __future__ import annotations

import pytest

from config_rig import registry
from rushes.config.find import state_of
from rushes.config.include import MOST_FILES
from rushes.config.load import load
from rushes.errors import ConfigError

SOURCES = "sources: [{id: cards, use: folder, path: cards}]\n"
SINKS = "sinks: [{id: cloud, use: cloud}]\n"


def laid_out(folder, files):
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "onset.yaml"


def loaded(folder, files, environment=None):
    return load(laid_out(folder, files), registry(), environment or {})


def refused(folder, files, environment=None):
    with pytest.raises(ConfigError) as caught:
        loaded(folder, files, environment)
    return [caught.value, *caught.value.others]


def route(name, when="true"):
    return f"routes: [{{id: {name}, when: {when}, to: [cloud]}}]\n"


def test_what_is_included_comes_first_in_order(tmp_path):
    pipeline = loaded(
        tmp_path,
        {
            "onset.yaml": "pipeline: day\ninclude: [b.yaml, a.yaml]\nprepare: [match]\n" + route("own"),
            "a.yaml": route("a") + "prepare: [probe]\nobservers: [{id: hook, use: webhook, url: u}]\n",
            "b.yaml": "include: [deep/c.yaml]\n" + SOURCES + route("b"),
            "deep/c.yaml": SINKS + route("c"),
        },
    )

    assert [one.id for one in pipeline.routes] == ["c", "b", "a", "own"]
    assert [one.id for one in pipeline.prepare] == ["probe", "match"]
    assert [one.id for one in pipeline.observers] == ["hook"]
    assert pipeline.name == "day"
    names = ["onset.yaml", "b.yaml", "deep/c.yaml", "a.yaml"]
    assert pipeline.files == tuple(tmp_path / name for name in names)


def test_one_file_is_all_there_is_without_include(tmp_path):
    pipeline = loaded(tmp_path, {"onset.yaml": SOURCES})

    assert pipeline.files == (tmp_path / "onset.yaml",)


def test_places_and_relative_paths_are_of_the_file_in_which_a_thing_is_written(tmp_path):
    pipeline = loaded(
        tmp_path,
        {
            "onset.yaml": "include: [rules/night.yaml]\nsinks: [{id: cloud, use: cloud, ca_file: ca.pem}]\n",
            "rules/night.yaml": "# night\n" + SOURCES + route("a"),
        },
    )

    (cards,) = pipeline.sources
    assert cards.options.path == tmp_path / "rules" / "cards"
    assert cards.where == f"{tmp_path}/rules/night.yaml:2:11"
    assert cards.places["path"] == f"{tmp_path}/rules/night.yaml:2:42"
    assert pipeline.sinks[0].options.ca_file == tmp_path / "ca.pem"
    assert pipeline.routes[0].where == f"{tmp_path}/rules/night.yaml:3:10"


def test_files_are_told_as_their_main_file_was_named(tmp_path, monkeypatch):
    laid_out(
        tmp_path, {"onset.yaml": "include: [rules/a.yaml]\n" + SINKS, "rules/a.yaml": SOURCES + route("A")}
    )
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match=r"^rules/a.yaml:2:15: id 'A' is not one"):
        load(laid_out(tmp_path, {}).relative_to(tmp_path), registry(), {})


def test_errors_of_all_files_are_told_file_by_file_with_their_lines(tmp_path):
    errors = refused(
        tmp_path,
        {
            "onset.yaml": "include: [b.yaml, a.yaml]\n" + SOURCES + SINKS + route("x", "knd = 'a'"),
            "a.yaml": route("y", "sze > 1"),
            "b.yaml": "\n" + route("x", "circld"),
        },
    )

    assert [error.where.rpartition("/")[2] for error in errors] == [
        "onset.yaml:4:15",
        "onset.yaml:4:24",
        "b.yaml:2:24",
        "a.yaml:1:24",
    ]
    assert "route id 'x' is taken (" in errors[0].message
    assert f"{tmp_path}/b.yaml:2)" in errors[0].message
    assert errors[2].excerpt.splitlines()[0] == "routes: [{id: x, when: circld, to: [cloud]}]"
    assert all("did you mean" in error.message for error in errors[1:])


def test_a_component_that_another_file_has_is_told_with_its_file(tmp_path):
    (error,) = refused(tmp_path, {"onset.yaml": "include: [a.yaml]\n" + SOURCES, "a.yaml": SOURCES})

    assert error.where == f"{tmp_path}/onset.yaml:2:16"
    assert error.message == f"source id 'cards' is taken ({tmp_path}/a.yaml:1); rename one"


def test_a_pattern_names_files_in_their_order_without_the_file_itself(tmp_path):
    pipeline = loaded(
        tmp_path,
        {
            "onset.yaml": "include: ['*.yaml', 'rules/[0-9]*.yaml']\n" + SINKS,
            "sources.yaml": SOURCES,
            "rules/20-b.yaml": route("b"),
            "rules/10-a.yaml": route("a"),
            "rules/old.yaml": route("old"),
        },
    )

    assert [one.id for one in pipeline.routes] == ["a", "b"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    pipeline = loaded(tmp_path, {"onset.yaml": "include: ['a[1].yaml']\n", "a[1].yaml": SOURCES})

    assert [one.id for one in pipeline.sources] == ["cards"]


def test_a_file_that_is_included_twice_counts_once_where_it_comes_first(tmp_path):
    (tmp_path / "link.yaml").symlink_to("common.yaml")
    pipeline = loaded(
        tmp_path,
        {
            "onset.yaml": "include: [a.yaml, b.yaml, common.yaml, link.yaml, '*.yaml']\n" + SINKS,
            "common.yaml": SOURCES + route("common"),
            "a.yaml": "include: [./common.yaml]\n" + route("a"),
            "b.yaml": "include: [common.yaml]\n" + route("b"),
        },
    )

    assert [one.id for one in pipeline.routes] == ["common", "a", "b"]
    assert len(pipeline.files) == 4


def test_include_knows_the_environment_and_the_vars_of_the_files_that_led_there(tmp_path):
    files = {
        "onset.yaml": "vars: {shift: night}\ninclude: ['${SHOW}/all.yaml']\n" + SOURCES + SINKS,
        "noc/all.yaml": "vars: {shift: day, kind: rules}\ninclude: ['${shift}-${kind}.yaml']\n",
        "noc/night-rules.yaml": route("night"),
    }

    assert [one.id for one in loaded(tmp_path, files, {"SHOW": "noc"}).routes] == ["night"]


def test_the_state_folder_is_known_while_an_included_file_is_broken(tmp_path):
    file = laid_out(
        tmp_path,
        {
            "onset.yaml": "vars: {place: there}\nstate: '${place}/x'\ninclude: [a.yaml, none.yaml]\n",
            "a.yaml": "[",
        },
    )

    assert state_of(file, {}) == tmp_path.resolve() / "there" / "x"


# name: (files beside onset.yaml, what is under include:, place, message)
BAD = {
    "missing": ({}, "[nihgt.yaml]", "onset.yaml:1:11", "no such file; correct its name or remove it"),
    "misspelt": ({"night.yaml": ""}, "[nihgt.yaml]", "onset.yaml:1:11", "did you mean 'night.yaml'?"),
    "no match": ({}, "['rules/*.yaml']", "onset.yaml:1:11", "no file matches"),
    "folder": ({"rules/a.yaml": SOURCES}, "[rules]", "onset.yaml:1:11", "not a file"),
    "not a list": ({}, "a.yaml", "onset.yaml:1:10", "a single value where a list is needed; write [FILE]"),
    "nested": ({}, "[[a.yaml]]", "onset.yaml:1:11", "a list where a file is needed"),
    "empty name": ({}, "['']", "onset.yaml:1:11", "no file is named"),
    "unknown name": ({}, "['${SHOW}.yaml']", "onset.yaml:1:12", "include: SHOW is not set"),
    "itself": ({}, "[onset.yaml]", "onset.yaml:1:11", "is a circle; remove this line"),
    "circle": (
        {"a.yaml": "include: [b.yaml]", "b.yaml": "vars: {}\ninclude: [a.yaml]"},
        "[a.yaml]",
        "b.yaml:2:11",
        "is a circle; remove this line",
    ),
    "broken": ({"a.yaml": "routes: [\n"}, "[a.yaml]", "a.yaml:2:1", "a bracket is never closed"),
    "empty": ({"a.yaml": ""}, "[a.yaml]", "a.yaml:1:1", "empty; a pipeline file needs keys"),
    "state": ({"a.yaml": "state: x\n"}, "[a.yaml]", "a.yaml:1:1", "'state' cannot stand in a file that"),
    "pipeline": ({"a.yaml": "pipeline: x\n"}, "[a.yaml]", "a.yaml:1:1", "onset.yaml"),
    "match": ({"a.yaml": "match: first\n"}, "[a.yaml]", "a.yaml:1:1", "move it to"),
    "unknown key": ({"a.yaml": "rotues: []\n"}, "[a.yaml]", "a.yaml:1:1", "did you mean 'routes'?"),
    "too long": ({}, f"[{'x' * 300}]", "onset.yaml:1:11", "no such file"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_included_is_told_at_its_place(tmp_path, name):
    files, include, place, message = BAD[name]

    errors = refused(tmp_path, {"onset.yaml": f"include: {include}\n" + SOURCES, **files})

    assert len(errors) == 1  # what an unread file would have said is not told as missing
    assert errors[0].where == f"{tmp_path}/{place}"
    assert message in errors[0].message
    assert "\n" not in str(errors[0])


def test_a_circle_names_all_files_of_it(tmp_path):
    files = {"onset.yaml": "include: [a.yaml]\n", "a.yaml": "include: [onset.yaml]\n"}

    (error,) = refused(tmp_path, files)

    assert error.message.count(" -> ") == 2


def test_what_is_not_utf8_is_told_in_its_own_file(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"# K\xe4se\n")

    (error,) = refused(tmp_path, {"onset.yaml": "include: [a.yaml]\n" + SOURCES})

    assert error.where == f"{tmp_path}/a.yaml:1:4"


def test_no_end_of_files_is_refused(tmp_path):
    files = {f"rules/{number:03}.yaml": "vars: {}\n" for number in range(MOST_FILES)}

    (error,) = refused(tmp_path, {"onset.yaml": "include: ['rules/*.yaml']\n" + SOURCES, **files})

    assert error.message == f"include: more than {MOST_FILES} files; name fewer"


def test_a_file_that_is_not_there_may_be_meant_in_another_folder(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "night.yaml").touch()
    (tmp_path / "onset.yaml").write_text("include: [part/night.yaml]\n")
    with pytest.raises(ConfigError, match=r"no such file; did you mean 'parts/night.yaml'\?"):
        load(tmp_path / "onset.yaml", registry(), {})
