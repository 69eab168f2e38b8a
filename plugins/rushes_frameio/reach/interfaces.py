"""What the system tells about a network interface: its kind, its speed, its signal. Read, never changed."""

from __future__ import annotations

import fcntl
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal

#: tethered: over a phone or a modem, by USB or Bluetooth, or built in.
Kind = Literal["wired", "wireless", "tethered", "tunnel", "loopback", "unknown"]
Grade = Literal["good", "fair", "poor"]

#: Drivers of phones and modems that look like a network card; some USB network adapters use the generic ones too.
TETHERS = {
    "rndis_host", "cdc_ether", "cdc_ncm", "cdc_mbim", "cdc_eem", "cdc_phonet", "huawei_cdc_ncm",
    "ipheth", "qmi_wwan", "sierra_net", "hso", "mhi_net", "iosm", "t7xx", "wwan_hwsim",
}  # fmt: skip
TUNNELS = {"wireguard", "vxlan", "geneve", "gre", "ppp"}
#: ARPHRD numbers in `type`: point-to-point, tunnels, devices without a link layer.
TUNNEL_TYPES = {512, 768, 769, 776, 778, 823, 65534}
LOOPBACK_TYPE = 772
WWAN_TYPES = {519, 530}
#: dBm from which a signal is good, and fair; below, parts of an upload begin to be sent twice.
GOOD_DBM = -67
FAIR_DBM = -75
#: As shares of the driver's best, where it tells no dBm.
GOOD_SHARE = 0.6
FAIR_SHARE = 0.4
#: What drivers of the kernel's own wireless stack call their best.
BEST_QUALITY = 70.0
#: How deep bridges, bonds and VLANs are followed down.
DEEPEST = 4

SIOCGIFADDR = 0x8915
SIOCGIWRATE = 0x8B21


@dataclass(frozen=True, kw_only=True, slots=True)
class Interface:
    """`speed_mbps`, `signal` and `dbm` are None where the system does not tell."""

    name: str
    kind: Kind
    speed_mbps: int | None = None
    signal: Grade | None = None
    dbm: int | None = None


def asked_of_kernel(request: int, name: str) -> bytes | None:
    """The 16 bytes that the kernel answers about an interface, None where it has no answer."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        return fcntl.ioctl(asking, request, struct.pack("16s16x8x", name.encode()[:15]))[16:32]
    return None


class Interfaces:
    """`sys` and `proc` are where those file systems are mounted; `ask(request, name)` as `asked_of_kernel`."""

    def __init__(
        self,
        sys: Path = Path("/sys"),
        proc: Path = Path("/proc"),
        ask: Callable[[int, str], bytes | None] = asked_of_kernel,
    ) -> None:
        self._class = sys / "class" / "net"
        self._proc = proc / "net"
        self._ask = ask

    def holder(self, address: str, peer: str) -> str:
        """The name of the interface with a local address; "" where it cannot be told.

        `peer` is whom it is used for: the route there decides where the address alone does not.
        """
        own = ip_address(address.partition("%")[0])
        if own.is_loopback:
            return "lo"
        if own.version == 6:
            return next((name for found, name in self._addresses6() if found == own.packed), "")
        for name in self._names():
            answer = self._ask(SIOCGIFADDR, name)
            if answer is not None and answer[4:8] == own.packed:
                return name
        return self._route4(peer)

    def look(self, name: str) -> Interface:
        """What is known about an interface."""
        kind = self._kind(name)
        signal, dbm = self._signal(name) if kind == "wireless" else (None, None)
        speed = self._speed(name)
        if speed is None and kind == "wireless":
            speed = self._bit_rate(name)
        return Interface(name=name, kind=kind, speed_mbps=speed, signal=signal, dbm=dbm)

    def _names(self) -> list[str]:
        with suppress(OSError):
            return sorted(entry.name for entry in self._class.iterdir())
        return []

    def _addresses6(self) -> Iterator[tuple[bytes, str]]:
        for line in _lines(self._proc / "if_inet6"):
            fields = line.split()
            with suppress(ValueError, IndexError):
                yield bytes.fromhex(fields[0]), fields[5]

    def _route4(self, peer: str) -> str:
        """The interface of the most exact route, the cheapest among equals."""
        target = ip_address(peer)
        best, found = (-1, 0), ""
        if target.version != 4:
            return found
        for line in _lines(self._proc / "route")[1:]:
            fields = line.split()
            with suppress(ValueError, IndexError):
                network, mask = (bytes.fromhex(fields[at])[::-1] for at in (1, 7))
                length = int.from_bytes(mask, "big").bit_count()
                route = ip_network((network, length))
                if target in route and (length, -int(fields[6])) > best:
                    best, found = (length, -int(fields[6])), fields[0]
        return found

    def _kind(self, name: str, depth: int = 0) -> Kind:
        folder = self._class / name
        if not name or not folder.is_dir():
            return "unknown"
        hardware = _number(folder / "type")
        facts = dict(line.partition("=")[::2] for line in _lines(folder / "uevent"))
        said = facts.get("DEVTYPE", "")
        if hardware == LOOPBACK_TYPE:
            return "loopback"
        if (folder / "wireless").exists() or (folder / "phy80211").exists() or said == "wlan":
            return "wireless"
        if said in {"wwan", "bluetooth"} or hardware in WWAN_TYPES or self._tethers(folder):
            return "tethered"
        if said in TUNNELS or hardware in TUNNEL_TYPES or (folder / "tun_flags").exists():
            return "tunnel"
        lower = sorted(link.name.removeprefix("lower_") for link in folder.glob("lower_*"))
        if lower and depth < DEEPEST:
            return self._kind(lower[0], depth + 1)
        return "wired" if hardware == 1 else "unknown"

    @staticmethod
    def _tethers(folder: Path) -> bool:
        device = folder / "device"
        with suppress(OSError):
            if (device / "driver").resolve(strict=True).name in TETHERS:
                return True
        with suppress(OSError):
            return "bluetooth" in device.resolve(strict=True).parts
        return False

    def _speed(self, name: str) -> int | None:
        speed = _number(self._class / name / "speed")
        return speed if speed is not None and speed > 0 else None

    def _bit_rate(self, name: str) -> int | None:
        answer = self._ask(SIOCGIWRATE, name)
        rate = struct.unpack_from("=i", answer)[0] if answer else 0
        return int(rate) // 1_000_000 if rate >= 1_000_000 else None

    def _signal(self, name: str) -> tuple[Grade | None, int | None]:
        for line in _lines(self._proc / "wireless"):
            head, _, rest = line.partition(":")
            if head.strip() != name:
                continue
            with suppress(ValueError, IndexError):
                quality, level = (float(field) for field in rest.split()[1:3])
                if level < 0:
                    return _grade(level, GOOD_DBM, FAIR_DBM), round(level)
                return _grade(quality / BEST_QUALITY, GOOD_SHARE, FAIR_SHARE), None
        return None, None


def _grade(value: float, good: float, fair: float) -> Grade:
    if value >= good:
        return "good"
    return "fair" if value >= fair else "poor"


def _lines(file: Path) -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text("ascii").splitlines()
    return []


def _number(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(file.read_text("ascii"))
    return None
