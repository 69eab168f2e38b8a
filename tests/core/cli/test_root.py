"""The front page, verbs of plugins, and what importing costs."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import EntryPoint

import click
import pytest

from rushes import Options, Spec, hookimpl
from rushes.cli import verbs
from rushes.cli.root import cli
from rushes.registry import Registry

HEAVY = ("trio", "duckdb", "httpx", "rich", "starlette", "hypercorn", "av", "cryptography", "asyncio")


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def loaded_by(*arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    code = (
        f"import sys, json, atexit\nfound = lambda: [name for name in {HEAVY!r} if name in sys.modules]\n"
        "atexit.register(lambda: print(json.dumps(found()), file=sys.stderr))\n"
        "from rushes.cli import main\nmain()"
    )
    result = run(code, *arguments)
    return result, set(json.loads(result.stderr.splitlines()[-1]))


def test_help_is_light_and_whole():
    result, loaded = loaded_by("--help")
    assert result.returncode == 0
    assert loaded == set()
    for name in (*verbs.OURS, "frameio", "sandbox", "demo"):
        assert f"  {name} " in result.stdout or f"  {name}\n" in result.stdout


def test_help_needs_no_pydantic():
    """Holds as long as the façade `rushes` imports `contract` only when something of it is named."""
    code = "import sys, rushes.cli\nsys.exit('pydantic' in sys.modules)"
    assert run(code).returncode == 0


def test_status_of_nothing_running_needs_no_server():
    result, loaded = loaded_by("status", "no-such-file.yaml")
    assert result.returncode == 2
    assert loaded == set()


@pytest.mark.parametrize("name", ["status", "queue", "explain", "columns"])
def test_light_verbs(name):
    result, loaded = loaded_by(name, "--help")
    assert result.returncode == 0
    assert loaded == set()


def test_a_verbs_summary_is_its_docstring():
    for name, summary in verbs.OURS.items():
        assert import_module(f"rushes.cli.{name}").command.help.splitlines()[0] == summary


def test_summary_of_a_plugin_is_read_not_imported(tmp_path, monkeypatch):
    package = tmp_path / "plug_a"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "verb.py").write_text('"""Does a thing.\n\nMore."""\nraise RuntimeError')
    monkeypatch.syspath_prepend(tmp_path)
    assert verbs.summary(EntryPoint("a", "plug_a.verb:command", verbs.GROUP)) == "Does a thing."
    assert verbs.summary(EntryPoint("a", "plug_a.missing:command", verbs.GROUP)) == ""
    assert verbs.summary(EntryPoint("a", "no_such_plug:command", verbs.GROUP)) == ""


def test_a_broken_plugin_verb_is_one_line(pipeline, tmp_path, monkeypatch):
    (tmp_path / "plug_b.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(
        verbs, "of_plugins", lambda: {"bee": EntryPoint("bee", "plug_b:command", verbs.GROUP)}
    )
    result = pipeline("bee")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: the verb bee of plug_b is broken (ModuleNotFoundError: ")
    assert result.stderr.count("\n") == 1
    assert pipeline("--help").exit_code == 0


def test_a_plugin_does_not_take_our_names(monkeypatch):
    monkeypatch.setattr(verbs, "entry_points", lambda group: [EntryPoint("run", "x:command", group)])
    assert verbs.of_plugins() == {}


def test_version(pipeline):
    assert pipeline("--version").stdout.startswith("pipeline ")


def test_columns(pipeline):
    assert "meta['look'] = 'day'" in pipeline("columns").stdout
    assert json.loads(pipeline("columns", "--json").stdout)["columns"][0]["name"] == "id"


def test_columns_tell_the_keys_of_meta_and_who_writes_them(pipeline, monkeypatch):
    class Plugin:
        @hookimpl
        def rushes_annotators(self):
            keys = {"sun": "height of the sun", "look": "day or night"}
            return [Spec(name="sky", summary="looks up", config=Options, open=lambda *_: None, keys=keys)]

    registry = Registry()
    registry.register("sky", Plugin())
    monkeypatch.setattr(Registry, "load", lambda **_options: registry)
    text = pipeline("columns").stdout.splitlines()
    assert text[-3:] == [
        "KEY           WRITTEN BY  MEANING",
        "meta['look']  sky         day or night",
        "meta['sun']   sky         height of the sun",
    ]
    assert json.loads(pipeline("columns", "--json").stdout)["meta"] == [
        {"name": "look", "writer": "sky", "meaning": "day or night"},
        {"name": "sun", "writer": "sky", "meaning": "height of the sun"},
    ]


def test_columns_fit_a_terminal_of_80_and_are_whole_in_a_wider_one(pipeline, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    narrow = pipeline("columns").stdout.splitlines()
    monkeypatch.setenv("COLUMNS", "250")
    wide = pipeline("columns").stdout.splitlines()
    assert max(map(len, narrow)) <= 80 < max(map(len, wide))
    assert [line.split()[0] for line in narrow if line[:1].strip()] == [
        line.split()[0] for line in wide if line
    ]
    assert sorted(" ".join(narrow).split()) == sorted(" ".join(wide).split())
    place = next(at for at, line in enumerate(narrow) if line.startswith("completed_by "))
    assert narrow[place + 1] == "    the rule that found it complete: closed, renamed or quiet"


def test_closed_pipe_is_quiet():
    reader = subprocess.Popen(
        f"{sys.executable} -c 'from rushes.cli import main; main()' columns | true",
        shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _, complaint = reader.communicate(timeout=60)
    assert complaint == ""


def groups(group, *names):
    """Every group of verbs with the words that name it."""
    yield names, group
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from groups(command, *names, name)


def commands(group):
    """Every verb, and every verb of a group of verbs."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        yield name, command
        if isinstance(command, click.Group):
            yield from commands(command)


def test_every_help_fits_and_its_examples_keep_their_lines():
    found = list(commands(cli))
    assert len(found) > 40
    for name, command in found:
        told = command.get_help(click.Context(command, terminal_width=80, info_name=name))
        assert "\\b" not in told, name
        assert max(map(len, told.splitlines())) <= 80, name
    rule_test = dict(found)["test"]
    lines = rule_test.get_help(click.Context(rule_test, terminal_width=80)).splitlines()
    assert "    - name: a circled take" in lines
    assert "      routes: [dailies]" in lines


def test_no_help_cuts_a_sentence(pipeline, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    found = [names for names, _ in groups(cli)]
    assert {(), ("queue",), ("match",), ("masterlockit",), ("frameio",), ("sandbox",)} <= set(found)
    for names in found:
        _usage, _, told = pipeline(*names, "--help").stdout.partition("\n\n")
        lines = told.splitlines()
        assert lines
        assert not [line for line in lines if line.endswith("...") or len(line) > 80], names
