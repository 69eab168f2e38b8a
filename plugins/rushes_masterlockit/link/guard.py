"""Who may knock how often: failed attempts per device and address, and connections in all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import trio

#: Failures that are remembered; beyond that the one longest ago is forgotten.
_MOST_RECORDS = 4096

#: A network, and a device of it; None: all of them.
_Key = tuple[str, int | None]


@dataclass(slots=True)
class _Record:
    failures: int
    failed_at: float
    refused_until: float


class Guard:
    """After `free` failed attempts a device at an address is refused for `first` seconds, after the next one twice
    as long, up to `cap`; so is the whole address after `free_address` that devices had free. `memory` seconds
    without a failure clear either, a success clears the device. All on trio's clock.

    One device with a wrong secret that tries for ever is one of many behind the same address: it alone waits.
    """

    def __init__(
        self,
        *,
        free: int = 10,
        free_address: int = 50,
        first: float = 1.0,
        cap: float = 60.0,
        memory: float = 300.0,
        most_connections: int = 1024,
    ) -> None:
        self._free = free
        self._free_address = free_address
        self._first = first
        self._cap = cap
        self._memory = memory
        self._most_connections = most_connections
        self._records: OrderedDict[_Key, _Record] = OrderedDict()
        self._knocking: dict[Callable[[], None], None] = {}
        self.connections = 0

    @contextmanager
    def connection(self, give_way: Callable[[], None]) -> Iterator[bool]:
        """Counts one connection while it lasts. Where there are too many already, the one that knocks longest gives
        way; False where all others are `through`.
        """
        self.connections += 1
        room = self.connections <= self._most_connections
        if not room and self._knocking:
            room = True
            longest = next(iter(self._knocking))
            del self._knocking[longest]
            longest()
        if room:
            self._knocking[give_way] = None
        try:
            yield room
        finally:
            self.connections -= 1
            self.through(give_way)

    def through(self, give_way: Callable[[], None]) -> None:
        """The connection's handshake is over: it gives way to none."""
        self._knocking.pop(give_way, None)

    def wait(self, host: str, device: int | None = None) -> float:
        """Seconds for which nothing is believed that comes from there; 0.0 when it is welcome."""
        network, now = _network(host), trio.current_time()
        keys: list[_Key] = [(network, None), (network, device)]
        until = [record.refused_until for key in keys if (record := self._records.get(key)) is not None]
        return max(0.0, *(moment - now for moment in until)) if until else 0.0

    def failed(self, host: str, device: int) -> None:
        """Key or signature were wrong."""
        network = _network(host)
        if self._fail((network, device), self._free) <= self._free:
            self._fail((network, None), self._free_address)

    def succeeded(self, host: str, device: int) -> None:
        self._records.pop((_network(host), device), None)

    def _fail(self, key: _Key, free: int) -> int:
        """How often it has failed by now."""
        now = trio.current_time()
        record = self._records.pop(key, None)
        if record is None or now - record.failed_at > self._memory:
            record = _Record(0, now, now)
        record.failures += 1
        record.failed_at = now
        if (beyond := record.failures - free) >= 0:
            record.refused_until = now + min(self._cap, self._first * 2.0 ** min(beyond, 64))
        self._records[key] = record
        if len(self._records) > _MOST_RECORDS:
            self._records.popitem(last=False)
        return record.failures


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
