"""A run that a service manager started, as the manager hears it on its socket."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from journeys.harness import Journey
from rushes.api.client import connect

pytestmark = pytest.mark.timeout(60)


class Manager:
    """What systemd would hear."""

    def __init__(self, heard: socket.socket) -> None:
        self._heard = heard
        self.messages: list[str] = []

    def until(self, field: str) -> None:
        """Return as soon as a message has that field, besides those that were waited for."""
        while True:
            self.messages.append(self._heard.recv(4096).decode())
            if field in self.messages[-1].splitlines():
                return

    def rest(self) -> None:
        """All that was said by a process that has ended."""
        self._heard.setblocking(False)
        while True:
            try:
                self.messages.append(self._heard.recv(4096).decode())
            except BlockingIOError:
                return

    def times(self, field: str) -> int:
        return sum(field in message.splitlines() for message in self.messages)


@pytest.fixture
def manager(bare: Journey):
    name = f"rushes-notified-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name)
        heard.settimeout(30)
        bare.stage.env |= {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "400000"}
        yield Manager(heard)


def test_a_service_from_start_to_stop(bare: Journey, manager: Manager):
    bare.write_pipeline(sinks=[bare.disk()], when="true")
    bare.put("A.one", 1000)
    run = bare.run()
    manager.until("READY=1")
    client = connect(bare.stage.state)
    assert client is not None
    assert client.status()["running"]
    assert manager.messages == ["READY=1"]

    for _ in range(3):
        manager.until("WATCHDOG=1")
    if not manager.times(done := "STATUS=1 done, 0 files remaining, 0 parked"):
        manager.until(done)

    heard = len(manager.messages)
    run.signal(signal.SIGHUP)
    manager.until("READY=1")
    [reloading, *_] = [message for message in manager.messages[heard:] if message.startswith("RELOADING=1")]
    assert reloading.splitlines()[1].removeprefix("MONOTONIC_USEC=").isdigit()
    assert (manager.times("RELOADING=1"), manager.times("READY=1")) == (1, 2)
    assert manager.times("STOPPING=1") == 0

    run.signal(signal.SIGTERM)
    manager.until("STOPPING=1")
    assert run.wait(30) == 0
    manager.rest()
    assert manager.times("STOPPING=1") == 1
    assert manager.times("READY=1") == 2


def test_a_run_that_ends_by_itself(bare: Journey, manager: Manager):
    bare.write_pipeline(sinks=[bare.disk()], when="true")
    bare.put("A.one", 1000)
    assert bare.run("--once").wait(30) == 0
    manager.rest()
    said = [message for message in manager.messages if message in {"READY=1", "STOPPING=1"}]
    assert said == ["READY=1", "STOPPING=1"]


def test_a_start_that_fails_is_never_ready(bare: Journey, manager: Manager):
    bare.stage.write("pipeline: [", bare.file.name)
    assert bare.run().wait(30) == 2
    manager.rest()
    assert manager.messages == []
