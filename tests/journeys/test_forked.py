"""What is forked is a process as it would be had it been started; see `forked`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from forked import Forked, QuickStage
from journeys.harness import wait_until
from rushes_sandbox.stage import Stage


@pytest.fixture(params=[QuickStage, Stage])
def stage(request, tmp_path):
    with request.param(tmp_path) as stage:
        yield stage


@pytest.fixture
def idle(stage):
    """A pipeline that has nothing to do."""
    (stage.root / "raid").mkdir()
    document = {
        "pipeline": "idle",
        "state": "./state",
        "sources": [{"id": "cards", "use": "folder", "path": str(stage.cards)}],
        "sinks": [{"id": "raid", "use": "disk", "path": "./raid"}],
        "routes": [{"id": "all", "when": "true", "to": ["raid"]}],
    }
    return stage.write(json.dumps(document))


def begun(stage, file):
    run = stage.run(file)
    wait_until((stage.state / "listening.json").exists, timeout_s=30, what="its API", process=run)
    return run


def test_it_has_a_session_a_folder_and_variables_of_its_own(stage, monkeypatch):
    monkeypatch.chdir(stage.root)
    stage.env["RUSHES_CONFIG_DIR"] = str(stage.root / "elsewhere")
    process = stage.start("sandbox", "--port", "0", "--state", "here", "--json", name="sandbox")
    assert json.loads(process.read_line(30))["url"].startswith("https://")
    assert os.getsid(process.pid) == process.pid
    assert Path(f"/proc/{process.pid}/cwd").readlink() == stage.root
    assert (stage.root / "here" / "sandbox.json").exists()
    assert isinstance(process, Forked) == isinstance(stage, QuickStage)


def test_it_ends_with_its_status_and_says_so_on_its_own_streams(stage, idle):
    assert stage.run(idle, "--once").wait(30) == 0
    refused = stage.run(idle, "--nonsense")
    assert refused.wait(30) == 2
    assert refused.out.read_text() == ""
    assert "--nonsense" in refused.err.read_text()
    assert not refused.running


def test_signals_reach_it(stage, idle):
    run = begun(stage, idle)
    with pytest.raises(Exception, match="did not end"):
        run.wait(0.01)
    run.signal(signal.SIGTERM)
    assert run.wait(30) == 0
    run = begun(stage, idle)
    run.kill()
    assert run.status == -signal.SIGKILL
    assert not Path(f"/proc/{run.pid}").exists()


def test_nothing_is_left_of_it_after_the_stage(tmp_path):
    with QuickStage(tmp_path) as stage:
        process = stage.start("sandbox", "--port", "0", "--state", str(tmp_path / "here"), name="sandbox")
        process.read_line(30)
    assert process.status == -signal.SIGKILL


@pytest.mark.parametrize(
    ("variable", "value"), [("PYTHONHASHSEED", "7"), ("TZ", "Asia/Tokyo"), ("PYTHONPATH", "late")]
)
def test_what_is_read_at_start_is_read_by_a_start(tmp_path, monkeypatch, variable, value):
    late = tmp_path / "late"
    late.mkdir()
    (late / "sitecustomize.py").touch()
    with QuickStage(tmp_path) as stage:
        assert isinstance(stage.start("--help", name="plain"), Forked)
        stage.env[variable] = str(late) if value == "late" else value
        assert not isinstance(stage.start("--help", name="another"), Forked)
        del stage.env[variable]
        monkeypatch.setenv("FRESH_STARTS", "1")
        assert not isinstance(stage.start("--help", name="fresh"), Forked)


def test_a_kill_by_somebody_else_is_seen(tmp_path):
    with QuickStage(tmp_path) as stage:
        process = stage.start("sandbox", "--port", "0", "--state", str(tmp_path / "here"), name="sandbox")
        subprocess.run(["kill", "-KILL", str(process.pid)], check=True)
        assert process.wait(30) == -signal.SIGKILL
