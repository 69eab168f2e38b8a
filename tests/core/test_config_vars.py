"""Names under `vars:` and of the environment: what they stand for, and what is told of unknown ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config_rig import registry
from rushes.config.find import state_of
from rushes.config.load import load
from rushes.config.substitute import Expanded, UnknownNameError, expand
from rushes.errors import ConfigError

BASE = "sources: [{id: cards, use: folder, path: cards}]\nsinks: [{id: cloud, use: cloud}]\n"


def loaded(folder, text, environment=None, **others):
    for name, other in others.items():
        (folder / f"{name}.yaml").write_text(other)
    file = folder / "onset.yaml"
    file.write_text(text)
    return load(file, registry(), environment or {})


def refused(folder, text, environment=None, **others):
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environment, **others)
    return [caught.value, *caught.value.others]


def rule(when, names, **others):
    return f'vars: {names}\n{BASE}routes:\n  - {{id: a, when: "{when}", to: [cloud]}}\n'


def proxied(height):
    steps = f'[{{use: proxy, height: "{height}"}}]'
    return f"routes:\n  - {{id: a, when: true, to: [cloud], steps: {steps}}}\n"


@pytest.mark.parametrize(
    ("names", "environment", "expected"),
    [
        ("{role: still}", {}, "role = 'still'"),
        ("{role: still}", {"role": "original"}, "role = 'still'"),
        ("{}", {"role": "original"}, "role = 'original'"),
        ("", {"role": "original"}, "role = 'original'"),
        ("{role: '${R}'}", {"R": "still"}, "role = 'still'"),
        ("{role: '${R:-proxy}'}", {}, "role = 'proxy'"),
        ("{role: '${kind}', kind: still}", {}, "role = 'still'"),
        ("{role: '${a}${b}', a: st, b: '${c}', c: ill}", {}, "role = 'still'"),
        ("{role: '${role:-still}'}", {}, "role = 'still'"),
        ("{role: '${role:-still}'}", {"role": "proxy"}, "role = 'proxy'"),
    ],
)
def test_a_var_stands_for_its_value(tmp_path, names, environment, expected):
    assert loaded(tmp_path, rule("role = '${role}'", names), environment).routes[0].when == expected


@pytest.mark.parametrize(
    ("names", "written", "height"),
    [
        ("{height: 540}", "${height}", 540),
        ("{height: '540'}", "${height}", 540),
        ("{height: '${other}', other: 540}", "${height}", 540),
        ("{height: 540}", "${none:-720}", 720),
        ("{height: 540}", "${height:-720}", 540),
        ("{height: ''}", "${height:-720}", 720),
        ("{tens: 54}", "${tens}0", 540),
    ],
)
def test_a_var_alone_keeps_its_type(tmp_path, names, written, height):
    text = f"vars: {names}\n{BASE}{proxied(written)}"

    assert loaded(tmp_path, text).routes[0].steps[0].options.height == height


def test_numbers_and_truths_alone_are_no_text(tmp_path):
    text = BASE.replace("use: cloud", 'use: cloud, url: "${n}"') + "vars: {n: 7}\n"

    (error,) = refused(tmp_path, text)

    assert error.message == "vars: n (for sink 'cloud': url): must be text; put it in quotes"


def test_a_path_in_a_var_starts_where_the_option_is_written(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "names.yaml").write_text("vars: {cards: magazines}\n")
    text = "include: [deep/names.yaml]\n" + BASE.replace("path: cards", "path: '${cards}'")

    assert loaded(tmp_path, text).sources[0].options.path == tmp_path / "magazines"


def test_of_two_files_the_one_that_includes_the_other_has_the_say_then_the_later(tmp_path):
    pipeline = loaded(
        tmp_path,
        "include: [one.yaml, two.yaml]\n" + rule("name in ('${a}', '${b}', '${c}')", "{a: main}"),
        one="vars: {a: one, b: one, c: one}\n",
        two="vars: {a: two, b: two}\n",
    )

    assert pipeline.routes[0].when == "name in ('main', 'two', 'one')"


def test_name_and_state_know_the_vars_of_their_own_file(tmp_path):
    file = tmp_path / "onset.yaml"
    file.write_text(
        "vars: {show: nocturne, where: '${DISK:-/var}/${show}'}\npipeline: '${show}-day'\nstate: '${where}'\n"
        + BASE
    )

    assert state_of(file, {}).parts[-2:] == ("var", "nocturne")
    assert load(file, registry(), {"DISK": "/x"}).name == "nocturne-day"


def test_what_names_files_and_state_knows_no_vars_of_included_files(tmp_path):
    (error,) = refused(tmp_path, "include: [a.yaml]\nstate: '${disk}'\n" + BASE, a="vars: {disk: x}\n")

    assert error.where == f"{tmp_path}/onset.yaml:2:9"
    assert error.message.startswith(
        "state: disk is not set, neither under 'vars:' of this file nor in the env"
    )


def test_an_error_in_a_rule_points_at_what_is_written(tmp_path):
    (error,) = refused(tmp_path, rule("role = '${role}' and knd = 1", "{role: still}"))

    assert error.where == f"{tmp_path}/onset.yaml:5:41"
    assert error.excerpt.splitlines()[1].strip() == "^^^"


def test_an_error_in_what_a_var_gave_points_at_its_reference(tmp_path):
    (error,) = refused(tmp_path, rule("circled and ${look}", "{look: \"lok = 'day'\"}"))

    assert error.where == f"{tmp_path}/onset.yaml:5:32"
    assert error.excerpt.splitlines()[1].strip() == "^" * len("${look}")
    assert "unknown column 'lok'" in error.message


# name: (file, place, message)
BAD = {
    "unknown, one is near": (
        rule("role = '${nam}'", "{name: x, other: y}"),
        "5:28",
        "route 'a': when: nam is not set, neither under 'vars:' nor in the environment; did you mean ${name}?",
    ),
    "unknown, none is near": (
        rule("role = '${zebra}'", "{name: x}"),
        "5:28",
        "set it, or give a default as ${zebra:-value}",
    ),
    "unknown in a var": (
        rule("role = '${a}'", "{a: 'x-${nme}', name: x}"),
        "1:14",
        "vars: a: nme is not set, neither under 'vars:' nor in the environment; did you mean ${name}?",
    ),
    "unknown in a var that nobody uses": (rule("true", "{a: '${NO}'}"), "1:12", "vars: a: NO is not set"),
    "circle": (rule("${a}", "{a: 'x ${b}', b: '${a}'}"), "1:11", "needs itself (a -> b -> a); give one"),
    "malformed": (rule("true", "{a: '${b'}"), "1:12", "begins no reference"),
    "name": (rule("true", "{a-b: x}"), "1:8", "vars: 'a-b' cannot be a name; use letters, digits"),
    "list": (rule("true", "{a: [x]}"), "1:11", "a list where a single value is needed; write out"),
    "nothing": (rule("true", "{a: }"), "1:8", "vars: a is empty; give it a value"),
    "not a mapping": (rule("true", "[a]"), "1:7", "a list where names with values are needed"),
    "wrong value": (
        "vars: {h: 17}\n" + BASE + proxied("${h}"),
        "1:11",
        "vars: h (for transform 'a.proxy': height): is odd; write an even number",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_names_is_told_once_at_its_place(tmp_path, name):
    text, place, message = BAD[name]

    errors = refused(tmp_path, text)

    assert [error.where for error in errors] == [f"{tmp_path}/onset.yaml:{place}"]
    assert message in errors[0].message


def test_a_var_of_another_file_that_is_wrong_is_told_there(tmp_path):
    (error,) = refused(tmp_path, "include: [a.yaml]\n" + rule("${a}", "{b: 1}"), a="vars:\n  a: ${NO}\n")

    assert error.where == f"{tmp_path}/a.yaml:2:6"


def test_values_of_the_environment_stay_out_of_messages_whatever_they_came_through(tmp_path):
    text = rule("${t}", "{t: '${TOKEN}'}").replace(
        "use: cloud", 'use: cloud, token: "${t}", checked: "x${t}"'
    )

    for error in refused(tmp_path, text, {"TOKEN": "Hunter2"}):
        assert "unter2" not in str(error) + error.excerpt


@given(
    st.lists(st.sampled_from(["a", " ", "${A}", "${B}", "${E}", "${N:-de}", "$${", "'", "é"]), max_size=8),
    st.data(),
)
def test_every_character_of_an_expanded_text_is_found_where_it_was_written(parts, data):
    known = {"A": "12", "B": "b", "E": ""}
    written = "".join(parts)

    def look_up(name):
        if name not in known:
            raise UnknownNameError(name)
        return Expanded(known[name], known[name])

    found = expand(written, written, look_up)

    if found.text:
        offset = data.draw(st.integers(0, len(found.text) - 1))
        start, length = found.origin(offset, 1)
        part = written[start : start + length]
        assert part == found.text[offset] or (part.startswith("$") and part in parts)
