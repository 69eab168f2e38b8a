"""httpcore's connections with one leak mended: it leaves the socket open when its TLS handshake is cancelled.

For whoever speaks HTTP with httpx or httpcore under trio: `AsyncConnectionPool(network_backend=TlsBackend(), ...)`.
"""

from __future__ import annotations

import ssl
from typing import Any

import httpcore
import trio


class TlsBackend(httpcore.TrioBackend):
    """Connections that are closed when their TLS handshake is cancelled."""

    async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """As httpcore's own."""
        return _Stream(await super().connect_tcp(*arguments, **options))


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except trio.Cancelled:
            await self._stream.aclose()  # closes first, then notices that it is cancelled
            raise

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
