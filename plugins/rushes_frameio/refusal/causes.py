"""Why a connection failed, in words for people: never an errno, an address or the name of an exception.

Each reads on from "HOST cannot be reached: ".
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

import trio

#: `X509_V_ERR_*` of OpenSSL.
_NOT_YET_VALID, _EXPIRED = 9, 10
_OF_OTHERS = frozenset({62, 63, 64})

_NO_NETWORK = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)
_SILENT = (TimeoutError, trio.TooSlowError)
_CUT = (
    ConnectionError,
    trio.BrokenResourceError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    http.client.HTTPException,
)


def why(failure: BaseException, host: str = "") -> str:
    """The innermost cause that people can make something of; `host` is whose certificate was asked for."""
    for cause in reversed(list(_causes(failure))):
        if words := _words(cause, host):
            return words
    return "the connection failed"


def _causes(failure: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = failure
    while cause is not None and cause not in found:
        found.append(cause)
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
            continue
        cause = cause.__cause__ or cause.__context__
    return found


def _words(cause: BaseException, host: str) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _certificate(cause, host)
    if isinstance(cause, socket.gaierror):
        return "its name is not found; no internet, or no DNS"
    if isinstance(cause, _SILENT):
        return "it does not answer"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, _CUT):
        return "the connection was cut"
    if isinstance(cause, ssl.SSLError):
        return "no secure connection; something on the way is in between"
    if isinstance(cause, OSError) and cause.errno in _NO_NETWORK:
        return "no network"
    return ""


def _certificate(cause: ssl.SSLCertVerificationError, host: str) -> str:
    if cause.verify_code in _OF_OTHERS:
        return (
            f"its certificate is not valid for {host}" if host else "its certificate is that of another host"
        )
    if cause.verify_code == _EXPIRED:
        return "its certificate has expired, or this machine's clock is wrong"
    if cause.verify_code == _NOT_YET_VALID:
        return "its certificate is not valid yet, or this machine's clock is wrong"
    return "its certificate is not trusted; a network's login page may be in between, or ca_file is not set"
