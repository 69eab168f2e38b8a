"""When a recording began, by whatever clock tells it best."""

from __future__ import annotations

from datetime import UTC, datetime, time

from rushes import Scalar
from rushes.timecode import FLICKS, lasts
from rushes_match.kin import File
from rushes_match.kin.named_day import modified_day, named_day
from rushes_match.kin.times import DAY

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive as the ledger holds times
#: Names of `rushes.columns` that tell it, the best first.
_TOLD = ("recorded", "created")


def began(file: File) -> tuple[float, str]:
    """Seconds since the epoch as if its clock's zone were UTC, and which clock: recorded, created, named or modified.

    A file is last written when its recording ends. Where that is another day than its name tells, a copy has lost it:
    its timecode on that day counts, or noon. "" and when the pipeline first saw it, where nothing tells.
    """
    for name in _TOLD:
        moment = _epoch(file.meta.get(name))
        if moment is not None:
            return moment, name
    if (day := named_day(file)) and (not file.modified or abs((day - modified_day(file)).days) > 1):
        midnight = datetime.combine(day, time(), UTC).timestamp()
        return midnight + (DAY / 2 if file.starts is None else file.starts / FLICKS % DAY), "named"
    if file.modified:
        return file.modified - (lasts(file.meta) or 0) / FLICKS, "modified"
    return file.seen, ""


def _epoch(told: Scalar | None) -> float | None:
    """A TIMESTAMP of the ledger: naive UTC, or what a source wrote for one."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    if not isinstance(told, datetime):
        return None
    return told.timestamp() if told.tzinfo else (told - _EPOCH).total_seconds()
