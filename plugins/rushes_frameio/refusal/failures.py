"""What the service's answers mean: payloads of refusals, and what a row of the table is for a clip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rushes import Permanent, RushesError, Transient, Unavailable
from rushes_frameio.refusal.refusals import STRANGER, Action, Row, Where, row_of
from rushes_frameio.refusal.waits import told_wait

#: Characters of a foreign text that go into a message of ours.
LONGEST_QUOTE = 120
#: Seconds until what only a person can change is looked at again.
HOLD_S = 60.0


class Unreachable(Unavailable):
    """The network is at fault. `lost` says whether the service may have acted although no answer came.

    `status` is that of an answer that nobody understands; 0 where there was none.
    """

    def __init__(self, reason: str, *, lost: bool, status: int = 0) -> None:
        super().__init__(f"Frame.io cannot be reached: {reason}", by_itself=True)
        self.lost = lost
        self.status = status


class Refused(Exception):
    """The service said no. `name` is the short error or the title, `detail` its words for people."""

    def __init__(self, status: int, name: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{status} {name}" + (f": {detail.rstrip('.')}" if detail else ""))
        self.status = status
        self.name = name
        self.detail = detail
        self.retry_after = retry_after

    def row(self, where: Where = Where.CALL) -> Row:
        """What the table says to this answer."""
        return row_of(where, self.status, self.name, f"{self.name} {self.detail}")


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
        kind = headers.get("content-type", "no content type").split(";")[0]
        if row_of(Where.CALL, status, STRANGER).action is Action.NETWORK:
            text = f"something on the way answered {status} with {quote(kind)}"
            return Unreachable(text, lost=False, status=status)
        return Refused(status, "no details", retry_after=told_wait(headers))
    name, detail = _words(payload)
    return Refused(status, name, detail, told_wait(headers))


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


def of_asset(refused: Refused, name: str) -> RushesError:
    """What a refused call for the asset of the clip called `name` means for it."""
    row = refused.row(Where.ASSET)
    text = f"{name}: Frame.io answered {refused} ({row.why})"
    match row.action:
        case Action.PAUSED:
            return Permanent(f"{name}: made while the project was paused; Frame.io refuses it for good")
        case Action.RENEW:
            return not_paired()
        case Action.HOLD if refused.status == 402:
            return Unavailable(f"{text}; free some space or change the plan", retry_after=HOLD_S)
        case Action.HOLD:
            return Unavailable(f"{text}; allow it there, or pair the device again", retry_after=HOLD_S)
        case Action.LATER:
            return Transient(text, retry_after=refused.retry_after)
        case Action.FEW | Action.NETWORK:  # the latter only reaches here where the service itself answers
            return Transient(text, blame="clip")
    return Permanent(text)


def not_paired() -> Unavailable:
    return Unavailable("not paired; run: pipeline frameio pair FILE")
