"""The set's timecode as it runs: in memory alone, shown with where it comes from and when it was heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import trio

from rushes import Context
from rushes_masterlockit.formats import spoken

if TYPE_CHECKING:
    from rushes_masterlockit.client.roster import Roster

SHOW_EVERY_S = 1.0
#: A source that was not heard for so long gives way to another.
STALE_S = 2.0
#: A label that was heard longer ago is not what a device shows.
SILENT_S = 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A label of one device, when it was heard, on trio's clock and in seconds since the epoch."""

    seconds: int
    frames: int
    at: float
    epoch: float


class LiveTimecode:
    """The newest label of each generator; the hub's own is preferred, else the one that is heard."""

    def __init__(
        self, context: Context, roster: Roster, rate: Callable[[], str], now: Callable[[], float] = time.time
    ) -> None:
        self._context = context
        self._roster = roster
        self._rate = rate
        self._now = now
        self._newest: dict[int, Heard] = {}
        self._source: int | None = None
        self._shown_at = self._told_at = float("-inf")

    def heard(self, device: int, seconds: int, frames: int, *, leads: bool = True) -> None:
        """One label; shown at most once a second. A lens, which follows a generator, does not lead."""
        at = trio.current_time()
        self._newest[device] = Heard(seconds, frames, at, self._now())
        if at - self._told_at >= SHOW_EVERY_S:
            self._told_at = at
            self._roster.changed.set()
        if not leads or not self._leads(device, at):
            return
        self._source = device
        if at - self._shown_at >= SHOW_EVERY_S:
            self._shown_at = at
            self._show(device)

    def newest(self, device: int) -> tuple[str, float] | None:
        """The label a device said last and when, in seconds since the epoch."""
        heard = self._newest.get(device)
        return None if heard is None else (self._text(device, heard), heard.epoch)

    def facts(self, device: int) -> Mapping[str, Any]:
        """What a device that is heard says of the time, as facts of it; nothing once it is silent."""
        heard = self._newest.get(device)
        if heard is None or trio.current_time() - heard.at > SILENT_S:
            return {}
        return {"timecode": self._text(device, heard), "heard_at": heard.epoch}

    def forget(self, device: int) -> None:
        self._newest.pop(device, None)
        if self._source == device:
            self._source = None

    def _leads(self, device: int, at: float) -> bool:
        if self._source is None or self._source == device:
            return True
        known = self._roster.get(device)
        if known is not None and known.master:
            return True
        return at - self._newest[self._source].at > STALE_S

    def _show(self, device: int) -> None:
        heard = self._newest[device]
        self._context.show(
            timecode=self._text(device, heard),
            timecode_from=self._roster.name(device),
            heard_at=heard.epoch,
        )

    def _text(self, device: int, heard: Heard) -> str:
        known = self._roster.get(device)
        rate = (known.rate if known is not None else "") or self._rate()
        return spoken(heard.seconds, heard.frames, rate)
