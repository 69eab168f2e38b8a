"""`pipeline plugins`: what is told of what is installed, broken, slow or blocked, and who a new one may be."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from rushes import Duration, Options, Secret, Size, Template
from rushes.cli import plugins as verb
from rushes.cli.describe import described, type_words
from rushes.contract import Spec
from rushes.registry import KINDS

HEADER = """
from contextlib import asynccontextmanager
from rushes import Options, Spec, hookimpl
@asynccontextmanager
async def life(options, context):
    yield None
class Few(Options):
    name: str = "x"
    level: int
def spec(name, config=Options, **more):
    return Spec(name=name, summary="does little", config=config, open=life, **more)
"""
GOOD = (
    HEADER
    + "@hookimpl\ndef rushes_{kind}s():\n    return [spec('bucket', Few, keys={{'colour': 'its colour'}})]\n"
)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution `rushes-NAME` that brings the plugin NAME, and a verb of that name."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    made = []

    def installed(name, code):
        module = f"{name}_module".replace("-", "_")
        (site / f"{module}.py").write_text(code)
        info = site / f"rushes_{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: rushes-{name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(
            f"[rushes.plugins]\n{name} = {module}\n[rushes.commands]\n{name} = {module}:command\n"
        )
        made.append(module)

    yield installed
    for module in made:
        sys.modules.pop(module, None)


def test_a_row_for_each_component(install, pipeline):
    install("bucket", GOOD.format(kind="sink"))

    lines = pipeline("plugins").stdout.splitlines()

    assert lines[0].split() == ["PLUGIN", "PACKAGE", "COMPONENT", "OPTIONS", "IMPORT"]
    [row] = [line for line in lines if line.startswith("bucket")]
    assert row.split()[:6] == ["bucket", "rushes-bucket", "1.2", "sink", "bucket", "2"]
    assert row.endswith(" ms")
    assert "transform proxy" in "\n".join(lines)


def test_no_name_makes_the_table_wider(install, pipeline):
    name = "a-plugin-" + "of-a-very-long-name-" * 3 + "x"
    install(name, GOOD.format(kind="transform").replace("'bucket'", f"'{name}'"))
    install("odd", "raise ValueError('short')")

    table = [line for line in pipeline("plugins").stdout.splitlines() if "is broken" not in line]

    assert max(map(len, table)) == 80
    assert any(line.startswith("a-plugin-") and "…" in line for line in table)


def test_what_is_broken_is_told_with_its_error(install, pipeline):
    install("bucket", "import nothing_of_that_name")
    install(
        "half",
        HEADER + "@hookimpl\ndef rushes_sinks():\n    return [spec('half'), spec('disk'), spec('B')]\n",
    )

    result = pipeline("plugins")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "bucket is broken: ModuleNotFoundError: No module named 'nothing_of_that_name'" in lines
    [told] = [line for line in lines if line.startswith("half is broken in part: ")]
    assert "'disk' is already offered" in told
    [row] = [line for line in lines if line.startswith("bucket  ")]
    assert row.split()[3] == "broken"
    assert any(line.split()[3:5] == ["sink", "half"] for line in lines if line.startswith("half  "))


def test_a_slow_one_is_marked(install, pipeline, monkeypatch):
    install("bucket", GOOD.format(kind="sink"))
    monkeypatch.setattr(verb, "SLOW_IMPORT_MS", 0)

    lines = pipeline("plugins").stdout.splitlines()

    assert any(line.startswith("bucket  ") and line.endswith(" ms slow") for line in lines)
    assert any(line.startswith("bucket is slow to import") for line in lines)
    assert max(len(line) for line in lines if " ms" in line) <= 80


def test_an_import_that_takes_long_is_slow(install, pipeline):
    """What all plugins need is not counted; the sleep is what is measured."""
    install("bucket", "import time\ntime.sleep(0.35)\n" + GOOD.format(kind="sink"))

    documents = json.loads(pipeline("plugins", "--json").stdout)["plugins"]

    [bucket] = [document for document in documents if document["name"] == "bucket"]
    assert bucket["slow"]
    assert bucket["import_ms"] > 350


@pytest.mark.parametrize("kind", KINDS)
def test_the_environment_blocks_a_plugin_of_any_kind(install, pipeline, monkeypatch, kind):
    install("bucket", f"raise AssertionError('imported')\n{GOOD.format(kind=kind)}")
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", "other, bucket")

    result = pipeline("plugins")

    [row] = [line for line in result.stdout.splitlines() if line.startswith("bucket  ")]
    assert row.split()[1:] == ["rushes-bucket", "1.2", "blocked"]
    assert "bucket: blocked by RUSHES_BLOCKED_PLUGINS" in result.stdout
    assert "RUSHES_BLOCKED_PLUGINS names 'other', which is not installed" in result.stdout
    [bucket] = [
        plugin for plugin in json.loads(pipeline("plugins", "--json").stdout)["plugins"] if plugin["blocked"]
    ]
    assert (bucket["name"], bucket["specs"], bucket["import_ms"]) == ("bucket", [], 0)


def test_a_whole_package_may_be_blocked(pipeline, monkeypatch):
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", "rushes")

    documents = json.loads(pipeline("plugins", "--json").stdout)["plugins"]

    ours = [document for document in documents if document["package"] == "rushes"]
    assert len(ours) > 5
    assert all(document["blocked"] for document in ours)


PLACES = {
    "source": "sources: [{id: cards, use: bucket}]\n",
    "annotator": "prepare: [bucket]\n",
    "transform": "",
    "sink": "sinks: [{id: out, use: bucket}]\n",
    "observer": "observers: [{id: told, use: bucket}]\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_pipeline_that_needs_a_blocked_plugin_is_told_so(install, pipeline, monkeypatch, tmp_path, kind):
    install("bucket", f"raise AssertionError('imported')\n{GOOD.format(kind=kind)}")
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", "bucket")
    (tmp_path / "raid").mkdir()
    file = tmp_path / "p.yaml"
    steps = "[bucket]" if kind == "transform" else "[]"
    plain = {
        "source": "sources: [{id: cards, use: folder, path: ./media}]\n",
        "sink": "sinks: [{id: out, use: disk, path: ./raid}]\n",
    }
    file.write_text(
        "pipeline: p\n"
        + PLACES[kind]
        + "".join(text for other, text in plain.items() if other != kind)
        + f"routes: [{{id: all, when: true, steps: {steps}, to: [out]}}]\n"
    )

    result = pipeline("check", str(file))

    assert result.exit_code == 2
    assert "its plugin is blocked; take it out of RUSHES_BLOCKED_PLUGINS" in result.output
    assert "imported" not in result.output


def test_a_component_of_another_name_may_be_of_a_blocked_plugin(pipeline, monkeypatch, tmp_path):
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", "media")
    (tmp_path / "p.yaml").write_text(
        "pipeline: p\nsources: [{id: cards, use: folder, path: ./media}]\nprepare: [probe]\n"
        "sinks: [{id: out, use: disk, path: ./raid}]\nroutes: [{id: all, when: true, to: [out]}]\n"
    )

    assert "(RUSHES_BLOCKED_PLUGINS blocks media)" in pipeline("check", str(tmp_path / "p.yaml")).output


@pytest.mark.parametrize("blocked", ["bucket", "rushes-bucket"])
def test_the_verbs_of_a_blocked_plugin_are_not_imported(install, pipeline, monkeypatch, blocked):
    install("bucket", "raise AssertionError('imported')")
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", blocked)

    result = pipeline("bucket", "--help")

    assert result.exit_code == 1
    assert result.stderr == (
        "error: the verb bucket is of a blocked plugin; take it out of RUSHES_BLOCKED_PLUGINS\n"
    )
    assert pipeline("sandbox", "--help").exit_code == 0


@pytest.mark.parametrize("asked", ["bucket", "pail"])
def test_one_is_shown_in_detail_by_its_name_or_that_of_a_component(install, pipeline, asked):
    install("pail", GOOD.format(kind="annotator"))

    result = pipeline("plugins", "show", asked)

    assert result.stdout.splitlines()[0].startswith("plugin pail of rushes-pail 1.2, imported in ")
    assert result.stdout.splitlines()[1:] == [
        "",
        "annotator bucket: does little",
        "  options:",
        "    name: text [x]",
        "    level: whole number, required",
        "  tells 1 key of `meta`: see `pipeline columns`",
    ]


@pytest.mark.parametrize(
    ("blocked", "told"),
    [
        ("", ["bucket is broken: ValueError: no"]),
        ("bucket", ["bucket: blocked by RUSHES_BLOCKED_PLUGINS"]),
    ],
)
def test_what_is_wrong_with_one_is_shown(install, pipeline, monkeypatch, blocked, told):
    install("bucket", "raise ValueError('no')")
    monkeypatch.setenv("RUSHES_BLOCKED_PLUGINS", blocked)

    lines = pipeline("plugins", "show", "bucket").stdout.splitlines()

    assert lines[0].startswith("plugin bucket of rushes-bucket 1.2")
    assert ("imported in" in lines[0]) is not bool(blocked)
    assert lines[1:] == told


def test_every_line_about_our_own_fits(pipeline):
    names = [plugin["name"] for plugin in json.loads(pipeline("plugins", "--json").stdout)["plugins"]]
    for name in names:
        assert max(map(len, pipeline("plugins", "show", name).stdout.splitlines())) <= 80


def test_what_is_not_installed_cannot_be_shown(pipeline):
    result = pipeline("plugins", "show", "prove")

    assert (result.exit_code, result.stderr) == (
        4,
        "error: no plugin 'prove' is installed; did you mean 'probe'?\n",
    )


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    x: int = 0


class Many(Options):
    path: Path
    every: Duration = 1.5
    room: Size = 8 * 1024 * 1024
    rate: Size | None = 6_000_000
    mode: Literal["slow", 2] = "slow"
    colour: Colour = Colour.RED
    token: Secret | None = None
    folder: Template | None = None
    names: Sequence[str] = ("a", "b")
    rates: Mapping[str, int] = Field(default_factory=dict)
    inner: Inner = Inner()
    on: bool = True
    either: int | list[float] = 3
    limited: Annotated[int, Field(ge=1)] = 0
    other: str = Field("x", alias="as-written", description="Two\n  lines.")


def test_types_and_defaults_are_told_as_people_write_them():
    spec = Spec(name="many", summary="x", config=Many, open=None)
    told = {
        option["name"]: (option["type"], option["default"]) for option in described("sink", spec)["options"]
    }
    assert told == {
        "path": ("path", ""),
        "every": ("duration", "1.5s"),
        "room": ("size", "8MiB"),
        "rate": ("size", "6M"),
        "mode": ("slow | 2", "slow"),
        "colour": ("red | blue", "red"),
        "token": ("secret", ""),
        "folder": ("folder template", ""),
        "names": ("list of text", "a, b"),
        "rates": ("mapping", ""),
        "inner": ("mapping", ""),
        "on": ("true or false", "true"),
        "either": ("whole number or list of number", "3"),
        "limited": ("whole number", "0"),
        "as-written": ("text", "x"),
    }
    assert described("sink", spec)["options"][-1]["meaning"] == "Two lines."
    assert type_words("not a type") == "any value"
