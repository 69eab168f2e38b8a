"""Who may knock how often: failed attempts per address, and connections in all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import trio

#: Addresses that are remembered; beyond that the one that failed longest ago is forgotten.
_MOST_ADDRESSES = 4096


@dataclass(slots=True)
class _Record:
    failures: int
    failed_at: float
    refused_until: float


class Guard:
    """After `free` failed attempts an address is refused for `first` seconds, after the next one twice as long, up
    to `cap`. A success, or `memory` seconds without a failure, clears it. All on trio's clock.
    """

    def __init__(
        self,
        *,
        free: int = 10,
        first: float = 1.0,
        cap: float = 60.0,
        memory: float = 300.0,
        most_connections: int = 1024,
    ) -> None:
        self._free = free
        self._first = first
        self._cap = cap
        self._memory = memory
        self._most_connections = most_connections
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self.connections = 0

    @contextmanager
    def connection(self) -> Iterator[bool]:
        """Counts one connection while it lasts; False when there are too many already."""
        self.connections += 1
        try:
            yield self.connections <= self._most_connections
        finally:
            self.connections -= 1

    def wait(self, host: str) -> float:
        """Seconds for which nothing is believed that comes from there; 0.0 when it is welcome."""
        record = self._records.get(_network(host))
        return 0.0 if record is None else max(0.0, record.refused_until - trio.current_time())

    def failed(self, host: str) -> None:
        """Key or signature were wrong."""
        now = trio.current_time()
        network = _network(host)
        record = self._records.pop(network, None)
        if record is None or now - record.failed_at > self._memory:
            record = _Record(0, now, now)
        record.failures += 1
        record.failed_at = now
        if (beyond := record.failures - self._free) >= 0:
            record.refused_until = now + min(self._cap, self._first * 2.0 ** min(beyond, 64))
        self._records[network] = record
        if len(self._records) > _MOST_ADDRESSES:
            self._records.popitem(last=False)

    def succeeded(self, host: str) -> None:
        self._records.pop(_network(host), None)


def _network(host: str) -> str:
    """An address, or of IPv6 its /64, in which one machine has as many addresses as it likes."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
