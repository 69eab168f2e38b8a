"""The wire of an open component: what its calls tell about the service, and how often it is asked for identity."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import httpx

from rushes_frameio.account.asked import Asked
from rushes_frameio.calls.wire import Wire
from rushes_frameio.reach.date import skew
from rushes_frameio.reach.service import Service
from rushes_frameio.refusal.failures import Refused, Unreachable

#: Asked by `Service` itself, who knows what to make of the answer.
HEALTH = "/health"
IDENTITY = "/v2/devices/me"


class WatchedWire(Wire):
    """Another wire, listened to."""

    def __init__(self, wire: Wire, asked: Asked, service: Service) -> None:
        self._wire = wire
        self._asked = asked
        self._service = service

    async def allowed(self, method: str, url: str) -> None:
        await self._wire.allowed(method, url)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Response:
        await self.allowed(method, url)
        # The login host is somebody else, who is not missed.
        owing = self._service.silence.calls.owing() if url.startswith("/") else nullcontext()
        with owing:
            response = await self._wire.send(method, url, headers, body)
        ahead = skew(response.headers.get("date"), time.time())
        if ahead is not None:
            self._service.skew = ahead
        return response

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Mapping[str, Any]:
        if url == IDENTITY:
            async with self._asked.counted():
                return await self._listened(method, url, headers, body)
        if url.startswith("/") and url != HEALTH:
            return await self._listened(method, url, headers, body)
        return await super().call(method, url, headers, body)

    async def _listened(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Mapping[str, Any]:
        try:
            answer = await super().call(method, url, headers, body)
        except Unreachable:
            self._service.doubt()
            raise
        except Refused as refused:
            if refused.status < 500:
                self._service.answered()
            else:
                self._service.doubt()
            raise
        self._service.answered()
        return answer
