"""Frame.io's rate limits, kept before they are broken: each answer tells what is left of its call's (reference, 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import trio

from rushes_frameio.refusal.waits import rate_window, told_wait

#: No call is held back for longer, in seconds: then it is made, and the service's answer counts.
LONGEST_S = 60.0
#: Calls that differ in an id alone share a limit.
_ID = re.compile(r"/(assets|channels)/(?!connect$|disconnect$)[^/]+")


class Allowance:
    """Of one account: the limits count over all its tokens."""

    def __init__(self) -> None:
        self._closed_until: dict[str, float] = {}

    async def wait(self, method: str, path: str) -> None:
        """Return when the call may be made."""
        call = _call(method, path)
        await trio.sleep_until(max(trio.current_time(), self._closed_until.get(call, 0.0)))

    def saw(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """An answer to that call had this status and these headers (lower case)."""
        wait = rate_window(headers)
        if status == 429:
            wait = told_wait(headers)
        if wait:
            self._closed_until[_call(method, path)] = trio.current_time() + min(wait, LONGEST_S)


def _call(method: str, path: str) -> str:
    kind = _ID.sub(r"/\1/*", path)
    return f"{method} {kind}"
