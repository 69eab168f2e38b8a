"""A large clip that goes up slowly, and what an interruption of that may cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import Any

from journeys.frameio.live import IN_FLIGHT, PART_BYTES, Live
from journeys.harness import sha256
from journeys.torture_verdict import Figures, durable_parts

PARTS = 24
#: So many cannot get in before `finish`.
HELD_BACK = 2
_NUMBERS = count(1)


class Upload:
    """What is known to be there at an interruption must never be sent again; what was on its way may be.

    It cannot end before `finish`, however slow or quick the machine is.
    """

    def __init__(self, live: Live, *, part_s: float = 0.25) -> None:
        self.live = live
        live.hold_back(PARTS - HELD_BACK, part_s)
        self.path = live.put(f"R001C{next(_NUMBERS):03}.braw", PARTS * PART_BYTES - 1000, card="R001")
        self.cuts = 0
        self._puts: Counter[int] = Counter()

    def until(self, number: int) -> None:
        """Return when so many parts have arrived."""
        self.live.wait(lambda: len(self.live.arrived_of(self.path)) >= number, f"{number} parts")

    def cut(self, known: Iterable[int] | None = None) -> None:
        """It was interrupted. These parts are known to be there; else all but those that came last."""
        self.cuts += 1
        arrived = self.live.arrived_of(self.path)
        assert len(arrived) < PARTS, "nothing was left to interrupt"
        known = set(sorted(arrived)[:-IN_FLIGHT] if known is None else known)
        parts = self.live.only(self.path)["parts"]
        self._puts |= Counter({part["number"]: part["puts"] for part in parts if part["number"] in known})

    def finish(self) -> dict[str, Any]:
        """Let it end. Returns its asset, which is the only one that there ever was."""
        self.live.sandbox.clear()
        job = self.live.wait_for(self.path)
        asset = self.live.only(self.path)
        assert (asset["state"], asset["sha256"]) == ("complete", sha256(self.path))
        assert asset["id"] == job["steps"][0]["receipt"]["id"]
        again = {part["number"] for part in asset["parts"] if part["puts"] > self._puts[part["number"]]}
        assert not again & set(self._puts), "parts that were known to be there were sent again"
        assert self.live.received(self.path) - asset["filesize"] <= self.cuts * IN_FLIGHT * PART_BYTES
        return asset

    def durable(self) -> set[int]:
        """What the ledger of a pipeline that does not run knows of it."""
        assets = [self.live.only(self.path)]
        return durable_parts(self.live.stage.state, Figures(), assets)[assets[0]["id"]]
