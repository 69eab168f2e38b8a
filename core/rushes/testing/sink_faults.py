"""The far side fails as seeded dice say: what was sent is settled or parked, and nothing else."""

from __future__ import annotations

from typing import Any

import trio

from rushes.errors import MediaGone, Permanent, RushesError
from rushes.model import Receipt
from rushes.testing.bench import Bench
from rushes.testing.delivering import Deliveries, Landed
from rushes.testing.faults import FAULTY_S, Fail, failing
from rushes.testing.promises import broken, demand, expected
from rushes.testing.reporting import WatchedReport


async def check_faults(bench: Bench, landed: Landed | None, fail: Fail, seeds: int) -> None:
    """For each seed: a delivery while the far side fails, then more in a whole world until it is settled or parked."""
    counts = {"settled": 0, "parked": 0}
    async with Deliveries(bench, landed) as deliveries:
        for seed in range(seeds):
            clip, report = bench.clip(), WatchedReport()
            content = bench.bytes_of(clip)
            doing = f"deliver under the faults of seed {seed}"
            async with failing(fail, seed):
                outcome = await _attempt(deliveries, clip, report, doing)
            if isinstance(outcome, Receipt):
                await deliveries.judge(clip, outcome, content, doing)
            elif isinstance(outcome, MediaGone):
                broken(f"{doing} raised MediaGone although the card is there: {outcome}", outcome)
            if not isinstance(outcome, Receipt | Permanent):
                outcome = await deliveries.settle(
                    clip, report, content, f"deliver, called again after seed {seed},"
                )
            # Faults excuse a second begin (the remote place is lost); a part twice under one they do not.
            repeated = [wrong for wrong in report.wrongs if "twice;" in wrong and wrong.startswith("sent")]
            demand(not repeated, f"{doing} {repeated[0] if repeated else ''}")
            counts["parked" if isinstance(outcome, Permanent) else "settled"] += 1
    demand(
        sum(counts.values()) == seeds,
        f"{seeds} clips were sent, {counts['settled']} settled and {counts['parked']} parked; sent = settled + parked",
    )


async def _attempt(
    deliveries: Deliveries, clip: Any, report: WatchedReport, doing: str
) -> Receipt | RushesError | None:
    """The receipt, the expected failure, or None when it was cut off."""
    with trio.move_on_after(FAULTY_S):
        try:
            return await deliveries.once(clip, report)
        except (Exception, BaseExceptionGroup, SystemExit) as failure:  # noqa: BLE001 - judged by `expected`
            return expected(failure, doing)
    return None
