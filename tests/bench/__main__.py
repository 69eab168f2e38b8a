"""`make bench`: runs every bench_*.py beside this file, prints a table, writes build/bench.json.

A bench module has `run() -> list[dict]`; each dict is `{name, value, unit, reference, ratio, target, holds}`,
with None for a reference, ratio or target it does not have and for `holds` when it is a figure only.
Arguments narrow: a module runs when its name contains one of them. Exit status 1 when a target does not hold.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
RESULT = HERE.parents[1] / "build/bench.json"
KEYS = ("name", "value", "unit", "reference", "ratio", "target", "holds")


def main(filters: list[str]) -> int:
    sys.path.insert(0, str(HERE))
    console = Console()
    names = [path.stem for path in sorted(HERE.glob("bench_*.py"))]
    chosen = [name for name in names if not filters or any(word in name for word in filters)]
    if not chosen:
        console.print(f"no bench matches {' '.join(filters)!r}; there are: {', '.join(names) or 'none'}")
        return 2
    rows: list[dict[str, Any]] = []
    for name in chosen:
        started = time.monotonic()
        console.print(f"{name} …", style="dim")
        found = import_module(name).run()
        for row in found:
            if set(row) != set(KEYS):
                raise SystemExit(f"{name}: a row has the keys {sorted(row)}, not {sorted(KEYS)}")
        rows += found
        console.print(f"{name}: {time.monotonic() - started:.0f} s", style="dim")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    console.print(table(rows))
    console.print(f"written to {RESULT.relative_to(RESULT.parents[1])}")
    return 1 if any(row["holds"] is False for row in rows) else 0


def table(rows: list[dict[str, Any]]) -> Table:
    shown = Table(box=None, header_style="bold")
    for heading in ("name", "value", "unit", "reference", "ratio", "target", ""):
        shown.add_column(heading, justify="left" if heading in {"name", "unit", "target"} else "right")
    words = {True: "[green]holds[/]", False: "[red]does not hold[/]", None: ""}
    for row in rows:
        shown.add_row(*(_cell(row[key]) for key in KEYS[:-1]), words[row["holds"]])
    return shown


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
