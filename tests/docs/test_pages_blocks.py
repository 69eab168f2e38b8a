"""No block of a page is without a test: python is executed, yaml read, json parsed, and shell has its stage."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest
from ruamel.yaml import YAML

import check_docs
from docs_rig import LANGUAGES, PAGES, ROOT, SHELL, blocks, every_block, indented
from docs_stages import ELSEWHERE, STAGES
from rushes.config.cases import read_cases
from rushes.config.document import read_document
from rushes.config.load import load
from rushes.config.schema import make
from rushes.registry import Registry

SAMPLE = ROOT / "samples/rushes-plugin-example/src"
BLOCKS = every_block()
ROUTE_KEYS = {"id", "when", "else", "final", "priority", "auto", "live", "wait", "steps", "to"}


def of(*languages):
    found = [block for block in BLOCKS if block.language in languages and not block.reason and not block.how]
    return pytest.mark.parametrize("block", found, ids=lambda block: block.where)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_run_or_says_why_not(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block.where}: nothing runs ```{block.language}"
        if block.language in SHELL:
            assert block.run or block.reason or block.how, f"{block.where}: say <!-- run: STAGE --> before it"
        else:
            assert not re.match(r"\$ |pipeline \w+ ", block.text), f"{block.where}: a command is for ```sh"
        stage = block.run or block.stage
        known = [*STAGES, *ELSEWHERE]
        assert not stage or stage in known, f"{block.where}: no stage {stage}; there are {', '.join(known)}"
    assert list(indented(page)) == [], "code in a fence can be run"


def test_little_is_not_run():
    assert len([block for block in BLOCKS if block.reason]) <= 8


@of("json")
def test_json_is_json(block):
    json.loads(block.text)


@pytest.mark.parametrize("page", PAGES)
def test_inline_commands_can_be_said(page):
    """`pipeline VERB ...` in a sentence: verbs, options and the number of words are right, whatever stands for them."""
    text = (ROOT / page).read_text("utf-8")
    for line in re.findall(
        r"`(pipeline [^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    ):
        words = shlex.split(line.replace("...", "").split(" [")[0])[1:]
        verb = check_docs.known_verb(words)
        assert verb, f"{page}: `{line}`: no such verb"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.offers], ids=lambda block: block.where)
def test_what_an_editor_offers(block, installed):
    """The keys that may stand there, in the schema's order, with what they mean."""
    kind, name = block.offers.split()
    definitions = make(installed).document["$defs"]
    general, own = definitions[kind]["properties"], definitions[f"{kind}:{name}"]["properties"]
    options = [key for key, schema in own.items() if schema is not True]
    offered = {key: {**own, "slots": general["slots"]}[key]["description"] for key in [*options, "slots"]}
    width = max(map(len, offered)) + 2
    assert block.text == "".join(f"{key:{width}}{meaning}\n" for key, meaning in offered.items())


@of("python")
async def test_python_does(block, tmp_path, monkeypatch):
    """It is executed, and the tests in it are called with what they ask for."""
    monkeypatch.chdir(tmp_path)
    module = ModuleType("block")
    exec(compile(block.text, block.where, "exec", dont_inherit=True), module.__dict__)
    for name, function in list(vars(module).items()):
        if name.startswith("test_"):
            given = {"tmp_path": tmp_path, "monkeypatch": monkeypatch}
            told = function(**{word: given[word] for word in inspect.signature(function).parameters})
            if inspect.isawaitable(told):
                await told


@pytest.fixture(scope="module")
def installed():
    registry = Registry.load()
    with patch.object(sys, "path", [str(SAMPLE), *sys.path]):
        assert registry.register("example", import_module("rushes_plugin_example")).error == ""
    assert list(check_docs.guide_plugin(registry)) == []
    return registry


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "yaml"], ids=lambda block: block.where
)
def test_yaml_is_read(block, installed, tmp_path):
    """A whole pipeline as it stands; of a part the rest is put around it."""
    data = YAML(typ="safe", pure=True).load(block.text)
    if isinstance(data, Mapping) and data.keys() >= {"pipeline", "sources"}:
        check_docs.load_text(block.text, installed)
        return
    pipeline = tmp_path / "part.yaml"
    if isinstance(data, Mapping) and "cases" in data:
        names = {name for case in data["cases"] for name in case["routes"]}
        sinks = {name for case in data["cases"] for name in case.get("folder", {})}
        data = {"routes": [{"id": name, "when": True, "to": sorted(sinks)} for name in sorted(names)]}
    pipeline.write_text(json.dumps(around(data, installed)))
    loaded = load(pipeline, installed, dict.fromkeys(variables(block.text), "/some/where/of/a/length"))
    if "cases:" in block.text:
        tests = tmp_path / "part.test.yaml"
        tests.write_text(block.text)
        assert read_cases(read_document(tests), loaded)


def variables(text):
    return re.findall(r"\$\{(\w+)\}", text)


def around(data: Any, registry: Registry) -> dict[str, Any]:
    """A part of a pipeline file with what is needed to read it."""
    if isinstance(data, list):
        data = {"routes": data} if "use" not in data[0] else {place(data[0]["use"], registry): data}
    elif data.keys() <= ROUTE_KEYS:
        data = {"routes": [{"id": "part", "when": True, "to": ["raid"], **data}]}
    whole = {"sources": [{"id": "cards-here", "use": "folder", "path": "/cards-here"}], **data}
    if isinstance(whole["sources"], list) and not whole["sources"]:
        raise AssertionError("no source")
    known = {sink["id"] for sink in whole.get("sinks", [])}
    named = {
        each if isinstance(each, str) else each["sink"]
        for route in whole.get("routes", [])
        for each in route["to"]
    }
    added = [{"id": name, "use": "disk", "path": f"/{name}"} for name in sorted(named - known)]
    return {**whole, "sinks": [*whole.get("sinks", []), *added]}


def place(use: str, registry: Registry) -> str:
    return next(key for key in ("sources", "sinks", "observers") if use in registry.names(key[:-1]))
