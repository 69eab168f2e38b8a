"""Uploads over a link of 50 and of 200 Mb/s: our parts against curl's on the same link, with and without resets.

The link is a veth pair between two network namespaces, shaped by tbf at the device's end (`tests/netns.py`).
Each client sends the same bytes once; curl sends them as files of their own, four at a time, and tries a
broken one again. With resets the service cuts each connection by RST after some megabytes, the same for both.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from bench_upload import curl_config, service, urls  # noqa: E402 - as above

import netns  # noqa: E402 - run as a script

RATES_MBIT = (50, 200)
SECONDS = 8
PART_BYTES = 5 * 1024 * 1024
RESET_EVERY = 24 * 1024 * 1024
ROUNDS = 3
RETRY = ("retry = 99", "retry-all-errors", "retry-delay = 1")
TARGET_RATIO = 0.95


def run() -> list[dict[str, Any]]:
    """The rows of `make bench`; none where no namespaces can be made."""
    if why := netns.possible():
        print(f"shaped_link_vs_curl: not measured: {why}")
        return []
    done = netns.alone([sys.executable, str(Path(__file__))], stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"bench_shaped ended with {done.returncode}")
    return list(json.loads(done.stdout.splitlines()[-1]))


def measure() -> list[dict[str, Any]]:
    """In a namespace of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as name, netns.Network() as network:
        for mbit in RATES_MBIT:
            for reset_every in (0, RESET_EVERY):
                folder = Path(name) / f"{mbit}-{reset_every}"
                folder.mkdir()
                network.rate(mbit)
                rows.append(_row(mbit, reset_every, *_against_curl(network, folder, mbit, reset_every)))
    return rows


def _against_curl(network: netns.Network, folder: Path, mbit: int, reset_every: int) -> tuple[float, float]:
    size = int(mbit * 1e6 / 8 * SECONDS)
    file = folder / "clip.mov"
    file.write_bytes(os.urandom(size))
    rates: dict[str, list[float]] = {"curl": [], "ours": []}
    with service(folder, netns.SERVICE, reset_every) as port:
        targets = urls(size, port, netns.SERVICE, PART_BYTES)
        config = curl_config(folder, file, targets, RETRY)
        for _ in range(ROUNDS):
            rates["curl"].append(_curl(network, folder, config, size))
            rates["ours"].append(_ours(network, folder, file, targets))
    print(mbit, reset_every, rates, file=sys.stderr)
    return statistics.median(rates["ours"]), statistics.median(rates["curl"])


def _curl(network: netns.Network, folder: Path, config: Path, size: int) -> float:
    command = ["curl", "-sS", "--fail", "--parallel", "--parallel-max", "4", "-K", str(config)]
    return size / 1e6 / _seconds(network, command, cwd=folder, stderr=subprocess.DEVNULL)


def _ours(network: netns.Network, folder: Path, file: Path, targets: Sequence[str]) -> float:
    job = {"file": str(file), "urls": list(targets), "ca_file": str(folder / "cert.pem"), "check": True}
    job |= {"parts_in_flight": 16}
    command = [*network.inside, sys.executable, str(HERE / "upload_once.py")]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(json.loads(done.stdout)["rate"])


def _seconds(network: netns.Network, command: Sequence[str], **options: Any) -> float:
    started = time.perf_counter()
    subprocess.run([*network.inside, *command], check=True, **options)
    return time.perf_counter() - started


def _row(mbit: int, reset_every: int, ours: float, curl: float) -> dict[str, Any]:
    return {
        "name": f"shaped_link_vs_curl_{mbit}{'_resets' if reset_every else ''}",
        "value": round(ours, 2),
        "unit": "MB/s",
        "reference": round(curl, 2),
        "ratio": round(ours / curl, 3),
        "target": f">= {TARGET_RATIO} x",
        "holds": ours / curl >= TARGET_RATIO,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
