"""The verbs, with the component played by the test."""

import json

import pytest
from click.testing import CliRunner

from rushes import NotAuthorised
from rushes_frameio import commands, countdown

CODE = {"user_code": "123456", "verification_uri": "https://app.frame.io", "expires_in": 120, "interval": 5}


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def act(file, use, action, arguments, tell, component=None):
        calls.append((file, use, action, component))
        if action == "pair":
            tell(CODE)
            return {"paired": True, "project": "Nocturne", "user": "Ida"}
        return {"project": "Nocturne", "user": "Ida", "device": "cart", "paused": False}

    monkeypatch.setattr(commands, "act", act)
    return calls


def invoke(*arguments):
    return CliRunner().invoke(commands.command, arguments)


def test_pair_shows_the_code_and_the_project(asked):
    result = invoke("pair", "onset.yaml")
    assert result.exit_code == 0
    assert "123 456" in result.stdout
    assert result.stdout.splitlines()[-1] == "paired with Nocturne by Ida"
    assert asked == [("onset.yaml", "frameio", "pair", None)]


def test_pair_as_json_is_one_document_on_stdout(asked):
    result = invoke("pair", "onset.yaml", "--json", "--component", "a")
    assert json.loads(result.stdout) == {"paired": True, "project": "Nocturne", "user": "Ida"}
    assert json.loads(result.stderr) == CODE
    assert asked == [("onset.yaml", "frameio", "pair", "a")]


def test_whoami(asked):
    assert "project  Nocturne" in invoke("whoami", "onset.yaml").stdout
    assert json.loads(invoke("whoami", "onset.yaml", "--json").stdout)["device"] == "cart"


@pytest.mark.parametrize(
    ("failure", "status"), [(NotAuthorised("not paired"), 5), (KeyboardInterrupt(), 130)]
)
def test_failures_are_one_line_and_an_exit_status(monkeypatch, failure, status):
    def act(*_arguments):
        raise failure

    monkeypatch.setattr(commands, "act", act)
    result = invoke("pair", "onset.yaml")
    assert result.exit_code == status
    assert "Traceback" not in result.output


def test_the_countdown_counts_on_a_terminal_alone(monkeypatch, capsys):
    with countdown.Countdown() as silent:
        silent.start(100)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with countdown.Countdown() as counting:
        counting.start(100)
    assert "good for 100 s" in capsys.readouterr().err
