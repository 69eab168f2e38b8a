"""A folder in which whole pipelines run as real processes against a sandbox; none of them outlives it.

    root/cards  root/state  root/sandbox  root/logs  root/config      and a pipeline file

The user's own keys, tokens and sockets are not touched: configuration and runtime folders are the
stage's own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rushes import RushesError
from rushes_sandbox.remote import Remote

_PIPELINE = (sys.executable, "-c", "from rushes.cli import main; main()")
_CODE = re.compile(r'"user_code": ?"(\d{6})"')
_POLL_S = 0.02


class Process:
    """A child in a session of its own; what it says goes to two files in the logs folder."""

    def __init__(self, arguments: tuple[str, ...], *, logs: Path, name: str, env: Mapping[str, str]) -> None:
        self.name = name
        self.out, self.err = logs / f"{name}.out", logs / f"{name}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Also the number of its session."""
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal, None while it runs."""
        return self._child.poll()

    def signal(self, number: int) -> None:
        """To that process alone: its children are its own business."""
        self._child.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, as a pulled plug: returns when the process is gone."""
        self._child.kill()
        self._child.wait()

    def wait(self, timeout_s: float) -> int:
        """The exit status. Raises RushesError when it does not end in time."""
        try:
            return self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise RushesError(
                f"{self.name} did not end within {timeout_s:.0f} s{self.last_words()}"
            ) from None

    def read_line(self, timeout_s: float) -> str:
        """The first line of its stdout. Raises RushesError when it ends before that, or takes longer."""
        until = time.monotonic() + timeout_s
        while "\n" not in (text := self.out.read_text("utf-8")):
            if not self.running:
                raise RushesError(f"{self.name} ended with status {self.status}{self.last_words()}")
            if time.monotonic() > until:
                raise RushesError(f"{self.name} said nothing for {timeout_s:.0f} s{self.last_words()}")
            time.sleep(_POLL_S)
        return text.splitlines()[0]

    def last_words(self) -> str:
        """The last line of its stderr, ready to end a message, or nothing."""
        lines = self.err.read_text("utf-8", "replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def end(self) -> None:
        """Nothing of it is left afterwards, children included."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()


class Sandbox(Remote):
    """A running sandbox."""

    def __init__(self, process: Process, url: str, ca_file: str) -> None:
        super().__init__(url, ca_file)
        self.process = process

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """As any remote's; an error tells the last words of the process too."""
        try:
            return super().ask(method, path, document)
        except RushesError as error:
            raise RushesError(f"{error}{self.process.last_words()}") from error

    def assets(self) -> list[dict[str, Any]]:
        """Every asset it ever made, in the order of making."""
        return list(self.ask("GET", "/_sandbox/assets"))

    def breaches(self) -> list[str]:
        """What the device did that the protocol forbids."""
        return [f"{seen['request']}: {seen['violation']}" for seen in self.ask("GET", "/_sandbox/violations")]

    def slow(self, seconds: float) -> None:
        """From now on every part takes so much longer, until `clear`."""
        self.ask("POST", "/_sandbox/faults", [{"match": "PUT ", "delay_s": seconds, "times": 1_000_000}])

    def clear(self) -> None:
        """Forget every fault."""
        self.ask("DELETE", "/_sandbox/faults")


class Stage:
    """Use it in a `with`: leaving it ends every process that it started."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cards, self.state, self.logs = root / "cards", root / "state", root / "logs"
        for folder in (self.cards, self.logs, root / "config"):
            folder.mkdir(parents=True, exist_ok=True)
        # A Unix socket's path has some hundred bytes at most, and `root` may be deep.
        self._runtime = Path(tempfile.mkdtemp(prefix="rushes-"))
        hosts = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1", "localhost")))
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RUSHES_")},
            "RUSHES_CONFIG_DIR": str(root / "config"),
            "RUSHES_RUNTIME_DIR": str(self._runtime),
            "NO_PROXY": hosts,
            "no_proxy": hosts,
        }
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with _undisturbed():
            for process in reversed(self._processes):
                process.end()
        shutil.rmtree(self._runtime, ignore_errors=True)

    def start(self, *arguments: str, name: str) -> Process:
        """Start `pipeline ARGUMENTS`; `name` is told to people and names its logs."""
        number = len(self._processes)
        with _undisturbed():
            process = Process(
                self.command(arguments), logs=self.logs, name=f"{number:02}-{name}", env=self.env
            )
            self._processes.append(process)
        return process

    def command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """What is run for `pipeline ARGUMENTS`."""
        return (*_PIPELINE, *arguments)

    def sandbox(self, *options: str) -> Sandbox:
        """Start a sandbox on a free port; what is started later knows its client secret."""
        state = self.root / "sandbox"
        process = self.start(
            "sandbox", "--port", "0", "--state", str(state), "--json", *options, name="sandbox"
        )
        said = json.loads(process.read_line(30))
        self.env["RUSHES_FRAMEIO_CLIENT_SECRET"] = said["client_secret"]
        return Sandbox(process, said["url"].rstrip("/"), said["ca_file"])

    def write(self, text: str, name: str = "pipeline.yaml") -> Path:
        """A pipeline file in the stage."""
        path = self.root / name
        path.write_text(text, "utf-8")
        return path

    def pair(self, file: Path, sandbox: Sandbox, timeout_s: float = 30) -> None:
        """Pair the pipeline's Frame.io sink: wait for the six digits, type them in as a person would."""
        process = self.start("frameio", "pair", str(file), "--json", name="pair")
        until = time.monotonic() + timeout_s
        while not (found := _CODE.search(process.err.read_text("utf-8"))):
            if not process.running or time.monotonic() > until:
                raise RushesError(f"pairing showed no code{process.last_words()}")
            time.sleep(_POLL_S)
        sandbox.ask("POST", "/_sandbox/confirm", {"user_code": found[1]})
        if status := process.wait(timeout_s):
            raise RushesError(f"pairing ended with status {status}{process.last_words()}")

    def run(self, file: Path, *options: str) -> Process:
        """Start the pipeline."""
        return self.start("run", str(file), *options, name="run")

    def ask(self, *arguments: str, timeout_s: float = 60) -> Any:
        """The document that `pipeline ARGUMENTS --json` prints. Raises RushesError when the verb fails."""
        process = self.start(*arguments, "--json", name=arguments[0])
        if status := process.wait(timeout_s):
            raise RushesError(f"pipeline {arguments[0]} ended with status {status}{process.last_words()}")
        return json.loads(process.out.read_bytes())

    def jobs(self, file: Path) -> list[dict[str, Any]]:
        """Every job of the pipeline, running or not."""
        return list(self.ask("queue", str(file), "list")["jobs"])

    def records(self, file: Path) -> list[dict[str, Any]]:
        """What the pipeline's ledger remembers of the set's clips."""
        report = self.root / "records.json"
        self.ask("masterlockit", "export", str(file), "--kind", "json", "-o", str(report))
        return list(json.loads(report.read_bytes()))

    def sound_of(self, file: Path, filename: str) -> list[str]:
        """The names of the sound files that the pipeline matched with a picture."""
        links = self.ask("explain", str(file), filename)["links"]
        return sorted(
            link["name"] for link in links if link["kind"] == "sound" and link["state"] == "matched"
        )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that would raise wait until afterwards: one between fork and list would leave the child."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python delivers signals to the main thread alone
        return
    came: list[int] = []
    raising = {
        number: handler
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if callable(handler := signal.getsignal(number))
    }
    for number in raising:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in raising.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)
