"""Clocks of a made-up set: what a device calls an instant of the real world. Written for the judge of `match`.

Real time is in seconds since the epoch as if the set's zone were UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction

from rushes.timecode import Rate, Timecode

DAY = 86400


def label_seconds(own: float, rate: Rate) -> float:
    """What the label reads, as hours, minutes and seconds, `own` real seconds after it read midnight."""
    frames = int(own * rate.exact)
    if not rate.dropped:
        return float(Fraction(frames, rate.nominal))
    hours, minutes, seconds = str(Timecode.from_frames(frames, rate)).split(":")
    whole, part = seconds.split(";")
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + int(part) / rate.nominal


def seconds_of_label(label: float, rate: Rate) -> float:
    """Real seconds from midnight to that label: the other way round."""
    minutes = int(label // 60)
    frames = round(label * rate.nominal) - rate.dropped * (minutes - minutes // 10)
    return float(frames / rate.exact)


@dataclass
class TimecodeClock:
    """A generator of timecode: from each jam on it counts by itself, a little fast or slow."""

    rate: Rate
    drift: float = 0.0
    jams: list[tuple[float, float]] = field(default_factory=list)

    def jam(self, at: float, own: float) -> None:
        """At real time `at` it stands `own` seconds after its midnight."""
        self.jams.append((at, own))
        self.jams.sort()

    def jam_to(self, at: float, master: TimecodeClock, error: float = 0.0) -> None:
        """Takes over the label that `master` shows, as a cable does."""
        self.jam(at, seconds_of_label(label_seconds(master.own(at), master.rate), self.rate) + error)

    def own(self, at: float) -> float:
        """Real seconds since its midnight, not wrapped."""
        since, own = self.jams[max(0, bisect_right(self.jams, (at, float("inf"))) - 1)]
        return own + (at - since) * (1 + self.drift)

    def frames(self, at: float) -> int:
        return int(self.own(at) * self.rate.exact) % self.rate.frames_per_day


@dataclass
class RecRun:
    """Timecode that counts only while the camera records; a roll begins at its own hour."""

    rate: Rate
    counted: dict[str, int] = field(default_factory=dict)

    def frames(self, roll: str, length: float) -> int:
        """The first frame's number; the next recording of the roll goes on behind this one."""
        if roll not in self.counted:
            self.counted[roll] = (len(self.counted) + 1) % 24 * 3600 * self.rate.nominal
        begins = self.counted[roll]
        self.counted[roll] += int(length * self.rate.exact)
        return begins % self.rate.frames_per_day


@dataclass(frozen=True)
class WallClock:
    """The date and time a device was set to."""

    wrong: float = 0.0
    grain: float = 1.0
    told_as: str = "recorded"

    def says(self, at: float) -> float:
        return (at + self.wrong) // self.grain * self.grain
