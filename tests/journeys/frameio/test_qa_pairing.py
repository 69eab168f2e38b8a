"""Checklist: launching, the six-digit code, cancelling the authorisation at each step."""

from __future__ import annotations

import json
import re

import pytest
import segno

from journeys.frameio.device import Terminal
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(60)

INTERRUPTED = 130
NOT_AUTHORISED = 5
#: By a half block: whether the upper and the lower module are dark.
BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
DRAWN = re.compile(r"\x1b\[38;5;16;48;5;231m([ ▀▄█]+)\x1b\[0m")
CODE = r"\x1b\[1m(\d{3}) (\d{3})\x1b\[0m"


def confirm(device, code, project=None):
    device.sandbox.ask("POST", "/_sandbox/confirm", {"user_code": code, "project": project})


def drawn_matrix(text):
    """The modules of a QR code that was drawn on a terminal."""
    rows = []
    for line in DRAWN.findall(text):
        rows += zip(*(BLOCKS[char] for char in line), strict=True)
    return [list(row) for row in rows]


def test_it_launches_without_a_pairing_and_says_what_to_do(device):
    """It launches properly, and an unpaired one prompts to initiate the authorisation."""
    clip = device.put("A001C001.braw", 300_000)
    run = device.start()
    wait_until(
        device.job_is(clip.name, "waiting", "not paired; run: pipeline frameio pair"),
        timeout_s=30, what="the reason", process=run,
    )  # fmt: skip
    status = device.verb("status", str(device.file))
    assert f"not paired; run: pipeline frameio pair {device.file}" in status.out
    assert "connection not authorised" in status.out
    device.pair()
    wait_until(device.job_is(clip.name, "done"), timeout_s=30, what="the upload", process=run)
    run.signal(2)
    assert run.wait(30) == 0
    assert "Traceback" not in run.err.read_text()
    device.assert_delivered_once([clip])
    assert device.sandbox.breaches() == []


def test_a_terminal_shows_six_digits_a_qr_code_and_a_countdown(device):
    """The device makes a six-digit code and displays it properly; connecting to a project works."""
    with Terminal(device, "frameio", "pair", str(device.file)) as terminal:
        terminal.read_until(r"good for 1\d\d s; Ctrl-C cancels.*good for 1\d\d s")
        code = "".join(terminal.read_until(CODE).groups())
        link = terminal.read_until(r"open (https://\S+)")[1]
        assert code in link
        matrix = drawn_matrix(terminal.text)
        wanted = [
            [int(dark) for dark in row]
            for row in segno.make(link, error="l", micro=False).matrix_iter(border=4)
        ]
        assert matrix[: len(wanted)] == wanted
        confirm(device, code, "Nocturne")
        terminal.read_until("paired with Nocturne by Sandy Box")
        assert terminal.wait() == 0
    assert (device.row()["project"], device.row()["forgotten"]) == ("Nocturne", False)


def test_a_narrow_terminal_shows_the_six_digits_without_the_qr_code(device):
    """As above, where a QR code has no room."""
    with Terminal(device, "frameio", "pair", str(device.file), columns=36) as terminal:
        code = "".join(terminal.read_until(CODE).groups())
        terminal.read_until("good for")
        assert not DRAWN.search(terminal.text)
        confirm(device, code)
        assert terminal.wait() == 0


def test_the_six_digits_are_told_as_json_by_a_running_pipeline(device):
    """The code for whoever shows it on a page or a display of their own; the one that runs connects by itself."""
    run = device.start()
    verb = device.stage.start("frameio", "pair", str(device.file), "--json", name="pair")
    wait_until(lambda: "\n" in verb.err.read_text(), timeout_s=30, what="the code", process=verb)
    told = json.loads(verb.err.read_text())
    assert re.fullmatch(r"\d{6}", told["user_code"])
    assert told["verification_uri_complete"].startswith(told["verification_uri"])
    assert 0 < told["expires_in"] <= 120
    confirm(device, told["user_code"])
    assert verb.wait(30) == 0
    facts = json.loads(verb.out.read_text())
    assert (facts["connection"], facts["project"], facts["user"]) == (
        "connected",
        "Sandbox Project",
        "Sandy Box",
    )
    wait_until(device.shows(online=True, connected=True), timeout_s=30, what="online", process=run)
    assert device.row()["online"]


@pytest.mark.parametrize("running", [True, False], ids=["running", "at_rest"])
def test_the_authorisation_is_cancelled_at_each_step(device, running):
    """The flow can be cancelled: before there is a code, and while it is shown; afterwards pairing works."""
    run = device.start() if running else None
    # Before the code: the service does not answer.
    device.sandbox.fault("POST /v2/auth/device/code", hang=True)
    before = device.now()
    with Terminal(device, "frameio", "pair", str(device.file)) as terminal:
        wait_until(
            lambda: not device.sandbox.ask("GET", "/_sandbox/faults"), timeout_s=30, what="the request"
        )
        cancel(terminal)
        assert not re.search(CODE, terminal.text)
    device.sandbox.clear()
    # While it is shown, and was polled for.
    with Terminal(device, "frameio", "pair", str(device.file)) as terminal:
        code = "".join(terminal.read_until(CODE).groups())
        terminal.read_until("good for")
        wait_until(lambda: device.seen("/v2/auth/token", after=before), timeout_s=30, what="a poll")
        cancel(terminal)
    # Nothing goes on: a code that is typed too late connects nobody here.
    polled = device.now()
    confirm(device, code)
    whoami = device.frameio("whoami")
    assert whoami.status == NOT_AUTHORISED
    assert whoami.err == f"error: not paired; run: pipeline frameio pair {device.file}\n"
    assert device.log(polled) == []
    if run is not None:
        assert run.running
        assert device.component()["facts"]["connection"] == "not authorised"
    device.pair()
    row = device.row()
    assert (row["forgotten"], len(row["identified_at"])) == (False, 1)


def cancel(terminal):
    terminal.press_ctrl_c()
    assert terminal.wait() == INTERRUPTED
    assert "cancelled; nothing was changed" in terminal.text
    assert "Traceback" not in terminal.text
