"""A network of its own for tests and benches: two network namespaces, a link between them that can be bad.

This process must be alone in its namespace (`alone()` starts one): it is the service's side, with the address
SERVICE; the device's side is a namespace whose processes are started behind `network.inside`. Nothing of it is
left when the process ends. netem does not exist in this kernel: rates are shaped by tbf, the rest is done to
links, addresses and routes.

    with Network() as network:
        network.rate(50)
        subprocess.run([*network.inside, "curl", ...])
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Self

SERVICE = "10.77.0.1"
DEVICE = "10.77.0.2"
#: Set where this process has a namespace for itself.
ALONE = "RUSHES_TEST_NETNS"
#: Small enough that a shaped link's queue adds little, large enough for its rate.
BUFFER_S = 0.05
LEAST_BURST = 32 * 1024


_TRY = """
ip link add name va0 type veth peer name vb0 && tc qdisc add dev va0 root tbf rate 1mbit burst 32k latency 50ms
"""


def possible() -> str:
    """Why network namespaces cannot be made here, or ""."""
    try:
        done = subprocess.run(
            [*_UNSHARE, "sh", "-c", _TRY],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no network namespaces: {error}"
    return "" if done.returncode == 0 else f"no network namespaces: {done.stderr.strip() or done.returncode}"


_UNSHARE = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")))


def alone(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a fresh namespace with the loopback up."""
    return subprocess.run(_alone(command), env={**os.environ, ALONE: "1"}, text=True, check=False, **options)


def start_alone(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start one; what it says on either stream is in its stdout."""
    return subprocess.Popen(
        _alone(command), env={**os.environ, ALONE: "1"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _alone(command: Sequence[str]) -> list[str]:
    return [*_UNSHARE, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


class Network:
    """The link between the device's namespace and this one."""

    def __init__(self) -> None:
        if ALONE not in os.environ:
            raise RuntimeError("make a namespace of its own first: netns.alone(...)")
        # Ends with this process, whatever ends it.
        self._holder = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        self._holder.stdout.readline()
        # With a sysfs that shows the interfaces of that namespace.
        show = 'mount -t sysfs sysfs /sys && exec "$@"'
        enter = ("nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "--", "unshare", "--mount", "--")
        self.inside = (*enter, "sh", "-c", show, "sh")
        self.device("ip", "link", "set", "lo", "up")
        self.links: list[str] = []
        self.add_link("wan0", SERVICE, DEVICE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._holder.send_signal(signal.SIGKILL)
        self._holder.wait()

    def device(self, *command: str) -> str:
        """Run a command on the device's side."""
        return _run(*self.inside, *command)

    def add_link(self, name: str, service: str, device: str) -> None:
        """One more way between both; `name` is the device's interface."""
        far = f"far{len(self.links)}"
        _run("ip", "link", "add", far, "type", "veth", "peer", "name", name)
        _run("ip", "link", "set", name, "netns", str(self._holder.pid))
        _run("ip", "address", "add", f"{service}/24", "dev", far)
        _run("ip", "link", "set", far, "up")
        self.device("ip", "address", "add", f"{device}/24", "dev", name)
        self.device("ip", "link", "set", name, "up")
        self.links.append(name)

    def rate(self, mbit: float, link: str = "wan0") -> None:
        """What the device may send over the link, in Mb/s; the way back is free."""
        burst = max(LEAST_BURST, int(mbit * 1e6 / 8 * 0.01))
        limit = max(2 * burst, int(mbit * 1e6 / 8 * BUFFER_S))
        self.device(
            "tc", "qdisc", "replace", "dev", link, "root", "tbf", "rate", f"{int(mbit * 1000)}kbit",
            "burst", str(burst), "limit", str(limit),
        )  # fmt: skip

    def down(self, link: str = "wan0") -> None:
        """Pull the plug: the interface has no carrier and no routes."""
        self.device("ip", "link", "set", link, "down")

    def up(self, link: str = "wan0") -> None:
        self.device("ip", "link", "set", link, "up")

    def swallow(self) -> None:
        """The link stays up and everything sent over it vanishes: an ISP's trouble."""
        _run("ip", "link", "set", "far0", "down")

    def deliver(self) -> None:
        _run("ip", "link", "set", "far0", "up")

    def move_service(self, address: str) -> None:
        """The service's side has another address from now on, as after a new lease."""
        _run("ip", "address", "flush", "dev", "far0")
        _run("ip", "address", "add", f"{address}/24", "dev", "far0")

    def readdress(self, address: str, link: str = "wan0") -> None:
        """The device has another address from now on, as after roaming to another access point."""
        self.device("ip", "address", "flush", "dev", link)
        self.device("ip", "address", "add", f"{address}/24", "dev", link)


#: Holds a namespace until its stdin closes.
_HOLD = "import sys; print(flush=True); sys.stdin.read()"


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
