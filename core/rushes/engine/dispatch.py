"""Starts the most urgent ready step wherever a slot is free; makes room for what a person wants now."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import trio

from rushes.engine.board import Board
from rushes.engine.clock import Clock
from rushes.engine.host import Host
from rushes.engine.place import order
from rushes.engine.pulse import Pulse
from rushes.engine.running import Running
from rushes.engine.work import Worker
from rushes.errors import Unavailable

#: Steps on growing clips take no slot, since a recording does not wait; this many of one component run at once.
MOST_GROWING = 64
#: A clock that is corrected by less, in seconds, was not set back.
SET_BACK_S = 1.0


class Dispatcher:
    """Feeds the slots of every transform and sink from the board."""

    def __init__(
        self,
        board: Board,
        worker: Worker,
        clock: Clock,
        draining: trio.Event,
        pulse: Pulse,
        *,
        paused: Callable[[str], bool],
    ) -> None:
        self._paused = paused
        self._board = board
        self._clock = clock
        self._worker = worker
        self._draining = draining
        self._pulse = pulse
        self._wakes: dict[str, Pulse] = {}

    def wake(self, component: str) -> None:
        """There may be work for a component."""
        self._wakes.setdefault(component, Pulse()).beat()

    def _resting(self, component: str) -> bool:
        return self._draining.is_set() or self._paused(component)

    async def serve(self, host: Host) -> None:
        """Keep one component busy for as long as the pipeline runs."""
        await host.live(lambda part: self._feed(host, part))

    async def _feed(self, host: Host, part: Any) -> None:
        component = host.component
        wake = self._wakes.setdefault(component.id, Pulse())
        room = {False: component.slots, True: MOST_GROWING}
        lost: list[Unavailable] = []

        async def work(running: Running) -> None:
            try:
                failure = await self._worker.run(running, part)
                if failure is not None:
                    lost.append(failure)
                elif running.succeeded:
                    host.worked()
            finally:
                room[running.growing] += 1
                wake.beat()

        async with trio.open_nursery() as nursery:
            while not lost:
                seen = wake.count
                for growing in (False, True):
                    while room[growing] and not self._resting(component.id):
                        step = self._board.next(component.id, growing=growing)
                        if step is None:
                            break
                        room[growing] -= 1
                        nursery.start_soon(
                            work, self._worker.claim(step), name=f"{step.id} on {component.id}"
                        )
                await wake.after(seen)
            nursery.cancel_scope.cancel()
        raise lost[0]

    def preempt(self, component: str, slots: int, wanted: Collection[str]) -> None:
        """Stop the least urgent running delivery of a full sink; it goes on later, its finished parts kept.

        The jobs that are `wanted` do not give way to each other.
        """
        running = [r for r in self._worker.running.values() if r.component == component and not r.growing]
        steps = [step for r in running if (step := self._board.steps.get(r.step)) and step.verb == "deliver"]
        others = [step for step in steps if step.job not in wanted and not self._worker.stopping(step.id)]
        if len(running) >= slots and others:
            # The one order of the queue: where a person moved a job counts.
            self._worker.stop(max(others, key=lambda step: order(self._board.place_of(step))).id)

    async def watch_time(self) -> None:
        """Make ready what has waited long enough."""
        now = self._clock()
        while True:
            seen = self._pulse.count
            before, now = now, self._clock()
            if now < before - SET_BACK_S:
                self._board.set_back(before - now)
            self._worker.wake_due()
            until = self._board.next_timer()
            # A wall clock may jump: look again every minute, whatever it said.
            wait = 60.0 if until is None else min(60.0, max(0.0, until - self._clock()))
            with trio.move_on_after(wait):
                await self._pulse.after(seen)
