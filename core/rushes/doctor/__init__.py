"""What of this machine would trouble a pipeline: many small looks that change nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import trio

from rushes.doctor import machine, places
from rushes.doctor.certificates import certificates
from rushes.doctor.clock import clock
from rushes.doctor.finding import Finding, Patient
from rushes.doctor.network import network
from rushes.doctor.running import running
from rushes.doctor.services import services
from rushes.errors import in_words

__all__ = ["Finding", "Patient", "examine"]

#: Each check has this long; a network mount that is gone may never answer.
LONGEST_S = 15.0
CHECKS: Sequence[tuple[str, Callable[[Patient], Sequence[Finding]]]] = (
    *machine.CHECKS, ("clock", clock), ("certificate", certificates), *places.CHECKS, ("pipeline", running),
)  # fmt: skip


async def examine(patient: Patient) -> Sequence[Finding]:
    """All findings, in the order of the checks, which are made side by side."""
    found: dict[int, Sequence[Finding]] = {}
    looks: list[tuple[str, Callable[[], Awaitable[Sequence[Finding]]]]] = [
        (name, partial(trio.to_thread.run_sync, check, patient, abandon_on_cancel=True))
        for name, check in CHECKS
    ]
    looks += [("network", partial(network, patient)), ("services", partial(services, patient))]

    async def look(index: int, name: str, check: Callable[[], Awaitable[Sequence[Finding]]]) -> None:
        remedy = "look at what it stands on, then run it again"
        with trio.move_on_after(LONGEST_S) as limit:
            try:
                found[index] = await check()
            except Exception as error:  # noqa: BLE001 - one look that fails must not hide the others
                found[index] = [
                    Finding(name, "warning", f"could not be looked at: {in_words(error)}", remedy)
                ]
        if limit.cancelled_caught:
            found[index] = [Finding(name, "warning", f"gave no answer within {LONGEST_S:.0f} s", remedy)]

    async with trio.open_nursery() as nursery:
        for index, (name, check) in enumerate(looks):
            nursery.start_soon(look, index, name, check)
    return [finding for index in sorted(found) for finding in found[index]]
