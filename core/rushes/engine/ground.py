"""What a run stands on: room on its disks, and a clock that is right. Looked at every half minute, in memory."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import trio

from rushes.config.pipeline import Component, Pipeline
from rushes.engine.clock import Clock
from rushes.engine.note import note

LOOK_EVERY_S = 30.0
#: Less room than this, or than a twentieth of a smaller disk, is told of while there is time to make some.
LEAST_FREE = 10 * 10**9
LEAST_SHARE = 1 / 20
#: The fact by which a component tells how many seconds this machine's clock is ahead of the world's.
SKEW = "clock_skew_s"
#: A service's date is told in whole seconds, and takes a moment to come.
MOST_SKEW_S = 5.0
#: A clock that is corrected by less was right.
MOST_JUMP_S = 5.0
#: How long people are told of a jump.
TOLD_FOR_S = 600.0
SET_CLOCK = "let the network set it: sudo timedatectl set-ntp true"


class Ground:
    """Looks at the disks of the state folder and of sinks that have a folder, and at the clock."""

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        facts: Callable[[], Iterable[tuple[str, Mapping[str, Any]]]],
        *,
        usage: Callable[[Path], tuple[int, int]] | None = None,
    ) -> None:
        """`facts` are those of components by id; `usage` tells total and free bytes of a folder's disk."""
        self._folders = [("", pipeline.state), *_written(pipeline.sinks)]
        self._clock = clock
        self._facts = facts
        self._usage = usage or _usage
        self._low: Sequence[dict[str, Any]] = ()
        #: Counts the looks.
        self.looks = 0
        self._jump = 0.0
        self._jumped_at = float("-inf")

    async def watch(self) -> None:
        """Look until cancelled."""
        before = self._offset()
        while True:
            # A network mount that is gone may take minutes to say so.
            self._low = await trio.to_thread.run_sync(self._look, abandon_on_cancel=True)
            self.looks += 1
            await trio.sleep(LOOK_EVERY_S)
            before, jump = (now := self._offset()), now - before
            if abs(jump) > MOST_JUMP_S:
                self._jump, self._jumped_at = jump, trio.current_time()

    def attention(self) -> list[dict[str, Any]]:
        """What a person has to do about it."""
        return [*self._low, *self._clocks()]

    def _offset(self) -> float:
        """How far the wall clock is ahead of one that nobody sets; what the machine sleeps is no jump."""
        asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
        return self._clock() - trio.current_time() - asleep

    def _clocks(self) -> Iterable[dict[str, Any]]:
        if trio.current_time() - self._jumped_at < TOLD_FOR_S:
            yield note(
                "clock",
                "clock of this machine",
                f"was set {'forward' if self._jump > 0 else 'back'} by {_span(self._jump)} while it ran; times "
                "told before are of the old one",
                SET_CLOCK,
            )
        for component, facts in self._facts():
            skew = facts.get(SKEW)
            if isinstance(skew, (int, float)) and abs(skew) > MOST_SKEW_S:
                way = "ahead of" if skew > 0 else "behind"
                yield note(
                    "clock",
                    "clock of this machine",
                    f"is {_span(skew)} {way} that of {component}",
                    SET_CLOCK,
                    component=component,
                )

    def _look(self) -> Sequence[dict[str, Any]]:
        """Blocks. Of several folders on one disk the first speaks for all."""
        low: dict[int, dict[str, Any]] = {}
        for component, folder in self._folders:
            try:
                disk = os.stat(folder).st_dev  # noqa: PTH116 - as cheap as it gets
                total, free = self._usage(folder)
            except OSError:
                continue  # who needs it says so
            if free < min(LEAST_FREE, total * LEAST_SHARE):
                reason = f"{_size(free)} of {_size(total)} are free"
                low.setdefault(
                    disk,
                    note(
                        "disk",
                        str(folder),
                        reason,
                        f"free some space: du -xh -d1 {folder}",
                        component=component,
                    ),
                )
        return list(low.values())


def _written(sinks: Iterable[Component]) -> Iterable[tuple[str, Path]]:
    """The folders among the options of sinks."""
    for sink in sinks:
        values = (getattr(sink.options, name) for name in type(sink.options).model_fields)
        for value in values:
            if isinstance(value, Path) and not value.is_file():
                yield sink.id, value


def _usage(folder: Path) -> tuple[int, int]:
    usage = shutil.disk_usage(folder)
    return usage.total, usage.free


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 10**8 else f"{count / 1e6:.0f} MB"


def _span(seconds: float) -> str:
    seconds = round(abs(seconds))
    if seconds < 120:
        return f"{seconds} s"
    minutes, hours = seconds // 60, seconds // 3600
    return f"{minutes} min" if minutes < 120 else f"{hours} h {minutes % 60} min"
