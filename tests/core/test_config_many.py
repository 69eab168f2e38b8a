"""All that is wrong with a file is told at once, and nothing that only follows from something else."""

from __future__ import annotations

import pytest

from config_rig import registry
from rushes import ConfigError
from rushes.config.load import load

SOURCES = "sources: [{id: cards, use: folder, path: cards}]\n"
SINKS = "sinks: [{id: cloud, use: cloud}]\n"
ROUTES = "routes:\n  - {id: a, when: true, to: [cloud]}\n"


def told(tmp_path, text, environment=None):
    """Line, column and message of each error."""
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, registry(), environment or {})
    errors = [caught.value, *caught.value.others]
    return [f"{error.mark.line + 1}:{error.mark.column + 1} {error.message}" for error in errors]


def test_broken_keys_and_values_hide_no_other_error(tmp_path):
    text = (
        "pipeline: a\npipeline: b\nstate: !x y\nmatch: 0x_\n" + SOURCES + "sinks: [{id: cloud, use: clod}]\n"
    )
    assert told(tmp_path, text) == [
        "2:1 'pipeline' stands here twice (first in line 1); remove one",
        "3:8 tag '!x' means nothing here; remove it, or quote the text",
        "4:8 '0x_' is not a number; put it in quotes",
        "6:26 sink 'cloud': unknown sink 'clod'; did you mean 'cloud'?",
    ]


def test_the_other_options_of_a_component_are_checked_too(tmp_path):
    text = "sources: [{id: a, use: folder, pth: x, settle: soon, mode: pol, slots: 0}]\n"
    assert [each.partition(" ")[0] for each in told(tmp_path, text)] == ["1:32", "1:48", "1:60", "1:72"]


def test_what_concerns_several_options_waits_until_each_is_right(tmp_path):
    steps = "steps: [{use: proxy, height: 17, bitrat: 6M, line: {txt: a}}]"
    found = told(tmp_path, SOURCES + SINKS + f"routes: [{{id: a, when: true, to: [cloud], {steps}}}]\n")
    assert found == [
        "3:72 transform 'a.proxy': height: is odd; write an even number",
        "3:76 transform 'a.proxy': unknown key 'bitrat'; did you mean 'bitrate'?",
        "3:95 transform 'a.proxy': line: unknown key 'txt'; did you mean 'text'?",
    ]


FOLLOWS = {
    "sources misspelt": (SOURCES.replace("sources", "source") + SINKS + ROUTES, "1:1"),
    "vars misspelt": ("var: {c: cloud}\n" + SOURCES + SINKS + ROUTES.replace("[cloud]", "['${c}']"), "1:1"),
    "vars a list": ("vars: [c]\n" + SOURCES + SINKS + ROUTES.replace("[cloud]", "['${c}']"), "1:7"),
    "a var that is a list": ("vars: {c: [x]}\n" + SOURCES + SINKS + ROUTES.replace("true", "'${c}'"), "1:11"),
    "include misspelt": ("includ: [x.yaml]\n" + ROUTES.replace("true", "'${c}'"), "1:1"),
    "include that is not there": ("include: [x.yaml]\n" + ROUTES.replace("true", "'${c}'"), "1:11"),
    "sink whose id is misspelt": (SOURCES + "sinks: [{ids: cloud, use: cloud}, {id: b, use: disk}]\n" + ROUTES, "2:9"),
    "sink of one word": (SOURCES + "sinks: [cloud, {id: b, use: disk}]\n" + ROUTES, "2:9"),
    "the environment, twice": (
        SOURCES.replace("path: cards", "path: '${X}'") + "sinks: [{id: cloud, use: cloud, url: '${X}'}]\n" + ROUTES,
        "1:43",
    ),
    "a var of two uses": (
        "vars: {h: tall}\n" + SOURCES + SINKS
        + ROUTES.replace("when", "steps: [{use: proxy, height: '${h}'}, {use: proxy, height: '${h}'}], when"),
        "1:11",
    ),
    "name that is no folder's": ("pipeline: a/b\n" + SOURCES.replace("path: cards", "path: /") + SINKS + ROUTES, "1:1"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWS)
def test_what_follows_from_an_error_is_not_told(tmp_path, name):
    text, place = FOLLOWS[name]
    (found,) = told(tmp_path, text)
    assert found.startswith(f"{place} ")


def test_a_missing_include_hides_no_error_of_its_own_file(tmp_path):
    found = told(tmp_path, "include: [x.yaml]\n" + SOURCES + SINKS + ROUTES.replace("true", "circld"))
    assert [each.partition(" ")[0] for each in found] == ["1:11", "5:19"]


def test_a_misspelt_var_is_told_wherever_it_stands(tmp_path):
    routes = ROUTES.replace("true", "\"card = '${crd}'\"").replace("id: a", "id: '${crd}'")
    found = told(tmp_path, "vars: {card: A001}\n" + SOURCES + SINKS + routes)
    assert [each.partition(" ")[0] for each in found] == ["5:11", "5:35"]


def test_a_rule_in_a_var_is_told_where_it_is_written(tmp_path):
    text = 'vars: {rule: "circled adn waste"}\n' + SOURCES + SINKS + ROUTES.replace("true", '"${rule}"')
    (found,) = told(tmp_path, text)
    assert found.startswith(
        "1:23 vars: rule (for route 'a': when): 'adn' cannot stand here; write one expression"
    )


@pytest.mark.parametrize("state", ["file", "file/state"])
def test_a_state_that_is_a_file_is_told_once_at_its_line(tmp_path, state):
    (tmp_path / "file").touch()
    (found,) = told(tmp_path, SOURCES + f"state: {state}\n" + SINKS + ROUTES)
    assert (
        found == f"2:8 state: {tmp_path / 'file'} is a file; name a folder, which is made where it is missing"
    )


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://joe:hunter2@example.com/x", "2:13"),
        ("'https://joe:${P:-hunter2}@example.com/x'", "2:14"),
        ("'${URL}'", "2:8"),
    ],
)
def test_no_password_stands_in_an_address(tmp_path, url, place):
    text = SOURCES + "vars: {URL: 'https://joe:hunter2@x'}\n" if "URL" in url else SOURCES
    file = tmp_path / "bad.yaml"
    file.write_text(f"{text}observers: [{{id: h, use: webhook, url: {url}}}]\n")
    with pytest.raises(ConfigError, match="url: a password cannot stand in a file; set a variable") as caught:
        load(file, registry(), {})
    assert "hunter2" not in f"{caught.value} {caught.value.excerpt}"
    assert caught.value.where.startswith(f"{file}:2:")


def test_a_password_of_the_environment_may_be_in_an_address(tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(
        SOURCES + "observers: [{id: h, use: webhook, url: 'https://joe:${P}@example.com:80/a:b@c'}]\n"
    )
    assert (
        load(file, registry(), {"P": "hunter2"}).observers[0].options.url.startswith("https://joe:hunter2@")
    )
