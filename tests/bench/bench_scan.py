"""A re-scan of 100,000 files that finds nothing new, against os.scandir and stat of the same tree.

Both walk the tree once per round, one after the other, five rounds; the medians are compared. The re-scan is
what the source does every safety interval: volumes, name filters, watches, and the comparison with what was
admitted.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import trio

from rushes_folder.candidate import Stat
from rushes_folder.index import Index
from rushes_folder.names import Names
from rushes_folder.options import FolderOptions
from rushes_folder.scan import Scanner
from rushes_folder.watch import Watch

CARDS, FOLDERS, FILES = 10, 100, 100
ROUNDS = 5
TARGET = 3.0


class NoCatalog:
    async def query(self, _sql: str, _parameters: Any = (), /) -> list[tuple[Any, ...]]:
        return []


def make_tree(root: Path) -> int:
    for card in range(CARDS):
        for folder in range(FOLDERS):
            path = root / f"A{card:03}" / f"CLIPS{folder:03}"
            path.mkdir(parents=True)
            for file in range(FILES):
                os.close(os.open(path / f"A{card:03}C{file:03}_261122_R1AB.mov", os.O_CREAT | os.O_WRONLY))
    return CARDS * FOLDERS * FILES


def reference(root: str) -> int:
    """What any scan must do: list every folder, stat every file."""
    seen, stack = 0, [root]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
                    seen += 1
    return seen


def measure(root: Path) -> dict[str, Any]:
    files = make_tree(root)
    real = os.path.realpath(root)
    index = Index(NoCatalog())
    scanner = Scanner(real, Names(FolderOptions(path=root)), index, follow=False)
    for place in scanner.scan(scanner.top()).files:
        status = Path(place.path).stat()
        index.put(place.volume.id, place.relative, Stat(status.st_size, status.st_mtime_ns, status.st_ino))
    watch = Watch()
    scanner.scan(scanner.top(), watch.add)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        assert reference(real) == files
        theirs.append(time.perf_counter() - started)
        started = time.perf_counter()
        scanner.volumes(scanner.top())
        found = scanner.scan(scanner.top(), watch.add)
        ours.append(time.perf_counter() - started)
        assert found.seen == files
        assert not found.files
    watch.close()
    value, base = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    return {
        "name": "scan_100k_vs_scandir",
        "value": round(value, 1),
        "unit": "ms",
        "reference": round(base, 1),
        "ratio": round(value / base, 2),
        "target": f"<= {TARGET:g}",
        "holds": value / base <= TARGET,
    }


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as folder:
        return [trio.run(_in_trio, Path(folder) / "cards")]


async def _in_trio(root: Path) -> dict[str, Any]:
    """Watches are trio's: they are closed in a run of it."""
    return measure(root)


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
    print()
