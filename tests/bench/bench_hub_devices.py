"""How many devices one hub holds: each says its timecode 25 times a second and every message is acknowledged.

The hub is `pipeline masterlockit hub` in a process of its own, the devices are `devices_once.py` in another; they
share the machine's cores. Steps go up until one does not hold. Each waits a while for other work on the machine
to pass, and is tried again where it failed: the p99 of a core that others use as well is theirs.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
STEPS = (100, 150, 200, 250, 300, 350, 400, 450, 500, 600)
SECONDS = 6
TRIES = 3
TARGET = 250
TARGET_P99_MS = 50
START_S = 30
CALM_SHARE = 0.1
CALM_WAIT_S = 20.0
ENVIRONMENT = {
    **os.environ,
    "RUSHES_MASTERLOCKIT_API_KEY": "LOCKIT-TEST-API-KEY-0001",
    "RUSHES_MASTERLOCKIT_API_SECRET": "not-a-real-secret",
}


def run() -> list[dict[str, Any]]:
    """The rows of `make bench`."""
    held, p99 = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name, hub(Path(name)) as port:
        for count in STEPS:
            figures = next((found for _ in range(TRIES) if holds(found := devices(port, count))), None)
            if figures is None:
                break
            held = count
            if count <= TARGET:
                p99 = figures["p99_ms"]
    return [
        _row("hub_devices", held, "devices", f">= {TARGET}", held >= TARGET),
        _row(f"hub_devices_p99_ms_at_{min(held, TARGET)}", p99, "ms", None, None),
    ]


def _row(name: str, value: float, unit: str, target: str | None, holds: bool | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "reference": None,
        "ratio": None,
        "target": target,
        "holds": holds,
    }


def holds(figures: dict[str, float]) -> bool:
    return figures["lost"] == 0 and figures["p99_ms"] < TARGET_P99_MS


def devices(port: int, count: int) -> dict[str, float]:
    """One step; a hub that hangs up or stalls costs all of it."""
    _wait_for_calm()
    command = [sys.executable, str(HERE / "devices_once.py"), str(port), str(count), str(SECONDS)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1])
        return {"lost": count, "p99_ms": float("inf")}
    figures: dict[str, float] = json.loads(done.stdout)
    print(count, {name: round(value, 2) for name, value in figures.items()})
    return figures


def _wait_for_calm() -> None:
    """Return when others use less than a tenth of the machine for half a second, or after CALM_WAIT_S."""
    end = time.monotonic() + CALM_WAIT_S
    while time.monotonic() < end:
        busy, total = _ticks()
        time.sleep(0.5)
        busy_now, total_now = _ticks()
        if busy_now - busy < CALM_SHARE * (total_now - total):
            return


def _ticks() -> tuple[int, int]:
    """Busy and all ticks of the machine so far."""
    values = [int(value) for value in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]]
    return sum(values) - values[3] - values[4], sum(values)


@contextmanager
def hub(folder: Path) -> Iterator[int]:
    """A hub's port, as long as the block runs."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    pipeline = str(Path(sys.executable).with_name("pipeline"))
    command = [pipeline, "masterlockit", "hub", "--listen", f"{HOST}:{port}", "--state", str(folder / "hub")]
    log = folder / "hub.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT, cwd=folder
        )
    try:
        deadline = time.monotonic() + START_S
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the hub did not start: {log.read_text('utf-8')[-500:]}")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    print(run())
