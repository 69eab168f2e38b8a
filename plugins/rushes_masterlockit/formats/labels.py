"""Timecode as the wire has it: whole seconds of the label since midnight, and frames (A7)."""

from __future__ import annotations

from rushes.timecode import Rate, Timecode


def label(seconds: int, frames: int, rate: Rate) -> Timecode:
    """The timecode of a label; ValueError for one that no clock at this rate shows."""
    if seconds < 0 or frames < 0:
        raise ValueError(f"{seconds} s {frames} frames: a timecode is never negative")
    minutes, second = divmod(seconds, 60)
    return Timecode.parse(f"{minutes // 60:02}:{minutes % 60:02}:{second:02}:{frames:02}", rate)


def spoken(seconds: int, frames: int, rate: str) -> str:
    """A label as people read it: at its rate where that has it, else as it was said."""
    if rate:
        try:
            return str(label(seconds, frames, Rate.parse(rate)))
        except ValueError:
            pass
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}:{frames:02}"


def seconds_frames(timecode: Timecode) -> tuple[int, int]:
    """Seconds and frames of its label."""
    hours, minutes, seconds, frames = map(int, str(timecode).replace(";", ":").split(":"))
    return (hours * 60 + minutes) * 60 + seconds, frames
