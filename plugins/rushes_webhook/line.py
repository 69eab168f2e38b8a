"""The line to the receiver: one connection, kept while posts follow each other; no proxy, no redirect, no log."""

from __future__ import annotations

import math
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpcore
import trio

from rushes import ConfigError, Unavailable
from rushes.tls import TlsBackend
from rushes.trust import trust
from rushes_webhook.options import WebhookOptions

#: So much of an answer is read, and forgotten. One that is longer, or does not tell, is hung up on.
MOST_READ = 64 * 1024
#: Servers close idle connections after a few seconds: one that is older is not used again.
IDLE_S = 4.0


class Line:
    """Posts to one address."""

    def __init__(self, options: WebhookOptions, pool: httpcore.AsyncConnectionPool) -> None:
        self._options = options
        self._pool = pool
        parts = options.parts
        self._url = httpcore.URL(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port,
            target=f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
        )

    async def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """The answer's status and headers, with names in lower case. Raises Unavailable where there is none."""
        options = self._options
        try:
            with trio.fail_after(options.timeout):
                kept = bool(self._pool.connections)
                try:
                    return await self._posted(headers, body)
                except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                    # The receiver may just have closed the connection that the last post left.
                    if not kept:
                        raise
                    return await self._posted(headers, body)
        except trio.TooSlowError:
            reason = (
                f"{options.origin} did not answer within {options.timeout:g} s; it is posted again by itself"
            )
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            reason = f"{options.origin}: {why(error)}"
        raise Unavailable(reason)

    async def _posted(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        async with self._pool.stream(
            "POST", self._url, headers=list(headers.items()), content=_Body(body)
        ) as answer:
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status == HTTPStatus.NO_CONTENT or _length(told) <= MOST_READ:
                await answer.aread()
            return answer.status, told


def _length(headers: Mapping[str, str]) -> float:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else math.inf


@asynccontextmanager
async def open_line(options: WebhookOptions) -> AsyncIterator[Line]:
    """A line to the options' address; nothing is sent yet. Raises Unavailable where `ca_file` cannot be read."""
    tls = await trio.to_thread.run_sync(trusted, options)
    async with httpcore.AsyncConnectionPool(
        ssl_context=tls, max_connections=1, keepalive_expiry=IDLE_S, network_backend=TlsBackend()
    ) as pool:
        yield Line(options, pool)


async def connect(options: WebhookOptions) -> None:
    """Connect and hang up: nothing is posted. Raises Unavailable with the reason."""
    parts = options.parts
    port = parts.port or (443 if parts.scheme == "https" else 80)
    tls = await trio.to_thread.run_sync(trusted, options)
    try:
        with trio.fail_after(options.timeout):
            async with await trio.open_tcp_stream(parts.hostname or "", port) as stream:
                if parts.scheme == "https":
                    await trio.SSLStream(stream, tls, server_hostname=parts.hostname).do_handshake()
    except trio.TooSlowError:
        reason = f"{options.origin} cannot be reached within {options.timeout:g} s"
    except (OSError, trio.BrokenResourceError) as error:
        reason = f"{options.origin}: {why(error)}"
    else:
        return
    raise Unavailable(reason)


def trusted(options: WebhookOptions) -> ssl.SSLContext:
    """The system's authorities and the user's own file. Raises Unavailable for one that cannot be read."""
    try:
        return trust(ssl.create_default_context(), options.ca_file)
    except ConfigError as error:
        raise Unavailable(str(error)) from error


def why(error: BaseException) -> str:
    """The innermost cause in one line, with a remedy where the cause has one."""
    cause = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner.exceptions[0] if isinstance(inner, BaseExceptionGroup) else inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}); name its authority as ca_file"
    if isinstance(cause, ssl.SSLError):
        return f"no TLS there ({(cause.reason or type(cause).__name__).lower().replace('_', ' ')}); correct the url"
    fact = "hung up, or does not speak HTTP"
    if isinstance(cause, OSError) and cause.strerror:
        fact = cause.strerror.lower()
    return f"{fact}; start the receiver, or correct the url"


class _Body:
    """The bytes in one piece, once. httpcore's own is an async generator, which trio misses after a cancellation."""

    def __init__(self, content: bytes) -> None:
        self._left = [content]

    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()
