"""Matching at size: a day of 10,000 pictures and 10,000 sounds, one clip among a million, a million by a million.

`match_day_s` is a run that finds 20,000 clips in its ledger, probed and planned, and has `match` look at all of them:
opening the engine, reading, solving, links and findings stored; no route is there, nothing is delivered.
`match_one_ms` is one picture that comes to a running pipeline whose ledger holds a million clips of 400 days, all
matched but its own sound: from its admission until its links are durable and it is planned. `match_1m_vs_join` is the
solver over 500 days of 2,000 pictures and 2,000 sounds against DuckDB's bare range join of as many ranges, which knows
neither names nor clocks.
"""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import trio
from match_rig import (
    CATALOG_DAYS,
    CATALOG_TAKES,
    CLOCK,
    FIRST,
    ONES,
    RATE,
    Feed,
    Told,
    clip,
    fill,
    pipeline,
    take,
    values,
)  # fmt: skip

from rushes import Finding
from rushes.engine import open_engine
from rushes.ledger import FILE_NAME, open_ledger
from rushes.ledger.rows import put_backlog, put_clip, put_finding
from rushes.settings import Settings
from rushes.timecode import FLICKS
from rushes_match.items import Item
from rushes_match.sync import solve

TAKES, DAY_TARGET_S = 10_000, 5
ONE_TARGET_MS = 50
JOIN_DAYS, JOIN_TAKES = 500, 2_000


def match_day_s() -> float:
    """See the module's text. Raises AssertionError when a pair is missing or too many are there."""

    async def main(folder: Path) -> float:
        (folder / "state").mkdir(mode=0o700)
        path = folder / "state" / FILE_NAME
        apart = 86_000 / TAKES
        async with open_ledger(path) as ledger:
            changes: list[Any] = []
            for number in range(TAKES):
                for side in ("picture", "sound"):
                    told = values(side, number, FIRST, apart)
                    one = clip(side, 0, number, id=f"{side[0]}{number:05}", first_seen=1.8e9, meta=told)
                    changes += [
                        put_clip(one),
                        *put_finding("probe", Finding(clip=one.id, values=told), first=True),
                        put_backlog(one.id, "match"),
                    ]
            await ledger.write(changes)
        feed = Feed()
        await feed.send.aclose()
        gc.collect()
        started = time.perf_counter()
        async with open_engine(pipeline(folder, feed, Told({})), Settings()) as engine:
            await engine.run(once=True)
            took = time.perf_counter() - started
            [(pairs, wrong)] = await engine._ledger.query(
                "SELECT count(*), count(*) FILTER (WHERE substr(clip, 2) <> substr(other, 2)) FROM links "
                "WHERE kind = 'sound' AND state = 'matched'"
            )
        assert (pairs, wrong) == (TAKES, 0), f"{pairs} pairs of {TAKES}, {wrong} wrong"
        return took

    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        return trio.run(main, Path(name))


def match_one_ms() -> list[float]:
    """Milliseconds of each late picture, the first one cold."""

    async def main(folder: Path) -> list[float]:
        (folder / "state").mkdir(mode=0o700)
        path = folder / "state" / FILE_NAME
        async with open_ledger(path):
            pass
        await trio.to_thread.run_sync(fill, path)
        nothing = Feed()
        await nothing.send.aclose()
        async with open_engine(pipeline(folder, nothing, Told({})), Settings()) as engine:
            await engine.run(once=True)
        apart, day = 86_000 / CATALOG_TAKES, CATALOG_DAYS // 2
        numbers = [number * (CATALOG_TAKES // ONES) for number in range(ONES)]
        clips = [clip("picture", day, number) for number in numbers]
        told = Told({
            (one.volume, one.path): values("picture", number, FIRST + timedelta(days=day), apart)
            for one, number in zip(clips, numbers, strict=True)
        })  # fmt: skip
        feed, took = Feed(), []
        async with (
            open_engine(pipeline(folder, feed, told), Settings()) as engine,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(engine.run)
            async with engine.events() as events:
                await trio.sleep(1)
                for one in clips:
                    started = time.perf_counter()
                    await feed.send.send([one])
                    with trio.fail_after(60):
                        async for event in events:
                            if event.kind == "clip.unrouted":
                                break
                    took.append((time.perf_counter() - started) * 1000)
                    await trio.sleep(0.2)
            rows = await engine._ledger.query(
                "SELECT l.other, c.path FROM links l JOIN clips c ON c.id = l.clip WHERE l.kind = 'sound' "
                "AND l.state = 'matched' AND NOT starts_with(l.clip, 'p-')"
            )
            expected = {(f"s-{day}-{number}", one.path) for number, one in zip(numbers, clips, strict=True)}
            assert set(rows) == expected, set(rows) ^ expected
            engine.cancel()
        return took

    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        return trio.run(main, Path(name))


def items(day: int) -> Iterator[Item]:
    """A day's items for the solver alone."""
    apart = 60_000 / JOIN_TAKES
    for number in range(JOIN_TAKES):
        filmed, cut, rolled, stopped = (5 * 3600 + seconds for seconds in take(number, apart))
        for side, begins, ends, clock in (("picture", filmed, cut, 25), ("sound", rolled, stopped, CLOCK)):
            start = int(begins * clock) * (FLICKS // clock)
            yield Item(
                id=f"{side[0]}{day}-{number}", side=side, stream=side, roll="1", start=start, label=start,
                length=int((ends - begins) * FLICKS), rate=RATE, wall=day * 86400 + begins // 1, wall_from="recorded",
                scene=str(number // 7) if side == "sound" else "", take=str(number % 7) if side == "sound" else "",
            )  # fmt: skip


def million() -> tuple[float, float]:
    """Seconds of the solver, day by day, and of the bare range join of as many ranges."""
    took, right = 0.0, 0
    for day in range(JOIN_DAYS):
        made = list(items(day))
        started = time.perf_counter()
        solution = solve(made)
        took += time.perf_counter() - started
        right += sum(
            pair.state == "matched" and pair.picture[1:] == pair.sound[1:] for pair in solution.pairs
        )
    assert right == JOIN_DAYS * JOIN_TAKES, right
    database = duckdb.connect()
    # About 2.2 overlaps a clip, as performance.md measured its joins.
    database.execute(
        "CREATE TABLE p AS SELECT i * 1000 + i * 7919 % 900 AS s, s + 1100 AS e FROM range(?) t(i)",
        [JOIN_DAYS * JOIN_TAKES],
    )
    database.execute("CREATE TABLE q AS SELECT s + 150 AS s, e + 200 AS e FROM p")
    joins = []
    for _ in range(3):
        started = time.perf_counter()
        database.execute("SELECT count(*) FROM p JOIN q ON p.s < q.e AND q.s < p.e").fetchall()
        joins.append(time.perf_counter() - started)
    return took, statistics.median(joins)


def row(
    name: str,
    value: float,
    unit: str,
    target: str | None = None,
    holds: bool | None = None,
    reference: float | None = None,
) -> dict[str, Any]:
    return {
        "name": name, "value": round(value, 1), "unit": unit, "reference": reference and round(reference, 2),
        "ratio": reference and round(value / reference, 1), "target": target, "holds": holds,
    }  # fmt: skip


def run() -> list[dict[str, Any]]:
    day = statistics.median(match_day_s() for _ in range(3))
    cold, *ones = match_one_ms()
    one = statistics.median(ones)
    solved, joined = million()
    return [
        row("match_day_s", day, "s", f"<= {DAY_TARGET_S}", day <= DAY_TARGET_S),
        row("match_one_ms", one, "ms", f"<= {ONE_TARGET_MS}", one <= ONE_TARGET_MS),
        row("match_one_max_ms", max(ones), "ms"),
        row("match_one_cold_ms", cold, "ms"),
        row("match_1m_vs_join", solved, "s", reference=joined),
    ]


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
