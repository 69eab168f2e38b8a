"""Pause windows: media that was made in one is refused for ever (reference, section 13).

A pause protects what was made while it lasted; it does not stop traffic. Windows and media are judged by the
server's clock, which can be put wrong on purpose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rushes_sandbox.answers import ApiRefused
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.devices import ProjectDevice
from rushes_sandbox.journal import Fact, Journal


@dataclass(kw_only=True)
class Window:
    """From `start` up to, but not with, `end`; `channel` is None when the whole device was paused."""

    device: str
    channel: int | None
    start: float
    end: float = math.inf


class Pauses(Book):
    name = "pauses"

    def __init__(self, journal: Journal, settings: Settings) -> None:
        super().__init__(journal, settings)
        self.windows: list[Window] = []
        self.skew = 0.0

    @property
    def server_now(self) -> float:
        """The server's wall clock: the true one and its error."""
        return self.now + self.skew

    def put_clock_wrong(self, seconds: float) -> None:
        """Set the error of the server's clock; 0 puts it right."""
        self.record("clock", skew=seconds)

    def pause(self, device: ProjectDevice, channel: int | None = None) -> bool:
        """Open a window; return False when it is open already."""
        if self._open(device, channel):
            return False
        self.record("paused", device=device.id, channel=channel, at=self.server_now)
        return True

    def resume(self, device: ProjectDevice, channel: int | None = None) -> bool:
        """Close the window of a channel, or every window of the device; return False when none is open."""
        if not any(channel in {None, window.channel} for window in self._all_open(device)):
            return False
        self.record("resumed", device=device.id, channel=channel, at=self.server_now)
        return True

    def paused(self, device: ProjectDevice, channel: int = 0) -> bool:
        """Whether what a channel makes now is protected; channel 0 is the device itself."""
        return any(window.channel in {None, channel} for window in self._all_open(device))

    def check(self, device: ProjectDevice, channel: int, offset: int) -> None:
        """Refuse media of a channel that was made, `offset` seconds ago, while that was paused."""
        made = self.server_now - offset
        for window in self.windows:
            concerned = window.device == device.id and window.channel in {None, channel}
            if concerned and window.start <= made < window.end:
                raise ApiRefused(409, "The channel is paused.", title="Channel Paused")

    def _all_open(self, device: ProjectDevice) -> list[Window]:
        return [w for w in self.windows if w.device == device.id and w.end == math.inf]

    def _open(self, device: ProjectDevice, channel: int | None) -> bool:
        return any(window.channel == channel for window in self._all_open(device))

    def apply(self, fact: Fact) -> None:
        match fact["what"]:
            case "clock":
                self.skew = fact["skew"]
            case "paused":
                self.windows.append(Window(device=fact["device"], channel=fact["channel"], start=fact["at"]))
            case "resumed":
                for window in self.windows:
                    if window.device == fact["device"] and fact["channel"] in {None, window.channel}:
                        window.end = min(window.end, fact["at"])
