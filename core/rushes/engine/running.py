"""A step while it runs: its cancel scope, its progress, its parts in flight."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from rushes.model import Clip, Order

if TYPE_CHECKING:
    from rushes.engine.outputs import Outputs

#: The rate shown is that of the last seconds, not of the whole step: networks change.
RATE_WINDOW_S = 10.0


class Running:
    """Memory only; what must survive is in the step's row."""

    def __init__(
        self,
        step: str,
        component: str,
        verb: str,
        order: Order,
        note: Callable[[str], None],
        outputs: Outputs,
    ) -> None:
        self.step = step
        self.component = component
        self.verb = verb
        self.order = order
        self.note = note
        self.outputs = outputs
        #: Whether it began on a clip that was growing: then it takes no slot.
        self.growing = False
        #: Its clip as it was when the work began, None before.
        self.clip: Clip | None = None
        #: The ids of the outputs that it has announced, in order.
        self.announced: list[str] = []
        #: What came about while it ran: a step that says it waits for that need not.
        self.woken: set[str] = set()
        self.scope = trio.CancelScope()
        self.done = 0.0
        self.total = 0.0
        self.in_flight = 0
        self.blocked = 0
        self.succeeded = False
        self._samples: deque[tuple[float, float]] = deque(maxlen=64)

    def progressed(self, done: float, total: float) -> None:
        """Remember how far it is."""
        self.done, self.total = done, total
        now = trio.current_time()
        if not self._samples or now - self._samples[-1][0] >= RATE_WINDOW_S / 64:
            self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > RATE_WINDOW_S:
            self._samples.popleft()

    @property
    def rate(self) -> float | None:
        """Units a second over the last seconds; None before there is anything to tell."""
        if len(self._samples) < 2:
            return None
        (then, before), (now, after) = self._samples[0], self._samples[-1]
        return (after - before) / (now - then) if now > then and after >= before else None

    @property
    def drained(self) -> bool:
        """Whether a delivery has come to rest: it asks for its next part and none is in flight."""
        return self.blocked > 0 and self.in_flight == 0
