"""`pipeline run --page` and `pipeline open` as people type them: real processes, a real engine."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from rushes.api.client import Client
from rushes.cli import open as verb
from rushes.cli.root import cli
from rushes.errors import NotFound

FILE = """
pipeline: p
state: ./state
sources:
  - {id: cards, use: folder, path: ./in, settle: 1s}
sinks:
  - {id: raid, use: disk, path: ./out}
routes:
  - {id: all, when: "true", to: [raid]}
"""
STRANGE = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": ""}


class Play:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("in", "out"):
            (folder / name).mkdir()
        (folder / "p.yaml").write_text(FILE)
        self.running: list[subprocess.Popen] = []

    def _arguments(self, *words: str) -> dict:
        return {
            "args": [sys.executable, "-m", "rushes.cli", *words],
            "cwd": self.folder,
            "env": {**os.environ, **STRANGE, "RUSHES_RUNTIME_DIR": str(self.folder / "run")},
            "stderr": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "text": True,
        }

    def run(self, *words: str) -> str:
        """Start a run; what it says first of its page."""
        process = subprocess.Popen(**self._arguments("run", "p.yaml", *words))
        self.running.append(process)
        line = process.stdout.readline()
        assert "the page is at " in line, process.stderr.read()
        return line

    def ask(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(**self._arguments(*words), timeout=60, check=False)

    def stop(self) -> None:
        process = self.running.pop()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode in {0, 3}


@pytest.fixture
def play(tmp_path):
    found = Play(tmp_path)
    yield found
    for process in found.running:
        process.kill()
        process.communicate()


def test_a_day_with_the_page(play):
    """Start, sign in, look, change, restart, let a program in, throw everybody out; no secret is anywhere."""
    said = play.run("--page", "127.0.0.1:0")
    url = re.search(r"http://127\.0\.0\.1:\d+/", said)[0]
    assert said.endswith("opens with: pipeline open p.yaml\n")
    made = json.loads(play.ask("open", "p.yaml", "--json").stdout)
    assert made["url"].startswith(f"{url}#/enter/")
    with httpx.Client(base_url=url, headers={"Origin": url.rstrip("/")}) as browser:
        assert browser.get("/v1/status").status_code == 401
        assert browser.post("/enter", json={"code": made["code"]}).json() == {"entered": True}
        assert browser.get("/v1/status").json()["pipeline"] == "p"
        assert browser.post("/v1/switches/pause", json={"names": ["raid"]}).status_code == 200
        for path in ("/v1/links", "/v1/tokens", "/v1/sessions/forget"):
            assert browser.post(path, json={}).status_code == 404
        with browser.stream("GET", "/v1/events", timeout=20) as events:
            assert events.status_code == 200
            play.stop()  # an open stream holds up no end
        cookies = dict(browser.cookies)

    port = url.rstrip("/").rpartition(":")[2]
    play.run("--page", f"127.0.0.1:{port}")
    other = play.folder / "q.yaml"
    other.write_text(FILE.replace("./state", "./of-q"))
    taken = play.ask("run", "q.yaml", "--page", f"127.0.0.1:{port}")
    assert taken.returncode == 1
    assert re.fullmatch(r"error: page 127\.0\.0\.1:\d+: something listens there already; .*\n", taken.stderr)
    with httpx.Client(base_url=url, cookies=cookies) as browser:
        assert browser.get("/v1/status").status_code == 200
        token = play.ask("open", "p.yaml", "--token", "prometheus").stdout.strip()
        program = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{url}metrics", headers=program).status_code == 200
        assert play.ask("open", "p.yaml", "--forget").stdout.startswith("2 sessions ended")
        assert browser.get("/v1/status").status_code == 401
        assert httpx.get(f"{url}metrics", headers=program).status_code == 401
    play.stop()
    log = "".join(path.read_text() for path in (play.folder / "state" / "logs").iterdir())
    assert "signed in from 127.0.0.1" in log
    for secret in (made["url"].rpartition("/")[2], made["code"], token, *cookies.values()):
        assert secret not in log


def test_a_page_for_tablets(play):
    said = play.run("--page", "0.0.0.0:0")
    told = play.ask("open", "p.yaml")
    link, code = re.search(
        r"^link  (https://(\S+)/)#/enter/\S+\ncode  (\S+)  ", told.stdout, re.MULTILINE
    ).group(1, 3)
    assert link in said
    fingerprint = told.stdout.splitlines()[-1]
    context = ssl.create_default_context(cafile=play.folder / "state" / "page" / "certificate.pem")
    port = link.rstrip("/").rpartition(":")[2]
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context) as browser:
        here = {"Origin": f"https://127.0.0.1:{port}"}
        assert browser.post("/enter", json={"code": code}, headers=here).status_code == 200
        assert browser.get("/v1/status").status_code == 200
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", fingerprint)
    assert fingerprint in play.running[-1].stdout.readline()
    play.stop()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--page", "p.yaml"], "name the file first: pipeline run FILE --page"),
        (["run", "p.yaml", "--page", "example.com:80"], "write an IP address and a port"),
        (
            ["run", "p.yaml", "--page", "0.0.0.0:0", "--key", "p.yaml"],
            "name both, --certificate FILE --key FILE",
        ),
        (["run", "p.yaml", "--certificate", "p.yaml", "--key", "p.yaml"], "say --page as well"),
        (["open", "p.yaml"], "does not run; start it: pipeline run p.yaml --page"),
        (["open", "p.yaml", "--write"], "--write only beside --token NAME"),
        (["open", "p.yaml", "--forget", "--token", "x"], "--forget stands alone"),
        (["open", "p.yaml", "--minutes", "0"], "1<=x<=60"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_a_line(tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    Play(tmp_path)
    result = CliRunner().invoke(cli, words)
    assert result.exit_code in {1, 2}
    assert told in result.stderr
    assert "Traceback" not in result.stderr


class Asked:
    """A running pipeline of few words."""

    def __init__(self, **made: object) -> None:
        self.made = {
            "url": "http://127.0.0.1:1/#/enter/SECRET",
            "code": "ABCD-EFGH",
            "expires_in": 600,
            "page": "http://127.0.0.1:1/",
            "others": [],
            "local": True,
            "fingerprint": "",
            **made,
        }

    def link(self, minutes):
        return self.made


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """`pipeline open` with these words, and what browsers it opened."""
    monkeypatch.chdir(tmp_path)
    Play(tmp_path)
    browsers: list[str] = []
    monkeypatch.setattr("rushes.commands.browse", lambda url: browsers.append(url) or True)

    def run(client, *words, display=":0"):
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.delenv("BROWSER", raising=False)
        monkeypatch.setattr(verb, "running", lambda _file: client)
        return CliRunner().invoke(cli, ["open", "p.yaml", *words]), browsers

    return run


def test_the_browser_is_not_told_the_code_on_its_command_line(opened, tmp_path):
    result, browsers = opened(Asked())
    assert result.exit_code == 0, result.stderr
    stone = tmp_path / "state" / "page" / "open.html"
    assert browsers == [stone.as_uri()]
    assert stone.stat().st_mode & 0o777 == 0o600
    assert "url=http://127.0.0.1:1/#/enter/SECRET" in stone.read_text()
    assert result.stdout.splitlines() == [
        "link  http://127.0.0.1:1/#/enter/SECRET",
        "code  ABCD-EFGH  (to be typed at http://127.0.0.1:1/)",
        "either is good once, for 10 minutes",
    ]


@pytest.mark.parametrize(("words", "display"), [(["--no-browser"], ":0"), ([], ""), (["--json"], ":0")])
def test_no_browser_where_none_is_wanted_or_there_is_no_display(opened, words, display):
    result, browsers = opened(Asked(), *words, display=display)
    assert (result.exit_code, browsers) == (0, [])


def test_a_pipeline_without_its_page_says_so(opened):
    class Without(Client):
        def __init__(self):
            """Nothing to connect to."""

        def _ask(self, *_arguments, **_options):
            raise NotFound("nothing is at '/v1/links'")

    for words in ([], ["--forget"], ["--token", "x"]):
        result, _ = opened(Without(), *words)
        assert result.exit_code == 1
        assert result.stderr == (
            "error: p.yaml: the pipeline runs without its page; start it again: pipeline run p.yaml --page\n"
        )
