"""The network that leads to the service: which it is, how good, and when it becomes another one."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import trio

from rushes import Context
from rushes_frameio.reach.interfaces import Grade, Interface, Interfaces
from rushes_frameio.reach.rate import Rate
from rushes_frameio.reach.service import Service

LOOK_EVERY_S = 2.0
#: Seconds after which the host's address is looked up again.
RESOLVE_EVERY_S = 300.0
#: Seconds for which a failure keeps the network from being good.
FAILURE_COUNTS_S = 60.0
#: The floor that the checklist sets: a link below it cannot satisfy.
FLOOR_MBPS = 50
#: Bits a second of proxies, the heaviest and the lightest (checklist): what keeps up with a day's shooting.
HEAVY_PROXY_BPS = 12e6
LIGHT_PROXY_BPS = 1e6
#: Above this share of the user's own cap a rate is the cap's, not the network's.
CAPPED = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """The way to the service: the local address and the interface that has it."""

    address: str
    interface: Interface

    @property
    def key(self) -> tuple[str, str]:
        """What makes it another network when it changes. Of IPv6 that is the prefix: hosts change the rest daily."""
        if ":" in self.address:
            return self.interface.name, str(ip_network((self.address.partition("%")[0], 64), strict=False))
        return self.interface.name, self.address

    @property
    def text(self) -> str:
        """For people: `wlan0, wireless, good signal (-52 dBm), 866 Mb/s`."""
        interface = self.interface
        words = [interface.name or self.address, interface.kind]
        if interface.signal is not None:
            level = f" ({interface.dbm} dBm)" if interface.dbm is not None else ""
            words.append(f"{interface.signal} signal{level}")
        if interface.speed_mbps is not None:
            words.append(f"{interface.speed_mbps} Mb/s")
        return ", ".join(words)


def find(peers: list[str], interfaces: Interfaces) -> Path | None:
    """How the first reachable of some addresses is reached now; None where no route leads to any. Blocks shortly.

    The kernel chooses the way when a UDP socket is connected; nothing is sent.
    """
    for peer in peers:
        family = socket.AF_INET6 if ":" in peer else socket.AF_INET
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((peer, 9))
            address = str(probe.getsockname()[0])
            return Path(address=address, interface=interfaces.look(interfaces.holder(address, peer)))
    return None


def health(
    *,
    path: Path | None,
    answers: bool,
    failed_s_ago: float,
    bits_per_second: float | None,
    cap: int | None,
) -> Grade:
    """How well an upload will go, by the worst of what is known.

    poor: no route, no answer, a poor signal, or a steady upload below the lightest proxy's bit rate.
    fair: a fair signal, a failure in the last minute, a link slower than the checklist's floor, or a steady
    upload below the heaviest proxy's. `bits_per_second` is None while nothing was uploaded steadily.
    """
    signal = path.interface.signal if path else None
    speed = path.interface.speed_mbps if path else None
    rate = bits_per_second
    if rate is None or (cap is not None and rate >= CAPPED * cap):
        rate = float("inf")
    if path is None or not answers or signal == "poor" or rate < LIGHT_PROXY_BPS:
        return "poor"
    failed = failed_s_ago < FAILURE_COUNTS_S
    if signal == "fair" or failed or (speed or FLOOR_MBPS) < FLOOR_MBPS or rate < HEAVY_PROXY_BPS:
        return "fair"
    return "good"


class Network:
    """`path` is None where there is no way to the service, or none was looked for yet."""

    def __init__(
        self, url: str, service: Service, *, cap: int | None = None, interfaces: Interfaces | None = None
    ) -> None:
        """`cap` is what uploads are held to by the user, in bits a second."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 443
        self._service = service
        #: Bits a second that a person allows, None for all there is.
        self.cap = cap
        self._interfaces = interfaces or Interfaces()
        self._rate = Rate()
        self._changed = trio.Event()
        self._peers: list[str] = []
        self._resolved_at = float("-inf")
        self._last: Path | None = None
        self.path: Path | None = None

    def moved(self, count: int) -> None:
        """So many bytes of an upload have left; on trio's thread."""
        self._rate.moved(count)

    async def changed(self) -> None:
        """Return when the interface or the local address becomes another one: what is connected is dead."""
        await self._changed.wait()

    async def watch(self, context: Context) -> None:
        """Look every few seconds, until cancelled."""
        try:
            while True:
                await self.look(context)
                await trio.sleep(LOOK_EVERY_S)
        finally:
            context.show(sending=None)

    async def look(self, context: Context) -> None:
        """See what there is now, show it, and tell of a change."""
        before, self.path = self.path, await self._find()
        if (before and before.key) != (self.path and self.path.key) and self._last is not None:
            self._turn(context, self._last)
        self._last = self.path or self._last
        self._rate.sample(trio.current_time())
        context.show(**self.facts, clock_skew_s=self._service.skew or None)

    @property
    def facts(self) -> dict[str, Any]:
        """What people are shown, in bytes; `sending` is the rate of the last seconds, None while nothing is; `cap` is
        what a person allows, else the line is suspected.
        """
        rate = 0.0 if self._service.silence.since is not None else self._rate.bits_per_second
        return {
            "network": self.path.text if self.path else "none",
            "health": health(
                path=self.path,
                answers=self._service.answers,
                failed_s_ago=trio.current_time() - self._service.failed_at,
                bits_per_second=rate if self._rate.steady else None,
                cap=self.cap,
            ),
            "sending": _per_second(rate / 8) if rate else None,
            "cap": _per_second(self.cap / 8) if self.cap else None,
        }

    def _turn(self, context: Context, last: Path) -> None:
        """It went, came back, or is another one than `last`."""
        now = self.path.text if self.path else "none"
        context.log.info("network: %s, %s", now, f"was {last.text}" if now != last.text else "new address")
        self._resolved_at = float("-inf")
        self._service.stir()
        if self.path is not None and self.path.key != last.key:
            changed, self._changed = self._changed, trio.Event()
            changed.set()

    async def _find(self) -> Path | None:
        if not self._peers or trio.current_time() - self._resolved_at > RESOLVE_EVERY_S:
            with trio.move_on_after(LOOK_EVERY_S):
                await self._resolve()
        return await trio.to_thread.run_sync(find, self._peers, self._interfaces, abandon_on_cancel=True)

    async def _resolve(self) -> None:
        """Where the service is; the last answer is kept while there is none."""
        self._resolved_at = trio.current_time()
        with suppress(OSError):
            found = await trio.socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            self._peers = list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _per_second(rate: float) -> str:
    """As files are told: bytes, of 1000."""
    unit, size = next(
        ((unit, size) for unit, size in (("GB", 1e9), ("MB", 1e6)) if rate >= size), ("kB", 1e3)
    )
    return f"{rate / size:.3g} {unit}/s"
