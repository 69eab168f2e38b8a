"""One hub of the product per byte order, for every journey that can share it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from forked import QuickStage
from journeys.harness import wait_until
from journeys.masterlockit.seed_client import SeedClient
from journeys.masterlockit.seed_wire import KEY, SECRET
from rushes.api.client import connect
from rushes_sandbox.stage import Process, Stage

NAMES = {"<": "little", ">": "big"}


class Hub(NamedTuple):
    """A running hub: `file` is for verbs."""

    order: str
    port: int
    process: Process
    stage: Stage
    file: Path
    exports: Path

    def rss(self) -> int:
        """Bytes of memory that the process has."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024


def set_stage(root: Path) -> Stage:
    """A stage whose processes know key and secret."""
    stage = QuickStage(root)
    stage.env["RUSHES_MASTERLOCKIT_API_KEY"] = KEY.decode()
    stage.env["RUSHES_MASTERLOCKIT_API_SECRET"] = SECRET.decode()
    return stage


def facts(state: Path) -> dict[str, Any]:
    """What the only component of a running pipeline shows; empty while nothing answers."""
    client = connect(state)
    return dict(client.status()["components"][0]["facts"]) if client else {}


def listening(state: Path, process: Process) -> int:
    """The port that a hub is bound to, once it is."""
    wait_until(lambda: "listening" in facts(state), timeout_s=30, what="the hub listens", process=process)
    return int(facts(state)["listening"].rpartition(":")[2])


def start_hub(stage: Stage, order: str, *options: str) -> Hub:
    """`pipeline masterlockit hub` on a free port."""
    folder, exports = stage.root / "hub", stage.root / "exports"
    exports.mkdir(exist_ok=True)
    process = stage.start(
        *("masterlockit", "hub", "--listen", "127.0.0.1:0", "--state", str(folder)),
        *("--byte-order", NAMES[order], "--rate", "25", "--exports", str(exports), *options),
        name="hub",
    )
    port = listening(folder / "state", process)
    return Hub(order, port, process, stage, folder / "hub.yaml", exports)


def run_source(stage: Stage, state: str = "state", **options: Any) -> tuple[Process, Path]:
    """`pipeline run` of a masterlockit source with these options, and its state folder."""
    source = {"id": "set", "use": "masterlockit"} | options
    document = {"pipeline": "journey", "state": f"./{state}", "sources": [source]}
    file = stage.write(json.dumps(document), f"{state}.yaml")
    return stage.run(file), stage.root / state


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The hub of a module's journeys has the byte orders that its `ORDERS` names, both by default."""
    if "hub" in metafunc.fixturenames:
        orders = getattr(metafunc.module, "ORDERS", "<>")
        names = [NAMES[order] for order in orders]
        metafunc.parametrize("hub", orders, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with set_stage(tmp_path_factory.mktemp("set")) as stage:
        yield start_hub(stage, request.param)


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Device ids that no journey had before."""
    return itertools.count(0x0102030400000001)


@pytest.fixture
def join(hub: Hub, numbers: Iterator[int]) -> Iterator[Callable[..., SeedClient]]:
    """Let another device join the shared hub; it leaves with the test."""
    joined: list[SeedClient] = []

    def join(**said: Any) -> SeedClient:
        device = said.pop("device", 0) or next(numbers)
        joined.append(SeedClient(hub.port, hub.order, device, **said))
        return joined[-1]

    yield join
    for client in joined:
        client.close()
