"""How quick strangers are served: what they ask costs the pipeline's time."""

from __future__ import annotations

from collections import OrderedDict

import trio

MOST_KNOWN = 1000


class Pace:
    """`rate` a second for each, and `burst` at once; who is quicker waits its turn."""

    def __init__(self, rate: float, burst: int) -> None:
        self._step_s = 1 / rate
        self._ahead_s = burst / rate
        self._due: OrderedDict[str, float] = OrderedDict()

    async def step(self, who: str = "") -> None:
        """Return when it is its turn."""
        now = trio.current_time()
        due = max(self._due.pop(who, now), now) + self._step_s
        self._due[who] = due
        if len(self._due) > MOST_KNOWN:
            self._due.popitem(last=False)
        await trio.sleep(max(0.0, due - self._ahead_s - now))
