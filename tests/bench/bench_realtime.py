"""Clips sent while they grow at 0.8 of a link of 200 Mb/s: how long after a recording's end it is complete.

The target is issue 3's: the time that the link needs for two parts (the head and the newest) plus 2 s, whatever
the length. The link is shaped between two network namespaces (`tests/netns.py`); where none can be made it is our
own cap of the rate, and the row says so. Lengths are seconds in RUSHES_BENCH_SECONDS, 60 by default; 60,600,3600
are those of the issue and need their bytes as free space (72 GB), or `bench_realtime.py 600 ...` by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from bench_upload import HOST, service  # noqa: E402 - as above

import netns  # noqa: E402 - run as a script

LINK_MBIT = 200
LINK = LINK_MBIT * 1e6 / 8
SHARE = 0.8
SPARE_S = 2.0
#: Of each call to the API.
LATENCY_S = 0.1


def run() -> list[dict[str, Any]]:
    """The rows of `make bench`."""
    lengths = os.environ.get("RUSHES_BENCH_SECONDS", "60").split(",")
    if why := netns.possible():
        print(f"realtime_tail_s: over a link that we keep to ourselves: {why}", file=sys.stderr)
        return measure(lengths, None)
    done = netns.alone([sys.executable, str(Path(__file__)), *lengths], stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"bench_realtime ended with {done.returncode}")
    return list(json.loads(done.stdout.splitlines()[-1]))


def measure(lengths: Sequence[str], network: netns.Network | None) -> list[dict[str, Any]]:
    """One row a length, but none where there is no room for its bytes."""
    rows = []
    for seconds in map(float, lengths):
        size = seconds * LINK * SHARE
        if folder := _roomy(size):
            rows.append(_row(seconds, network is not None, _grow(seconds, folder, network)))
        else:
            print(f"realtime_tail_s of {seconds:.0f} s: no room for {size / 1e9:.0f} GB", file=sys.stderr)
    return rows


def _grow(seconds: float, folder: str, network: netns.Network | None) -> dict[str, Any]:
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        address = netns.SERVICE if network else HOST
        port = stack.enter_context(service(work, address))
        job = {
            "file": str(work / "clip.mov"),
            "seconds": seconds,
            "link": LINK,
            "growth": LINK * SHARE,
            "capped": network is None,
            "host": f"{address}:{port}",
            "ca_file": str(work / "cert.pem"),
            "latency": LATENCY_S,
        }
        inside = network.inside if network else ()
        command = [*inside, sys.executable, str(HERE / "grow_once.py")]
        done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    print(f"realtime {seconds:.0f} s: {found}", file=sys.stderr)
    return found


def _row(seconds: float, shaped: bool, found: dict[str, Any]) -> dict[str, Any]:
    allowed = found["two_parts_s"] + SPARE_S
    return {
        "name": f"realtime_tail_s_{seconds:.0f}" + ("" if shaped else "_capped"),
        "value": round(found["tail_s"], 2),
        "unit": "s",
        "reference": round(found["two_parts_s"], 2),
        "ratio": None,
        "target": f"<= {allowed:.2f}",
        "holds": found["tail_s"] <= allowed,
    }


def _roomy(size: float) -> str | None:
    """A folder with room for the bytes, memory first where that leaves most of it; None where there is none."""
    for folder, times in (("/dev/shm", 2.0), (tempfile.gettempdir(), 1.05)):
        if Path(folder).is_dir() and shutil.disk_usage(folder).free > times * size + 1e9:
            return folder
    return None


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["60"]
    if netns.ALONE in os.environ:
        with netns.Network() as made:
            made.rate(LINK_MBIT)
            print(json.dumps(measure(chosen, made)))
    else:
        os.environ["RUSHES_BENCH_SECONDS"] = ",".join(chosen)
        print(json.dumps(run()))
