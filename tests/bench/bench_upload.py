"""Uploads over TLS on loopback: our parts against curl's, with and without the ETag check, and memory.

Each round sends the same 2 GiB from memory by each client in turn to one discarding sink (`tls_sink.py`, a
process of its own). Client and sink share the machine's cores, so only the ratios mean anything, and a round
waits a while for other work on the machine to pass.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIZE = 2 * 1024**3
SPARSE_SIZE = 16 * 1024**3
PART_BYTES = 25 * 1024 * 1024
#: curl's; ours finds its own number, up to the sink's default.
IN_FLIGHT = 4
MOST_IN_FLIGHT = 16
HOST = "127.0.0.1"
ROUNDS = 5
CALM_SHARE = 0.1
CALM_WAIT_S = 30.0
TARGET_RATIO = 0.9
TARGET_RSS_MB = 60


def run() -> list[dict[str, Any]]:
    """The rows of `make bench`."""
    with tempfile.TemporaryDirectory(dir=_roomy()) as name, service(Path(name)) as port:
        folder = Path(name)
        file = folder / "clip.mov"
        _fill(file, SIZE)
        config = curl_config(folder, file, urls(SIZE, port))
        rates: dict[str, list[float]] = {"curl": [], "ours": [], "checked": []}
        for _ in range(ROUNDS):
            _wait_for_calm()
            rates["curl"].append(_curl(folder, config))
            rates["ours"].append(_ours(folder, file, SIZE, port, check=False)["rate"])
            rates["checked"].append(_ours(folder, file, SIZE, port, check=True)["rate"])
        growth = _ours(folder, file, SIZE, port, check=False)["rss_mb"]
        file.unlink()
        sparse = folder / "long.mov"
        with sparse.open("wb") as empty:
            empty.truncate(SPARSE_SIZE)
        long_growth = _ours(folder, sparse, SPARSE_SIZE, port, check=False)["rss_mb"]
    curl, ours, checked = (statistics.median(rates[name]) for name in ("curl", "ours", "checked"))
    rss = max(growth, long_growth)
    return [
        _row("upload_vs_curl", ours, "MB/s", curl, f">= {TARGET_RATIO} x", ours / curl >= TARGET_RATIO),
        _row("upload_checked_vs_curl", checked, "MB/s", curl, None, None),
        _row("upload_rss_mb", rss, "MB", None, f"<= {TARGET_RSS_MB}", rss <= TARGET_RSS_MB),
    ]


def _row(
    name: str, value: float, unit: str, reference: float | None, target: str | None, holds: bool | None
) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "reference": None if reference is None else round(reference, 1),
        "ratio": None if reference is None else round(value / reference, 3),
        "target": target,
        "holds": holds,
    }


def _roomy() -> str | None:
    """A folder in memory with room for the file and its parts, so that no disk is measured."""
    memory = Path("/dev/shm")
    if memory.is_dir():
        state = os.statvfs(memory)
        if state.f_bavail * state.f_frsize > 3 * SIZE:
            return str(memory)
    return None


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
    values = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(values) - values[3] - values[4], sum(values)


def _fill(path: Path, size: int) -> None:
    block = os.urandom(64 * 1024 * 1024)
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)


@contextmanager
def service(folder: Path, host: str = HOST, reset_every: int = 0) -> Iterator[int]:
    """The sink's port while its process runs; its certificate is `cert.pem` in the folder.

    With `reset_every` it cuts each connection after about so many bytes.
    """
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{host}", "-days", "2"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    keys = [str(folder / "cert.pem"), str(folder / "key.pem")]
    command = [sys.executable, str(HERE / "tls_sink.py"), *keys, host, str(reset_every)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            yield int(sink.stdout.readline())
        finally:
            sink.kill()


def urls(size: int, port: int, host: str = HOST, part_bytes: int = PART_BYTES) -> list[str]:
    """Where the parts of a file of that size go."""
    count = -(-size // part_bytes)
    return [f"https://{host}:{port}/parts/part_{number}" for number in range(1, count + 1)]


def curl_config(folder: Path, file: Path, targets: Sequence[str], more: Sequence[str] = ()) -> Path:
    """The same parts as files of their own, for curl can only send whole files; `more` options for each."""
    part_bytes = -(-file.stat().st_size // len(targets))
    entries = []
    with file.open("rb") as source:
        for number, url in enumerate(targets):
            part = folder / f"part_{number:03}"
            part.write_bytes(source.read(part_bytes))
            lines = [
                f'url = "{url}"',
                f'upload-file = "{part}"',
                'output = "/dev/null"',
                'header = "Expect:"',
                *more,
            ]
            headers = ["content-type: video/quicktime", "x-amz-acl: private"]
            entries.append("\n".join([*lines, *(f'header = "{header}"' for header in headers), ""]))
    config = folder / "curl.txt"
    config.write_text("next\n".join(f'http1.1\ncacert = "{folder}/cert.pem"\n{entry}' for entry in entries))
    return config


def _curl(folder: Path, config: Path) -> float:
    """MB/s of `curl --http1.1 --parallel --parallel-max 4`, its start included."""
    started = time.perf_counter()
    command = ["curl", "-sS", "--fail", "--parallel", "--parallel-max", str(IN_FLIGHT), "-K", str(config)]
    subprocess.run(command, check=True, cwd=folder, stderr=subprocess.DEVNULL)
    return SIZE / 1e6 / (time.perf_counter() - started)


def _ours(folder: Path, file: Path, size: int, port: int, *, check: bool) -> dict[str, float]:
    """Rate (MB/s) and growth of memory (MB) of one upload in a fresh process."""
    job = {
        "file": str(file),
        "urls": urls(size, port),
        "ca_file": str(folder / "cert.pem"),
        "check": check,
        "parts_in_flight": MOST_IN_FLIGHT,
    }
    command = [sys.executable, str(HERE / "upload_once.py")]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))
