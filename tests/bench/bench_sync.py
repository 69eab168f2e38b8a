"""A client that comes to a hub of 200,000 clips: all of them, and once more when nothing has changed.

The hub is `pipeline masterlockit hub`, its ledger filled beforehand; the client is `pipeline run`, over TCP, with a
ledger of its own. `sync_200k_s` and `sync_again_s` are whole processes of `run --once`, from the first instruction to
the last; `sync_reconnect_s` is a running client whose connection was cut, from the new one to "compared". CPU and
memory of both are told beside it: the two share the machine's cores, and others do.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import trio
from bench_repository import CAMERA, CLIPS, clip

from rushes import Record
from rushes.api.client import Client
from rushes.ledger import open_ledger
from rushes.ledger.rows import put_record
from rushes.settings import Settings

HOST = "127.0.0.1"
PIPELINE = str(Path(sys.executable).with_name("pipeline"))
SOURCE = "set"
#: Rows of one commit while the hub's ledger is filled.
ROWS = 20_000
START_S, SYNC_S = 60, 300
TARGET_S, TARGET_AGAIN_S = 60, 3
AGAIN = 3
ENVIRONMENT = {
    # As installed, with bytecode: compiling ours at each start would be a tenth of `sync_again_s`.
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "RUSHES_MASTERLOCKIT_API_KEY": "LOCKIT-TEST-API-KEY-0001",
    "RUSHES_MASTERLOCKIT_API_SECRET": "not-a-real-secret",
}
FILE = """\
pipeline: cart
state: ./state
sources:
  - {{id: {source}, use: masterlockit, host: {host}, port: {port}}}
"""


def run() -> list[dict[str, Any]]:
    """The rows of `make bench`."""
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        _aside("fill", folder / "hub" / "state" / "ledger.duckdb")
        with hub(folder) as (port, process):
            file = folder / "cart" / "cart.yaml"
            file.parent.mkdir()
            file.write_text(FILE.format(source=SOURCE, host=HOST, port=port), "utf-8")
            before = _cpu(process.pid)
            first, first_cpu, first_mb = once(file)
            hub_cpu = _cpu(process.pid) - before
            _aside("check", file.parent / "state" / "ledger.duckdb")
            again = min(once(file) for _ in range(AGAIN))
            reconnect = min(reconnects(file, port))
            hub_mb = _peak(process.pid)
    return [
        _row("sync_200k_s", first, "s", TARGET_S),
        _row("sync_200k_client_cpu_s", first_cpu, "s"),
        _row("sync_200k_hub_cpu_s", hub_cpu, "s"),
        _row("sync_again_s", again[0], "s", TARGET_AGAIN_S),
        _row("sync_again_client_cpu_s", again[1], "s"),
        _row("sync_reconnect_s", reconnect, "s", TARGET_AGAIN_S),
        _row("sync_client_peak_mb", first_mb, "MB"),
        _row("sync_again_client_peak_mb", again[2], "MB"),
        _row("sync_hub_peak_mb", hub_mb, "MB"),
    ]


async def fill(path: Path) -> None:
    """The hub's memory, as it would have written it itself."""
    path.parent.mkdir(parents=True)
    async with open_ledger(path) as ledger:
        for start in range(0, CLIPS, ROWS):
            await ledger.write([put_record(record(number)) for number in range(start, start + ROWS)])


def record(number: int) -> Record:
    data = clip(number)
    return Record(
        id=data["id"],
        source=SOURCE,
        kind=data["type"],
        device=CAMERA,
        clock=data["version"],
        data=data,
        rate="25",
        rate_from="project",
        seen=time.time(),
        new=True,
    )


@contextmanager
def hub(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The hub's port once it answers, and its process."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [PIPELINE, "masterlockit", "hub", "--listen", f"{HOST}:{port}", "--state", str(folder / "hub")]
    with running(command, folder / "hub.log") as process:
        deadline = time.monotonic() + START_S
        while not _challenges(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the hub did not start: {(folder / 'hub.log').read_text('utf-8')[-500:]}")
            time.sleep(0.1)
        yield port, process


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _challenges(port: int) -> bool:
    """Whether the hub serves: its port is bound before its memory is read."""
    try:
        with socket.create_connection((HOST, port), timeout=START_S) as connection:
            return bool(connection.recv(1))
    except OSError:
        return False


def once(file: Path) -> tuple[float, float, float]:
    """A whole run: seconds, CPU seconds, peak memory in MB."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [PIPELINE, "run", "--once", str(file)], env=ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    watchdog = threading.Timer(SYNC_S, process.kill)
    watchdog.start()
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    watchdog.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"pipeline run --once ended with {process.returncode}")
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def check(path: Path) -> None:
    """Raises where not every clip has arrived as it was."""
    with duckdb.connect(str(path), read_only=True) as ledger:
        rows = dict(ledger.execute("SELECT id, data FROM records WHERE NOT deleted").fetchall())
    for number in range(CLIPS):
        data = clip(number)
        if number % 1000 == 0 and json.loads(rows[data["id"]]) != data:
            raise RuntimeError(f"clip {number} is not what the hub has")
        if rows.pop(data["id"], None) is None:
            raise RuntimeError(f"clip {number} has not arrived")
    if rows:
        raise RuntimeError(f"{len(rows)} clips that nobody said")


def reconnects(file: Path, port: int) -> list[float]:
    """Of a running client: seconds from its new connection to the end of its comparison."""
    with relay(port) as passing:
        file.write_text(FILE.format(source=SOURCE, host=HOST, port=passing.port), "utf-8")
        with running([PIPELINE, "run", str(file)], file.with_suffix(".log")):
            client = Client(Settings().socket_path(file.parent / "state"))
            _wait(lambda: _synced_at(client) > passing.since)
            times = []
            for _ in range(AGAIN):
                cut_at = time.time()
                passing.cut()
                _wait(lambda: _synced_at(client) > passing.since > cut_at)  # noqa: B023 - called at once
                times.append(_synced_at(client) - passing.since)
    return times


def _wait(until: Any) -> None:
    deadline = time.monotonic() + SYNC_S
    while not until():
        if time.monotonic() > deadline:
            raise RuntimeError("the client did not compare")
        time.sleep(0.1)


def _synced_at(client: Client) -> float:
    try:
        status = client.status()
    except Exception:  # noqa: BLE001 - it starts
        return 0.0
    facts = next(part["facts"] for part in status["components"] if part["id"] == SOURCE)
    return float(facts.get("synced_at") or 0.0)


class Relay:
    """Passes bytes on between whoever connects and the hub; `since` is when the last connection came."""

    def __init__(self, server: socket.socket, to: int) -> None:
        self.port = server.getsockname()[1]
        self.since = float("inf")
        self._server = server
        self._to = to
        self._ends: list[socket.socket] = []

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._server.accept()
                self.since = time.time()
                far = socket.create_connection((HOST, self._to))
                self._ends = [near, far]
                for source, to in itertools.permutations(self._ends):
                    threading.Thread(target=_pump, args=(source, to), daemon=True).start()

    def cut(self) -> None:
        """As a cable that is pulled and a switch that tells."""
        for end in self._ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 18):
            to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(to: int) -> Iterator[Relay]:
    with socket.create_server((HOST, 0)) as server:
        passing = Relay(server, to)
        threading.Thread(target=passing.serve, daemon=True).start()
        yield passing
        server.shutdown(socket.SHUT_RDWR)
        passing.cut()


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM:"))


def _row(name: str, value: float, unit: str, target: float | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "reference": None,
        "ratio": None,
        "target": None if target is None else f"<= {target}",
        "holds": None if target is None else value <= target,
    }


def _aside(word: str, path: Path) -> None:
    """In a process of its own: a child's peak memory is at least what its parent had."""
    subprocess.run([sys.executable, __file__, word, str(path)], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", path]:
            trio.run(fill, Path(path))
        case ["check", path]:
            check(Path(path))
        case _:
            json.dump(run(), sys.stdout, indent=2)
            print()
