"""Whole pipelines as real processes, for tests: the demo's stage, a pipeline file, and questions.

with Journey(tmp_path) as journey:
    journey.start_sandbox("--part-size", "1MiB")
    journey.write_pipeline(steps=[])
    journey.pair()
    journey.add_card(card.folder)
    run = journey.run()
    ...
    run.kill()
    assert journey.run("--once").wait(60) == 0
    journey.assert_delivered_once()
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from forked import QuickStage
from rushes.api.client import connect
from rushes_sandbox.stage import Process, Sandbox, Stage

#: Modules that make what loads them go wrong.
PLUGIN = Path(__file__).parent / "plugin"


class Journey:
    """One pipeline in one folder. Leave its `with` and no process of it is left."""

    def __init__(self, root: Path, stage: Stage | None = None, **environment: str) -> None:
        self.stage = stage or QuickStage(root)
        self.stage.env.update(environment)
        self.cards = self.stage.cards
        self.raid = root / "raid"
        self.file = root / "pipeline.yaml"
        self.sandbox: Sandbox

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stage.__exit__(None, None, None)

    def start_sandbox(self, *options: str) -> Sandbox:
        """A sandbox that has one second between polls unless the options say otherwise."""
        self.sandbox = self.stage.sandbox("--interval", "1s", *options)
        return self.sandbox

    def write_pipeline(
        self,
        *,
        when: str = "kind = 'video'",
        steps: Sequence[Mapping[str, Any]] = (),
        sinks: Sequence[Mapping[str, Any]] = (),
        prepare: Sequence[str | Mapping[str, Any]] = (),
        routes: Sequence[Mapping[str, Any]] = (),
        sources: Sequence[Mapping[str, Any]] = (),
        source: Mapping[str, Any] = MappingProxyType({}),
        **frameio: Any,
    ) -> Path:
        """One route of all clips that match to every sink.

        Without `sinks` that is Frame.io alone, the journey's sandbox, with the options of `frameio`. `source`
        has options of the folder, over a `settle` and a `patience` of a second. `routes` and `sources` are further
        ones.
        """
        if not sinks:
            own = {
                "id": "frameio",
                "use": "frameio",
                "api_url": self.sandbox.url,
                "ca_file": self.sandbox.ca_file,
            }
            sinks = [own | frameio]
        folder = {"id": "cards", "use": "folder", "path": str(self.cards), "settle": "1s", "patience": "1s"}
        document = {
            "pipeline": "journey",
            "state": "./state",
            "sources": [folder | dict(source), *sources],
            "prepare": list(prepare),
            "sinks": list(sinks),
            "routes": [
                {"id": "all", "when": when, "steps": list(steps), "to": [sink["id"] for sink in sinks]},
                *routes,
            ],
        }
        # JSON is YAML.
        return self.stage.write(json.dumps(document, indent=2), self.file.name)

    def extend_path(self, folder: Path) -> None:
        """What the journey starts finds modules and plugins in that folder too."""
        earlier = self.stage.env.get("PYTHONPATH")
        self.stage.env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), earlier)))

    def install(self, plugin: str) -> None:
        """What the journey starts has the plugin of `plugin/rushes_PLUGIN.py` installed."""
        installed = self.stage.root / "installed"
        module = f"rushes_{plugin}"
        info = installed / f"{module}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: rushes-{plugin}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[rushes.plugins]\n{plugin} = {module}\n")
        shutil.copy(PLUGIN / f"{module}.py", installed)
        self.extend_path(installed)

    def pair(self) -> None:
        self.stage.pair(self.file, self.sandbox)

    def add_card(self, made: Path, name: str = "") -> None:
        """Copy a finished card in, with its times: as a card that is inserted."""
        shutil.copytree(made, self.cards / name, dirs_exist_ok=True)

    def put(self, name: str, size: int, *, card: str = "A001") -> Path:
        """A file of noise on a card, long written; other names are other bytes."""
        path = self.cards / card / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(random.Random(name).randbytes(size))
        os.utime(path, (1, 1))
        return path

    def disk(self, *, make: bool = True) -> dict[str, Any]:
        """A disk sink named raid, for `write_pipeline`."""
        if make:
            self.raid.mkdir(exist_ok=True)
        return {"id": "raid", "use": "disk", "path": str(self.raid)}

    def hold_back(self, parts: int, part_s: float) -> None:
        """Only so many parts get in, each after so long; all others hang until `sandbox.clear`.

        What has more parts cannot end before that, however long a test takes to do something to it. It takes the
        place of all other faults.
        """
        slow = {"match": "PUT ", "times": parts, "delay_s": part_s}
        self.sandbox.ask(
            "PUT", "/_sandbox/faults", [slow, {"match": "PUT ", "times": 1_000_000, "hang": True}]
        )

    def run(self, *options: str) -> Process:
        return self.stage.run(self.file, *options)

    def start(self) -> Process:
        """Run until stopped; returns once it can be asked."""
        run = self.run()
        wait_until(lambda: connect(self.stage.state) is not None, timeout_s=30, what="its API", process=run)
        return run

    def ask(self, verb: str, *arguments: str) -> Any:
        """The document of `pipeline VERB FILE ARGUMENTS --json`."""
        return self.stage.ask(verb, str(self.file), *arguments)

    def jobs(self) -> list[dict[str, Any]]:
        """Every job, asked of the run without the price of a verb, or of its ledger."""
        client = connect(self.stage.state)
        return list(client.jobs()["jobs"]) if client else self.stage.jobs(self.file)

    def by_name(self) -> dict[str, dict[str, Any]]:
        """The newest job of each file name."""
        return {job["name"]: job for job in self.jobs()}

    def job_is(self, name: str, state: str, reason: str = "") -> Callable[[], bool]:
        """A question for `wait_until`: whether the newest job of a file is in that state, for that reason."""

        def holds() -> bool:
            job = self.by_name().get(name)
            return job is not None and job["state"] == state and reason in job["reason"]

        return holds

    def states(self) -> Counter[str]:
        """How many jobs are in each state."""
        return Counter(job["state"] for job in self.jobs())

    def complete(self) -> list[dict[str, Any]]:
        """The sandbox's complete assets."""
        return [asset for asset in self.sandbox.assets() if asset["state"] == "complete"]

    def arrived(self) -> int:
        """How many parts have arrived whole."""
        return sum(part["puts"] > 0 for asset in self.sandbox.assets() for part in asset["parts"])

    def resent(self) -> int:
        """Bytes that the sandbox received for complete assets beyond their size."""
        return sum(
            sum(part["bytes_received"] for part in asset["parts"]) - asset["filesize"]
            for asset in self.complete()
        )

    def assert_delivered_once(self, originals: Sequence[Path]) -> None:
        """Each original has one complete asset, of its name and its bytes; there is no other."""
        found = Counter((asset["name"], asset["sha256"]) for asset in self.complete())
        wanted = Counter((path.name, sha256(path)) for path in originals)
        assert found == wanted, {"twice or strange": found - wanted, "missing": wanted - found}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def runs(pid: int, program: str) -> bool:
    """Whether that process is there and runs the program: its number is soon given to another process or thread."""
    try:
        return program.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until(
    true: Callable[[], bool], *, timeout_s: float, what: str, process: Process | None = None
) -> None:
    """Poll until it is so; a process that must be running meanwhile fails the wait when it ends.

    The longer it takes the more seldom: asking costs those who are waited for.
    """
    began = time.monotonic()
    while not true():
        ended = process is not None and not process.running
        assert not ended, f"{what}: {process and process.name} ended with {process and process.status}"
        waited = time.monotonic() - began
        assert waited < timeout_s, f"{what}: not within {timeout_s} s"
        time.sleep(min(0.02 + waited / 20, 0.1))
