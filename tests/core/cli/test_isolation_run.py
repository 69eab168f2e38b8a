"""Installed plugins that break at each stage, and `pipeline` around them: files are read, runs end, exits are right."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from rushes.cli import verbs
from rushes.cli.root import cli

HEADER = """
from contextlib import asynccontextmanager
from pydantic import model_validator
import rushes
class Panic(BaseException):
    pass
class Options(rushes.Options):
    fail: str = ""
    @model_validator(mode="after")
    def _check(self):
        if self.fail == "options":
            raise FAILURE
        return self
class Wishes(rushes.Options):
    tag: str = ""
def agree(options, wishes):
    if options.fail == "agree":
        raise FAILURE
def notes(options):
    if options.fail == "notes":
        raise FAILURE
    return []
class Sink:
    def __init__(self, fail):
        self.fail = fail
    async def deliver(self, clip, resume, report, /):
        if self.fail == "work":
            raise FAILURE
        return rushes.Receipt(where="nowhere", size=clip.size)
@asynccontextmanager
async def life(options, context):
    if options.fail == "open":
        raise FAILURE
    yield Sink(options.fail)
    if options.fail == "close":
        raise FAILURE
@rushes.hookimpl
def rushes_sinks():
    return [
        rushes.Spec(
            name="bad", summary="x", config=Options, open=life, wishes=Wishes, agree=agree, notes=notes
        )
    ]
"""
FAILURES = ["SystemExit(9)", "Panic('index')", "BaseExceptionGroup('g', [SystemExit(9)])"]
failing = pytest.mark.parametrize("failure", FAILURES)
FILE = """
pipeline: test
state: ./state
sources: [{id: cards, use: folder, path: ./cards, settle: 50ms}]
sinks:
  - {id: good, use: disk, path: ./raid}
  - {id: bad, use: bad, fail: "%s"}
routes:
  - {id: good, when: true, to: [good]}
  - {id: bad, when: true, to: [{sink: bad, tag: x}]}
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def installed(name, code):
        (tmp_path / f"{name}_module.py").write_text(code)
        info = tmp_path / f"{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(
            f"[rushes.plugins]\n{name} = {name}_module\n[rushes.commands]\n{name} = {name}_module:command\n"
        )
        made.append(name)

    yield installed
    for name in made:
        sys.modules.pop(f"{name}_module", None)


@pytest.fixture
def world(tmp_path):
    """A card with a file, a raid, and the pipeline file that sends it to both sinks."""
    for folder in ("cards/A001", "raid"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cards/A001/a.txt").write_text("picture")

    def write(fail):
        (tmp_path / "test.yaml").write_text(FILE % fail)
        return str(tmp_path / "test.yaml")

    return write


def pipeline(*arguments):
    return CliRunner().invoke(cli, arguments, prog_name="pipeline")


@pytest.mark.parametrize(
    ("failure", "stage", "status", "counts"),
    [
        # Each stage and each failure occurs, not each pair: see tests/core/engine/test_isolation.py.
        (FAILURES[0], "work", 3, (1, 1, 0)),
        (FAILURES[2], "work", 3, (1, 1, 0)),
        (FAILURES[1], "open", 3, (1, 0, 1)),
        (FAILURES[0], "close", 0, (2, 0, 0)),
        (FAILURES[1], "notes", 0, (2, 0, 0)),
    ],
)
def test_a_run_ends_as_if_the_broken_sink_were_the_only_thing_wrong(
    install, world, tmp_path, failure, stage, status, counts
):
    install("bad", HEADER.replace("FAILURE", failure))
    result = pipeline("run", world(stage), "--once", "--json")
    assert result.exit_code == status
    told = json.loads(result.stdout)
    assert (told["delivered"], told["parked"], told["waiting"]) == counts
    assert (tmp_path / "raid/A001/a.txt").read_text() == "picture"


@failing
@pytest.mark.parametrize("stage", ["options", "agree"])
def test_options_and_wishes_that_cannot_be_checked_are_errors_of_the_file(install, world, failure, stage):
    install("bad", HEADER.replace("FAILURE", failure))
    result = pipeline("check", world(stage))
    assert result.exit_code == 2
    assert failure.partition("(")[0] in result.stderr
    assert "test.yaml:" in result.stderr
    assert "Traceback" not in result.output


@failing
def test_check_tells_notes_that_fail_and_goes_on(install, world, failure):
    install("bad", HEADER.replace("FAILURE", failure))
    result = pipeline("check", world("notes"), "--json")
    told = {each["id"]: each for each in json.loads(result.stdout)["components"]}
    assert (result.exit_code, told["good"]["ok"], told["bad"]["ok"]) == (2, True, False)
    assert told["bad"]["error"].startswith("bug in bad: ")


@failing
@pytest.mark.parametrize("place", ["import", "hook"])
def test_a_plugin_that_fails_before_it_offers_anything_is_listed_and_left_out(
    install, world, tmp_path, failure, place
):
    """Who does not name it never notices; who does is told what is wrong with it."""
    code = HEADER.replace("FAILURE", failure)
    if place == "import":
        code += f"raise {failure}\n"
    else:
        code = code.replace("    return [\n", f"    raise {failure}\n    return [\n")
    install("bad", code)
    listed = pipeline("plugins", "--json")
    [bad] = [plugin for plugin in json.loads(listed.stdout)["plugins"] if plugin["name"] == "bad"]
    assert failure.partition("(")[0] in bad["error"]
    named = pipeline("check", world(""))
    assert (named.exit_code, "its plugin is broken" in named.stderr) == (2, True)
    (tmp_path / "good.yaml").write_text(
        "\n".join(line for line in (FILE % "").splitlines() if "bad" not in line)
    )
    assert pipeline("run", str(tmp_path / "good.yaml"), "--once").exit_code == 0


@failing
def test_a_verb_that_cannot_be_imported_is_one_line(install, failure):
    install("bad", HEADER.replace("FAILURE", failure) + f"raise {failure}\n")
    assert "bad" in verbs.of_plugins()
    result = pipeline("bad")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: the verb bad of bad_module is broken (")
    assert result.stderr.count("\n") == 1
    assert pipeline("--help").exit_code == 0
