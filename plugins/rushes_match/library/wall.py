"""The clock that a row of the ledger tells, in SQL: what `moments.began` reads of a file, to the day."""

from __future__ import annotations

_TOLD = "meta['clip_day']"
_WRITTEN = "CAST(modified AS DATE)"


def _of_year(years_before: int) -> str:
    """The day in a clip's name that tells no year, in one of the years before it was written; at most a day behind."""
    year = f"year(modified + INTERVAL 1 DAY) - {years_before}"
    day = f"try_cast(concat({year}, '-', {_TOLD}) AS DATE)"
    return f"CASE WHEN {day} <= {_WRITTEN} + 1 THEN {day} END"


#: As `kin.named_day` reads it.
_NAMED_DAY = (
    f"CASE WHEN regexp_full_match({_TOLD}, '([0-9]{{4}}-)?[0-9]{{2}}-[0-9]{{2}}') "
    f"THEN coalesce(try_cast({_TOLD} AS DATE), {_of_year(0)}, {_of_year(1)}) END"
)
#: That day at the time of its timecode, where it was not written then.
_NAMED = (
    f"CASE WHEN abs({_NAMED_DAY} - {_WRITTEN}) > 1 "
    f"THEN {_NAMED_DAY} + coalesce(try_cast(left(timecode, 8) AS TIME), TIME '12:00:00') END"
)
#: Seconds since the epoch; a length more or less does not matter here.
WALL = f"epoch(coalesce(recorded, created, {_NAMED}, modified))"
