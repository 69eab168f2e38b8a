"""A step while it runs: its cancel scope, its progress, its parts in flight."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from rushes.engine.speed import Speed
from rushes.model import Clip, Order

if TYPE_CHECKING:
    from rushes.engine.outputs import Outputs

#: What is shown is that of the last half minute: parts come in gulps, and what is left must not jump with each.
RATE_WINDOW_S = 30.0


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
        pace: Speed,
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
        #: Its own speed, once it told something, and that of all its component does.
        self._own: Speed | None = None
        self._pace = pace

    def progressed(self, done: float, total: float, *, silent: bool = False) -> None:
        """Remember how far it is; while its component hears nothing, what goes into buffers is no speed."""
        if silent:
            self._pace.forget()
        else:
            self._pace.moved(done - self.done)
        if self._own is None or silent:
            # What is there already is no speed.
            self._own = Speed(RATE_WINDOW_S)
            self._own.begin()
        else:
            self._own.moved(done - self.done)
        self.done, self.total = done, total

    @property
    def rate(self) -> float | None:
        """Units a second over the last seconds; None before there is anything to tell."""
        return self._own.rate if self._own else None

    @property
    def drained(self) -> bool:
        """Whether a delivery has come to rest: it asks for its next part and none is in flight."""
        return self.blocked > 0 and self.in_flight == 0
