"""Checklist, for applications: log in with a browser, choose account and project, disconnect, choose another."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from journeys.frameio.device import Device, Terminal
from journeys.harness import Journey, wait_until

pytestmark = pytest.mark.timeout(60)

PART_BYTES = 256 * 1024
SUPPORT = "https://help.frame.io/"


@pytest.fixture
def app(device: Device) -> Device:
    """A device that is an application to Frame.io; nobody has logged in."""
    device.write_pipeline(when="true", login_url=device.sandbox.url, app_client_id="rushes-app")
    return device


def browse(device, url):
    """What a person's browser does who consents: the page that it ends with."""
    trusted = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=device.sandbox.ca_file))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trusted)
    with opener.open(url, timeout=15) as page:
        return page.read().decode()


def log_in(device):
    """Run the verb and log in with a browser; returns its document."""
    verb = device.stage.start("frameio", "login", str(device.file), "--json", name="login")
    wait_until(lambda: "\n" in verb.err.read_text(), timeout_s=30, what="the address", process=verb)
    page = browse(device, json.loads(verb.err.read_text())["login_url"])
    assert "You are logged in" in page
    assert verb.wait(30) == 0, verb.err.read_text()
    return json.loads(verb.out.read_text())


def test_log_in_choose_a_project_upload_disconnect_and_log_out(app):
    """Login shows user and e-mail; accounts and projects are listed and searched; connect, disconnect, log out."""
    app.sandbox.ask("POST", "/_sandbox/projects", {"name": "Nocturne", "account": "Studio Nord"})
    run = app.start()
    whoami = app.frameio("whoami")
    assert whoami.status == 5
    assert whoami.err == f"error: not logged in; run: pipeline frameio login {app.file}\n"
    facts = log_in(app)
    assert (facts["connection"], facts["user"]) == ("not connected", "Sandy Box")
    assert facts["email"] == "sandy.box@example.com"
    accounts = {each["name"] for each in app.frameio("accounts", "--json").json["accounts"]}
    assert accounts >= {"Sandbox Account", "Studio Nord"}
    text = app.frameio("projects", "--account", "Studio Nord", "--search", "noct").out
    assert [line.split(maxsplit=1)[1] for line in text.splitlines()] == ["Nocturne  (Studio Nord)"]
    assert app.frameio("connect", "Studio Nord", "Nocturne").out == "connected to Nocturne\n"
    assert (app.row()["project"], app.row()["forgotten"]) == ("Nocturne", False)
    lines = dict(line.split(maxsplit=1) for line in app.frameio("whoami").out.splitlines())
    assert (lines["state"], lines["project"]) == ("connected", "Nocturne")
    assert (lines["user"], lines["e-mail"]) == ("Sandy Box", "sandy.box@example.com")
    clip = app.put("A001C001.braw", PART_BYTES)
    wait_until(app.job_is(clip.name, "done"), timeout_s=30, what="an upload", process=run)
    text = app.verb("status", str(app.file)).out
    assert all(fact in text for fact in ("project Nocturne", "user Sandy Box", "email sandy.box@example.com"))
    assert app.frameio("disconnect").out == "not connected\n"
    assert app.row()["forgotten"]
    wait_until(app.shows(connection="not connected", project=None, user="Sandy Box"), timeout_s=30,
               what="no project", process=run)  # fmt: skip
    assert app.frameio("logout").status == 0
    wait_until(app.shows(connection="not authorised", user=None, email=None), timeout_s=30,
               what="no user", process=run)  # fmt: skip
    app.assert_delivered_once([clip])
    assert app.sandbox.breaches() == []


def test_a_login_is_cancelled(app):
    """The authorisation is cancelled while the browser is waited for: its address is closed, nothing was changed."""
    app.start()
    with Terminal(app, "frameio", "login", str(app.file), "--no-browser", columns=900) as terminal:
        url = terminal.read_until(r"(https://\S+/oauth2/auth\?\S+)\r")[1]
        terminal.read_until("good for")
        terminal.press_ctrl_c()
        assert terminal.wait() == 130
        assert "cancelled; nothing was changed" in terminal.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (query["code_challenge_method"], query["client_id"]) == ("S256", "rushes-app")
    with pytest.raises(urllib.error.URLError, match="refused"):
        browse(app, url)
    assert app.frameio("whoami").status == 5
    assert log_in(app)["user"] == "Sandy Box"


def test_who_has_no_account_with_camera_to_cloud_is_told_so(tmp_path: Path, no_c2c: Journey):
    """A user without any C2C account is told, with the address of the support document."""
    with Device(tmp_path / "device", no_c2c) as device:
        device.write_pipeline(when="true", login_url=device.sandbox.url, app_client_id="rushes-app")
        device.start()
        log_in(device)
        told = f"no account of yours has Camera to Cloud; see {SUPPORT}"
        assert device.frameio("accounts").out == f"{told}\n"
        connect = device.frameio("connect", "Sandbox Project")
        assert connect.status != 0
        assert connect.err == f"error: {told}\n"


@pytest.fixture
def no_c2c(tmp_path: Path) -> Iterator[Journey]:
    """A service whose user has no account with Camera to Cloud."""
    with Journey(tmp_path / "service") as journey:
        journey.sandbox = journey.stage.sandbox("--no-c2c")
        yield journey
