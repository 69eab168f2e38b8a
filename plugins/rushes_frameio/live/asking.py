"""Urls of a realtime asset's parts: asked for when they are about to be sent, several in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import trio

from rushes import Transient
from rushes.retry import Backoff
from rushes_frameio.account.connection import Connection
from rushes_frameio.account.forclip import call_for_clip
from rushes_frameio.refusal.failures import Refused, Unreachable
from rushes_frameio.refusal.refusals import Action, Where

#: Frame.io allows about a hundred such calls a minute (reference, section 14).
EVERY_S = 0.7
#: To ask again is harmless: an answer may be lost, or the service busy, that often in a row.
TRIES = 4


@dataclass(eq=False)
class Rhythm:
    """When anybody asked for parts, on trio's clock: all recordings of a device share the rate limit."""

    asked_at: float = float("-inf")


@dataclass(kw_only=True, eq=False)
class Asking:
    """Asks for parts of one asset."""

    connection: Connection
    asset: str
    rhythm: Rhythm
    #: The highest number asked for in this life: no file may end before it.
    highest: int = 0
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.5, cap=8.0))

    @property
    def due(self) -> float:
        """When to ask again, on trio's clock, while there is no hurry."""
        return self.rhythm.asked_at + EVERY_S

    async def urls(self, sizes: Mapping[int, int]) -> tuple[str, ...]:
        """One url for each part, in order; raises as `last`."""
        return await self._ask({"parts": [{"number": n, "size": size} for n, size in sizes.items()]}, sizes)

    async def last(self, number: int, size: int, filesize: int, name: str | None) -> str:
        """The url of the part that ends the file. Raises Unavailable, Transient and Refused."""
        part = {"number": number, "size": size, "is_final": True}
        body = {"parts": [part], "asset_filesize": filesize, **({"asset_name": name} if name else {})}
        return (await self._ask(body, [number]))[0]

    async def _ask(
        self, body: Mapping[str, Any], numbers: Sequence[int] | Mapping[int, int]
    ) -> tuple[str, ...]:
        self.highest = max(self.highest, *numbers)
        failures = 0
        while True:
            self.rhythm.asked_at = trio.current_time()
            wait = 0.0
            try:
                urls = await call_for_clip(self.connection, partial(self._call, body))
            except Unreachable:
                failures += 1
                if failures >= TRIES:
                    raise
            except Refused as refused:
                failures += 1
                if refused.row(Where.ASSET).action is not Action.LATER or failures >= TRIES:
                    raise
                wait = refused.retry_after or 0.0
            else:
                if len(urls) != len(numbers):
                    raise Transient(f"Frame.io gave {len(urls)} urls for {len(numbers)} parts")
                return urls
            await trio.sleep(max(wait, self.backoff.wait(failures)))

    async def _call(self, body: Mapping[str, Any], access: str) -> tuple[str, ...]:
        return await self.connection.api.realtime_parts(access, self.asset, body)
