"""The day that a camera put into the name of a clip: a copy cannot lose it, as it may the time of the last write."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from rushes_match.kin.files import File

_DAY = re.compile(r"(?:(\d{4})-)?(\d\d-\d\d)", re.ASCII)


def named_day(file: File) -> date | None:
    """`clip_day` as a date; one without a year is the last one before the file was written or, at most a day, behind
    it: clocks of cameras have zones. None where the name tells none, or nothing the year.
    """
    match = _DAY.fullmatch(file.text("clip_day"))
    if match is None:
        return None
    if match[1]:
        return _date(match[0])
    if file.modified <= 0:
        return None
    until = modified_day(file) + timedelta(days=1)
    days = (_date(f"{year}-{match[2]}") for year in (until.year, until.year - 1))
    return next((day for day in days if day and day <= until), None)


def modified_day(file: File) -> date:
    """The date of the last write, in UTC."""
    return datetime.fromtimestamp(file.modified, UTC).date()


def _date(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
