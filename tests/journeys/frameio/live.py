"""A pipeline that runs while a test does things to it, and the Frame.io service that all of these tests share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from journeys.harness import Journey, wait_until
from rushes.api.client import Client, connect
from rushes_sandbox.remote import Running
from rushes_sandbox.stage import Process, Stage

#: Without these root is a user like others.
NO_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
PART_BYTES = 64 * 1024
#: Few and always as many parts at once: what may be sent again after an interruption is two parts.
IN_FLIGHT = 2
SECRET = "RUSHES_FRAMEIO_CLIENT_SECRET"
#: More requests than any test makes.
MANY = 1_000_000
#: Until something that needs no patience has happened, on a machine that is busy with other things.
SOON_S = 30.0


class Service(Journey):
    """A sandbox that can be taken off the network and put back, at the same address."""

    def __init__(self, root: Path, *options: str) -> None:
        super().__init__(root)
        self._options = ("--part-size", str(PART_BYTES), "--interval", "100ms", *options)
        self.start_sandbox(*self._options)
        self._port = self.sandbox.url.rpartition(":")[2]

    def cut(self) -> None:
        """Every connection is reset, new ones are refused."""
        self.sandbox.process.kill()

    def back(self) -> None:
        """It is there again and knows what it knew, but no faults."""
        self.sandbox.process = self.stage.sandbox(
            "--interval", "1s", *self._options, "--port", self._port
        ).process

    def restart(self) -> None:
        """Every connection is reset; a moment later it is there again."""
        Running(self.stage.root / "sandbox").restart()

    def fault(self, *matches: str, times: int = MANY, alone: bool = False, **fault: Any) -> None:
        """Let requests go wrong until `sandbox.clear`; see `rushes_sandbox.faults.Fault`.

        `alone` it takes the place of all others, with no moment between in which nothing is wrong.
        """
        rules = [{"match": match, "times": times, **fault} for match in matches]
        self.sandbox.ask("PUT" if alone else "POST", "/_sandbox/faults", rules)

    def hits(self, match: str) -> int:
        """How many requests the rule for these has hit, where it is for many."""
        rules = self.sandbox.ask("GET", "/_sandbox/faults")
        return MANY - next(rule["times"] for rule in rules if rule["match"] == match)

    def order(self, word: str, **body: Any) -> Any:
        """What people do: `POST /_sandbox/WORD`."""
        return self.sandbox.ask("POST", f"/_sandbox/{word}", body)

    def whole(self, asset: Mapping[str, Any]) -> Path:
        """What a complete asset became."""
        extension = asset["name"].rpartition(".")[2].lower()
        return self.stage.root / "sandbox" / "files" / f"{asset['id']}.{extension}"

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        """The requests that came, without secrets."""
        return list(self.sandbox.ask("GET", f"/_sandbox/log?after={after}"))


class AsUser(Stage):
    """What is started may read only what its user may, also where the tests are root, who reads everything."""

    def command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return (*NO_ROOT, *super().command(arguments))


class Live(Journey):
    """A running pipeline that is a device of its own: `begin`, then shoot, and `assets` has what arrived."""

    def __init__(self, root: Path, service: Service, stage: Stage | None = None) -> None:
        super().__init__(root, stage)
        self.service = service
        self.sandbox = service.sandbox
        self.stage.env[SECRET] = service.stage.env[SECRET]
        self.device = ""
        self.process: Process

    def begin(self, **pipeline: Any) -> Self:
        """Write the pipeline file, run it and pair it."""
        self.write_pipeline(**({"when": "true"} | pipeline))
        self.go()
        self.connect()
        return self

    def go(self) -> None:
        """Run; what ran before must have ended."""
        self.process = self.start()

    def stop(self) -> None:
        """Shut down properly."""
        self.process.signal(15)
        assert self.process.wait(SOON_S) == 0

    def connect(self) -> None:
        """Pair, as a person does who types the six digits in the project; returns when the sink is open."""
        found = self.client.act("frameio", "pair", {}, self.confirm)
        assert found["connection"] == "connected"
        self.wait(lambda: self.component["state"] == "open", "an open sink")

    def confirm(self, fact: Any) -> None:
        self.device = self.service.order("confirm", user_code=fact["user_code"])["id"]

    @property
    def client(self) -> Client:
        client = connect(self.stage.state)
        assert client is not None, f"no pipeline runs{self.process.last_words()}"
        return client

    @property
    def component(self) -> dict[str, Any]:
        """What `status` tells of the sink."""
        return next(each for each in self.client.status()["components"] if each["id"] == "frameio")

    @property
    def facts(self) -> dict[str, Any]:
        return dict(self.component["facts"])

    def ready(self) -> Self:
        """Whatever a test did: the service is there and calm, this runs and is connected."""
        if not self.sandbox.process.running:
            self.service.back()
        self.sandbox.clear()
        if not self.process.running:
            self.go()
        if self.facts.get("connection") == "not authorised":
            self.connect()
        self.wait(lambda: self.component["state"] == "open", "an open sink")
        return self

    def wait(self, true: Any, what: str, timeout_s: float = SOON_S) -> None:
        wait_until(true, timeout_s=timeout_s, what=what, process=self.process)

    def wait_for(self, path: Path, state: str = "done", reason: str = "") -> dict[str, Any]:
        """The job of a file, as soon as it is in that state for that reason."""
        try:
            self.wait(self.job_is(path.name, state, reason), f"{path.name} to be {state} {reason}")
        except AssertionError as error:
            job = self.by_name().get(path.name, {})
            raise AssertionError(f"{error}; it is {job.get('state')}: {job.get('reason')}") from None
        return self.by_name()[path.name]

    def assets(self, path: Path) -> list[dict[str, Any]]:
        """The assets of a file, complete or not: no two files of these tests have one name."""
        return [asset for asset in self.sandbox.assets() if asset["name"] == path.name]

    def only(self, path: Path) -> dict[str, Any]:
        """The one asset that a file has, or ever had."""
        [asset] = self.assets(path)
        return asset

    def arrived_of(self, path: Path) -> set[int]:
        """Numbers of the parts of a file that have arrived whole."""
        return {part["number"] for asset in self.assets(path) for part in asset["parts"] if part["puts"]}

    def received(self, path: Path) -> int:
        """Bytes that the service received for a file, arrived or not."""
        return sum(part["bytes_received"] for asset in self.assets(path) for part in asset["parts"])
