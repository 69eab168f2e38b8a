"""Bad pipeline files: one line each, with line, column, caret and remedy; never anything but ConfigError."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config_rig import GOOD, registry
from rushes import ConfigError
from rushes.config.find import find_file, state_of
from rushes.config.load import load

SOURCES = "sources: [{id: cards, use: folder, path: /c}]\n"
SINKS = "sinks: [{id: cloud, use: cloud}]\n"
BASE = SOURCES + SINKS


def route(text):
    return f"{BASE}routes:\n  - {{{text}}}\n"


def source(text):
    return f"sources:\n  - {text}\n"


# name: (file, line:column, what the message says, what the caret stands under)
BAD = {
    "empty": ("", "1:1", "empty; a pipeline file needs", ""),
    "only a comment": ("# nothing\n", "1:1", "empty", "#"),
    "a list": ("- a\n", "1:1", "a list where keys are needed", "-"),
    "a word": ("hello\n", "1:1", "a single value where keys are needed", "hello"),
    "tab": ("sources:\n\t- a\n", "2:1", "a tab cannot indent", "\t"),
    "open quote": ("pipeline: 'onset\n", "1:11", "quote is never closed", "'"),
    "open bracket": ("sources: [\n", None, "a bracket is never closed", None),
    "missing comma": ("sources: [{id: a use: b}]\n", None, "", None),
    "two colons": ("pipeline: a: b\n", "1:12", "a ':' cannot stand here", ":"),
    "indentation": ("sources:\n  - {id: a}\n - {id: b}\n", "3:2", "does not line up", "-"),
    "no colon": ("pipeline: a\nstate\nsinks: []\n", "2:1", "no ': ' is found", "s"),
    "reserved character": ("pipeline: @set\n", "1:11", "cannot begin with '@'", "@"),
    "alias": ("pipeline: *set\n", "1:11", "'*set' names no anchor", "*"),
    "two documents": ("pipeline: a\n---\npipeline: b\n", "2:1", "second document", "-"),
    "tag": ("pipeline: !!python/name:os.system x\n" + BASE, "1:11", "means nothing here", None),
    "bell": ("pipeline: a\n# \x07\n", "2:3", "U+0007 cannot stand in a text file", "\x07"),
    "escaped NUL": ('state: "a\\0b"\n' + BASE, "1:8", "not text", '"a\\0b"'),
    "key twice": (
        "pipeline: a\npipeline: b\n" + BASE,
        "2:1",
        "stands here twice (first in line 1)",
        "pipeline",
    ),
    "mapping as key": ("? {a: b}\n: c\n" + BASE, "1:3", "a mapping cannot be a key", "{"),
    "unknown key": (BASE + "route: []\n", "3:1", "unknown key 'route'; did you mean 'routes'?", "route"),
    "no sources": (SINKS, "1:1", "no source", "s"),
    "empty sources": ("sources: []\n", "1:1", "no source", "sources"),
    "sources a mapping": ("sources: {id: a}\n", "1:10", "a mapping where a list is needed", "{"),
    "source a name": (source("folder"), "2:5", "a single value cannot stand here; write {id:", "folder"),
    "source without id": (source("{use: folder, path: a}"), "2:5", "'id' is missing; add id", "{"),
    "source without use": (source("{id: a, path: a}"), "2:5", "'use' is missing; add use", "{"),
    "id is a list": (source("{id: [a], use: folder, path: a}"), "2:10", "a list where a name is needed", "["),
    "id in capitals": (
        source("{id: Cards, use: folder, path: a}"),
        "2:10",
        "use lower-case letters",
        "Cards",
    ),
    "unknown use": (source("{id: a, use: foldr}"), "2:18", "'foldr'; did you mean 'folder'?", "foldr"),
    "use of another kind": (source("{id: a, use: proxy}"), "2:18", "it is a transform", "proxy"),
    "path missing": (source("{id: a, use: folder}"), "2:5", "'path' is missing; add path", "{"),
    "path empty": (source("{id: a, use: folder, path: ''}"), "2:32", "is empty", "''"),
    "path null": (source("{id: a, use: folder, path: }"), "2:26", "is empty", "path"),
    "unknown option": (
        source("{id: a, use: folder, path: a, setle: 2s}"),
        "2:35",
        "unknown key 'setle'; did you mean 'settle'?",
        "setle",
    ),
    "core key misspelt": (
        source("{id: a, use: folder, path: a, slot: 2}"),
        "2:35",
        "did you mean 'slots'?",
        "slot",
    ),
    "slots none": (source("{id: a, use: folder, path: a, slots: 0}"), "2:42", "must be at least 1", "0"),
    "slots a word": (source("{id: a, use: folder, path: a, slots: two}"), "2:42", "whole number", "two"),
    "bad duration": (source("{id: a, use: folder, path: a, settle: 2x}"), "2:43", "not a duration", "2x"),
    "bad choice": (
        source("{id: a, use: folder, path: a, mode: pol}"),
        "2:41",
        "did you mean 'poll'?",
        "pol",
    ),
    "not a list": (source("{id: a, use: folder, path: a, include: x}"), "2:44", "must be a list", "x"),
    "number for text": (
        source("{id: a, use: folder, path: a, include: [x, 1]}"),
        "2:48",
        "put it in quotes",
        "1",
    ),
    "source twice": (
        "sources:\n  - {id: a, use: folder, path: a}\n  - {id: a, use: folder, path: b}\n",
        "3:10",
        "'a' is taken (line 2)",
        "a",
    ),
    "sink with id of source": (
        SOURCES + "sinks: [{id: cards, use: cloud}]\n",
        "2:14",
        "'cards' is taken (line 1)",
        "cards",
    ),
    "variable not set": (source("{id: a, use: folder, path: 'x/${NO}'}"), "2:35", "NO is not set", "${NO}"),
    "bad reference": (source("{id: a, use: folder, path: '${1}'}"), "2:33", "begins no reference", "${"),
    "route a name": (BASE + "routes: [dailies]\n", "3:10", "a single value cannot stand here", "dailies"),
    "route without id": (route("when: true, to: [cloud]"), "4:5", "'id' is missing", "{"),
    "route without when": (route("id: a, to: [cloud]"), "4:5", "add when: true", "{"),
    "route to nothing": (route("id: a, when: true"), "4:5", "goes nowhere; add to:", "{"),
    "route to a word": (route("id: a, when: true, to: cloud"), "4:29", "write [cloud]", "cloud"),
    "route to unknown": (route("id: a, when: true, to: [clud]"), "4:30", "did you mean 'cloud'?", "clud"),
    "wish unknown": (
        route("id: a, when: true, to: [{sink: cloud, chanel: x}]"),
        "4:44",
        "did you mean 'channel'?",
        "chanel",
    ),
    "wish not agreed to": (
        SOURCES
        + "sinks: [{id: cloud, use: cloud, checked: false}]\n"
        + "routes:\n  - {id: a, when: true, to: [{sink: cloud, channel: checked}]}\n",
        "4:30",
        "no channel 'checked' where",
        "{",
    ),
    "wish that no ledger can keep": (
        route("id: a, when: true, to: [{sink: cloud, channel: x, odd: y}]"),
        "4:30",
        "its options for routes are not JSON (",
        "{",
    ),
    "wish missing": (route("id: a, when: true, to: [{sink: cloud}]"), "4:30", "channel", "{"),
    "sink without wishes": (
        SOURCES
        + "sinks: [{id: d, use: disk}]\nroutes:\n  - {id: a, when: true, to: [{sink: d, channel: x}]}\n",
        "4:30",
        "takes no options from routes; write 'd' alone",
        "{",
    ),
    "to without a sink": (
        route("id: a, when: true, to: [{channel: x}]"),
        "4:30",
        "a mapping that names no sink; write SINK or {sink: SINK,",
        "{",
    ),
    "route with two lines as id": (
        route('id: "a\\n\\nb", when: true, to: [cloud]'),
        "4:10",
        "id 'a  b' is not one",
        '"a\\n\\nb"',
    ),
    "route to one twice": (route("id: a, when: true, to: [cloud, cloud]"), "4:37", "named twice", "cloud"),
    "route key": (
        route("id: a, when: true, to: [cloud], prio: 1"),
        "4:38",
        "did you mean 'priority'?",
        "prio",
    ),
    "auto a word": (
        route("id: a, when: true, to: [cloud], auto: maybe"),
        "4:44",
        "true or false",
        "maybe",
    ),
    "step unknown": (
        route("id: a, when: true, to: [cloud], steps: [prox]"),
        "4:46",
        "did you mean 'proxy'?",
        "prox",
    ),
    "step option": (
        route("id: a, when: true, to: [cloud], steps: [{use: proxy, height: 17}]"),
        "4:67",
        "is odd; write an even number",
        "17",
    ),
    "step option no mapping": (
        route("id: a, when: true, to: [cloud], steps: [{use: proxy, line: true}]"),
        "4:65",
        "line: must be a mapping; write {key: value}",
        "true",
    ),
    "step a list": (route("id: a, when: true, to: [cloud], steps: [[proxy]]"), "4:46", "a list cannot", "["),
    "routes twice": (
        BASE + "routes:\n  - {id: a, when: true, to: [cloud]}\n  - {id: a, when: true, to: [cloud]}\n",
        "5:10",
        "route id 'a' is taken",
        "a",
    ),
    "when unknown column": (
        route("id: a, when: circled and knd = 'video', to: [cloud]"),
        "4:31",
        "did you mean 'kind'?",
        "knd",
    ),
    "when quoted": (
        route("id: a, when: 'kind = ''audio'' and rol = 1', to: [cloud]"),
        "4:41",
        "unknown column 'rol'",
        "rol",
    ),
    "when folded": (
        BASE
        + "routes:\n  - id: a\n    to: [cloud]\n"
        + "    when: >\n      circled and\n      (\n        bogus\n      )\n",
        "9:9",
        "unknown column 'bogus'",
        "bogus",
    ),
    "when a list": (route("id: a, when: [circled], to: [cloud]"), "4:19", "a list where a rule is", "["),
    "when not a truth": (route("id: a, when: size, to: [cloud]"), "4:19", "not true or false", "size"),
    "when empty": (route("id: a, when: '', to: [cloud]"), "4:20", "the rule is empty", "'"),
    "else first": (
        route("id: a, else: true, to: [cloud]"),
        "4:13",
        "no route is before it; move it behind the others, or write when: true",
        "else",
    ),
    "else a word": (route("id: a, else: sometimes, to: [cloud]"), "4:19", "true or false", "sometimes"),
    "else misspelt": (
        route("id: a, when: true, esle: true, to: [cloud]"),
        "4:25",
        "did you mean 'else'?",
        "esle",
    ),
    "final misspelt": (
        route("id: a, when: true, finl: true, to: [cloud]"),
        "4:25",
        "did you mean 'final'?",
        "finl",
    ),
    "final a number": (
        route("id: a, when: true, to: [cloud], final: 2"),
        "4:45",
        "must be true or false",
        "2",
    ),
    "match misspelt": (
        BASE + "match: frist\n",
        "3:8",
        "neither all nor first; did you mean 'first'?",
        "frist",
    ),
    "match a list": (
        BASE + "match: [first]\n",
        "3:8",
        "a list where a word is needed; write all or first",
        "[",
    ),
    "match empty": (BASE + "match:\n", "3:1", "nothing where a word is needed; write all", "match"),
    "priority too high": (
        route("id: a, when: true, to: [cloud], priority: 1000001"),
        "4:48",
        "must be at most 1000000",
        "1000001",
    ),
    "priority too low": (
        route("id: a, when: true, to: [cloud], priority: -1000001"),
        "4:48",
        "must be at least -1000000",
        "-1000001",
    ),
    "priority a word": (
        route("id: a, when: true, to: [cloud], priority: high"),
        "4:48",
        "'high' is neither a number nor a column; write priority: 100, or an expression such as case",
        "high",
    ),
    "priority a truth": (
        route("id: a, when: true, to: [cloud], priority: true"),
        "4:48",
        "true or false where a number is needed; write priority: 100",
        "true",
    ),
    "priority empty": (
        route("id: a, when: true, to: [cloud], priority: "),
        "4:38",
        "nothing where a number or an expression is needed; write priority: 100",
        "priority",
    ),
    "priority a list": (
        route("id: a, when: true, to: [cloud], priority: [1]"),
        "4:48",
        "write priority: 100",
        "[",
    ),
    "priority gives text": (
        route("id: a, when: true, to: [cloud], priority: name"),
        "4:48",
        "gives text, not a number; write a number",
        "name",
    ),
    "priority misspelt column": (
        route("id: a, when: true, to: [cloud], priority: 'sze + 1'"),
        "4:49",
        "did you mean 'size'?",
        "sze",
    ),
    "priority of unknown function": (
        route("id: a, when: true, to: [cloud], priority: lenght(name)"),
        "4:48",
        "did you mean 'length'?",
        "lenght(name)",
    ),
    "wait a word": (
        route("id: a, when: true, to: [cloud], wait: sound"),
        "4:44",
        "write {for: sound, at_most: 10m}",
        "sound",
    ),
    "wait empty": (
        route("id: a, when: true, to: [cloud], wait: "),
        "4:38",
        "nothing where 'for' and 'at_most' are needed; write",
        "wait",
    ),
    "wait without for": (
        route("id: a, when: true, to: [cloud], wait: {at_most: 1m}"),
        "4:44",
        "'for' is missing; write for: sound, or a rule",
        "{",
    ),
    "wait without at_most": (
        route("id: a, when: true, to: [cloud], wait: {for: sound}"),
        "4:44",
        "'at_most' is missing; add at_most",
        "{",
    ),
    "wait for something misspelt": (
        route("id: a, when: true, to: [cloud], wait: {for: sond, at_most: 1m}"),
        "4:50",
        "'sond' is no rule; did you mean 'sound'?",
        "sond",
    ),
    "wait for no rule": (
        route("id: a, when: true, to: [cloud], wait: {for: size, at_most: 1m}"),
        "4:50",
        "wait: for: gives a value (BIGINT), not true or false; compare it",
        "size",
    ),
    "wait for a list": (
        route("id: a, when: true, to: [cloud], wait: {for: [sound], at_most: 1m}"),
        "4:50",
        "for: a list where a rule is needed; write for: sound",
        "[",
    ),
    "wait for ever": (
        route("id: a, when: true, to: [cloud], wait: {for: sound, at_most: 367d}"),
        "4:66",
        "must be more than 0s and at most 366d",
        "367d",
    ),
    "wait not at all": (
        route("id: a, when: true, to: [cloud], wait: {for: sound, at_most: 0s}"),
        "4:66",
        "must be more than 0s and at most 366d",
        "0s",
    ),
    "wait no duration": (
        route("id: a, when: true, to: [cloud], wait: {for: sound, at_most: soon}"),
        "4:66",
        "write a duration such as",
        "soon",
    ),
    "wait key": (
        route("id: a, when: true, to: [cloud], wait: {for: sound, atmost: 1m}"),
        "4:57",
        "did you mean 'at_most'?",
        "atmost",
    ),
    "wait of a live route": (
        route("id: a, when: true, to: [cloud], live: true, wait: {for: sound, at_most: 1m}"),
        "4:50",
        "cannot wait; remove one of them",
        "wait",
    ),
    "observers a mapping": (
        BASE + "observers: {id: a}\n",
        "3:12",
        "a mapping where a list is needed; write [{id: ...}], with brackets",
        "{",
    ),
    "observer a name": (BASE + "observers: [webhook]\n", "3:13", "cannot stand here; write {id:", "webhook"),
    "observer unknown": (
        BASE + "observers: [{id: h, use: webhok, url: u}]\n",
        "3:26",
        "did you mean 'webhook'?",
        "webhok",
    ),
    "observer that is a sink": (
        BASE + "observers: [{id: h, use: disk}]\n",
        "3:26",
        "it is a sink; name it under sinks:",
        "disk",
    ),
    "observer with the id of a sink": (
        BASE + "observers: [{id: cloud, use: webhook, url: u}]\n",
        "3:18",
        "observer id 'cloud' is taken (line 2); rename one",
        "cloud",
    ),
    "observer with slots": (
        BASE + "observers: [{id: h, use: webhook, url: u, slots: 2}]\n",
        "3:43",
        "an observer has no slots; remove the key",
        "slots",
    ),
    "observer option": (
        BASE + "observers: [{id: h, use: webhook, url: u, scret: '${S}'}]\n",
        "3:43",
        "did you mean 'secret'?",
        "scret",
    ),
    "secret written out": (
        BASE + "observers: [{id: h, use: webhook, url: u, secret: hunter2}]\n",
        "3:51",
        "a secret cannot stand in a file; set a variable of the environment and write secret: ${NAME}",
        "*******",
    ),
    "include missing": (
        BASE + "include: [none.yaml]\n",
        "3:11",
        "no such file; correct its name or remove",
        "none.yaml",
    ),
    "include itself": (BASE + "include: [bad.yaml]\n", "3:11", "is a circle; remove this line", "bad.yaml"),
    "include a word": (BASE + "include: a.yaml\n", "3:10", "a list is needed; write [FILE]", "a.yaml"),
    "vars a list": (BASE + "vars: [a]\n", "3:7", "names with values are needed; write {NAME: VALUE}", "["),
    "var unknown": (
        "vars: {day_look: day}\n" + route("id: a, when: \"card = '${day_lok}'\", to: [cloud]"),
        "5:28",
        "day_lok is not set, neither under 'vars:' nor in the environment; did you mean ${day_look}?",
        "${day_lok}",
    ),
    "var empty": (BASE + "vars: {a: }\n", "3:8", "vars: a is empty; give it a value or remove", "a"),
    "var that needs itself": (
        BASE + "vars: {a: '${b}', b: '${a}'}\n",
        "3:11",
        "vars: a needs itself (a -> b -> a); give one of them a value",
        "'${b}'",
    ),
    "state a list": ("state: [a]\n" + BASE, "1:8", "a list where text is needed", "["),
    "state empty": ("state:\n" + BASE, "1:1", "'state' is empty", "state"),
    "name a path": ("pipeline: a/b\n" + BASE, "1:1", "cannot name a folder", "pipeline"),
    "too deep": ("a: " + "[" * 100 + "]" * 100, None, "too deeply nested", None),
    "far too deep": ("[" * 5000, None, "nested too deeply", None),
    "alias of itself": ("a: &a [*a]", "1:4", "too many or too deeply nested", "&"),
    "alias bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{c}: &{c} [{', '.join([f'*{b}'] * 10)}]\n" for b, c in ["ab", "bc", "cd", "de", "ef"]),
        None,
        "too many",
        None,
    ),
}


ROUTED = route("id: a, when: true, to: [cloud]")
QUOTED = "goes on behind a quote or bracket; put all of it in quotes"

#: What newcomers write: one error, and no more of what follows from it.
ALONE = {
    "sink for sinks": (ROUTED.replace("sinks:", "sink:"), "2:1", "did you mean 'sinks'?"),
    "sinks a mapping": (
        f"{SOURCES}sinks: {{cloud: {{use: cloud}}}}\nroutes: [{{id: a, when: true, to: [cloud]}}]\n",
        "2:8",
        "a mapping where a list is needed",
    ),
    "whens": (route("id: a, whens: circled, to: [cloud]"), "4:13", "did you mean 'when'?"),
    "too": (route("id: a, when: circled, too: [cloud]"), "4:28", "did you mean 'to'?"),
    "ids": (route("ids: a, when: circled, to: [cloud]"), "4:6", "did you mean 'id'?"),
    "otherwise": (
        route("id: a, otherwise: true, to: [cloud]"),
        "4:13",
        "unknown key 'otherwise'; did you mean 'else'?",
    ),
    "at_most of a route": (
        route("id: a, when: true, to: [cloud], at_most: 1m"),
        "4:38",
        "under 'wait:' of a route",
    ),
    "match in a route": (
        route("id: a, when: true, to: [cloud], match: first"),
        "4:38",
        "at the top of the file",
    ),
    "final at the top": (ROUTED + "final: true\n", "5:1", "it belongs in a route"),
    "steps in a source": (
        source("{id: a, use: folder, path: a, steps: []}"),
        "2:35",
        "it belongs in a route",
    ),
    "rule behind a quote": (BASE + "routes:\n  - id: a\n    when: 'video' = kind\n", "5:19", QUOTED),
    "template in braces": (BASE + "routes:\n  - id: a\n    when: {x}/{y}\n", "5:14", QUOTED),
    "rule with >": (BASE + "routes:\n  - id: a\n    when: > 3\n", "5:13", "put it in quotes"),
    "typographic quotes": (
        route("id: a, when: kind = \u2018video\u2019, to: [cloud]"),
        "4:26",
        "write straight ones: 'video'",
    ),
    "backslashes": (
        source('{id: a, use: folder, path: "D:\\media"}'),
        "2:36",
        "put the text in single quotes",
    ),
    "dash without a space": ("sources:\n  -{id: a, use: folder, path: a}\n", "2:3", "missing behind '-'"),
    "colon without a space": (
        f"pipeline:onset\n{BASE}",
        "1:1",
        "a space is missing behind 'pipeline:'; write 'pipeline: VALUE'",
    ),
    "colon without a space in braces": (
        source("{id:a, use: folder, path: a}"),
        "2:6",
        "a space is missing behind 'id:'; write id: a",
    ),
    "typographic quotes around a value": (
        source("{id: a, use: folder, path: \u201c/media\u201d}"),
        "2:32",
        "typographic quotes are a part of this text; write straight ones, or none",
    ),
    "bracket that another line should close": (
        "sources:\n  - {id: a, use: folder, path: a\nsinks: []\n",
        "3:6",
        "is missing here (its bracket opens in line 2)",
    ),
    "a merge": (route("<<: {when: true}, id: a, to: [cloud]"), "4:6", "write the keys out"),
    "a column as a variable": (
        source("{id: a, use: folder, path: '${roll}'}"),
        "2:33",
        "in a folder write {roll} for what a clip tells",
    ),
    "another tool's word": (route("id: a, if: circled, to: [cloud]"), "4:13", "did you mean 'when'?"),
    "destination at the top": (f"{SOURCES}destination: []\n", "2:1", "did you mean 'sinks'?"),
    "live and waiting, one of them wrong": (
        route("id: a, when: true, to: [cloud], live: true, wait: {for: sound, at_most: 1m}"),
        "4:50",
        "a live route starts while a clip is recorded and cannot wait",
    ),
    "||": (route('id: a, when: "camera = name || name = card", to: [cloud]'), "4:34", "write or"),
    "&&": (route("id: a, when: circled && waste, to: [cloud]"), "4:27", "write and"),
}


@pytest.mark.parametrize("name", ALONE)
def test_what_newcomers_write_is_one_error(tmp_path, name):
    text, place, message = ALONE[name]
    file = tmp_path / "bad.yaml"
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        load(file, registry(), {})

    assert message in caught.value.message
    assert caught.value.where == f"{file}:{place}"
    assert getattr(caught.value, "others", ()) == ()


def test_what_is_called_a_secret_is_shown_nowhere_although_its_key_is_unknown(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(
        f"{SOURCES}sinks: [{{id: cloud, use: cloud, api_key: hunter2, more: {{token: [hunter2]}}}}]\n"
    )
    with pytest.raises(ConfigError, match="unknown key 'api_key'") as caught:
        load(file, registry(), {})
    assert "hunter2" not in "".join(each.excerpt for each in (caught.value, *caught.value.others))


def test_a_secret_among_the_options_for_routes_is_the_plugins_fault(tmp_path):
    """The ledger would keep asterisks of it."""
    file = tmp_path / "bad.yaml"
    file.write_text(route("id: a, when: true, to: [{sink: cloud, channel: x, secret: '${TOKEN}'}]"))

    with pytest.raises(
        ConfigError, match=r"come back changed, as a secret does\); tell the author of cloud"
    ) as caught:
        load(file, registry(), {"TOKEN": "hunter2hunter2"})
    assert "hunter2" not in f"{caught.value} {caught.value.excerpt}"


@pytest.mark.parametrize("name", BAD)
def test_one_line_with_its_place_and_remedy(tmp_path, name):
    text, place, message, under = BAD[name]
    file = tmp_path / "bad.yaml"
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        load(file, registry(), {})

    error = caught.value
    assert message in error.message
    assert re.search("; | must ", error.message)  # a remedy, or what must be
    assert "\n" not in str(error)
    assert re.fullmatch(rf"{re.escape(str(file))}:\d+:\d+", error.where)
    if place is not None:
        assert error.where == f"{file}:{place}"
    if not error.excerpt:  # of an empty line nothing can be shown
        number = int(error.where.split(":")[-2])
        assert (under or None, [*text.splitlines(), ""][number - 1 :][:1]) == (None, [""])
        return
    line, carets = error.excerpt.split("\n")
    assert carets.strip(" \t").strip("^") == ""
    if under is not None:
        start = len(carets) - len(carets.lstrip(" \t"))
        assert line[start : start + len(carets.strip())] == under


def test_every_error_of_a_file_is_told_in_order(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(
        "sources:\n"
        "  - {id: a, use: folder, path: x, settle: soon, mode: no}\n"
        "  - {id: b, use: nothing}\n"
        "routes:\n"
        "  - {id: r, when: bogus, to: [none], auto: 7}\n"
        "sinks: [{id: cloud, use: cloud}]\n"
    )

    with pytest.raises(ConfigError) as caught:
        load(file, registry(), {})

    errors = [caught.value, *caught.value.others]
    assert [error.where.split(":")[-2:] for error in errors] == [
        ["2", "43"],
        ["2", "55"],
        ["3", "18"],
        ["5", "19"],
        ["5", "31"],
        ["5", "44"],
    ]


def test_not_utf8_is_told_with_its_place(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes("pipeline: onset\nstate: ./Käse\n".encode("latin-1"))

    with pytest.raises(ConfigError, match=r"latin.yaml:2:11: byte 0xE4 is not UTF-8; save the file as UTF-8"):
        load(file, registry(), {})


def test_a_byte_order_mark_is_passed_over(tmp_path):
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())

    assert load(file, registry(), {}).name == "onset"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "not a file"),
        (lambda path: path.write_bytes(b"#" * (2 << 20)), "larger than 1 MiB"),
    ],
)
def test_what_is_no_file(tmp_path, make, message):
    path = tmp_path / "onset.yaml"
    make(path)

    with pytest.raises(ConfigError, match=message):
        load(path, registry(), {})


def test_values_of_the_environment_stay_out_of_messages(tmp_path):
    file = tmp_path / "secret.yaml"
    file.write_text(BASE.replace("use: cloud", 'use: cloud, token: "${TOKEN}", checked: "${TOKEN}"'))

    with pytest.raises(ConfigError) as caught:
        load(file, registry(), {"TOKEN": "Hunter2"})

    for error in [caught.value, *caught.value.others]:
        assert "Hunter2" not in str(error) + error.excerpt


def test_a_validator_that_breaks_is_told_as_the_plugins_fault(tmp_path):
    from pydantic import model_validator

    from config_rig import spec
    from rushes import Options, hookimpl

    class Broken(Options):
        @model_validator(mode="after")
        def _boom(self):
            raise KeyError("boom")

    class Plugin:
        @hookimpl
        def rushes_sinks(self):
            return [spec("broken", Broken)]

    made = registry()
    made.register("more", Plugin())
    file = tmp_path / "a.yaml"
    file.write_text(SOURCES + "sinks: [{id: x, use: broken}]\n")

    with pytest.raises(
        ConfigError, match=r":2:9: sink 'x': its options cannot be checked \(KeyError: 'boom'\)"
    ):
        load(file, made, {})


MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(
    text=st.text(alphabet=st.sampled_from("ab:-[]{}'\"#&*!|>%@`,? \n\t0.~$<\\é\x07\u2028\ud800"), max_size=60)
)
def test_any_text_loads_or_is_a_config_error(tmp_path, text):
    file = tmp_path / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(ConfigError):
        load(file, registry(), {})


RICH = """\
include: [night.yaml]
vars: {height: 540, look: "${LOOK:-day}"}
match: first
routes:
  - id: selects
    when: circled and meta['look'] = '${look}'
    priority: case when scene = '12A' then ${height} else 100 end
    final: true
    steps: [{use: proxy, height: "${height}"}]
    to: [{sink: cloud, channel: "${look}"}]
    wait: {for: sound, at_most: 10m}
  - {id: rest, else: true, to: [cloud]}
observers: [{id: hook, use: webhook, url: u, secret: "${SECRET}"}]
"""


@MANY
@given(data=st.data())
@pytest.mark.parametrize("good", [GOOD, RICH])
def test_a_good_file_spoilt_anywhere_loads_or_is_a_config_error(tmp_path, good, data):
    (tmp_path / "night.yaml").write_text(BASE)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 12)))
    middle = data.draw(st.text(alphabet="ab:-[]{}'\"#&*!|> \n\t1,()=$", max_size=6))
    file = tmp_path / "spoilt.yaml"
    file.write_text(good[:start] + middle + good[end:])

    try:
        load(file, registry(), {"SECRET": "x"})
        state_of(file, {})
    except ConfigError as error:
        assert "\n" not in str(error)  # noqa: PT017 - it may also load


def test_the_good_files_are_good(tmp_path):
    (tmp_path / "night.yaml").write_text(BASE)
    (tmp_path / "rich.yaml").write_text(RICH)

    selects, rest = load(tmp_path / "rich.yaml", registry(), {"SECRET": "x"}).routes

    assert (selects.steps[0].options.height, selects.wishes["cloud"].channel) == (540, "day")
    assert selects.priority == "case when scene = '12A' then 540 else 100 end"
    assert rest.otherwise


def test_a_missing_file_names_both_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "onset.yaml").write_text(GOOD)

    with pytest.raises(
        ConfigError, match=r"onst.yaml: no such file here or in pipelines/; did you mean 'onset.yaml'"
    ):
        find_file("onst.yaml")
    with pytest.raises(ConfigError, match=r"elsewhere/onset.yaml: no such file; correct its name"):
        find_file("elsewhere/onset.yaml")
