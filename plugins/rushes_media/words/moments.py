"""When a file was made: in UTC with its zone and basis, and by the clock of the device that made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from rushes import Scalar

#: "2026-11-22" and "09:30:00" with any sign between: recorders write `-`, `:`, `_`, `.`, a space (EBU Tech 3285).
_DATE = re.compile(r"(\d{4})\D(\d{2})\D(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2})\D(\d{2})\D(\d{2})", re.ASCII)
#: A zone without its colon, which Apple writes.
_ZONE = re.compile(r"([+-]\d{2})(\d{2})$", re.ASCII)
#: Tags with the zone of the device, best first; the name of their basis.
ZONED: Mapping[str, str] = {"com.apple.quicktime.creationdate": "creationdate", "date_recorded": "tag"}
#: Tags that their container's standard counts in UTC, and that cameras without a zone often set by local time.
PLAIN: Mapping[str, str] = {"creation_time": "container", "modification_date": "modified"}


def read(tags: Mapping[str, str]) -> dict[str, Scalar]:
    """`created`, `created_zone`, `created_basis`, and `recorded` where the device tells its own clock.

    `tags` have names in lower case.
    """
    for name, basis in ZONED.items():
        if told := zoned(tags.get(name, ""), basis):
            return told
    for name, basis in PLAIN.items():
        if (created := moment(tags.get(name, ""))) is not None:
            return {"created": created, "created_zone": "UTC", "created_basis": basis}
    return {}


def zoned(text: str, basis: str) -> dict[str, Scalar]:
    """The same of a time that has its zone; {} where it has none, or is no time."""
    try:
        told = datetime.fromisoformat(_ZONE.sub(r"\1:\2", text.strip()))
    except ValueError:
        return {}
    if told.tzinfo is None or not _dated(told):
        return {}
    away = told.utcoffset() or timedelta()
    hours, minutes = divmod(abs(away) // timedelta(minutes=1), 60)
    return {
        "created": told.astimezone(UTC),
        "created_zone": f"{'-' if away < timedelta() else '+'}{hours:02}:{minutes:02}",
        "created_basis": basis,
        "recorded": told.replace(tzinfo=None),
        "recorded_basis": basis,
    }


def moment(text: str) -> datetime | None:
    """A creation time in UTC; None where a camera without a clock wrote the epoch of its container."""
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    return told if _dated(told) else None


def clock(date: str, time: str) -> datetime | None:
    """A device's date and time, in a zone that nobody tells; None where it is none."""
    day, hour = _DATE.match(date.strip()), _TIME.match(time.strip())
    try:
        told = (
            datetime.fromisoformat(f"{'-'.join(day.groups())} {':'.join(hour.groups())}")
            if day and hour
            else None
        )
    except ValueError:
        return None
    return told if told and _dated(told) else None


def _dated(told: datetime) -> bool:
    return 1970 < told.year < 9999
