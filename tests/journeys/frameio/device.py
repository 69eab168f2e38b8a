"""A device at a sandbox that others use too, and a person at its keyboard."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from journeys.harness import Journey, wait_until
from journeys.shared import SharedSandbox
from rushes.api.client import Client, connect
from rushes_sandbox.stage import Process, Stage

#: The sink's id in every pipeline file of a journey.
SINK = "frameio"
#: Parts of all clips that are sent at once: what an interruption may cost.
IN_FLIGHT = 2


@dataclass(frozen=True)
class Said:
    """How a verb ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Device(Journey):
    """Not paired, and nothing runs yet. It has an id of its own, so that the sandbox takes it for another device."""

    def __init__(self, root: Path, service: Journey, stage: Stage | None = None, **environment: str) -> None:
        root.mkdir(exist_ok=True)
        secret = "RUSHES_FRAMEIO_CLIENT_SECRET"
        super().__init__(root, stage, **{secret: service.stage.env[secret], **environment})
        self.sandbox: SharedSandbox = SharedSandbox(service.sandbox)
        self._others = {row["id"] for row in self._rows()}
        self.write_pipeline(when="true", parts_in_flight=IN_FLIGHT)

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.sandbox.clear()

    # What the pipeline tells.

    @property
    def client(self) -> Client:
        """The running pipeline, asked without the price of a verb."""
        client = connect(self.stage.state)
        assert client is not None, "no pipeline runs"
        return client

    def component(self) -> dict[str, Any]:
        """What `status` says about the sink."""
        components: list[dict[str, Any]] = self.client.status()["components"]
        return next(each for each in components if each["id"] == SINK)

    def shows(self, **facts: Any) -> Callable[[], bool]:
        """A question for `wait_until`: whether `status` shows these facts of the sink; None: not at all."""
        return lambda: all(
            (shown := self.component()["facts"]).get(name) == wanted
            and (wanted is None) == (name not in shown)
            for name, wanted in facts.items()
        )

    def verb(self, *arguments: str, timeout_s: float = 30) -> Said:
        """Run `pipeline ARGUMENTS` to its end."""
        process = self.stage.start(*arguments, name=arguments[0])
        status = process.wait(timeout_s)
        return Said(status, process.out.read_text("utf-8"), process.err.read_text("utf-8"))

    def frameio(self, verb: str, *arguments: str) -> Said:
        """Run `pipeline frameio VERB FILE ARGUMENTS`."""
        return self.verb("frameio", verb, str(self.file), *arguments)

    # What a person does here and in the project.

    def start_paired(self, project: str = "") -> Process:
        """Run until stopped, paired, online."""
        run = self.start()
        self.pair(project)
        wait_until(self.shows(online=True, connected=True), timeout_s=30, what="online", process=run)
        return run

    def pair(self, project: str = "") -> None:
        """Pair, with the running pipeline where there is one; the code is typed into a project, else into the first."""
        if (client := connect(self.stage.state)) is None:
            assert not project, "at rest it is the first project"
            super().pair()
            return
        where = {"project": project} if project else {}

        def tell(facts: Mapping[str, Any]) -> None:
            self.sandbox.ask("POST", "/_sandbox/confirm", {"user_code": facts["user_code"], **where})

        client.act(SINK, "pair", {}, tell)

    def order(self, name: str, **body: Any) -> None:
        """What people do in the project with this device: pause, resume, forget, expire."""
        self.sandbox.ask("POST", f"/_sandbox/{name}", {"device": self.row()["id"], **body})

    # What the service knows.

    def rows(self) -> list[dict[str, Any]]:
        """What the sandbox lists of this device: one row for each time it was connected to another project."""
        return [row for row in self._rows() if row["id"] not in self._others]

    def row(self) -> dict[str, Any]:
        """The newest of them."""
        return self.rows()[-1]

    def seen(self, path: str, method: str = "POST", *, after: int = 0) -> list[dict[str, Any]]:
        """Requests of any device to that path."""
        return [each for each in self.log(after) if (each["method"], each["path"]) == (method, path)]

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.ask("GET", f"/_sandbox/log?after={after}")
        return found

    def now(self) -> int:
        """The number of the newest request."""
        return max((each["seq"] for each in self.log()), default=0)

    def _rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.ask("GET", "/_sandbox/devices")
        return found


class Terminal:
    """A verb on a terminal of that many columns and lines; use it in a `with`."""

    def __init__(self, journey: Journey, *arguments: str, columns: int = 120, lines: int = 60) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environment = {**journey.stage.env, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            environment.pop(name, None)
        # A session whose terminal this is: the keys of a person are signals there.
        self._child = subprocess.Popen(
            ["setsid", "--ctty", *journey.stage.command(arguments)],
            stdin=slave, stdout=slave, stderr=slave, env=environment,
        )  # fmt: skip
        os.close(slave)
        self.text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait()
        os.close(self._master)

    def read_until(self, pattern: str, timeout_s: float = 30) -> re.Match[str]:
        """Read until what was shown so far, escapes and all, has the pattern."""
        until = time.monotonic() + timeout_s
        while not (found := re.search(pattern, self.text, re.DOTALL)):
            assert time.monotonic() < until, f"{pattern} was not shown: {self.text!r}"
            assert self._read(0.1), f"it ended without {pattern}: {self.text!r}"
        return found

    def press_ctrl_c(self) -> None:
        os.write(self._master, b"\x03")

    def wait(self, timeout_s: float = 30) -> int:
        """The exit status."""
        until = time.monotonic() + timeout_s
        while self._read(0.1):
            assert time.monotonic() < until, f"it does not end: {self.text!r}"
        return self._child.wait(timeout_s)

    def _read(self, patience_s: float) -> bool:
        """Take in what is shown; whether anybody may still show something."""
        if not select.select([self._master], [], [], patience_s)[0]:
            return True
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # EIO: the last one who had the terminal open is gone
            return False
        self.text += piece.decode("utf-8", "replace")
        return bool(piece)
