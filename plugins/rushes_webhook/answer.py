"""What an answer means: taken, or why not, and when to ask again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from rushes import Unavailable

#: A receiver that refuses is asked again this often, in seconds: somebody may have mended it.
REFUSED_S = 60.0
#: No receiver is left alone for longer, whatever it asks for.
LONGEST_S = 3600.0

_BUSY = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_REMEDIES = {
    HTTPStatus.UNAUTHORIZED: "check that both sides have the same secret, and the url",
    HTTPStatus.FORBIDDEN: "check that both sides have the same secret, and the url",
    HTTPStatus.NOT_FOUND: "correct the url",
    HTTPStatus.METHOD_NOT_ALLOWED: "correct the url: it takes no POST",
    HTTPStatus.GONE: "it wants no more events: take the observer out of the pipeline file, or correct the url",
}


def judge(origin: str, status: int, headers: Mapping[str, str], kind: str, now: datetime) -> None:
    """Return where the post was taken; else raise Unavailable with the answer and the remedy."""
    if 200 <= status < 300:
        return
    answer = f"{origin} answered {_named(status)} to {kind}"
    if status >= 500 or status in _BUSY:
        wait = retry_after(headers.get("retry-after", ""), now)
        raise Unavailable(f"{answer}; it is posted again by itself", retry_after=wait)
    if 300 <= status < 400:
        remedy = "redirects are not followed: write where it moved to as url"
    else:
        remedy = _REMEDIES.get(HTTPStatus(status), "") if status in set(HTTPStatus) else ""
    remedy = remedy or "mend the receiver, or take that kind out of 'events'"
    raise Unavailable(f"{answer}; {remedy}", retry_after=REFUSED_S)


def _named(status: int) -> str:
    """The standard's words: those that were sent are a stranger's."""
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header (a number or a date), an hour at most; None for anything else."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_S) if math.isfinite(seconds) else None
