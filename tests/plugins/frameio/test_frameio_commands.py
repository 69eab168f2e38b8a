"""The verbs, with the component played by the test."""

import json
import sys

import pytest
from click.testing import CliRunner

from rushes import NotAuthorised
from rushes_frameio.commands import command, countdown, login

CODE = {"user_code": "123456", "verification_uri": "https://app.frame.io", "expires_in": 120, "interval": 5}
LINK = "https://next.frame.io/device?user_code=123456"
CONNECTED = {
    "connection": "connected",
    "project": "Nocturne",
    "user": "Ida",
    "email": None,
    "device": "cart",
    "paused": False,
    "expires_at": 1790000000.0,
    "reachable": True,
}
PLACES = {
    "accounts": {"accounts": [{"id": "a1", "name": "Studio"}]},
    "projects": {
        "projects": [{"id": "p1", "name": "Noc\x1b[2Jturne", "account": "Studio", "account_id": "a1"}]
    },
}


@pytest.fixture
def asked(monkeypatch):
    """What the verbs ask; `answers` may be changed."""
    calls = []
    answers = {
        "pair": CONNECTED,
        "login": {"connection": "not connected", "user": "Ida", "email": "ida@example.com"},
        "whoami": CONNECTED,
        "connect": CONNECTED,
        "disconnect": {"connection": "not authorised"},
        "logout": {"connection": "not authorised", "untold": None},
        **PLACES,
    }

    def act(file, use, action, arguments, tell, component=None):
        calls.append((file, use, action, dict(arguments), component))
        if action == "pair":
            tell(CODE)
        if action == "login":
            tell({"login_url": "https://login.example/x", "expires_in": 600})
        answer = answers[action]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr("rushes.commands.act", act)
    act.calls, act.answers = calls, answers
    return act


def invoke(*arguments):
    return CliRunner().invoke(command, arguments)


def test_pair_shows_the_code_and_the_project(asked):
    result = invoke("pair", "onset.yaml")
    assert result.exit_code == 0
    assert "123 456" in result.stdout
    assert result.stdout.splitlines()[-1] == "paired with Nocturne by Ida"
    assert asked.calls == [("onset.yaml", "frameio", "pair", {}, None)]


def test_pair_as_json_is_one_document_on_stdout(asked):
    result = invoke("pair", "onset.yaml", "--json", "--component", "a")
    assert json.loads(result.stdout) == CONNECTED
    assert json.loads(result.stderr) == CODE
    assert asked.calls[0][-1] == "a"


@pytest.mark.parametrize(
    "failure", [KeyboardInterrupt(), BaseExceptionGroup("of a nursery", [KeyboardInterrupt()])]
)
@pytest.mark.parametrize("verb", ["pair", "login"])
def test_cancelling_is_one_line(asked, verb, failure):
    asked.answers[verb] = failure
    result = invoke(verb, "onset.yaml")
    assert result.exit_code == 130
    assert result.stderr == "cancelled; nothing was changed\n"


def test_whoami(asked):
    lines = invoke("whoami", "onset.yaml").stdout.splitlines()
    assert lines[:7] == [
        "state      connected",
        "project    Nocturne",
        "user       Ida",
        "e-mail     not told",
        "device     cart",
        "paused     no",
        "reachable  yes",
    ]
    assert lines[7].startswith("ends       2026-09-2")
    assert json.loads(invoke("whoami", "onset.yaml", "--json").stdout) == CONNECTED


def test_whoami_of_a_login_without_a_project(asked):
    asked.answers["whoami"] = {
        "connection": "not connected",
        "user": "Ida",
        "email": "i@e",
        "reachable": True,
    }
    lines = invoke("whoami", "onset.yaml").stdout.splitlines()
    assert lines == ["state      not connected", "user       Ida", "e-mail     i@e", "reachable  yes"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_whoami_of_nobody_says_so_and_ends_with_5(asked, options):
    told = {"connection": "not authorised", "missing": "not paired; run: pipeline frameio pair FILE"}
    asked.answers["whoami"] = {**told, "reachable": True}
    result = invoke("whoami", "onset.yaml", *options)
    assert result.exit_code == 5
    assert "not authorised" in result.stdout
    assert result.stderr == "error: not paired; run: pipeline frameio pair FILE\n"


def test_accounts_and_projects(asked):
    assert invoke("accounts", "onset.yaml").stdout == "a1  Studio\n"
    assert invoke("projects", "onset.yaml", "--search", "noc", "--account", "Studio").stdout == (
        "p1  Noc\\x1b[2Jturne  (Studio)\n"  # what a terminal would obey is written out
    )
    assert asked.calls[-1][3] == {"search": "noc", "account": "Studio"}
    assert json.loads(invoke("projects", "onset.yaml", "--json").stdout) == PLACES["projects"]
    assert asked.calls[-1][3] == {}
    asked.answers["projects"] = {"projects": []}
    assert invoke("projects", "onset.yaml").stdout == "no projects\n"


def test_no_account_is_told_where_to_read(asked):
    asked.answers["accounts"] = {"accounts": [], "support": "no account; see https://help.frame.io/"}
    assert invoke("accounts", "onset.yaml").stdout == "no account; see https://help.frame.io/\n"


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        (["Nocturne"], {"project": "Nocturne"}),
        (["Studio", "Nocturne"], {"account": "Studio", "project": "Nocturne"}),
    ],
)
def test_connect(asked, place, arguments):
    result = invoke("connect", "onset.yaml", *place)
    assert result.stdout == "connected to Nocturne\n"
    assert asked.calls == [("onset.yaml", "frameio", "connect", arguments, None)]


def test_connect_to_too_much_is_a_usage_error(asked):
    assert invoke("connect", "onset.yaml", "a", "b", "c").exit_code == 2
    assert invoke("connect", "onset.yaml").exit_code == 2
    assert asked.calls == []


def test_leaving(asked):
    assert invoke("disconnect", "onset.yaml").stdout == "not authorised\n"
    assert invoke("logout", "onset.yaml").stdout == "logged out; nothing is sealed here any more\n"
    asked.answers["logout"] = {"connection": "not authorised", "untold": "Frame.io cannot be reached: x"}
    result = invoke("logout", "onset.yaml")
    assert result.exit_code == 0
    assert "remove this device in the project's C2C Connections" in result.stderr


def test_login_opens_a_browser_on_a_terminal_alone(asked, monkeypatch):
    opened = []
    module = sys.modules["rushes_frameio.commands.login"]
    monkeypatch.setattr(module, "browse", opened.append)
    result = invoke("login", "onset.yaml")
    assert "https://login.example/x" in result.stdout
    assert "logged in as Ida (ida@example.com)" in result.stdout
    assert "pipeline frameio projects FILE" in result.stdout
    assert opened == []
    monkeypatch.setattr(module, "_is_terminal", lambda: True)
    invoke("login", "onset.yaml", "--no-browser")
    assert opened == []
    invoke("login", "onset.yaml")
    assert opened == ["https://login.example/x"]
    assert login.name == "login"


@pytest.mark.parametrize(
    ("failure", "status"), [(NotAuthorised("not paired"), 5), (KeyboardInterrupt(), 130)]
)
def test_failures_are_one_line_and_an_exit_status(asked, failure, status):
    for verb in ("pair", "whoami", "logout", "disconnect", "accounts", "projects"):
        asked.answers[verb] = failure
        result = invoke(verb, "onset.yaml")
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
