"""How the devices of a made-up set are set, and what they tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kit:
    """How the devices are set and what they tell. Shares are probabilities per item unless said otherwise."""

    picture_rate: str = "25"
    sound_rate: str = "25"
    #: "tod" jammed to the mixer; "free" never jammed; "lost" jammed, but a battery change loses it;
    #: "rec" counts while recording; "none" has no timecode; "near" jammed, but seconds beside the mark.
    clocks: Mapping[str, str] = field(default_factory=dict)
    #: Seconds a device's wall clock is wrong by; None: it has none. Else within `wall_error`.
    walls: Mapping[str, float | None] = field(default_factory=dict)
    wall_error: float = 20.0
    #: Nobody tells a date or a time: what came through a tool that keeps none.
    no_walls: bool = False
    drift_ppm: tuple[float, float] = (0, 4)
    #: Hours into the day at which everybody is jammed again.
    jams: tuple[float, ...] = (0.0, 5.5)
    names_on_pictures: float = 0.0
    names_on_sound: float = 1.0
    slates: bool = False
    #: Share of setups in which the mixer is one take off.
    wrong_numbers: float = 0.0
    missing_timecode: float = 0.0
    missing_wall: float = 0.0
    missing_length: float = 0.0
    #: "unique", "C0001" (again on every card) or "" (none told).
    file_names: str = "unique"
    #: "device", "roll" (each card its own stream) or "merged" (all cameras one stream).
    grouping: str = "device"
    roll_clips: tuple[int, int] = (8, 40)
    #: "rolls" as they fill, "wrap" at each day's end, "late" all at once after the last day.
    offload: str = "rolls"
