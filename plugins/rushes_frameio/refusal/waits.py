"""How long a server asks to be left alone: Retry-After in both forms, and Frame.io's x-ratelimit headers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

#: No answer is trusted to stop an upload for longer, in seconds.
LONGEST_S = 3600.0


def told_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait before the next call, as told by an answer's headers (lower case); None where it tells nothing.

    Retry-After counts before the rate limit's window (milliseconds), and that only where nothing of it is left.
    """
    wait = _retry_after(headers)
    if wait is None:
        wait = rate_window(headers)
    return None if wait is None else min(LONGEST_S, max(0.0, wait))


def rate_window(headers: Mapping[str, str]) -> float | None:
    """Seconds in which nothing is left of a rate limit; None where something is, or nothing is told."""
    if headers.get("x-ratelimit-remaining", "").strip() != "0":
        return None
    window = _number(headers.get("x-ratelimit-window", ""))
    return None if window is None else window / 1000


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    if (wait := _number(text)) is not None:
        return wait
    then = _moment(text)
    if then is None:
        return None
    # By the server's clock where it tells it: ours may be wrong.
    now = _moment(headers.get("date", ""))
    return then - (time.time() if now is None else now)


def clock_ahead(headers: Mapping[str, str]) -> float | None:
    """Seconds that this machine's clock is ahead of the server's; None where it does not tell its time."""
    then = _moment(headers.get("date", ""))
    return None if then is None else time.time() - then


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if text.isascii() and text.replace(".", "", 1).isdecimal() else None


def _moment(text: str) -> float | None:
    """An HTTP-date in seconds since the epoch."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return None
