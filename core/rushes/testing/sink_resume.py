"""A delivery that stops after k parts goes on from them, and never over other bytes."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random

import trio
import xxhash

from rushes.errors import Permanent
from rushes.model import Clip, Receipt
from rushes.testing.bench import EDGE_BYTES, WRITTEN_NS, Bench
from rushes.testing.cuts import PROMPT_S
from rushes.testing.delivering import Deliveries, Landed
from rushes.testing.promises import broken, demand, expected, kind_of
from rushes.testing.reporting import WatchedReport

#: After how many parts it is stopped, at most.
MOST_STOPS = 6


async def check_resume(bench: Bench, landed: Landed | None) -> None:
    """Stopped after each part, while the pipeline drains, and with other bytes under the clip's name."""
    async with Deliveries(bench, landed) as deliveries:
        clip, report = bench.clip(), WatchedReport()
        await deliveries.whole(clip, report, bench.bytes_of(clip), "deliver")
        parts = len(report.parts)
        for stop in range(1, min(parts, MOST_STOPS) + 1):
            await _stopped(bench, deliveries, stop, parts)
        await _drained(bench, deliveries, parts)
        if parts > 1:
            await _other_bytes(bench, deliveries)


async def _stopped(bench: Bench, deliveries: Deliveries, stop: int, parts: int) -> None:
    clip = bench.clip()
    content, report = bench.bytes_of(clip), WatchedReport()
    await _until_part(deliveries, clip, report, stop)
    report.at_part = None
    reported = dict(report.parts)
    # As after a crash: nothing but what was reported is left.
    await deliveries.reopen()
    doing = f"deliver, called again after {len(reported)} of {parts} parts,"
    receipt = await deliveries.whole(clip, report, content, doing)
    demand(
        all(report.parts.get(number) == value for number, value in reported.items()),
        f"{doing} reported earlier parts with other values",
    )
    demand(
        receipt.sent < clip.size or not reported or len(reported) == len(report.parts) == 1,
        f"{doing} sent {receipt.sent} bytes, the whole clip; a reported part is never sent again",
    )


async def _until_part(deliveries: Deliveries, clip: Clip, report: WatchedReport, stop: int) -> None:
    """A call that dies as soon as `stop` parts are durable."""
    with trio.CancelScope() as scope:

        def cut(count: int) -> None:
            if count >= stop:
                scope.cancel()

        report.at_part = cut
        await deliveries.once(clip, report)


async def _drained(bench: Bench, deliveries: Deliveries, parts: int) -> None:
    """While the pipeline drains `proceed` does not return: the sink rests, and is cancelled there."""
    clip = bench.clip()
    content, report = bench.bytes_of(clip), WatchedReport()
    report.draining = True
    ended: list[Receipt] = []
    with trio.move_on_after(0.2 if parts else 0.0):
        ended.append(await deliveries.once(clip, report))
    if ended and parts:
        broken("deliver sent parts although report.proceed() had not returned; it must wait for it")
    report.draining = False
    with trio.fail_after(PROMPT_S * 4):
        await deliveries.whole(clip, report, content, "deliver, called again after the pipeline drained,")


async def _other_bytes(bench: Bench, deliveries: Deliveries) -> None:
    """The file has other bytes of the same size by the next call: what was reported is of no use."""
    clip, report = bench.clip(), WatchedReport()
    await _until_part(deliveries, clip, report, 1)
    file = bench.file(clip)
    content = Random("other").randbytes(clip.size)
    file.write_bytes(content)
    os.utime(file, ns=(WRITTEN_NS, WRITTEN_NS + 1))
    bench.spoiled(clip)
    changed = replace(
        clip,
        mtime_ns=WRITTEN_NS + 1,
        head=xxhash.xxh3_64_hexdigest(content[:EDGE_BYTES]),
        tail=xxhash.xxh3_64_hexdigest(content[-EDGE_BYTES:]),
    )
    anew = WatchedReport()
    anew.head, anew.parts = report.head, dict(report.parts)
    doing = "deliver, given what was reported of other bytes (it never resumes over those),"
    try:
        receipt = await deliveries.once(changed, anew)
    except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 - judged by `expected`
        cause = expected(failure, doing)
        demand(
            isinstance(cause, Permanent), f"{doing} raised {kind_of(cause)}; it starts over or is Permanent"
        )
        return
    await deliveries.judge(changed, receipt, content, doing)
