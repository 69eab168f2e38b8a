"""Rates as the protocol names them, and the rate at which a clip's timecode counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from rushes.timecode import RATES, Rate

#: Ours to the seed's names; reading is `Rate.parse`, which knows its aliases too.
_NAMES = dict(
    zip(
        [rate.name for rate in RATES],
        (
            "FPS_23_98",
            "FPS_24",
            "FPS_25",
            "FPS_29_97",
            "FPS_29_97_DROP",
            "FPS_30",
            "FPS_30_DROP",
            "FPS_47_95",
            "FPS_48",
            "FPS_50",
            "FPS_59_94",
            "FPS_59_94_DROP",
            "FPS_60",
            "FPS_60_DROP",
        ),
        strict=True,
    )
)

#: No spelling of a rate is longer; what a peer makes up is not remembered.
_LONGEST = 24


def fps_name(rate: Rate) -> str:
    """The seed's name of a rate, such as FPS_29_97_DROP."""
    return _NAMES[rate.name]


def clip_rate(clip: Mapping[str, Any], project_rate: str) -> tuple[str, Literal["project", "clip", ""]]:
    """The name of the rate of a clip's timecode and whose word that is; two empty strings where nobody says.

    The project's rate comes first, then the clip's own `fps`, in any spelling; never `sensorFPS`, at which a
    camera exposes and does not count.
    """
    if rate := _rate(project_rate):
        return rate, "project"
    own = clip.get("fps")
    if isinstance(own, str | int | float) and (rate := _rate(str(own))):
        return rate, "clip"
    return "", ""


def _rate(spelling: str) -> str:
    return _parsed(spelling) if len(spelling) <= _LONGEST else ""


@lru_cache(256)
def _parsed(spelling: str) -> str:
    try:
        return Rate.parse(spelling).name
    except ValueError:
        return ""
