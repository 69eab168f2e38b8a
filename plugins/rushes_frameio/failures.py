"""What the service's answers mean: payloads of refusals, and the table from a status to what happens next.

The table is section 12.1 of the C2C reference. The HTTP status and title are trusted before the inner codes,
which differ from it in Frame.io's own samples.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rushes import Permanent, RushesError, Transient, Unavailable

#: Characters of a foreign text that go into a message of ours.
LONGEST_QUOTE = 120


class Unreachable(Unavailable):
    """The network is at fault. `lost` says whether the service may have acted although no answer came."""

    def __init__(self, reason: str, *, lost: bool) -> None:
        super().__init__(f"Frame.io cannot be reached: {reason}")
        self.lost = lost


class Refused(Exception):
    """The service said no. `name` is the short error or the title, `detail` its words for people."""

    def __init__(self, status: int, name: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{status} {name}" + (f": {detail}" if detail else ""))
        self.status = status
        self.name = name
        self.detail = detail
        self.retry_after = retry_after

    @property
    def paused(self) -> bool:
        return self.status == 409 and "channel paused" in f"{self.name} {self.detail}".lower()


def parse_object(body: bytes) -> Mapping[str, Any] | None:
    """A JSON object, or None for anything else (HTML of a captive portal, nothing at all)."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refused | Unreachable:
    """The refusal in an answer of 300 and above, in either payload shape.

    An answer that is not JSON came from something between us and the service: the network. Of those only a
    gateway's 5xx and 429 say that the service itself is in trouble.
    """
    payload = parse_object(body)
    if payload is None:
        if status == 429 or status >= 500:
            return Refused(status, "no details", retry_after=seconds(headers.get("retry-after")))
        kind = headers.get("content-type", "no content type").split(";")[0]
        return Unreachable(f"something on the way answered {status} with {quote(kind)}", lost=False)
    name, detail = _words(payload)
    return Refused(status, name, detail, seconds(headers.get("retry-after")))


def _words(payload: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(simple := payload.get("error"), str):
        return quote(simple), quote(payload.get("error_description", ""))
    errors = payload.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return quote(first.get("title") or payload.get("message") or "no details"), quote(
        first.get("detail") or ""
    )


def quote(text: Any) -> str:
    """Foreign words as one short line."""
    return " ".join(str(text).split())[:LONGEST_QUOTE]


def seconds(text: str | None) -> float | None:
    """A Retry-After in seconds; None where it is absent or a date."""
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def of_asset(refused: Refused, name: str) -> RushesError:
    """What a refused asset-create means for the clip called `name`."""
    if refused.paused:
        return Permanent(f"{name}: made while the project was paused; Frame.io refuses it for good")
    text = f"{name}: Frame.io answered {refused}"
    match refused.status:
        case 401:
            return not_paired()
        case 402:
            return Unavailable(f"{text}; the account's plan is at its limit")
        case 403:
            return Unavailable(f"{text}; the device may not upload to this project: pair it again")
        case 408 | 429:
            return Transient(text, retry_after=refused.retry_after)
        case 404 | 409:  # an intermediary, or a conflict that may pass: a few tries
            return Transient(text, blame="clip")
        case status if status >= 500:
            return Transient(text, retry_after=refused.retry_after)
    return Permanent(text)


def not_paired() -> Unavailable:
    return Unavailable("not paired; run: pipeline frameio pair FILE")
