"""Rate limits: a leaky bucket a class of calls, one user over all its tokens (reference, section 14)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import trio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rushes_sandbox.answers import ApiRefused


@dataclass(frozen=True)
class Rate:
    """At most `calls` at once, and so many every `window` seconds."""

    calls: int
    window: float

    def headers(self, left: float) -> dict[str, str]:
        """What every answer of the class tells; the window is in milliseconds."""
        return {
            "x-ratelimit-limit": str(self.calls),
            "x-ratelimit-remaining": str(max(0, math.floor(left))),
            "x-ratelimit-window": str(round(self.window * 1000)),
        }


#: The published classes that a device's calls fall into; "parts" has the highest limit that is published.
RATES: Mapping[str, Rate] = {"assets": Rate(5, 1), "parts": Rate(100, 1), "channels": Rate(100, 60)}
_CLASSES = {
    "assets": re.compile(r"POST /v2/(devices/)?assets"),
    "parts": re.compile(r"POST /v2/devices/assets/[^/]+/realtime_upload/parts"),
    "channels": re.compile(r"POST /v2/devices/channels(/.+)?"),
}


@dataclass
class _Bucket:
    """Each call adds one; `rate` leaks it."""

    rate: Rate
    level: float = 0.0
    seen_at: float = 0.0

    def take(self) -> float:
        """Take a call in; return the calls that are left, below 0 when it is one too many."""
        now = trio.current_time()
        leaked = (now - self.seen_at) * self.rate.calls / self.rate.window
        self.level, self.seen_at = max(0.0, self.level - leaked), now
        left = self.rate.calls - self.level - 1
        if left >= 0:
            self.level += 1
        return left


class Limited:
    """Refuses calls above their class's rate with 429; `retry_after` adds that header."""

    def __init__(self, app: ASGIApp, rates: Mapping[str, Rate], *, retry_after: bool) -> None:
        self._app = app
        self._buckets = {name: _Bucket(rate) for name, rate in rates.items()}
        self._retry_after = retry_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bucket = self._bucket(scope)
        if bucket is None:
            await self._app(scope, receive, send)
            return
        left = bucket.take()
        headers = bucket.rate.headers(left)
        if left >= 0:
            await self._app(scope, receive, _telling(send, headers))
            return
        if self._retry_after:
            headers["retry-after"] = str(math.ceil(-left * bucket.rate.window / bucket.rate.calls))
        refusal = ApiRefused(429, "The rate limit of this call is exceeded.", headers=headers)
        await refusal.answer()(scope, receive, send)

    def _bucket(self, scope: Scope) -> _Bucket | None:
        if scope["type"] != "http":
            return None
        request = f"{scope['method']} {scope['path']}"
        name = next((name for name, pattern in _CLASSES.items() if pattern.fullmatch(request)), "")
        return self._buckets.get(name)


def _telling(send: Send, headers: Mapping[str, str]) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(name.encode(), value.encode()) for name, value in headers.items()]
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return tell
