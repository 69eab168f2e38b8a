"""How verbs end when they fail: one line, the right status, a traceback only in a file."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rushes import errors
from rushes.cli.failures import about, exit_on_error
from rushes.logs.known import remember


def end(raises, *, state: Path | None = None):
    @click.command()
    @exit_on_error()
    def command() -> None:
        if state:
            about("onset.yaml", state)
        raise raises

    return CliRunner().invoke(command, [])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.RushesError("x"), 1),
        (errors.Unavailable("x"), 1),
        (errors.ConfigError("x"), 2),
        (errors.NotFound("x"), 4),
        (errors.NotAuthorised("x"), 5),
        (ExceptionGroup("nursery", [ExceptionGroup("inner", [errors.NotAuthorised("x")])]), 5),
    ],
)
def test_expected_errors(error, status):
    result = end(error)
    assert (result.exit_code, result.stderr, result.stdout) == (status, "error: x\n", "")


def test_config_error_shows_its_excerpt():
    result = end(errors.ConfigError("unknown key", where="a.yaml:3:5", excerpt="  slotz: 2\n    ^"))
    assert result.stderr == "error: a.yaml:3:5: unknown key\n  slotz: 2\n    ^\n"


def test_hostile_text_cannot_drive_the_terminal():
    assert end(errors.RushesError("a\x1b]0;owned\x07\nb")).stderr == "error: a\\x1b]0;owned\\x07\\nb\n"


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError("by zero"), ExceptionGroup("g", [ZeroDivisionError("by zero"), errors.NotFound("x")])],
)
def test_a_bug_keeps_its_traceback_in_the_state_folder(error, tmp_path):
    result = end(error, state=tmp_path)
    path = tmp_path / "logs" / "bugs.log"
    assert result.exit_code == 70
    assert result.stderr.startswith("bug: ")
    assert result.stderr.endswith(f"; details in {path}\n")
    assert result.stderr.count("\n") == 1
    assert "Traceback" in path.read_text()


def test_a_bug_without_a_state_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = re.fullmatch(r"bug: ZeroDivisionError: z; details in (.*)\n", end(ZeroDivisionError("z")).stderr)
    assert found
    assert "ZeroDivisionError: z" in Path(found[1]).read_text()


@pytest.mark.parametrize("kept", [True, False])
def test_no_secret_is_in_what_is_kept_of_a_bug(tmp_path, monkeypatch, kept):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["pipeline", "limit", "--token=argv5ecretargv", "a b"])
    remember(["f00tok3nf00tok3n"])

    def cause():
        raise ValueError("https://h/k?X-Amz-Signature=presigned5ecret refused f00tok3nf00tok3n")

    try:
        cause()
    except ValueError as error:
        broken = RuntimeError("Authorization: Bearer bearer5ecret")
        broken.__cause__ = error
    result = end(broken, state=tmp_path if kept else None)
    path = Path(result.stderr.strip().rpartition(" ")[2])
    text = path.read_text()
    assert path.is_relative_to(tmp_path / "logs") == kept
    assert "Traceback" in text
    assert ("pipeline limit" in text) == kept
    for secret in ("argv5ecret", "f00tok3n", "presigned5ecret", "bearer5ecret"):
        assert secret not in text + result.output


def test_interrupt_is_quiet():
    result = end(KeyboardInterrupt())
    assert (result.exit_code, result.output) == (130, "")
    assert end(BaseExceptionGroup("nursery", [KeyboardInterrupt()])).exit_code == 130


def test_click_errors_stay_clicks():
    result = end(click.UsageError("wrong"))
    assert (result.exit_code, "wrong" in result.stderr) == (2, True)


def test_bad_files_are_2(pipeline, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    missing = pipeline("status", "onset.yaml")
    assert (missing.exit_code, missing.stderr.count("\n")) == (2, 1)
    (tmp_path / "onset.yaml").write_text("pipeline: [1\n")
    broken = pipeline("status", "onset.yaml")
    assert broken.exit_code == 2
    assert broken.stderr.startswith("error: onset.yaml:")
    assert "Traceback" not in broken.stderr


def test_unknown_verb(pipeline):
    result = pipeline("fly")
    assert (result.exit_code, "No such command 'fly'" in result.stderr) == (2, True)


def test_an_unknown_verb_is_told_the_nearest(pipeline):
    result = pipeline("chek", "x.yaml")
    assert (result.exit_code, "No such command 'chek'. Did you mean 'check'?" in result.stderr) == (2, True)
