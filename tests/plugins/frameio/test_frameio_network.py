"""The network in use: read from a fake /sys and /proc, rated by a documented rule, watched for changes."""

import ipaddress
import struct

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes.testing import StandIn
from rushes_frameio.reach.interfaces import SIOCGIFADDR, SIOCGIWRATE, Interface, Interfaces
from rushes_frameio.reach.network import Network, Path, find, health
from rushes_frameio.reach.rate import Rate
from rushes_frameio.reach.service import Service

WIRELESS = """\
Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 {name}: 0000   {quality}.  {level}.  -256        0      0      0      0      0        0
"""
ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
wlan0\t00000000\t0103A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
wg0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


class Machine:
    """A fake tree, and what the kernel would answer."""

    def __init__(self, root):
        self.sys, self.proc = root / "sys", root / "proc"
        (self.sys / "class/net").mkdir(parents=True)
        (self.proc / "net").mkdir(parents=True)
        self.addresses, self.rates = {}, {}
        self.interfaces = Interfaces(self.sys, self.proc, self.ask)

    def ask(self, request, name):
        if request == SIOCGIFADDR and name in self.addresses:
            return struct.pack("=HH4s8x", 2, 0, ipaddress.ip_address(self.addresses[name]).packed)
        if request == SIOCGIWRATE and name in self.rates:
            return struct.pack("=i12x", self.rates[name])
        return None

    def add(self, name, *, hardware=1, speed=None, uevent="", driver=None, bus="pci0000:00", lower=()):
        folder = self.sys / "class/net" / name
        folder.mkdir()
        (folder / "type").write_text(f"{hardware}\n")
        (folder / "uevent").write_text(f"{uevent}\nINTERFACE={name}\n")
        if speed is not None:
            (folder / "speed").write_text(f"{speed}\n")
        if driver is not None:
            device, drivers = self.sys / "devices" / bus / name, self.sys / "bus/usb/drivers" / driver
            device.mkdir(parents=True)
            drivers.mkdir(parents=True)
            (device / "driver").symlink_to(drivers)
            (folder / "device").symlink_to(device)
        for other in lower:
            (folder / f"lower_{other}").symlink_to(self.sys / "class/net" / other)
        return folder

    def wireless(self, name, quality, level):
        (self.proc / "net/wireless").write_text(WIRELESS.format(name=name, quality=quality, level=level))


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_wired(machine):
    machine.add("eth0", speed=1000, driver="igc")
    assert machine.interfaces.look("eth0") == Interface(name="eth0", kind="wired", speed_mbps=1000)


@pytest.mark.parametrize("speed", [-1, 0, "", "fast"])
def test_a_speed_that_is_none(machine, speed):
    machine.add("eth0", speed=speed)
    assert machine.interfaces.look("eth0").speed_mbps is None


@pytest.mark.parametrize(
    ("level", "signal"),
    [(-40, "good"), (-67, "good"), (-68, "fair"), (-75, "fair"), (-76, "poor"), (-95, "poor")],
)
def test_wireless_with_its_signal(machine, level, signal):
    (machine.add("wlan0", uevent="DEVTYPE=wlan") / "wireless").mkdir()
    machine.wireless("wlan0", 110 + level, level)
    machine.rates["wlan0"] = 866_700_000
    seen = machine.interfaces.look("wlan0")
    assert seen == Interface(name="wlan0", kind="wireless", speed_mbps=866, signal=signal, dbm=level)
    assert Path(address="192.168.3.7", interface=seen).text == (
        f"wlan0, wireless, {signal} signal ({level} dBm), 866 Mb/s"
    )


@pytest.mark.parametrize(("quality", "signal"), [(70, "good"), (42, "good"), (30, "fair"), (10, "poor")])
def test_a_signal_without_dbm_is_judged_by_its_quality(machine, quality, signal):
    (machine.add("wlan0") / "phy80211").mkdir()
    machine.wireless("wlan0", quality, 200)
    seen = machine.interfaces.look("wlan0")
    assert (seen.kind, seen.signal, seen.dbm, seen.speed_mbps) == ("wireless", signal, None, None)


def test_wireless_of_which_the_system_tells_nothing(machine):
    machine.add("wlan0", uevent="DEVTYPE=wlan")
    assert machine.interfaces.look("wlan0") == Interface(name="wlan0", kind="wireless")


@pytest.mark.parametrize(
    "driver",
    ["rndis_host", "cdc_ether", "cdc_ncm", "ipheth", "cdc_mbim", "qmi_wwan"],
)
def test_phones_and_modems_on_usb_are_tethers(machine, driver):
    machine.add("usb0", driver=driver, bus="usb1/1-1")
    assert machine.interfaces.look("usb0").kind == "tethered"


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("bnep0", {"driver": "bnep", "bus": "virtual/bluetooth/hci0"}),
        ("bnep0", {"uevent": "DEVTYPE=bluetooth"}),
        ("wwan0", {"uevent": "DEVTYPE=wwan"}),
        ("wwan0", {"hardware": 519}),
    ],
)
def test_other_tethers(machine, name, how):
    machine.add(name, **how)
    assert machine.interfaces.look(name).kind == "tethered"


@pytest.mark.parametrize(
    "how", [{"hardware": 65534}, {"uevent": "DEVTYPE=wireguard", "hardware": 65534}, {"hardware": 512}]
)
def test_tunnels(machine, how):
    machine.add("vpn0", **how)
    assert machine.interfaces.look("vpn0").kind == "tunnel"


def test_a_bridge_is_what_is_under_it_and_a_loop_of_them_ends(machine):
    machine.add("wlan0", uevent="DEVTYPE=wlan")
    machine.add("br0", uevent="DEVTYPE=bridge", lower=["wlan0"])
    machine.add("a", lower=["b"])
    machine.add("b", lower=["a"])
    assert machine.interfaces.look("br0").kind == "wireless"
    assert machine.interfaces.look("a").kind == "wired"


def test_loopback_and_what_nobody_knows(machine):
    machine.add("lo", hardware=772)
    assert machine.interfaces.look("lo").kind == "loopback"
    assert machine.interfaces.look("gone0") == Interface(name="gone0", kind="unknown")
    assert machine.interfaces.look("") == Interface(name="", kind="unknown")


def test_the_holder_of_an_address(machine):
    for name in ("eth0", "wlan0", "wg0"):
        machine.add(name)
    machine.addresses = {"eth0": "192.168.2.5", "wlan0": "192.168.3.7"}
    (machine.proc / "net/route").write_text(ROUTES)
    (machine.proc / "net/if_inet6").write_text(
        "fe800000000000000000000000000001 02 40 20 80     eth0\n"
        "20010db8000000000000000000000007 03 40 00 80    wlan0\nbad line\n"
    )
    holder = machine.interfaces.holder
    assert holder("192.168.3.7", "8.8.8.8") == "wlan0"
    assert holder("127.0.0.9", "127.0.0.1") == "lo"
    assert holder("2001:db8::7", "2001:db8::1") == "wlan0"
    assert holder("fe80::1%eth0", "fe80::2") == "eth0"
    assert holder("2001:db8::9", "2001:db8::1") == ""
    assert holder("10.8.0.2", "10.8.1.1") == "wg0"  # a second address of it: by the most exact route
    assert holder("192.168.2.77", "8.8.8.8") == "eth0"  # the cheaper of two default routes


@given(st.text(max_size=300))
def test_no_file_of_the_system_breaks_it(tmp_path_factory, text):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    folder = machine.add("wlan0", uevent="DEVTYPE=wlan")
    for file in (folder / "type", folder / "speed", folder / "uevent"):
        file.write_text(text, "utf-8", "surrogateescape")
    (folder / "wireless").mkdir()
    for name in ("wireless", "route", "if_inet6"):
        (machine.proc / "net" / name).write_text(f"wlan0: {text}\n{text}", "utf-8", "surrogateescape")
    machine.interfaces.look("wlan0")
    assert machine.interfaces.holder("192.168.9.9", "8.8.8.8") in {"", "wlan0:"}
    assert machine.interfaces.holder("2001:db8::9", "2001:db8::1") == ""


def test_this_machines_own_loopback():
    path = find(["127.0.0.1"], Interfaces())
    assert path is not None
    assert (path.address, path.interface.name, path.interface.kind) == ("127.0.0.1", "lo", "loopback")
    assert find([], Interfaces()) is None


def test_a_new_temporary_address_of_ipv6_is_the_same_network():
    interface = Interface(name="wlan0", kind="wireless")
    keys = [
        Path(address=address, interface=interface).key
        for address in ("2001:db8:1::1", "2001:db8:1:0:ffff::2", "2001:db8:2::1")
    ]
    assert keys[0] == keys[1] != keys[2]


# Health.


def _health(*, kind="wired", signal=None, speed=1000, there=True, **known):
    interface = Interface(name="if0", kind=kind, speed_mbps=speed, signal=signal)
    path = Path(address="192.168.2.5", interface=interface) if there else None
    facts = {"answers": True, "failed_s_ago": float("inf"), "bits_per_second": None, "cap": None} | known
    return health(path=path, **facts)


@pytest.mark.parametrize(
    ("known", "grade"),
    [
        ({}, "good"),
        ({"speed": None}, "good"),
        ({"speed": 50}, "good"),
        ({"speed": 10}, "fair"),
        ({"signal": "good"}, "good"),
        ({"signal": "fair"}, "fair"),
        ({"signal": "poor"}, "poor"),
        ({"there": False}, "poor"),
        ({"answers": False}, "poor"),
        ({"failed_s_ago": 59}, "fair"),
        ({"failed_s_ago": 61}, "good"),
        ({"bits_per_second": 20e6}, "good"),
        ({"bits_per_second": 11e6}, "fair"),
        ({"bits_per_second": 0.9e6}, "poor"),
        ({"bits_per_second": 0.9e6, "cap": 1_000_000}, "good"),
        ({"bits_per_second": 0.7e6, "cap": 1_000_000}, "poor"),
    ],
)
def test_health_is_the_worst_of_what_is_known(known, grade):
    assert _health(**known) == grade


def test_a_rate_over_the_last_seconds():
    rate = Rate()
    assert rate.bits_per_second == 0
    for second in range(0, 20, 2):
        rate.sample(second)
        rate.moved(2_500_000)
    assert rate.bits_per_second == pytest.approx(10e6)
    assert rate.steady
    rate.sample(20)
    rate.sample(22)
    assert not rate.steady
    for second in range(24, 40, 2):
        rate.sample(second)
    assert rate.bits_per_second == 0


def test_bursts_are_not_steady():
    rate = Rate()
    for second in range(0, 40, 2):
        if second % 8 < 4:
            rate.moved(1000)
        rate.sample(second)
        assert not rate.steady


# Watching.


class Ways:
    """What `find` would answer; `now` is changed by the test."""

    def __init__(self, monkeypatch):
        self.now = _way("eth0", "192.168.2.5")

        async def look(_network):
            await trio.lowlevel.checkpoint()
            return self.now

        monkeypatch.setattr(Network, "_find", look)


def _way(name, address):
    return Path(address=address, interface=Interface(name=name, kind="wired", speed_mbps=1000))


async def _fine():
    await trio.lowlevel.checkpoint()


@pytest.fixture
def watched(tmp_path, monkeypatch):
    context = StandIn(tmp_path, None)
    service = Service(_fine)
    return Ways(monkeypatch), context, service, Network("https://api.frame.io", service)


async def test_the_network_is_shown(watched, autojump_clock):
    _ways, context, service, network = watched
    service.answered()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(network.watch, context)
        await trio.sleep(1)
        assert context.facts == {"network": "eth0, wired, 1000 Mb/s", "health": "good"}
        for _ in range(20):
            network.moved(2_500_000)
            await trio.sleep(1)
        assert context.facts["sending"] == "2.5 MB/s"
        assert context.facts["health"] == "good"
        await trio.sleep(15)
        assert "sending" not in context.facts
        nursery.cancel_scope.cancel()
    assert "sending" not in context.facts


async def test_a_change_is_told_once_and_at_once(watched, autojump_clock, caplog):
    caplog.set_level("INFO")
    ways, context, _service, network = watched
    changes = []

    async def count():
        while True:
            await network.changed()
            changes.append(trio.current_time())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(network.watch, context)
        nursery.start_soon(count)
        await trio.sleep(5)
        assert changes == []
        ways.now = _way("wlan0", "192.168.3.7")
        await trio.sleep(2.1)
        assert len(changes) == 1
        ways.now = _way("wlan0", "192.168.3.99")  # another address in the same mesh
        await trio.sleep(2.1)
        assert len(changes) == 2
        await trio.sleep(60)
        assert len(changes) == 2
        nursery.cancel_scope.cancel()
    assert "network: wlan0, wired, 1000 Mb/s, was eth0, wired, 1000 Mb/s" in caplog.text


async def test_a_cable_that_is_out_for_a_moment_is_no_other_network(watched, autojump_clock):
    ways, context, service, network = watched
    service.answered()
    changed = trio.Event()

    async def note():
        await network.changed()
        changed.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(network.watch, context)
        nursery.start_soon(note)
        await trio.sleep(1)
        was, ways.now = ways.now, None
        await trio.sleep(2.1)
        assert context.facts["network"] == "none"
        assert context.facts["health"] == "poor"
        ways.now = was
        await trio.sleep(2.1)
        assert context.facts["network"] == "eth0, wired, 1000 Mb/s"
        assert not changed.is_set()
        ways.now = None
        await trio.sleep(2.1)
        ways.now = _way("usb0", "172.20.10.2")
        await trio.sleep(2.1)
        assert changed.is_set()
        nursery.cancel_scope.cancel()


async def test_a_change_makes_the_service_be_asked(watched, autojump_clock):
    ways, context, _service, _network = watched
    asked = []

    async def ask():
        await trio.lowlevel.checkpoint()
        asked.append(trio.current_time())

    service = Service(ask)
    service.answered()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(service.watch, lambda _answers: None)
        nursery.start_soon(Network("https://api.frame.io", service).watch, context)
        await trio.sleep(5)
        assert asked == []
        ways.now = _way("wlan0", "192.168.3.7")
        await trio.sleep(2.1)
        assert len(asked) == 1
        nursery.cancel_scope.cancel()


async def test_the_real_thing_on_this_machine(tmp_path):
    context = StandIn(tmp_path, None)
    service = Service(_fine)
    service.answered()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Network("https://127.0.0.1:4443", service).watch, context)
        with trio.fail_after(10):
            while "network" not in context.facts:
                await trio.sleep(0.01)
        assert context.facts == {"network": "lo, loopback", "health": "good"}
        nursery.cancel_scope.cancel()
