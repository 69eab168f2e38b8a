"""The names and addresses under which this machine can be reached."""

from __future__ import annotations

import fcntl
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from rushes.settings import HOST

SIOCGIFADDR = 0x8915


def names() -> tuple[str, ...]:
    """Its host name, as it is and as mDNS has it, and `localhost`; in lower case."""
    host = socket.gethostname().lower().rstrip(".")
    short = host.partition(".")[0]
    told = [host, short, f"{short}.local"] if HOST.fullmatch(host) and short != "localhost" else []
    return tuple(dict.fromkeys([*told, "localhost"]))


def addresses() -> tuple[IPv4Address | IPv6Address, ...]:
    """Those of its interfaces, the ones that others can reach first; link-local ones are left out."""
    listed: list[IPv4Address | IPv6Address] = [*_version4(), *_version6()]
    found = dict.fromkeys(address for address in listed if not address.is_link_local)
    return tuple(sorted(found, key=lambda address: (address.is_loopback, address.version)))


def _version4() -> Iterator[IPv4Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # it has none
                answer = fcntl.ioctl(asking, SIOCGIFADDR, struct.pack("16s16x8x", name.encode()[:15]))
                yield IPv4Address(answer[20:24])


def _version6(table: Path = Path("/proc/net/if_inet6")) -> Iterator[IPv6Address]:
    with suppress(OSError, ValueError):  # a machine without IPv6 has no such file
        for line in table.read_text(encoding="ascii").splitlines():
            yield IPv6Address(bytes.fromhex(line.split()[0]))
