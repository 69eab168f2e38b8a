"""`pipeline demo`, as a person starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

#: With recordings as short as it takes.
COMMAND = [sys.executable, "-c", "from rushes.cli import main; main()", "demo", "--seconds", "4"]


@pytest.fixture
def short():
    """A folder whose path leaves room for a socket's, however deep pytest's own lies."""
    with tempfile.TemporaryDirectory(prefix="demo-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.timeout(240)
def test_the_main_job_end_to_end(short):
    started = time.monotonic()
    done = subprocess.run(
        [*COMMAND, "--json"],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "TMPDIR": str(short)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert time.monotonic() - started < 180
    document = json.loads(done.stdout)
    assert document["ok"]
    assert document["problems"] == []
    assert 0 < document["killed"]["parts_done"] < document["killed"]["parts"]
    assert {clip["route"] for clip in document["clips"]} == {"dailies", "set", "sound", "stills"}
    assert all(clip["verified"] and len(clip["sha256"]) == 64 for clip in document["clips"])
    assert all(bool(clip["proxy"]) == (clip["route"] == "dailies") for clip in document["clips"])
    # One kill: at most the parts in flight are sent again.
    # Two clips go up at once, each with two parts of a mebibyte in flight.
    assert sum(clip["resent"] for clip in document["clips"]) <= 2 * 2 * 1024 * 1024
    assert [parked["name"] for parked in document["parked"]] == ["C001C004_261122_R1AB.mov"]
    mine = [clip for clip in document["clips"] if clip["device"]]
    assert {clip["device"] for clip in mine} == {"A-Cam", "B-Cam", "Recorder"}
    assert all(clip["channel"] == clip["device"] for clip in document["clips"])
    assert all(clip["timecode"] == clip["record_timecode"] != "" for clip in mine)
    assert {clip["circled"] for clip in mine} == {True, False}
    # The SIGKILL was of the hub too: every device came back to it, and lost nothing.
    assert document["reconnected"] >= 7
    assert "take.comment" in {conflict["path"] for conflict in document["conflicts"]}
    assert list(short.iterdir()) == []


def test_a_folder_in_use_is_refused_in_one_line(tmp_path):
    (tmp_path / "something").touch()
    done = subprocess.run([*COMMAND, "--keep", str(tmp_path)], capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert done.stderr == f"error: {tmp_path}: is not empty; name a new folder\n"


def test_a_terminated_demo_leaves_nothing(short):
    environment = {**os.environ, "TMPDIR": str(short)}
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as demo:
        assert demo.stdout
        assert b"sandbox listens" in demo.stdout.readline()
        demo.send_signal(signal.SIGTERM)
        demo.stdout.read()
        assert demo.wait(30) == 130
    assert list(short.iterdir()) == []
    left = subprocess.run(["pgrep", "-f", str(short)], capture_output=True, check=False)
    assert left.stdout == b""
