"""`help_ms` and `status_ms`: how long a person waits for the help, and for the status of a running pipeline.

Wall time of the installed command as its own process, start-up included; medians.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PIPELINE = str(Path(sys.executable).with_name("pipeline"))
ROUNDS = 7
FILE = """\
pipeline: bench
state: ./state
sources:
  - {id: card, use: folder, path: ./card}
sinks:
  - {id: shelf, use: disk, path: ./shelf}
routes:
  - {id: all, when: "true", to: [shelf]}
"""


def run() -> list[dict[str, Any]]:
    """Both rows; raises where the command fails."""
    rows = [_row("help_ms", _median([PIPELINE, "--help"]), 500)]
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        (folder / "card").mkdir()
        (folder / "shelf").mkdir()
        file = folder / "bench.yaml"
        file.write_text(FILE, "utf-8")
        running = subprocess.Popen([PIPELINE, "run", str(file)], stdout=subprocess.DEVNULL)
        try:
            _wait_until_it_runs(running, file)
            rows.append(_row("status_ms", _median([PIPELINE, "status", str(file)]), 600))
        finally:
            running.terminate()
            running.wait(30)
    return rows


def _wait_until_it_runs(running: subprocess.Popen[bytes], file: Path) -> None:
    # The note that names the socket is the last thing a start leaves.
    note = file.parent / "state" / "listening.json"
    deadline = time.monotonic() + 30
    while not note.exists():
        if running.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"pipeline run did not start (status {running.returncode})")
        time.sleep(0.02)


def _median(command: list[str]) -> float:
    subprocess.run(command, check=True, capture_output=True)  # warms the disk cache and the bytecode
    return statistics.median(_once(command) for _ in range(ROUNDS))


def _once(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - started) * 1000


def _row(name: str, value: float, most: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "ms",
        "reference": None,
        "ratio": None,
        "target": f"<= {most:g}",
        "holds": value <= most,
    }
