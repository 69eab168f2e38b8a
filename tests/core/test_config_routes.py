"""Keys of routes and of the whole file: match, final, else, priority, wait, observers, and what never happens."""

from __future__ import annotations

import pytest

from config_rig import registry
from rushes import rules
from rushes.config.load import load
from rushes.config.pipeline import Wait

BASE = "sources: [{id: cards, use: folder, path: cards}]\nsinks: [{id: cloud, use: cloud}]\n"


def loaded(folder, text, environment=None):
    file = folder / "onset.yaml"
    file.write_text(BASE + text)
    return load(file, registry(), environment or {})


def routes(*entries):
    return "routes:\n" + "".join(f"  - {{to: [cloud], {entry}}}\n" for entry in entries)


@pytest.mark.parametrize(
    ("line", "match"), [("", "all"), ("match: all\n", "all"), ("match: first\n", "first")]
)
def test_match(tmp_path, line, match):
    assert loaded(tmp_path, line).match == match


def test_final_and_else(tmp_path):
    one, two, three = loaded(
        tmp_path,
        routes(
            "id: one, when: circled, final: true", "id: two, else: true", "id: three, else: true, when: mos"
        ),
    ).routes

    assert (one.final, one.otherwise, one.when) == (True, False, "circled")
    assert (two.final, two.otherwise, two.when) == (False, True, "true")
    assert (three.otherwise, three.when) == (True, "mos")


@pytest.mark.parametrize(
    ("written", "priority"),
    [
        ("100", 100),
        ("-1_000", -1000),
        ("'20'", 20),
        ("'${P}'", 7),
        ("'${P}0'", 70),
        ("1000000", 1_000_000),
        ("size / 1000", "size / 1000"),
        (
            "\"case when scene = '12A' then 200 else 100 end\"",
            "case when scene = '12A' then 200 else 100 end",
        ),
        ("'coalesce(duration, 0) * ${P}'", "coalesce(duration, 0) * 7"),
        ("length(name)", "length(name)"),
        ("1.5", "1.5"),
    ],
)
def test_a_priority_is_a_number_or_an_expression(tmp_path, written, priority):
    text = routes(f"id: a, when: true, priority: {written}")

    assert loaded(tmp_path, text, {"P": "7"}).routes[0].priority == priority


@pytest.mark.parametrize(
    "expression", ["size", "duration", "1", "size * 0.5", "length(name)", "1e3", "sqrt(2)"]
)
def test_what_gives_a_number(expression):
    rules.check_number(expression)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("name", "gives text, not a number; write a number, or an expression such as case when"),
        ("circled", "gives true or false, not a number"),
        ("NULL", "gives nothing, not a number"),
        ("modified", "gives a value (TIMESTAMP), not a number"),
        ("meta", "gives a value (MAP"),
        ("sze", "unknown column 'sze'; did you mean 'size'?"),
        ("random()", "does not always give the same answer"),
        ("count(*)", "looks at many clips"),
        ("1, 2", "write one expression"),
    ],
)
def test_what_gives_no_number(expression, message):
    with pytest.raises(rules.RuleError) as caught:
        rules.check_number(expression)

    assert message in caught.value.message


@pytest.mark.parametrize(
    ("rule", "always"),
    [
        ("true", True),
        ("1 = 1", True),
        ("false", False),
        ("NULL", False),
        ("cast('x' as integer) = 1", False),
        ("circled", None),
        ("circled or true", None),
    ],
)
def test_what_a_rule_is_of_every_clip(rule, always):
    assert rules.constant(rule) is always


@pytest.mark.parametrize(
    ("written", "wait"),
    [
        (
            "{for: sound, at_most: 10m}",
            Wait(what="sound", rule="matched = 'matched' or coalesce(mos, false)", at_most=600),
        ),
        ("{for: circled, at_most: 90}", Wait(what="circled", rule="circled", at_most=90)),
        (
            "{for: \"scene = '${S}'\", at_most: '${T}'}",
            Wait(what="scene = '7'", rule="scene = '7'", at_most=3600),
        ),
    ],
)
def test_a_wait_is_for_sound_or_a_rule(tmp_path, written, wait):
    found = loaded(tmp_path, routes(f"id: a, when: true, wait: {written}"), {"S": "7", "T": "1h"})

    assert found.routes[0].wait == wait
    rules.check(found.routes[0].wait.rule)


def test_observers_are_components_like_sinks(tmp_path):
    pipeline = loaded(
        tmp_path,
        "observers:\n  - {id: hook, use: webhook, url: u, secret: '${S}'}\n  - {id: two, use: webhook, url: v}\n",
        {"S": "x"},
    )

    hook, two = pipeline.observers
    assert (hook.id, hook.kind, hook.use, hook.options.url) == ("hook", "observer", "webhook", "u")
    assert hook.where == f"{tmp_path}/onset.yaml:4:5"
    assert pipeline.components[-2:] == (hook, two)


@pytest.mark.parametrize(
    ("top", "entries", "noted"),
    [
        ("", ["id: a, when: true", "id: b, when: true"], []),
        ("", ["id: a, when: circled, final: true", "id: b, when: true"], []),
        (
            "",
            ["id: a, when: true, final: true", "id: b, when: circled", "id: c, else: true"],
            [
                "route 'b' (FILE:5:5) takes no clip: route 'a' before it is final and takes every clip",
                "route 'c' (FILE:6:5) takes no clip: route 'a' before it is final and takes every clip",
            ],
        ),
        (
            "match: first\n",
            ["id: a, when: 1 = 1", "id: b, when: circled"],
            ["route 'b' (FILE:6:5) takes no clip: route 'a' before it takes every clip, and match is first"],
        ),
        (
            "",
            ["id: a, when: circled", "id: b, else: true", "id: c, else: true, when: mos"],
            [
                "route 'c' (FILE:6:5) takes no clip: it is an else, and every clip is taken by then (route 'b')"
            ],
        ),
        (
            "",
            ["id: a, when: true", "id: b, else: true"],
            [
                "route 'b' (FILE:5:5) takes no clip: it is an else, and every clip is taken by then (route 'a')"
            ],
        ),
        # What an else takes it ends, what others took goes on.
        ("", ["id: a, when: circled", "id: b, else: true, final: true", "id: c, when: true"], []),
        ("", ["id: a, when: false"], ["route 'a' (FILE:4:5) takes no clip: its rule is never true"]),
        (
            "",
            ["id: a, when: false, final: true", "id: b, when: true"],
            ["route 'a' (FILE:4:5) takes no clip: its rule is never true"],
        ),
    ],
)
def test_a_route_that_can_take_nothing_is_a_note(tmp_path, top, entries, noted):
    found = loaded(tmp_path, top + routes(*entries)).notes

    assert [note.replace(f"{tmp_path}/onset.yaml", "FILE") for note in found] == noted
