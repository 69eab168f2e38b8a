"""Faults on order: rules that make matching requests go wrong in a chosen way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Annotated, Any

import trio
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, TypeAdapter

from rushes_sandbox.s3errors import S3_CODES

#: The auth endpoints' errors.
_AUTH_CODES = {
    "access_denied",
    "authorization_pending",
    "expired_token",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "slow_down",
    "token_inactive",
}


def _known(code: str) -> str:
    if code not in S3_CODES | _AUTH_CODES:
        raise ValueError(f"no error of that name; known are {', '.join(sorted(S3_CODES | _AUTH_CODES))}")
    return code


class Fault(BaseModel):
    """One rule: the next `times` requests whose "METHOD /path" starts with `match` go wrong.

    `share` takes only so large a part of them, by dice that `seed` makes the same again. A socket is matched
    as "GET /devices/websocket"; its faults hit the connect, but `cut_after` counts what it then sends.

    Two can stand alone or with another: `delay_s` waits first, `rate` lets the body in at so many bytes a
    second. Of the others one is taken, in this order:

    - `hang`: nothing more is read or answered until the faults are cleared; with `cut_after`, from then on.
    - `reset`: at once, before anything is done.
    - `cut_after`: reset once that many bytes of the body came, or instead of the answer.
    - `swallow_answer`: the work is done, then the connection is reset.
    - `expired`: the upload url is over from now on, for good.
    - `html`: a login page, or an intermediary's with `status`; 200 if none.
    - `code`: S3's error of that name with its status, on the auth endpoints `{"error": code}`.
    - `status`: in the API's or S3's shape; 429 has the x-ratelimit headers.

    `title` is that of an API error; `retry_after` (seconds) and `location` are headers of any answer.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    match: str
    times: Annotated[int, Field(ge=1)] = 1
    share: Annotated[float, Field(gt=0, le=1)] = 1
    seed: int = 0
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 0
    rate: Annotated[float, Field(gt=0)] | None = None
    hang: bool = False
    reset: bool = False
    cut_after: Annotated[int, Field(ge=0)] | None = None
    swallow_answer: bool = False
    expired: bool = False
    html: bool = False
    code: Annotated[str, AfterValidator(_known)] | None = None
    status: Annotated[int, Field(ge=300, le=599)] | None = None
    title: str | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    location: Annotated[str, Field(pattern="^https?://[!-~]+$")] | None = None

    _dice: random.Random = PrivateAttr()

    def model_post_init(self, _context: Any) -> None:
        self._dice = random.Random(self.seed)

    def hits(self, request: str) -> bool:
        """Whether this request is one of its; the dice are thrown for each that matches."""
        return request.startswith(self.match) and (self.share >= 1 or self._dice.random() < self.share)


_RULES: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


def parse_rules(rules: Any) -> Sequence[Fault]:
    """Rules given as JSON values; raises pydantic's ValidationError."""
    return _RULES.validate_python(rules)


class Faults:
    """The rules in force; the first that hits is taken."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._cleared = trio.Event()

    def add(self, rules: Sequence[Fault]) -> None:
        self._rules += rules

    def clear(self) -> None:
        """Forget every rule and reset the connections that hang."""
        self._rules.clear()
        self._cleared.set()
        self._cleared = trio.Event()

    def left(self) -> Sequence[dict[str, Any]]:
        return [rule.model_dump(exclude_defaults=True) for rule in self._rules]

    def take(self, request: str) -> Fault | None:
        for rule in self._rules:
            if rule.hits(request):
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
                return rule
        return None

    async def cleared(self) -> None:
        """Wait until the rules are cleared."""
        await self._cleared.wait()
