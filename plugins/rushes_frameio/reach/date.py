"""How far this machine's clock is from that of a service, by the date its answers bear."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

#: A date is told in whole seconds and takes a moment to come: less than this is no difference.
LEAST_S = 2.0


def skew(date: str | None, now: float) -> float | None:
    """Seconds that `now`, since the epoch, is ahead of an answer's `Date`; 0 where that tells no difference, None
    where it is no date.
    """
    try:
        ahead = now - parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return float(round(ahead)) if abs(ahead) >= LEAST_S else 0.0
