"""The checklist's networks as named profiles: each is what one of them does to a device while it uploads.

`python profiles.py NAME FOLDER` runs one in a network namespace of its own: two clips are shot and uploaded
over that network, which must end with each of them complete once, byte for byte, without a new pairing. Radio,
802.11r and modems themselves need a lab; here is what they do to the network layer.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

import netns  # noqa: E402 - run as a script
from journeys.harness import Journey, wait_until  # noqa: E402 - as above
from rushes_sandbox.stage import Stage  # noqa: E402 - as above

PART_BYTES = 512 * 1024
CLIPS = 2
LONGEST_S = 90.0

Trouble = Callable[[netns.Network, threading.Event], None]


class NetStage(Stage):
    """The sandbox is on the service's side, everything else on the device's."""

    def __init__(self, root: Path, network: netns.Network) -> None:
        super().__init__(root)
        self._network = network

    def command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        own = super().command(arguments)
        return own if arguments[0] == "sandbox" else (*self._network.inside, *own)


def wired(network: netns.Network, _over: threading.Event) -> None:
    """A commercial router on a hardline WAN: fast and steady."""
    network.rate(200)


def cellular(network: netns.Network, over: threading.Event) -> None:
    """A modem: slow, its rate swings, and for moments nothing moves."""
    chance = random.Random(1)
    while not over.is_set():
        network.rate(chance.choice([3, 6, 12]))
        over.wait(1.5)
        network.swallow()
        over.wait(0.7)
        network.deliver()


def bonded(network: netns.Network, over: threading.Event) -> None:
    """Several SIMs: now one link carries, now another, each with its own address."""
    network.rate(8)
    network.add_link("wan1", "10.78.0.1", "10.78.0.2")
    network.rate(5, "wan1")
    far = "10.78.0.1"
    while not over.is_set():
        over.wait(2.0)
        network.down("wan0")
        network.device("ip", "route", "replace", netns.SERVICE, "via", far, "dev", "wan1")
        over.wait(2.0)
        network.device("ip", "route", "del", netns.SERVICE)
        network.up("wan0")


def hotspot(network: netns.Network, over: threading.Event) -> None:
    """A telephone's hotspot: it goes to sleep for seconds, then is there again."""
    network.rate(10)
    while not over.is_set():
        over.wait(4.0)
        network.down()
        over.wait(3.0)
        network.up()


def mesh(network: netns.Network, over: threading.Event) -> None:
    """Roaming from one access point to the next: a short gap, then another address."""
    network.rate(40)
    number = 10
    while not over.is_set():
        over.wait(1.5)
        network.down()
        over.wait(0.3)
        number = 10 + (number - 9) % 200
        network.readdress(f"10.77.0.{number}")
        network.up()


def isp(network: netns.Network, over: threading.Event) -> None:
    """The link is up, and what is sent over it vanishes for a while."""
    network.rate(20)
    while not over.is_set():
        over.wait(1.5)
        network.swallow()
        over.wait(4.0)
        network.deliver()


PROFILES: dict[str, Trouble] = {each.__name__: each for each in (wired, cellular, bonded, hotspot, mesh, isp)}


def run(name: str, root: Path) -> None:
    """One profile from pairing to the last byte; raises AssertionError where something is not as it must be."""
    with netns.Network() as network, Journey(root, NetStage(root, network)) as journey:
        journey.start_sandbox("--part-size", str(PART_BYTES), "--listen", netns.SERVICE)
        journey.write_pipeline(when="true")
        journey.pair()
        clips = [
            journey.put(f"A001C00{number}.braw", 5 * PART_BYTES + number) for number in range(1, 1 + CLIPS)
        ]
        over = threading.Event()
        trouble = threading.Thread(target=PROFILES[name], args=(network, over), daemon=True)
        trouble.start()
        process = journey.start()
        try:
            began = time.monotonic()
            wait_until(
                lambda: len(journey.complete()) == CLIPS,
                timeout_s=LONGEST_S,
                what=f"{name}: uploads",
                process=process,
            )
            took = time.monotonic() - began
        finally:
            over.set()
            trouble.join(20)
        wait_until(
            lambda: journey.states()["done"] == CLIPS, timeout_s=30, what=f"{name}: receipts", process=process
        )
        [device] = journey.sandbox.ask("GET", "/_sandbox/devices")
        network_told = next(c for c in journey.ask("status")["components"] if c["id"] == "frameio")[
            "facts"
        ].get("network")
        process.kill()
        journey.assert_delivered_once(clips)
        assert len(journey.sandbox.assets()) - CLIPS <= 2, "more placeholders than lost answers can explain"
        assert not device["forgotten"]
        assert journey.sandbox.breaches() == []
        sent = sum(part["bytes_received"] for asset in journey.sandbox.assets() for part in asset["parts"])
        size = sum(path.stat().st_size for path in clips)
        print(f"{name}: {took:.1f} s, {sent / size:.2f} times the bytes, network {network_told}")


if __name__ == "__main__":
    if netns.ALONE not in os.environ:
        sys.exit(netns.alone([sys.executable, *sys.argv]).returncode)
    run(sys.argv[1], Path(sys.argv[2]))
