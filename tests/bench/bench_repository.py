"""The set's memory at 200,000 clips, over a real ledger file: filling it, asking again, a page, a start, its size."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from rushes.ledger import Ledger, open_ledger
from rushes.ledger.rows import put_record
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.repository import LIVE, LedgerArchive, Repository, Views
from rushes_masterlockit.versions import Order, compare

CLIPS, BATCH, IN_FLIGHT = 200_000, 500, 4
PAGE, PAGES = 200, 50
FETCH_TARGET_MS = 50
SAY_TARGET = 8_000
CAMERA, OWN = "0102030405060708", "00000000000000ff"


def clip(number: int) -> dict[str, Any]:
    """About 900 bytes of JSON, as a camera with a script app beside it makes them."""
    start = number * 37 % 86_000
    scene = number // 40
    return {
        "id": f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}{number:016x}",
        "type": "video",
        "version": {CAMERA: 1},
        "project": {"uuid": "7d0f54d682b8a70a42ea84fa5bc7f66e", "name": "Der letzte Fährmann", "type": "movie"},
        "clipName": f"A{number // 100:04}C{number % 100:03}",
        "scene": {"uuid": f"{scene:032x}", "number": scene, "additional": "A", "insideOutside": "I", "dayNight": "T"},
        "slate": {"uuid": f"{number // 8:032x}", "number": number // 8},
        "take": {"uuid": f"{number:032x}", "number": number % 8, "printState": number % 2},
        "projectDay": {"number": number // 2000, "date": "2026-09-14"},
        "fileName": f"A{number // 100:04}C{number % 100:03}_260914_R1AB.mxf",
        "tcStartSeconds": start,
        "tcStartFrames": number % 25,
        "tcStopSeconds": start + 45,
        "tcStopFrames": 12,
        "camera": {"number": 1, "model": "ALEXA 35", "name": "A"},
        "camRoll": f"A{number // 100:04}",
        "lens": "Master Prime 35 mm",
        "filter": ["ND6"],
        "whiteBalance": "5600",
        "exposureIndexASA": "800",
        "sensorFPS": "25",
        "clipLogs": [{"tcSeconds": start + 3, "tcFrames": 0, "comment": "schön", "presetComments": []}],
        "isMOS": False,
        "created": 1_700_000_000_000 + number * 900,
        "updated": 1_700_000_000_000 + number * 900,
    }  # fmt: skip


class Intake:
    """What the engine does with records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def records(self, records: Any) -> None:
        await self._ledger.write([put_record(record) for record in records])


@asynccontextmanager
async def held(path: Path, *, bodies: bool) -> AsyncIterator[Repository]:
    async with open_ledger(path) as ledger:
        archive = LedgerArchive(ledger, Intake(ledger), "set")
        yield Repository(archive, OWN, bodies=bodies, rate=lambda: "25", now=time.time)


async def filled(path: Path) -> float:
    """Clips a second that are durable, said as a client's sync does: pages in flight side by side."""
    async with held(path, bodies=False) as repository, trio.open_nursery() as nursery:
        await nursery.start(lambda task_status: repository.run(task_status=task_status))
        starts = iter(range(0, CLIPS, BATCH))

        async def speak() -> None:
            for start in starts:
                outcomes = await repository.say([clip(n) for n in range(start, start + BATCH)], CAMERA)
                assert not any(outcome.problem for outcome in outcomes)

        began = time.perf_counter()
        async with trio.open_nursery() as speakers:
            for _ in range(IN_FLIGHT):
                speakers.start_soon(speak)
        took = time.perf_counter() - began
        assert repository.count == CLIPS
        nursery.cancel_scope.cancel()
    return CLIPS / took


async def asked(path: Path, bodies: bool) -> dict[str, float]:
    """In a process of its own: a start, its memory, comparing all clocks, and pages."""
    async with held(path, bodies=bodies) as repository:
        before = resident()
        began = time.perf_counter()
        await repository.load()
        found = {"load_s": time.perf_counter() - began, "memory_mb": resident() - before}
        assert repository.count == CLIPS
        theirs = [(f"{n * 0x9E3779B97F4A7C15 % 2**64:016x}{n:016x}", {CAMERA: 1}) for n in range(CLIPS)]
        found["compare_ms"] = timed(
            lambda: sum(compare(clock, repository.clocks[name]) is not Order.EQUAL for name, clock in theirs)
        )
        views = Views(repository, now=time.monotonic)
        found["first_page_ms"] = timed(lambda: views.page(0, PAGE, 1, b"v" * 16, b"{}"))
        filtered = b'{"timecodeFrom":"10:00:00:00","timecodeTo":"11:00:00:00"}'
        found["filtered_view_ms"] = timed(lambda: views.page(0, PAGE, 1, b"w" * 16, filtered))
        everything = repository.ids(parse_demand(b"{}"))
        found["all_versions_ms"] = timed(lambda: repository.versions(everything))
        for name, view in (("page_ms", b"v" * 16), ("live_page_ms", LIVE)):
            times = []
            for page in range(PAGES):
                began = time.perf_counter()
                ids = views.page(page * (CLIPS // PAGES), PAGE, 1, view, b"{}")
                answer = b"[" + b",".join(await repository.bodies(ids)) + b"]"
                times.append((time.perf_counter() - began) * 1000)
                assert len(json.loads(answer)) == PAGE
            found[name] = statistics.median(times)
        return found


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def resident() -> float:
    """MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def row(
    name: str, value: float, unit: str, target: str | None = None, holds: bool | None = None
) -> dict[str, Any]:
    return {
        "name": name, "value": round(value, 1), "unit": unit, "reference": None, "ratio": None, "target": target,
        "holds": holds,
    }  # fmt: skip


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as folder:
        path = Path(folder) / "ledger.duckdb"
        rate = trio.run(filled, path)
        hub, client = (
            json.loads(
                subprocess.run(
                    [sys.executable, __file__, str(path), kind], check=True, capture_output=True, text=True
                ).stdout
            )
            for kind in ("bodies", "clocks")
        )
    fetch = max(hub["page_ms"], hub["live_page_ms"])
    return [
        row("fetch_page_ms", fetch, "ms", f"<= {FETCH_TARGET_MS}", fetch <= FETCH_TARGET_MS),
        row("say_clips_per_s", rate, "clips/s", f">= {SAY_TARGET}", rate >= SAY_TARGET),
        row("page_from_ledger_ms", client["page_ms"], "ms"),
        row("view_200k_ms", hub["first_page_ms"], "ms"),
        row("view_200k_filtered_ms", hub["filtered_view_ms"], "ms"),
        row("versions_200k_ms", hub["all_versions_ms"], "ms"),
        row("compare_200k_ms", client["compare_ms"], "ms"),
        row("load_200k_hub_s", hub["load_s"], "s"),
        row("load_200k_client_s", client["load_s"], "s"),
        row("memory_200k_hub_mb", hub["memory_mb"], "MB"),
        row("memory_200k_client_mb", client["memory_mb"], "MB"),
    ]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(trio.run(asked, Path(sys.argv[1]), sys.argv[2] == "bodies")))
    else:
        json.dump(run(), sys.stdout, indent=2)
        print()
