"""Hundreds of seeds at once, for tuning: `python -m tests.plugins.match.day_table --seeds 50 [NAME ...]`.

Prints a row by scenario with its worst seeds; `--show NAME SEED` prints the wrong and the missed pairs of one day.
`--engine` has the days go through an engine (with PYTHONPATH=tests). Exit status 1 when a scenario is below the bar.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rushes.timecode import FLICKS
from rushes_match.items import Item, Solution
from rushes_match.sync import solve

from .day_maker import Day
from .day_scenarios import BLIND, SCENARIOS, scenario
from .day_score import Score, score, total

PRECISION, RECALL = 0.995, 0.98


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", help="parts of scenario names; all without")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--engine", action="store_true")
    parser.add_argument("--show", nargs=2, metavar=("NAME", "SEED"))
    chosen = parser.parse_args(arguments)
    if chosen.show:
        day = scenario(chosen.show[0], int(chosen.show[1]))
        show(day, answer(day, engine=chosen.engine))
        return 0
    names = [
        name
        for name in [*SCENARIOS, "mixture", *BLIND]
        if not chosen.names or any(word in name for word in chosen.names)
    ]
    print(
        f"{'scenario':34} {'prec':>7} {'recall':>7} {'true':>6} {'wrong':>5} {'miss':>5} {'flag':>5} {'ms':>5}  worst"
    )
    everything, low = [], False
    for name in names:
        scores, took = [], 0.0
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            day = scenario(name, seed)
            started = time.perf_counter()
            solution = answer(day, engine=chosen.engine)
            took += time.perf_counter() - started
            scores.append(score(day, solution))
        low |= row(name, scores, took / chosen.seeds * 1000, chosen.first)
        everything += scores
    row("all", everything, 0, 0)
    return int(low)


def answer(day: Day, *, engine: bool) -> Solution:
    """The solver's, or what an engine stored."""
    if not engine:
        return solve(day.items)
    import trio

    from .day_road import solved_by_engine

    with tempfile.TemporaryDirectory(prefix="rushes-judge-") as folder:
        solution, one_sided = trio.run(solved_by_engine, Path(folder), day)
    if one_sided:
        print(f"{day.name}: {one_sided} pairs are told on one side alone")
    return solution


def row(name: str, scores: Sequence[Score], milliseconds: float, first: int) -> bool:
    """Prints it; whether it is below the bar."""
    all_of = total(scores)
    low = all_of.precision < PRECISION or all_of.recall < RECALL
    bad = sorted(
        (
            (one.wrong + len(one.missed), seed, one)
            for seed, one in enumerate(scores, first)
            if one.wrong or one.missed
        ),
        reverse=True,
        key=lambda entry: entry[:2],
    )
    worst = (
        ""
        if name == "all"
        else ", ".join(f"{seed}:{one.wrong}w{len(one.missed)}m" for _, seed, one in bad[:5])
    )
    print(
        f"{name:34} {all_of.precision:7.4f} {all_of.recall:7.4f} {all_of.told:6} {all_of.wrong:5}"
        f" {all_of.told - all_of.found:5} {all_of.flagged:5} {milliseconds:5.0f} {'!' if low else ' '} {worst}"
    )
    return low


def show(day: Day, solution: Solution) -> None:
    found = score(day, solution)
    by_id = {item.id: item for item in day.items}
    pairs = {(pair.picture, pair.sound): pair for pair in solution.pairs}
    print(f"{day.name}: precision {found.precision:.4f}, recall {found.recall:.4f}, {len(day.items)} items")
    for offset in solution.offsets:
        print(f"  {offset}")
    for title, ids in (("WRONG", found.false), ("MISSED", found.missed)):
        for one, other in ids:
            pair = pairs.get((one, other))
            print(f"{title} {_text(day, by_id[one])}\n   with {_text(day, by_id[other])}")
            said = f"{pair.state} {pair.score:.3f} {dict(pair.evidence)}" if pair else "not looked at"
            print(f"   true overlap {day.true.get((one, other), 0):.1f} s; {said}")
            if title == "MISSED":
                for rival in solution.pairs:
                    if rival.state == "matched" and (rival.picture == one or rival.sound == other):
                        print(f"   instead {rival.picture} {rival.sound} {rival.score:.3f}")


def _text(day: Day, item: Item) -> str:
    real = day.recordings[item.id]
    start = None if item.start is None else round(item.start / FLICKS, 2)
    length = None if item.length is None else round(item.length / FLICKS, 2)
    return (
        f"{item.id} {item.stream} {item.roll} {item.name!r} {item.scene}/{item.slate}/{item.take} tc {start}"
        f" length {length} wall {item.wall}; truly day {real.day} {real.begins % 86400:.1f}-{real.ends % 86400:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
