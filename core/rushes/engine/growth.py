"""Clips that are still being recorded, or made: who follows them is told what they have become."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

import trio

from rushes.engine.board import Board
from rushes.engine.pulse import Pulse
from rushes.engine.running import Running
from rushes.errors import Permanent
from rushes.model import WORK, Clip

#: How often a follower looks whether the file is still there, and how long one is that a transform makes.
LOOK_S = 1.0

Locate = Callable[[Clip], Path]


class Growth:
    """Tells followers of clips what these have become. In memory: the ledger hears of the first and the last."""

    def __init__(self, board: Board, draining: trio.Event, pulse: Pulse) -> None:
        self.draining = draining
        self.pulse = pulse
        self._board = board
        # An entry lives as long as somebody follows.
        self._followed: WeakValueDictionary[str, Pulse] = WeakValueDictionary()

    def tell(self, clip: Clip) -> None:
        """The clip as it is from now on: longer, or complete (durable by then)."""
        self._board.seen_again(clip)
        if beat := self._followed.get(clip.id):
            beat.beat()

    def newest(self, clip: Clip) -> Clip:
        """The clip as it is now."""
        return self._board.clips.get(clip.id, clip)

    def drain(self) -> None:
        """Wake all followers: none of them goes on."""
        for beat in list(self._followed.values()):
            beat.beat()

    def beat_of(self, clip: Clip) -> Pulse:
        """What beats when the clip has changed."""
        return self._followed.setdefault(clip.id, Pulse())


class Following:
    """`rushes.contract.Context.follow` of one running step."""

    def __init__(self, clip: Clip, running: Running, locate: Locate) -> None:
        self._clip = clip
        self._running = running
        self._growth = running.outputs.growth
        self._locate = locate
        self._beat = self._growth.beat_of(clip)
        self._last: Clip | None = None

    def __aiter__(self) -> Following:
        return self

    async def __anext__(self) -> Clip:
        await trio.lowlevel.checkpoint()
        last = self._last
        if last is not None and last.complete:
            raise StopAsyncIteration
        while True:
            seen = self._beat.count
            if self._growth.draining.is_set():
                await self._stay()
            now = self._now()
            if last is None or now.complete or now.size > last.size:
                self._last = now
                return now
            with trio.move_on_after(LOOK_S):
                await self._beat.after(seen)

    def _now(self) -> Clip:
        """The clip as it is now; of one that a transform makes, its file tells how long it is."""
        now = self._growth.newest(self._clip)
        if now.volume != WORK or now.complete:
            self._locate(now)
            return now
        with suppress(OSError, Permanent):  # gone: its maker tells what becomes of it
            stat = self._locate(now).stat()
            now = replace(now, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
        return now

    async def _stay(self) -> None:
        """The pipeline drains: the step rests here until it is cancelled."""
        self._running.blocked += 1
        self._growth.pulse.beat()
        await trio.sleep_forever()
