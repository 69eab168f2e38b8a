"""Plays the shell blocks of the pages: a folder, processes, and what the commands said.

Commands of `pipeline` that end are called in this process, which is quick; those that go on are real processes,
started in the background and ended with Ctrl-C when the play is over. Everything else goes to bash.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import chdir
from importlib import invalidate_caches
from pathlib import Path
from typing import Self
from unittest.mock import patch

from click.testing import CliRunner

from docs_rig import Block
from forked import QuickStage
from rushes.api.client import connect
from rushes.cli.root import cli
from rushes.config.find import find_file, state_of
from rushes_sandbox.stage import Process

#: How a line begins that another test plays, or that would change this machine, and which or why.
ELSEWHERE = {
    "pip install": "tests/samples builds the wheels and installs them in a fresh environment",
    "python3 -m venv": "as above",
    ". .venv/bin/activate": "as above",
    "make ": "that is how this test was started; tests/journeys/test_demo.py plays the demo",
}
PATIENCE_S = 30


class Play:
    """A stage; leave its `with`, and nothing of it runs. `words` are put in the place of what the pages say."""

    def __init__(self, root: Path) -> None:
        self.stage = QuickStage(root)
        self.root = root
        self.env = self.stage.env
        self.words: dict[str, str | Callable[[], str]] = {}
        self.more: dict[str, str] = {}
        self.status = {0}
        self.own: set[str] = set()  # modules that a page writes
        self.output = ""
        self.at = root
        self.begun: Callable[[tuple[str, ...]], object] = lambda _arguments: None
        self.installed: Callable[[], object] = lambda: None
        self._going: list[tuple[str, Process]] = []
        self._texts: list[Callable[[str], str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if error[0] is None:
                self.end_all()
        finally:
            self.stage.__exit__(None, None, None)

    def play(self, block: Block) -> None:
        """Do what the comment before the block says."""
        text = block.text
        if block.prints:
            for line in block.text.splitlines():
                assert line.rstrip() in self.output, f"{block.where}: not printed: {line}\n{self.output}"
        elif block.how:
            file = self.root / block.path
            file.parent.mkdir(parents=True, exist_ok=True)
            if block.how == "line of":
                start = text.split(",")[0]
                kept = file.read_text("utf-8").splitlines(keepends=True)
                assert any(line.startswith(start) for line in kept), (
                    f"{block.where}: no such line in {block.path}"
                )
                text = "".join(text if line.startswith(start) else line for line in kept)
            file.write_text(self.adapted(text), "utf-8")
        else:
            self.output = ""
            for line in text.replace("\\\n", " ").splitlines():
                if line.strip() and not line.startswith("#"):
                    self._line(line.strip(), block.where)

    def adapted(self, text: str) -> str:
        """The text of a file as this world needs it."""
        for old, new in self.more.items():
            assert not old.startswith("use:") or old in text, f"{old} is not in the file any more"
            text = text.replace(old, new)
        return text

    def _worded(self, text: str) -> str:
        for old, new in self.words.items():
            if old in text:
                text = text.replace(old, new if isinstance(new, str) else new())
        return text

    def _line(self, line: str, where: str) -> None:
        line = self._worded(line)
        if any(line.startswith(start) for start in ELSEWHERE):
            if line.startswith("pip install"):
                self.installed()
            return
        if line.startswith("cd "):
            self.at /= line.split()[1]
        elif line.startswith("export "):
            self._export(line)
        elif line.startswith("pipeline "):
            arguments = shlex.split(line, comments=True)[1:]
            if arguments[0] == "run":
                self.end_all("run")
            if goes_on(arguments):
                self.begin(*arguments)
            else:
                self.ask(*arguments, where=where)
        else:
            made = self.bash(line)
            assert made.returncode == 0, f"{where}: {line}: {made.stdout}{made.stderr}"
            self.output += made.stdout

    def bash(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euc", line], cwd=self.at, env=self.env, capture_output=True, text=True, timeout=110,
            check=False,
        )  # fmt: skip

    def _export(self, line: str) -> None:
        told = self.bash(f"{line}\nenv -0")
        assert told.returncode == 0, told.stderr
        named = re.findall(r"(\w+)=", line)
        values = dict(pair.split("=", 1) for pair in told.stdout.split("\0") if "=" in pair)
        self.env.update({name: values[name] for name in named if name in values})

    def ask(self, *arguments: str, where: str = "") -> str:
        """A command that ends; what it printed, which `output` keeps too."""
        invalidate_caches()  # a page may have written a module
        more = [path for path in self.env.get("PYTHONPATH", "").split(os.pathsep) if path]
        with (
            chdir(self.at),
            patch.dict(os.environ, self.env, clear=True),
            patch.object(sys, "path", [*more, *sys.path]),
        ):
            told = CliRunner().invoke(cli, list(arguments), prog_name="pipeline")
        for name in [name for name in sys.modules if name.partition(".")[0] in self.own]:
            del sys.modules[name]  # a page may write it anew
        assert told.exit_code in self.status, (
            f"{where}: pipeline {shlex.join(arguments)}: {told.exit_code}\n{told.output}"
        )
        self.output += told.output
        return told.stdout

    def begin(self, *arguments: str) -> Process:
        """A command that goes on; returns once it does."""
        with chdir(self.at):
            process = self.stage.start(*arguments, name="-".join(arguments[:2]).replace("/", "-"))
            self._going.append((arguments[0], process))
            self._wait(lambda: ready(arguments, process), f"pipeline {shlex.join(arguments)}", process)
        self.begun(arguments)
        return process

    def _wait(self, there: Callable[[], bool], what: str, process: Process | None = None) -> None:
        until = time.monotonic() + PATIENCE_S
        while not there():
            said = process.last_words() if process else ""
            assert process is None or process.running, f"{what} ended with status {process.status}{said}"
            assert time.monotonic() < until, f"{what}: waited {PATIENCE_S} s in vain{said}"
            time.sleep(0.02)

    def wait_until(self, there: Callable[[], bool], what: str) -> None:
        self._wait(there, what)

    def end_all(self, verb: str = "") -> None:
        """Ctrl-C to what goes on, the newest first."""
        for entry in reversed(self._going):
            name, process = entry
            if verb in {"", name}:
                self._going.remove(entry)
                if process.running:
                    process.signal(signal.SIGINT)
                    assert process.wait(PATIENCE_S) in {0, 130}, f"{process.name}{process.last_words()}"


def goes_on(arguments: list[str]) -> bool:
    """Whether a command goes on until it is stopped."""
    plain = [each for each in arguments if not each.startswith("-")]
    match arguments[0]:
        case "run":
            return "--once" not in arguments
        case "status":
            return "--watch" in arguments
        case "sandbox":
            return arguments[1:2] != [] and arguments[1].startswith("-") and "--help" not in arguments
        case "masterlockit":
            return plain[1] == "hub"
    return False


def ready(arguments: tuple[str, ...], process: Process) -> bool:
    """Whether it has begun."""
    match arguments[0]:
        case "run":
            file = find_file(arguments[1])
            return connect(state_of(file)) is not None
        case "masterlockit":
            file = Path(arguments[arguments.index("--state") + 1]) / "hub.yaml"
            return file.exists() and connect(state_of(file)) is not None
        case "sandbox":
            return (Path(arguments[arguments.index("--state") + 1]) / "sandbox.json").exists()
    return bool(process.out.read_bytes())
