"""What a sink tells while it delivers, made durable before the sink goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import trio

from rushes.engine.board import Board
from rushes.engine.pulse import Pulse
from rushes.engine.running import Running
from rushes.ledger import Ledger
from rushes.ledger.rows import drop_parts, put_part
from rushes.ledger.write import Change


class StepReport:
    """`rushes.contract.Report` for one running delivery."""

    def __init__(
        self, running: Running, board: Board, ledger: Ledger, draining: trio.Event, pulse: Pulse
    ) -> None:
        self._running = running
        self._board = board
        self._ledger = ledger
        self._draining = draining
        self._pulse = pulse

    async def intend(self) -> None:
        step = self._board.steps[self._running.step]
        self._board.put(replace(step, in_doubt=step.in_doubt + 1))
        await self._write()

    async def begin(self, head: Mapping[str, Any], /) -> None:
        step = self._board.steps[self._running.step]
        self._board.put(replace(step, head=dict(head), in_doubt=max(0, step.in_doubt - 1), deaths=0))
        await self._write(drop_parts(step.id))

    async def proceed(self) -> None:
        await trio.lowlevel.checkpoint()
        if self._draining.is_set():
            self._running.blocked += 1
            self._pulse.beat()
            await trio.sleep_forever()
        self._running.in_flight += 1

    async def part(self, number: int, value: str = "", /) -> None:
        step = self._board.steps[self._running.step]
        if step.deaths or step.attempts:
            # It makes progress: it is not what kills the process, and its backoff starts anew.
            self._board.put(replace(step, deaths=0, attempts=0))
        await self._write(put_part(step.id, number, value, int(self._running.done)))
        self._running.in_flight = max(0, self._running.in_flight - 1)
        self._pulse.beat()

    async def _write(self, *changes: Change) -> None:
        # Shielded: a fact the sink knows must not be lost to a cancellation between the fact and its row.
        with trio.CancelScope(shield=True):
            await self._ledger.write([*self._board.take_changes(), *changes])
