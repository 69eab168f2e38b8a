"""What a person may choose of `match`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from rushes import Options


class MatchOptions(Options):
    """Options of `match`."""

    offsets: Mapping[str, int] = Field(
        default_factory=dict,
        description="frames by which a device's or roll's timecode is ahead of the set's, by name; beats the learned",
        examples=[{"A": 2, "B003": -1}],
    )
    margin: float = Field(
        0.1, gt=0, lt=1, description="candidates whose scores differ by less than this wait for a person"
    )
