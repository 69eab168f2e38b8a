"""Rules over everything: `plan --history` of ten changed rules over a ledger of a million clips.

`plan_history_1m_s` is the document, as a running pipeline or a verb makes it: what each route took before and takes
now, bytes, examples. Four of the ten rules differ from those last used, so fourteen are evaluated. The reference is one
bare `count(*) FILTER` of the same ten new rules over the same table. Both are the median of five; the very first is
apart.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from match_rig import fill

from rushes.engine.history import history
from rushes.engine.last_rules import ENGINE, PIPELINE_KEY
from rushes.ledger import FILE_NAME, open_database
from rushes.ledger.rows import put_stored

TARGET_S = 2
TURNS = 5

BEFORE = {
    "selects": "circled and kind = 'video'",
    "dailies": "kind = 'video' and role = 'original' and not coalesce(waste, false)",
    "sound": "kind = 'audio' and take <> '1'",
    "a-cam": "camera = 'A' and take = '1'",
    "second-unit": "recorded >= '2026-06-01' and kind = 'video'",
    "day": "meta['look'] = 'day'",
    "scenes": "scene IN ('12', '13', '14A')",
    "long": "duration > 60 and rate = '25'",
    "rolls": "name LIKE '%0012%' or card LIKE 'A01%'",
    "rest": "true",
}
NOW = BEFORE | {
    "sound": "kind = 'audio'",
    "scenes": "scene IN ('12', '13') and matched = 'matched'",
    "long": "duration > 40 and try_cast(rate AS DOUBLE) = 25",
    "rolls": "regexp_matches(card, '^A0[12]')",
}


def document(whens: dict[str, str]) -> dict[str, Any]:
    """The rules as the ledger keeps them: the first is final, the last takes the rest."""
    routes = [
        {
            "id": name, "when": when, "final": name == "selects", "else": name == "rest", "live": False, "priority": 0,
            "wait": None,
        }
        for name, when in whens.items()
    ]  # fmt: skip
    return {"name": "bench", "file": "bench.yaml", "match": "all", "routes": routes, "sinks": []}


def timed(work: Callable[[], Any]) -> float:
    """The median of the turns, in seconds."""
    took = []
    for _ in range(TURNS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took)


def row(name: str, value: float, bare: float, target: float | None) -> dict[str, Any]:
    return {
        "name": name, "value": round(value, 3), "unit": "s", "reference": round(bare, 3),
        "ratio": round(value / bare, 1), "target": target and f"<= {target}", "holds": target and value <= target,
    }  # fmt: skip


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as folder:
        path = Path(folder) / FILE_NAME
        open_database(path).close()
        fill(path)
        database = open_database(path)
        database.commit([put_stored(ENGINE, PIPELINE_KEY, document(BEFORE))])
        started = time.perf_counter()
        told = database.read(lambda query: history(query, document(NOW)))
        first = time.perf_counter() - started
        gained = {route["route"]: route["gained"] for route in told["routes"]}
        assert told["clips"] > 999_000
        assert gained["sound"] > 0, gained
        assert gained["long"] > 0, gained
        assert len(told["examples"]) > 3
        again = timed(lambda: database.read(lambda query: history(query, document(NOW))))
        counts = ", ".join(f"count(*) FILTER ({when})" for when in NOW.values())
        bare = timed(lambda: database.read(lambda query: query(f"SELECT {counts} FROM clips")))
        database.close()
    return [
        row("plan_history_1m_s", again, bare, TARGET_S),
        row("plan_history_1m_first_s", first, bare, None),
    ]


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
