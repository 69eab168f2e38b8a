"""The page of one run: bound before the engine starts, served while it runs."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import trio
from starlette.types import ASGIApp

from rushes.errors import ConfigError
from rushes.page import here
from rushes.page.address import Address, bind, read_address
from rushes.page.assets import Assets
from rushes.page.certificate import Certificate, read_certificate, self_signed
from rushes.page.connections import Connections
from rushes.page.door import Door, Doorway
from rushes.page.guard import normal_names
from rushes.page.links import Links, Tries
from rushes.page.pace import Pace
from rushes.page.sessions import Sessions
from rushes.secrets import private_folder
from rushes.settings import Settings

GRACE_S = 2.0
#: Of one who is not signed in, a second and at once; the page has some fifty files.
REQUESTS, REQUESTS_AT_ONCE = 30.0, 300
#: Of all, a second and at once: each may cost a handshake.
CONNECTIONS, CONNECTIONS_AT_ONCE = 100.0, 300


@dataclass(frozen=True)
class Page:
    """One that listens, and is not served yet. `urls`, the first one the likeliest, end with a slash."""

    socket: socket.socket
    address: Address
    urls: Sequence[str]
    certificate: Certificate | None
    tls: ssl.SSLContext | None
    way: Doorway

    @property
    def url(self) -> str:
        """The likeliest."""
        return self.urls[0]


@contextmanager
def listening(settings: Settings, state: Path) -> Iterator[Page]:
    """The page that the settings ask for, bound while inside. Raises ConfigError and other RushesErrors in one line.

    An address that others can reach always has TLS.
    """
    address = read_address(settings.page)
    private_folder(state)
    certificate = _certificate(settings, address, state)
    tls = certificate.context() if certificate else None
    sock, address = bind(address, secure=tls is not None)
    with sock:
        known = [*settings.page_names, *(certificate.names if certificate else ())]
        names = normal_names([*known, str(address.host), *(["localhost"] if address.alone else here.names())])
        way = Doorway(
            names=names,
            cookie=cookie_name(state, secure=tls is not None),
            sessions=Sessions(state, time.time),
            links=Links(time.monotonic),
            tries=Tries(time.monotonic),
            pace=Pace(REQUESTS, REQUESTS_AT_ONCE),
            assets=Assets(),
        )
        urls = [f"http{'s' if tls else ''}://{host}:{address.port}/" for host in _hosts(address, settings)]
        yield Page(sock, address, urls, certificate, tls, way)


@asynccontextmanager
async def serving(page: Page, api: ASGIApp) -> AsyncIterator[None]:
    """Serve the page and the API behind its door while inside; on leaving, requests in flight get GRACE_S."""
    connections = Connections(Door(page.way, api), page.tls)
    # A copy: trio closes the one it has, `listening` its own.
    listener = _Paced(trio.SocketListener(trio.socket.from_stdlib_socket(page.socket.dup())))
    async with trio.open_nursery() as answering:
        async with trio.open_nursery() as accepting:
            accepting.start_soon(
                partial(trio.serve_listeners, connections.serve, [listener], handler_nursery=answering)
            )
            yield
            accepting.cancel_scope.cancel()
        await connections.end()
        answering.cancel_scope.deadline = trio.current_time() + GRACE_S


class _Paced(trio.abc.Listener[trio.SocketStream]):
    """Accepts no quicker than the pipeline can afford; meanwhile the kernel keeps who knocks."""

    def __init__(self, listener: trio.SocketListener) -> None:
        self._listener = listener
        self._pace = Pace(CONNECTIONS, CONNECTIONS_AT_ONCE)

    async def aclose(self) -> None:
        await self._listener.aclose()

    async def accept(self) -> trio.SocketStream:
        await self._pace.step()
        return await self._listener.accept()


def cookie_name(state: Path, *, secure: bool) -> str:
    """One for each pipeline: a browser sends the cookies of a host to all its ports."""
    digest = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:12]
    return f"{'__Host-' if secure else ''}rushes-{digest}"


def _certificate(settings: Settings, address: Address, state: Path) -> Certificate | None:
    own, key = settings.page_certificate, settings.page_key
    if (own is None) != (key is None):
        raise ConfigError(
            "the page needs a certificate and its key: name both, --certificate FILE --key FILE"
        )
    if own is not None and key is not None:
        return read_certificate(own, key)
    if address.alone:
        return None
    listed = [address.host] if not address.host.is_unspecified else here.addresses()
    given = [name for name in settings.page_names if not _is_address(name)]
    addresses = [*listed, *(ip_address(name) for name in settings.page_names if _is_address(name))]
    return self_signed(state, [*given, *here.names()], list(dict.fromkeys(addresses)))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _hosts(address: Address, settings: Settings) -> Sequence[str]:
    """Where a tablet finds it: under names that somebody gave, at the addresses that it listens to."""
    found = [address.host]
    if address.host.is_unspecified:
        both = address.host.version == 6
        reached = [one for one in here.addresses() if not one.is_loopback and (both or one.version == 4)]
        found = reached or [ip_address("127.0.0.1")]
    hosts = [*settings.page_names, *map(str, found)]
    return [f"[{host}]" if ":" in host else host for host in hosts]
