"""Reports: what a day brought."""

from __future__ import annotations

from typing import TypedDict


class Day(TypedDict):
    """A local day, as `2026-11-22`, with the originals first seen on it and their bytes."""

    day: str
    clips: int
    bytes: int


class Days(TypedDict):
    """Every day on which something was seen, newest first."""

    days: list[Day]
