"""The schema says of a file what reading it says, as far as a schema can, and knows every plugin's options."""

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from pydantic import Field
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from config_rig import GOOD, nothing, registry, spec
from rushes import Duration, Options, Size, Spec, hookimpl
from rushes.cli.root import cli
from rushes.config.document import Entries, Items, read_document
from rushes.config.schema import ID, make
from rushes.config.types import parse_duration, parse_size
from rushes.registry import Registry

HERE = Path(__file__).parent
PIPELINES = HERE.parents[1] / "pipelines"
FILES = [file for file in sorted(PIPELINES.rglob("*.yaml")) if not file.stem.endswith(".test")]

_found = spec_from_file_location("bad_files", HERE / "test_config_bad_files.py")
bad_files = module_from_spec(_found)
_found.loader.exec_module(bad_files)

#: What only reading the file can know: other places of it, other files, rules, the environment, a plugin's validators.
BEYOND = {
    "escaped NUL", "no sources", "empty sources", "source twice", "sink with id of source", "variable not set",
    "bad reference", "route to unknown", "wish not agreed to", "wish that no ledger can keep", "wish missing",
    "sink without wishes", "route to one twice", "step option", "routes twice", "when unknown column", "when quoted",
    "when folded", "when not a truth", "when empty", "else first", "priority a word", "priority gives text",
    "priority misspelt column", "priority of unknown function", "wait for something misspelt", "wait for no rule",
    "wait for ever", "wait not at all", "wait of a live route", "observer with the id of a sink", "include missing",
    "include itself", "var unknown", "var that needs itself", "name a path",
}  # fmt: skip


def plain(text):
    return YAML(typ="safe", pure=True).load(text)


def checker(made):
    jsonschema.Draft202012Validator.check_schema(made.document)
    return jsonschema.Draft202012Validator(made.document)


@pytest.fixture(scope="module")
def installed():
    made = make(Registry.load())
    assert made.left_out == ()
    return made


@pytest.fixture(scope="module")
def plain_components():
    return checker(make(registry()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_pipelines_here_are_good(installed, file):
    assert [error.message for error in checker(installed).iter_errors(plain(file.read_text("utf-8")))] == []


@pytest.mark.parametrize("text", [GOOD, bad_files.RICH])
def test_a_file_that_loads_is_good(plain_components, text):
    assert [error.message for error in plain_components.iter_errors(plain(text))] == []


def test_every_place_of_a_value_may_hold_a_reference(plain_components):
    text = """
vars: {height: 720}
match: ${MATCH:-first}
sources: [{id: "${ID}", use: "${USE}", path: "${P}", settle: "${S}", slots: "${N}"}]
sinks: [{id: cloud, use: cloud, checked: "${C:-true}"}, {id: more, use: cloud, slots: "${N}", checked: "${C}"}]
observers: [{id: hook, use: webhook, url: "${U}", secret: "${HOOK}", headers: {a: "${HOOK:-}"}}]
routes:
  - {id: a, when: "${W}", to: ["${TO}"], auto: "${A}", live: "${L}", priority: "${PRI}", final: "${F}",
     wait: {for: sound, at_most: "${M}m"}, steps: [{use: proxy, height: "${height}", bitrate: "${B}M"}, "${T}"]}
"""
    assert [error.message for error in plain_components.iter_errors(plain(text))] == []


@pytest.mark.parametrize("name", bad_files.BAD)
def test_a_bad_file_is_bad_at_its_place(plain_components, tmp_path, name):
    text, place, _, under = bad_files.BAD[name]
    try:
        data = plain(text)
    except (YAMLError, ValueError, RecursionError):
        return  # no YAML: an editor says so without a schema
    errors = list(plain_components.iter_errors(data))
    assert (errors == []) == (name in BEYOND), errors
    if errors and data is not None and "alias" not in name and "deep" not in name:
        file = tmp_path / "bad.yaml"
        file.write_text(text)
        try:
            root = read_document(file).root
        except Exception:  # noqa: BLE001 - the root is no mapping: that is the place
            assert [list(error.absolute_path) for error in errors] == [[]]
            return
        told = [found for error in errors for found in places(root, error)]
        assert place in told or under in told


def places(root, error):
    """Where an error points: its value, the key of that, and the names it gives."""
    node, mark = root, root.mark
    for part in error.absolute_path:
        if isinstance(node, Entries):
            key, node = node.entries[str(part)]
            mark = key.mark
        elif isinstance(node, Items):
            node = node.items[part]
            mark = node.mark
    for at in (node.mark, mark):
        yield f"{at.line + 1}:{at.column + 1}"
    if error.validator == "additionalProperties":
        yield from re.findall(r"'(\w+)'", error.message)


class Third(Options):
    """Options as an author elsewhere writes them."""

    url: str = Field(description="Where the note goes.")
    every: Duration = Field(60.0, description="How often.")
    most: Size | None = None
    deep: dict[str, "Inner"] = Field(default_factory=dict)


class Inner(Options):
    colour: str = Field("red", pattern="^[a-z]+$")


class Unwritable(Options):
    """No schema can be made of it."""

    @classmethod
    def model_json_schema(cls, *_args, **_more):
        raise RuntimeError("no schema\nof mine")


class ThirdParty:
    @hookimpl
    def rushes_sinks(self):
        return [
            Spec(name="note", summary="A note per clip.", config=Third, open=nothing),
            spec("closed", Unwritable),
        ]


class Broken:
    @hookimpl
    def rushes_sinks(self):
        raise OSError("its library is missing")


@pytest.fixture
def with_third_party():
    known = registry()
    known.register("third", ThirdParty())
    known.register("broken", Broken())
    return make(known)


def test_an_option_of_a_third_party_plugin_is_known_and_explained(with_third_party):
    option = with_third_party.document["$defs"]["sink:note"]["properties"]["every"]
    assert (option["description"], option["default"]) == ("How often.", 60.0)
    base = "sources: [{{id: c, use: folder, path: /c}}]\nsinks: [{{id: n, use: note, {}}}]\n"
    check = checker(with_third_party)

    def wrong(options):
        return [list(error.absolute_path) for error in check.iter_errors(plain(base.format(options)))]

    assert wrong("url: x, every: 5m, most: 10MiB, deep: {a: {colour: red}}, slots: 2") == []
    assert wrong("url: x, evry: 5m") == [["sinks", 0]]
    assert wrong("every: 5m") == [["sinks", 0]]
    assert wrong("url: x, every: often") == [["sinks", 0, "every"]]
    assert wrong("url: x, most: 10XB") == [["sinks", 0, "most"]]
    assert wrong("url: x, deep: {a: {color: red}}") == [["sinks", 0, "deep", "a"]]
    assert wrong("url: x, deep: {a: {colour: RED}}") == [["sinks", 0, "deep", "a", "colour"]]


def test_what_is_broken_is_left_out_and_told(with_third_party):
    assert with_third_party.left_out == (
        "plugin broken is left out: OSError: its library is missing",
        "sink closed: its options are left out: RuntimeError: no schema",
    )
    text = "sources: [{id: c, use: folder, path: /c}]\nsinks: [{id: n, use: closed, anything: goes}]\n"
    assert list(checker(with_third_party).iter_errors(plain(text))) == []


def test_the_wishes_of_a_route_are_known(plain_components):
    good = plain(f"{GOOD}  - {{id: more, when: true, to: [{{sink: cloud, channel: raw}}]}}\n")
    assert list(plain_components.iter_errors(good)) == []
    bad = plain(f"{GOOD}  - {{id: more, when: true, to: [{{sink: cloud, channl: raw}}]}}\n")
    assert [list(error.absolute_path) for error in plain_components.iter_errors(bad)] == [
        ["routes", 2, "to", 0]
    ]


@pytest.mark.parametrize(
    "text", ["2s", "500 ms", "1.5h", "3", "2S", "x", "", "1d", "-1s", "1e3", "6M", "25MiB"]
)
@pytest.mark.parametrize(("kind", "parse"), [("settle", parse_duration), ("bitrate", parse_size)])
def test_durations_and_sizes_are_those_that_are_read(plain_components, kind, parse, text):
    entry = {"id": "c", "use": "folder", "path": "/c"}
    step = {"use": "proxy"}
    (entry if kind == "settle" else step)[kind] = text
    document = {"sources": [entry], "routes": [{"id": "a", "when": True, "steps": [step], "to": ["b"]}]}
    try:
        parse(text)
    except ValueError:
        assert list(plain_components.iter_errors(document)) != []
    else:
        assert list(plain_components.iter_errors(document)) == []


def test_it_is_the_same_each_time(installed):
    assert json.dumps(make(Registry.load()).document) == json.dumps(installed.document)


def test_every_option_of_ours_is_explained(installed):
    for name, definition in installed.document["$defs"].items():
        for option, schema in definition.get("properties", {}).items():
            assert schema is True or schema.get("description"), f"{name}: {option}"


def test_the_verb_prints_it_or_writes_it(installed, tmp_path, monkeypatch):
    told = CliRunner().invoke(cli, ["schema"])
    assert told.exit_code == 0
    assert json.loads(told.stdout) == installed.document
    assert installed.document["$id"] == ID
    file = tmp_path / "schema.json"
    assert CliRunner().invoke(cli, ["schema", "--out", str(file)]).output == ""
    assert file.read_text("utf-8") == told.stdout
    failed = CliRunner().invoke(cli, ["schema", "--out", str(tmp_path)])
    assert failed.exit_code == 1
    assert failed.stderr.strip().endswith("Is a directory; name a file that can be written")
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", "disk")
    less = CliRunner().invoke(cli, ["schema"])
    assert less.stderr == "plugin disk is left out: blocked by RUSHES_BLOCKED_PLUGINS\n"
    assert "sink:disk" not in json.loads(less.stdout)["$defs"]
