"""A live sink follows a clip that is still being recorded, and returns once all of the complete one is there."""

from __future__ import annotations

import os
from dataclasses import replace

import trio

from rushes.model import Receipt
from rushes.testing.bench import WRITTEN_NS, Bench
from rushes.testing.delivering import Deliveries, Landed
from rushes.testing.promises import broken, demand, works
from rushes.testing.reporting import WatchedReport

#: Real seconds between two states of the recording, and until it must be there once it is complete.
GROWS_EVERY_S = 0.1
DONE_S = 10.0


async def check_growing(bench: Bench, landed: Landed | None) -> None:
    """A recording in thirds: no receipt before it is complete, then all of it."""
    async with Deliveries(bench, landed) as deliveries:
        complete = bench.clip()
        file, content = bench.file(complete), bench.bytes_of(complete)
        third = len(content) // 3
        file.write_bytes(content[:third])
        growing = replace(complete, complete=False, size=third, head="", tail="", completed_by="")
        report, receipts = WatchedReport(), list[Receipt]()

        async def deliver() -> None:
            with works("deliver of a growing clip"):
                receipts.append(await deliveries.once(growing, report))

        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(deliver)
                for written in (2 * third, len(content)):
                    await trio.sleep(GROWS_EVERY_S)
                    file.write_bytes(content[:written])
                    bench.context.grow(replace(growing, size=written))
                await trio.sleep(GROWS_EVERY_S)
                demand(not receipts, "deliver gave a receipt for a clip that was still being recorded")
                os.utime(file, ns=(WRITTEN_NS, WRITTEN_NS))
                bench.context.grow(complete)
                nursery.cancel_scope.deadline = trio.current_time() + DONE_S
        except* AssertionError as group:
            raise group.exceptions[0] from None
        if not receipts:
            broken(f"deliver of a growing clip had not ended {DONE_S:.0f} s after the clip was complete")
        await deliveries.judge(complete, receipts[0], content, "deliver of a growing clip")
