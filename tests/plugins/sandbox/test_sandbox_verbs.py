"""`pipeline sandbox VERB`: what people do to a sandbox that runs in another process."""

import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rushes_sandbox.command import command
from rushes_sandbox.remote import RUNNING

RUN = [sys.executable, "-W", "error", "-c", "from rushes_sandbox.command import command; command()"]
OPTIONS = ["--port", "0", "--json", "--interval", "1ms", "--no-rate-limits", "--channels-at-zero"]


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The state folder of a sandbox in which one device has paired."""
    state = tmp_path_factory.mktemp("verbs") / "state"
    child = subprocess.Popen([*RUN, "--state", str(state), *OPTIONS], stdout=subprocess.PIPE)
    try:
        assert json.loads(child.stdout.readline())["pid"] == child.pid
        yield state
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
        assert not (state / RUNNING).exists()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def say(state):
    """Run a verb; return its document."""

    def said(*words):
        done = CliRunner().invoke(command, [*words, "--state", str(state), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return said


@pytest.fixture
async def paired(state, say, connect):
    """A device that typed its code over the verb."""
    facts = json.loads((state / RUNNING).read_text())
    async with connect(facts["url"], facts["ca_file"]) as camera:
        code = await camera.code()
        device = say("confirm", code["user_code"])
        camera.tokens = (await camera.poll(code["device_code"])).json()
        yield camera, device


def people(state, *words):
    done = CliRunner().invoke(command, [*words, "--state", str(state)])
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_a_device_is_paired_listed_paused_resumed_and_forgotten(paired, say, state):
    camera, device = paired
    assert say("devices")[-1]["id"] == device["id"]
    assert device["name"] in people(state, "devices")
    assert say("pause", device["id"])[-1]["paused"] is True
    assert (await camera.create(10)).status_code == 409
    assert say("resume")[-1]["paused"] is False
    assert (await camera.create(10)).status_code == 200
    assert say("expire", device["id"], "--in", "1h")[-1]["expires_at"]
    say("revoke", device["name"], "--what", "access")
    assert (await camera.me()).status_code == 401
    assert say("forget")[-1]["forgotten"] is True
    assert "forgotten" in people(state, "devices")


async def test_projects_are_added_and_renamed(paired, say, state):
    before = say("projects")
    added = say("projects", "--add", "Nocturne")
    assert [project["name"] for project in added[len(before) :]] == ["Nocturne"]
    renamed = say("rename", "Nocturne II", "--project", "Nocturne")
    assert "Nocturne II" in [project["name"] for project in renamed]
    assert "'Nocturne II'" in people(state, "projects")


async def test_assets_log_and_violations(paired, say, state):
    camera, _device = paired
    await camera.me()
    asset = await camera.upload(b"x" * 1000, name="verbs.mov")
    assert say("assets")[-1]["id"] == asset["id"]
    assert "'verbs.mov'" in people(state, "assets")
    log = say("log")
    assert log[-1]["path"].startswith(f"/uploads/{asset['id']}")
    assert say("log", "--after", str(log[-2]["seq"])) == log[-1:]
    assert "PUT /uploads/" in people(state, "log")
    assert "authorization" not in people(state, "log").lower()
    assert (await camera.http.get("/v2/devices/me")).status_code == 400
    assert say("violations")[-1]["violation"] == "x-client-version is missing"
    assert "x-client-version is missing" in people(state, "violations")


async def test_faults_are_ordered_listed_and_cleared(paired, say, state):
    camera, _device = paired
    rule = {"match": "GET /health", "status": 503, "times": 2}
    assert say("fault", json.dumps(rule)) == [rule]
    assert (await camera.http.get("/health")).status_code == 503
    assert say("fault", "list") == [{"match": "GET /health", "status": 503}]
    assert "503" in people(state, "fault")
    assert say("fault", "--clear", json.dumps([rule, rule])) == [rule, rule]
    assert say("fault", "--clear") == []
    assert people(state, "fault") == "no faults\n"


async def test_a_restart_keeps_what_was_and_forgets_faults(paired, say, state):
    camera, _device = paired
    before = say("assets")
    say("fault", '{"match": "GET /health", "status": 500}')
    say("restart")
    assert say("assets") == before
    assert say("fault") == say("log") == []
    assert (await camera.me()).status_code == 200
    assert "listens again" in people(state, "restart")


def test_sockets_and_clock_are_disturbed_and_put_right(say, state):
    assert say("sockets", "--block", "html")["blocked"] == "html"
    assert say("sockets")["blocked"] == "html"
    assert "blocked: no" in people(state, "sockets", "--unblock", "--close")
    assert say("clock", "90") == {"skew_s": 90}
    assert people(state, "clock", "0") == "the clock is 0.0 s ahead\n"


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (["confirm", "000000"], 4, "no device waits"),
        (["pause", "nobody"], 4, "nobody"),
        (["rename", "x", "--project", "nothing"], 4, "nothing"),
        (["fault", "{"], 1, "not JSON"),
        (["fault", '{"typo": 1}'], 1, "typo"),
    ],
)
def test_what_goes_wrong_is_one_line(state, words, status, why):
    done = CliRunner().invoke(command, [*words, "--state", str(state)])
    assert done.exit_code == status
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "left", [None, '{"url": "https://127.0.0.1:9", "ca_file": "/nowhere", "pid": 1}', "["]
)
def test_where_no_sandbox_runs_says_so(tmp_path, left):
    if left is not None:
        (tmp_path / RUNNING).write_text(left)
    done = CliRunner().invoke(command, ["devices", "--state", str(tmp_path)])
    assert done.exit_code == 4
    assert done.stderr == (
        f"error: {tmp_path}: no sandbox runs there; start one with `pipeline sandbox --state {tmp_path}`\n"
    )


def test_state_may_stand_before_the_verb_and_is_needed(state):
    done = CliRunner().invoke(command, ["--state", str(state), "--json", "faults"])
    assert done.exit_code == 2
    done = CliRunner().invoke(command, ["--state", str(state), "--json", "fault"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == []
    for words in ([], ["devices"]):
        done = CliRunner().invoke(command, words)
        assert (done.exit_code, "Missing option '--state'" in done.stderr) == (2, True)
