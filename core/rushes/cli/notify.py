"""What systemd is told of a run, after sd_notify(3): ready, reloading, stopping, and that the engine is alive."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping

import trio

#: The status line changes at most this often.
TELL_EVERY_S = 2.0


class Notify:
    """Tells the service manager, if one asked: nothing is sent, and nothing fails, where none did."""

    def __init__(self, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        if not self._address.startswith(("/", "\0")):
            self._address = ""  # vsock and the like are for virtual machines
        mine = environment.get("WATCHDOG_PID") in {None, str(pid or os.getpid())}
        micros = environment.get("WATCHDOG_USEC", "") if mine else ""
        #: Seconds between beats: half of what the manager waits; None where it does not.
        self.beat_s = int(micros) / 2e6 if self._address and micros.isdigit() and int(micros) else None
        self._stopping = False

    @property
    def asked(self) -> bool:
        """Whether anybody listens."""
        return bool(self._address)

    def ready(self) -> None:
        self._send("READY=1")

    def reloading(self) -> None:
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Said once, however many ways a run comes to its end."""
        if not self._stopping:
            self._stopping = True
            self._send("STOPPING=1")

    def status(self, line: str) -> None:
        self._send("STATUS=" + " ".join(line.split()))

    async def beat(self, alive: Callable[[], Awaitable[object]]) -> None:
        """Beat until cancelled, each time only after `alive` has answered: a stuck engine goes silent."""
        if self.beat_s is None:
            return
        while True:
            await alive()
            self._send("WATCHDOG=1")
            await trio.sleep(self.beat_s)

    async def tell(self, mark: Callable[[], object], line: Callable[[], Awaitable[str]]) -> None:
        """Keep the status line fresh until cancelled; `line` is asked for where `mark` is another than before."""
        told, marked = "", object()
        while self.asked:
            if (now := mark()) != marked:
                marked = now
                if (said := await line()) != told:
                    self.status(told := said)
            await trio.sleep(TELL_EVERY_S)

    def _send(self, text: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.setblocking(False)  # a manager that does not read must not stop the engine
            try:
                out.sendto(text.encode(), self._address)
            except OSError:
                return  # the manager is gone or full; the next beat tries again
