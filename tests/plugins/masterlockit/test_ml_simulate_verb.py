"""`pipeline masterlockit simulate`, as a person types it wrong, and as a script reads it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
import trio
from click.testing import CliRunner

from rushes_masterlockit.commands import command

from .client_rig import Shelf
from .hub_rig import KEY, SECRET, hub

ENVIRONMENT = {
    "RUSHES_MASTERLOCKIT_API_KEY": KEY.decode(),
    "RUSHES_MASTERLOCKIT_API_SECRET": SECRET.decode(),
}
SIMULATE = [sys.executable, "-c", "from rushes.cli import main; main()", "masterlockit", "simulate"]
SHORT = ("--takes", "2", "--seconds", "2", "--json")


@pytest.mark.parametrize(
    ("arguments", "environment", "line"),
    [
        (["--hub", "nowhere"], ENVIRONMENT, "'nowhere' is not HOST:PORT"),
        (["--rate", "26"], ENVIRONMENT, "unknown rate '26'; rates are"),
        ([], {}, "RUSHES_MASTERLOCKIT_API_KEY is not set"),
    ],
)
def test_what_is_wrong_is_one_line(arguments, environment, line, monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(command, ["simulate", *arguments], env=environment)
    assert result.exit_code not in {0, 130}
    assert result.stderr.startswith(f"error: {line}")
    assert result.stderr.count("\n") == 1
    assert not result.stdout


class New(Shelf):
    async def load(self, *, bodies):
        await trio.lowlevel.checkpoint()
        for nothing in ():
            yield nothing


async def simulated(port, *arguments, kill_at=""):
    """Its status, its document, and its lines on stderr; SIGTERM once a line holds `kill_at`."""
    hub_at = ("--hub", f"127.0.0.1:{port}")
    return await trio.to_thread.run_sync(ran, [*SIMULATE, *hub_at, *SHORT, *arguments], kill_at)


def ran(command, kill_at):
    lines = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **ENVIRONMENT},
    ) as child:
        for line in child.stderr:
            lines.append(line)
            if kill_at and kill_at in line:
                child.send_signal(signal.SIGTERM)
        document = json.loads(child.stdout.read())
    return child.returncode, document, lines


async def test_a_script_gets_one_document_and_a_person_the_day(tmp_path):
    async with hub(tmp_path / "hub", shelf=New()) as rig:
        status, document, lines = await simulated(rig.port, "--factor", "100", "--media", str(tmp_path / "m"))
    assert status == 0
    assert document["ok"]
    assert document["acked"] == document["said"] > 0
    assert len(document["records"]) == document["clips"] == len(document["recordings"]) == 4
    for recording in document["recordings"]:
        assert (tmp_path / "m" / recording["path"]).is_file()
    assert not list((tmp_path / "m").rglob(".*"))
    assert "that is a wrap" in lines[-1]
    assert any("14A-1-1" in line and "claps" in line for line in lines)


async def test_a_day_that_is_stopped_says_how_far_it_came(tmp_path):
    async with hub(tmp_path / "hub", shelf=New()) as rig:
        status, document, _ = await simulated(
            rig.port, "--factor", "10", "--media", str(tmp_path / "m"), kill_at="claps"
        )
    assert status == 130
    assert not document["ok"]
    assert 0 < document["acked"] < document["said"]
    assert not list((tmp_path / "m").rglob(".*"))


async def test_devices_that_stay_leave_in_peace(tmp_path):
    async with hub(tmp_path / "hub", shelf=New()) as rig:
        status, document, _ = await simulated(rig.port, "--factor", "200", "--stay", kill_at="wrap")
    assert (status, document["ok"]) == (0, True)
