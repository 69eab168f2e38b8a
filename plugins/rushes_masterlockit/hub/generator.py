"""The hub's own timecode generator: the set's master clock, free-running, set by StartCJam.

Its label starts as the time of day. It counts on trio's clock, at the exact rate, and never drifts against it:
each frame's moment is computed from the moment it was set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import trio

from rushes.timecode import Rate, Timecode
from rushes_masterlockit.formats import label, seconds_frames

#: Frames that are late by more than this many seconds (the process was stopped) are skipped, not sent in a burst.
MOST_LATE = 1.0

_DAY_S = 86_400

#: Of a frame; what floating point may lose between a frame's moment and the clock that reached it.
_ROUNDING = 1e-6


class Generator:
    """A clock of labels; `run` tells each frame while somebody wants them."""

    def __init__(
        self, rate: Rate, *, now: Callable[[], float], day: Callable[[], float] | None = None
    ) -> None:
        """`now` is epoch seconds, `day` seconds since local midnight."""
        self.rate = rate
        self.jammed = False
        self._now = now
        self._start = trio.current_time()
        # What a clock of this rate shows by day: one that counts 30 at 29.97 without dropping lags behind its label.
        self._first = int((day or _time_of_day)() * rate.frames_per_day / _DAY_S)
        self._set = 0  # how often it was set
        self._wanted = trio.Event()

    def timecode(self) -> Timecode:
        """The frame that is running."""
        return Timecode.from_frames(self._first + self._elapsed(), self.rate)

    def jam(self, seconds: int, frames: int) -> None:
        """Start again from this label. ValueError where the rate has no such label."""
        self._first = label(seconds, frames, self.rate).frames
        self._start = trio.current_time()
        self._set += 1
        self.jammed = True

    def state(self) -> Mapping[str, Any]:
        """What `restore` goes on from, in another process too."""
        return {"frames": self.timecode().frames, "at": self._now(), "rate": self.rate.name}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on as if it had never stopped; a state of another rate is of another project and says nothing."""
        if state["rate"] == self.rate.name:
            self._first = int(state["frames"]) + int((self._now() - state["at"]) * self.rate.exact)
            self._start = trio.current_time()
            self.jammed = True

    def want(self, wanted: bool) -> None:
        """Whether anybody wants the frames."""
        if wanted:
            self._wanted.set()
        elif self._wanted.is_set():
            self._wanted = trio.Event()

    async def run(self, tell: Callable[[Timecode], None]) -> None:
        """Tell each frame as it begins, once, while they are wanted; first the one that is running."""
        while True:
            await self._wanted.wait()
            set_, frame = self._set, self._elapsed()
            while self._wanted.is_set():
                if self._set != set_:
                    set_, frame = self._set, 0
                if trio.current_time() - self._moment(frame) > MOST_LATE:
                    frame = self._elapsed()
                if trio.current_time() < self._moment(frame):
                    await trio.sleep_until(self._moment(frame))
                    continue
                tell(Timecode.from_frames(self._first + frame, self.rate))
                frame += 1

    def _elapsed(self) -> int:
        return math.floor((trio.current_time() - self._start) * float(self.rate.exact) + _ROUNDING)

    def _moment(self, frame: int) -> float:
        return self._start + frame * self.rate.exact.denominator / self.rate.exact.numerator


def timecode_json(timecode: Timecode) -> bytes:
    """A TimeCode of the protocol."""
    seconds, frames = seconds_frames(timecode)
    return b'{"type":"timecode","seconds":%d,"frames":%d}' % (seconds, frames)


def _time_of_day() -> float:
    now = datetime.now().astimezone()
    return now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
