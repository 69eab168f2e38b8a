"""httpx's transport over connections that a cancelled TLS handshake closes."""

from __future__ import annotations

import ssl

import httpcore
import httpx

from rushes.tls import TlsBackend


class Transport(httpx.AsyncHTTPTransport):
    """HTTP/1.1 over TLS; no proxy, whatever the environment says."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=100, keepalive_expiry=5.0, network_backend=TlsBackend()
        )
