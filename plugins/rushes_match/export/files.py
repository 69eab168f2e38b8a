"""The files of an export."""

from __future__ import annotations

from collections.abc import Sequence

from rushes_match.export.as_ale import as_ale
from rushes_match.export.as_csv import as_csv
from rushes_match.export.layout import timelines
from rushes_match.export.shot import Day

FORMATS = ("otio", "ale", "csv")


def made(day: Day, formats: Sequence[str]) -> list[tuple[str, bytes]]:
    """Name and bytes of each. For a worker: it imports opentimelineio where OTIO is asked for, and takes seconds.

    A format of which the day's rates make several files has the rate in their names.
    """
    found: list[tuple[str, bytes]] = []
    if "otio" in formats:
        from rushes_match.export.as_otio import as_otio  # noqa: PLC0415 - only who wants it pays for it

        laid = timelines(day)
        for timeline in laid:
            name = _name(day, len(laid), timeline.rate.name)
            found.append((f"{name}.otio", as_otio(day, timeline, name)))
    if "ale" in formats:
        lists = as_ale(day)
        found += [(f"{_name(day, len(lists), rate.name)}.ale", data) for rate, data in lists.items()]
    if "csv" in formats:
        found.append((f"{day.date}.csv", as_csv(day)))
    return found


def _name(day: Day, count: int, rate: str) -> str:
    return day.date if count == 1 else f"{day.date}_{rate}"
