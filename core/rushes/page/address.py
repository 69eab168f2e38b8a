"""Where the page listens: an IP address and a port, bound before the engine starts."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from rushes.errors import ConfigError, RushesError

DEFAULT = "127.0.0.1:8710"
BACKLOG = 128
_WRITE = f"write an IP address and a port, such as {DEFAULT} or 0.0.0.0:8443"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of this machine, or all of them (0.0.0.0 and ::); port 0 is any that is free."""

    host: IPv4Address | IPv6Address
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if self.host.version == 6 else f"{self.host}:{self.port}"

    @property
    def alone(self) -> bool:
        """Whether only this machine can connect to it."""
        return self.host.is_loopback


def read_address(text: str) -> Address:
    """`127.0.0.1:8710`, `[::1]:8710`, `localhost:8710`, `:8710` or a port alone. Raises ConfigError."""
    host, _, port = text.strip().rpartition(":")
    host = {"": "127.0.0.1", "localhost": "127.0.0.1"}.get(host, host)
    try:
        bracketed = host.startswith("[") and host.endswith("]")
        found = ip_address(host[1:-1]) if bracketed else IPv4Address(host)
    except ValueError as error:
        raise ConfigError(f"{text}: not an address for the page; {_WRITE}") from error
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
        raise ConfigError(f"{text}: no port between 0 and 65535; {_WRITE}")
    return Address(found, int(port))


def bind(address: Address, *, secure: bool) -> tuple[socket.socket, Address]:
    """A listening socket and where it listens, the port known. Raises RushesError where that cannot be.

    Without TLS it can be reached from this machine alone.
    """
    if not (secure or address.alone):
        raise ConfigError(f"page {address}: others could read what is sent there; it needs TLS")
    family = socket.AF_INET6 if address.host.version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A run that has just ended leaves connections that would hold the port for a minute.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((str(address.host), address.port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise RushesError(f"page {address}: {_why(error)}") from error
    sock.setblocking(False)
    return sock, replace(address, port=sock.getsockname()[1])


def _why(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "something listens there already; name another port, or --page 127.0.0.1:0 for any"
        case errno.EADDRNOTAVAIL:
            return "not an address of this machine; name one, or --page 0.0.0.0:8443 for all"
        case errno.EACCES:
            return "not allowed to listen there; name a port above 1023"
        case _:
            return f"cannot listen there ({error.strerror or error}); name another address"
