"""The contract of a sink: `check_sink`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rushes.contract import AnySpec
from rushes.model import Scalar
from rushes.testing.bench import Bench, Ready, bench_of
from rushes.testing.cuts import call_cut, spread
from rushes.testing.delivering import Deliveries, Landed
from rushes.testing.faults import Fail
from rushes.testing.leaks import nothing_left
from rushes.testing.lives import check_lives
from rushes.testing.options import check_options
from rushes.testing.promises import demand, judged
from rushes.testing.reporting import WatchedReport
from rushes.testing.sink_faults import check_faults
from rushes.testing.sink_growing import check_growing
from rushes.testing.sink_media import check_media
from rushes.testing.sink_resume import check_resume


@judged
async def check_sink(
    spec: AnySpec,
    options: Mapping[str, Any],
    *,
    folder: Path,
    landed: Landed | None = None,
    ready: Ready | None = None,
    fail: Fail | None = None,
    media: Path | None = None,
    meta: Mapping[str, Scalar] | None = None,
    size: int = 200_000,
    cuts: int = 40,
    seeds: int = 8,
    secrets: Collection[str] = (),
) -> None:
    """See that a sink keeps every promise of `rushes.contract`; raises AssertionError with the one it breaks.

    `options` are what a pipeline file would say, `folder` is the test's own. `landed(clip)` tells what the world
    has of a clip: its bytes, or True or False; without it receipts are believed. `ready(context)` is called with each
    StandIn before the sink opens. `fail(dice)` is held while the far side is to fail, in a way that the seeded
    dice choose. Clips are `size` random bytes, which should make several parts, or copies of `media`; with `meta` as
    their metadata, for a sink that waits until something is told, as with a folder template. A call is cancelled at
    each of its checkpoints, at `cuts` of them where there are more; the far side fails by `seeds` seeds.
    `secrets` are texts that may be seen nowhere. Needs the real clock.
    """
    checked = check_options("sink", spec, options, secrets)

    def bench(name: str) -> AbstractAsyncContextManager[Bench]:
        where = folder / f"kit-{name}"
        return bench_of(spec, checked, where, ready=ready, size=size, media=media, meta=meta, secrets=secrets)

    async with bench("first") as first:
        await _plainly(first, landed)
    async with nothing_left(f"{spec.name}, delivering and cancelled again and again,"), bench("sink") as each:
        await check_lives(each, "deliver", cuts)
        await _cancelled(each, landed, cuts)
        await check_resume(each, landed)
        await check_media(each, landed)
        if spec.live and media is None:
            await check_growing(each, landed)
        if fail is not None:
            await check_faults(each, landed, fail, seeds)


async def _plainly(bench: Bench, landed: Landed | None) -> None:
    """A clip, the same again as after a crash before it settled, an empty one, one with odd metadata."""
    async with Deliveries(bench, landed) as deliveries:
        clip, report = bench.clip(), WatchedReport()
        content = bench.bytes_of(clip)
        first = await deliveries.whole(clip, report, content, "deliver")
        bench.untouched()
        parts = len(report.parts)
        again = await deliveries.whole(
            clip, report, content, "deliver, called again with all parts reported,"
        )
        demand(
            not parts or again.sent == 0 or again.sent < first.sent,
            f"deliver sent {again.sent} bytes again although all {parts} parts were reported",
        )
        odd = {"scene": "12/A", "note": 'é "quoted"\nline', "take": "3"}
        told = bench.clip()
        told = replace(told, meta={**told.meta, **odd})
        await deliveries.whole(
            told, WatchedReport(), bench.bytes_of(told), "deliver of a clip with odd metadata"
        )


async def _cancelled(bench: Bench, landed: Landed | None, cuts: int) -> None:
    """Cut at each checkpoint; the next call, in this life or another, goes on from what was reported."""
    async with Deliveries(bench, landed) as deliveries:
        measured = bench.clip()
        whole = await call_cut("deliver", lambda: deliveries.once(measured, WatchedReport()))
        if whole.failure is not None:
            raise whole.failure
        for turn, at in enumerate(spread(whole.steps, cuts)):
            clip, report = bench.clip(), WatchedReport()
            content = bench.bytes_of(clip)

            async def deliver(clip: Any = clip, report: WatchedReport = report) -> Any:
                return await deliveries.once(clip, report)

            await call_cut("deliver", deliver, at)
            reported = len(report.parts)
            if turn % 3 == 2:
                await deliveries.reopen()
            doing = f"deliver, called again after a cancellation at checkpoint {at},"
            receipt = await deliveries.whole(clip, report, content, doing)
            demand(
                not reported or reported == len(report.parts) or receipt.sent < max(1, clip.size),
                f"{doing} sent all {receipt.sent} bytes although {reported} parts were reported",
            )
