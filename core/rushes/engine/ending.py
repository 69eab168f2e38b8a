"""When a run is over: nothing is left to do, or it is drained, or cut short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import trio

from rushes.engine.board import Board
from rushes.engine.feeding import Feeding
from rushes.engine.host import Host
from rushes.engine.prepare import Preparation
from rushes.engine.pulse import Pulse
from rushes.engine.work import Worker
from rushes.ledger import Ledger

#: A drain cuts off by then what is still in flight: it is over within 10 s, the closing included.
DRAIN_S = 9.0


@dataclass(slots=True)
class Ending:
    """Follows the engine's parts; a signal begins it."""

    ledger: Ledger
    pulse: Pulse
    hosts: Mapping[str, Host]
    board: Board
    worker: Worker
    preparation: Preparation
    feeding: Feeding
    draining: trio.Event
    #: Whether a person lets this sink rest.
    paused: Callable[[str], bool]
    cancelled: bool = False
    #: When a drain is to be over, on trio's clock.
    over_by: float = float("inf")

    def drain(self) -> None:
        """First signal: admit nothing more, finish the parts in flight, stop."""
        if not self.draining.is_set():
            self.over_by = trio.current_time() + DRAIN_S
        self.draining.set()
        self.worker.growth.drain()
        self.feeding.stop()
        self.pulse.beat()

    def cancel(self) -> None:
        """Second signal: stop now. Nothing is lost: the ledger is ahead."""
        self.cancelled = True
        if self.ledger.trouble:
            self.ledger.give_up()
        self.pulse.beat()

    async def reached(self, *, once: bool, deliver: bool) -> None:
        """Return when the run is over; with `once` as soon as nothing can run any more."""
        deadline: float | None = None
        while not self.cancelled:
            seen = self.pulse.count
            if self.draining.is_set():
                deadline = deadline or trio.current_time() + DRAIN_S
                if trio.current_time() >= deadline and self.ledger.trouble:
                    self.ledger.give_up()
                # What waits for a full disk would hold up the end: it is given up at the deadline, not before.
                if trio.current_time() >= deadline or (self._drained() and not self.ledger.trouble):
                    return
            elif once and self._nothing_left(deliver=deliver):
                return
            with trio.CancelScope(deadline=deadline or float("inf")):
                await self.pulse.after(seen)

    def _drained(self) -> bool:
        """Every delivery rests between two parts; transforms are cut short, they are done again whole."""
        return all(running.drained for running in self.worker.running.values() if running.verb == "deliver")

    def _nothing_left(self, *, deliver: bool) -> bool:
        stuck = any(host.component.kind == "annotator" and not host.usable for host in self.hosts.values())
        if not self.feeding.caught_up or not (self.preparation.idle or stuck):
            return False
        return not (deliver and self.board.runnable(self._usable))

    def _usable(self, component: str) -> bool:
        """Whether the component's work may run soon; one that is not in the file any more has no host."""
        host = self.hosts.get(component)
        return host is not None and host.usable and not self.paused(component)
