"""Looks at the way to each service that a component calls: a proxy, its name, a connection, TLS, its clock."""

from __future__ import annotations

import os
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import trio

from rushes.config.pipeline import Component
from rushes.doctor.finding import CA_FILE, Finding, Patient
from rushes.engine.ground import MOST_SKEW_S, SET_CLOCK
from rushes.errors import RushesError
from rushes.trust import trust

#: One address has this long, name and TLS included.
PATIENCE_S = 5.0
#: Services refuse signed requests of clocks that are further off than some minutes.
REFUSED_SKEW_S = 300.0
#: A head that is longer is not read to its end.
LONGEST_HEAD = 16 * 1024
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_PORTS = {"https": 443, "http": 80}
_DATE = re.compile(rb"\r\ndate:[ \t]*([^\r\n]+)", re.IGNORECASE)


class _NoWayError(Exception):
    """Why an address cannot be reached, and what a person can do."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(fact)
        self.remedy = remedy


async def network(
    patient: Patient, *, environment: Mapping[str, str] = os.environ, patience_s: float = PATIENCE_S
) -> Sequence[Finding]:
    """For each address of each component whether it answers; nothing is asked of it but the time of day.

    Where a service tells the time, also whether this clock agrees.
    """
    named = [
        (component, address)
        for component in (patient.pipeline.components if patient.pipeline else ())
        for address in component.spec.addresses(component.options)
    ]
    found: dict[int, Sequence[Finding]] = {}

    async def look(index: int, component: Component, address: str) -> None:
        found[index] = await _reached(component, address, patience_s)

    async with trio.open_nursery() as nursery:
        for index, (component, address) in enumerate(named):
            nursery.start_soon(look, index, component, address)
    looks = [finding for index in sorted(found) for finding in found[index]]
    return [*(_proxies(environment) if named else ()), *looks]


def _proxies(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Their values may hold a password: only names are told."""
    if names := [name for name in PROXIES if environment.get(name)]:
        fact = f"{' and '.join(names)} set, which Rushes does not use: it connects directly"
        yield Finding("network", "warning", fact, "let the firewall pass the addresses below")


async def _reached(component: Component, address: str, patience_s: float) -> Sequence[Finding]:
    who = f"{component.id}: {address}"
    began = trio.current_time()
    head = b""
    try:
        with trio.fail_after(patience_s):
            url = urlsplit(address)
            async with _connected(component, url) as stream:
                took = trio.current_time() - began
                if url.scheme in _PORTS:
                    head = await _head(stream, url)
    except trio.TooSlowError:
        fact = f"{who} does not answer within {patience_s:.0f} s"
        return [Finding("network", "trouble", fact, "look at cable, Wi-Fi and firewall, then run it again")]
    except _NoWayError as error:
        return [Finding("network", "trouble", f"{who}: {error}", error.remedy)]
    return [Finding("network", "ok", f"{who} in {took * 1000:.0f} ms"), *_clock(component, head)]


@asynccontextmanager
async def _connected(component: Component, url: SplitResult) -> AsyncIterator[trio.abc.Stream]:
    host, port = url.hostname or "", url.port or _PORTS.get(url.scheme, 0)
    try:
        stream = trio.SocketStream(await _opened(host, port))
    except socket.gaierror as error:
        fact = f"the name {host} is not found ({(error.strerror or str(error)).lower()})"
        raise _NoWayError(fact, "look at the network and its DNS, or correct the name") from error
    except OSError as error:
        fact = (os.strerror(error.errno) if error.errno else str(error)).lower()
        raise _NoWayError(fact, "look at the network and its firewall, or correct the address") from error
    async with _secured(component, stream, host) if url.scheme == "https" else stream as ready:
        yield ready


async def _opened(host: str, port: int) -> trio.socket.SocketType:
    """The first of its addresses that takes a connection. Raises OSError of the last."""
    failed: OSError = OSError("it has no address")
    for family, kind, protocol, _, place in await trio.socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = trio.socket.socket(family, kind, protocol)
        try:
            await sock.connect(place)
        except BaseException as error:
            sock.close()
            if not isinstance(error, OSError):
                raise
            failed = error
        else:
            return sock
    raise failed


@asynccontextmanager
async def _secured(
    component: Component, stream: trio.SocketStream, host: str
) -> AsyncIterator[trio.abc.Stream]:
    ca_file = getattr(component.options, CA_FILE, None)
    async with stream:
        try:
            context = await trio.to_thread.run_sync(partial(_trusting, ca_file))
        except RushesError as error:
            raise _NoWayError(str(error), "see its certificate below") from error
        secure = trio.SSLStream(stream, context, server_hostname=host, https_compatible=True)
        try:
            await secure.do_handshake()
        except trio.BrokenResourceError as error:
            raise _untrusted(error.__cause__ or error) from error
        yield secure


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    return trust(ssl.create_default_context(), ca_file)


def _untrusted(cause: BaseException) -> _NoWayError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        remedy = "set the clock; where a studio's proxy opens TLS, name its authority as ca_file"
        return _NoWayError(f"its certificate is not accepted ({cause.verify_message})", remedy)
    reason = getattr(cause, "reason", None) or str(cause) or type(cause).__name__
    return _NoWayError(
        f"no TLS ({reason})", "see that the address is that of the service and not of a portal"
    )


async def _head(stream: trio.abc.Stream, url: SplitResult) -> bytes:
    """The head of the answer to a HEAD of `/`; what came of it where it is cut."""
    head = b""
    with suppress(trio.BrokenResourceError):
        await stream.send_all(
            f"HEAD / HTTP/1.1\r\nHost: {url.netloc}\r\nUser-Agent: rushes\r\nConnection: close\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in head and len(head) < LONGEST_HEAD:
            if not (received := await stream.receive_some(4096)):
                break
            head += received
    return head


def _clock(component: Component, head: bytes) -> Sequence[Finding]:
    """Dates are of whole seconds."""
    told = _DATE.search(head)
    try:
        skew = time.time() - parsedate_to_datetime(told[1].decode("latin-1")).timestamp() if told else None
    except (ValueError, OverflowError):
        skew = None
    if skew is None:
        return []
    if abs(skew) <= MOST_SKEW_S:
        return [Finding("clock", "ok", f"agrees with that of {component.id}")]
    way = "ahead of" if skew > 0 else "behind"
    fact = f"{abs(skew):.0f} s {way} that of {component.id}"
    return [Finding("clock", "trouble" if abs(skew) > REFUSED_SKEW_S else "warning", fact, SET_CLOCK)]
