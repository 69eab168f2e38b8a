"""Completion: in a real bash; quick, and silent whatever is wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from rushes.cli import completing, verbs
from rushes.cli.root import cli


def complete(*words: str) -> list[str]:
    *before, last = words
    made = BashComplete(cli, {}, "pipeline", "_PIPELINE_COMPLETE")
    return [item.value for item in made.get_completions(list(before), last)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_for_itself(pipeline, shell):
    told = pipeline("completion", shell)
    assert told.exit_code == 0
    assert told.stdout.startswith("# Now: ")
    assert f"_PIPELINE_COMPLETE={shell}_complete" in told.stdout


def test_verbs_are_told_without_importing_any(monkeypatch):
    monkeypatch.setattr(verbs, "load", lambda name: pytest.fail(f"imported {name}"))
    assert complete("") == [*verbs.OURS, *sorted(verbs.of_plugins())]
    assert complete("st") == ["status"]


def test_files_here_and_in_pipelines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipelines").mkdir()
    for name in ("onset.yaml", "notes.txt", "onset.test.yaml", "pipelines/night.yml"):
        (tmp_path / name).write_text("")
    assert complete("run", "") == ["night.yml", "onset.yaml"]
    assert complete("frameio", "pair", "on") == ["onset.yaml"]
    assert complete("run", "pipelines/n") == ["pipelines/night.yml"]
    assert complete("run", "--on") == ["--once"]


def test_jobs_clips_and_sinks_of_what_runs(file, fake):
    job = {
        "id": "j1aaa",
        "clip": "c1",
        "name": "A001.mov\x1b",
        "card": "A001",
        "path": "x/A001.mov",
        "state": "parked",
    }
    asked = []
    fake.some_jobs = lambda states, said, most: asked.append((states, said, most)) or {"jobs": [job]}
    row = {"name": "A001.mov", "card": "A001", "path": "x/A001.mov", "state": ""}
    fake.named_like = lambda *_: {"clips": [row, row | {"path": "y/A001.mov"}, row | {"name": "A002.mov"}]}
    assert complete("queue", file, "retry", "j1") == ["j1aaa"]
    assert asked == [(("parked", "cancelled"), "j1", completing.MOST)]
    once = job | {"name": "B001.mov", "card": "B001", "path": "B001.mov"}
    others = [once | {"id": "j2", "clip": "c2"}, once | {"id": "j3", "clip": "c2"}]
    alike = [job | {"id": "j4", "clip": f"c{n}", "name": "T1.wav", "path": f"{n}/T1.wav"} for n in (4, 5)]
    fake.some_jobs = lambda *_: {"jobs": [job, *others, *alike]}
    assert complete("queue", file, "top", "") == ["B001.mov", "A001/4/T1.wav", "A001/5/T1.wav"]
    assert complete("queue", file, "top", "B0") == ["B001.mov"]
    assert complete("explain", file, "A00") == ["A001/x/A001.mov", "A001/y/A001.mov", "A002.mov"]
    assert complete("queue", file, "add", "x", "--to", "cl") == ["cloud"]
    assert complete("queue", file, "pause", "") == ["cloud"]
    assert complete("queue", file, "list", "--state", "parked,wa") == ["parked,waiting"]


def test_a_pipeline_that_does_not_answer_is_not_waited_for(file, fake):
    free = threading.Event()
    fake.some_jobs = lambda *_: free.wait(20) and {"jobs": []}
    began = time.monotonic()
    assert complete("queue", file, "retry", "") == []
    assert time.monotonic() - began < 5
    free.set()


def test_nothing_wrong_is_told(file, monkeypatch, capsys):
    assert complete("queue", file, "retry", "") == []
    assert complete("queue", "none.yaml", "retry", "") == []
    Path(file).write_text("{")
    assert complete("explain", file, "") == []
    assert complete("nosuch", "") is not None
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_in_a_real_bash(tmp_path):
    (tmp_path / "my day.yaml").write_text("")
    (tmp_path / "onset.yaml").write_text("")
    script = """
        eval "$(pipeline completion bash)"
        ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
              _pipeline_completion pipeline; printf '%s\\n' "${COMPREPLY[@]}" --; }
        ask pipeline rep
        ask pipeline run on
        ask pipeline queue none.yaml retry ""
    """
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path)}, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert (ran.stdout.split(), ran.stderr) == (["report", "--", "onset.yaml", "--", "--"], "")
