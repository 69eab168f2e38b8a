"""The Frame.io service that these journeys share, and a pipeline that most of them share too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.frameio.device import Device
from journeys.frameio.live import IN_FLIGHT, NO_ROOT, AsUser, Live, Service
from journeys.harness import Journey
from rushes_sandbox.stage import Stage


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Parts of 64 KiB; each of its devices has its own pipeline."""
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="session")
def _running(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    root = tmp_path_factory.mktemp("live")
    bound = os.geteuid() == 0 and shutil.which(NO_ROOT[0])
    with Live(root, service, AsUser(root) if bound else Stage(root)) as live:
        proxies = {"id": "proxies", "when": "card = 'HERO'", "to": ["frameio"]}
        proxies["steps"] = [{"use": "proxy", "height": 180, "preset": "ultrafast"}]
        yield live.begin(when="card <> 'HERO'", routes=[proxies], parts_in_flight=IN_FLIGHT)


@pytest.fixture
def live(_running: Live) -> Iterator[Live]:
    """It runs, is connected, and nothing is wrong yet."""
    yield _running.ready()
    _running.sandbox.clear()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A sandbox with the projects "Sandbox Project" and "Nocturne", and parts of 256 KiB, that never goes away."""
    with Journey(tmp_path_factory.mktemp("studio")) as journey:
        options = ("--part-size", "256KiB", "--interval", "100ms", "--project", "Nocturne")
        journey.sandbox = journey.stage.sandbox(*options)
        yield journey


@pytest.fixture
def device(studio: Journey, tmp_path: Path) -> Iterator[Device]:
    """A device at the studio that nobody has paired, and nothing runs."""
    with Device(tmp_path / "device", studio) as device:
        yield device


@pytest.fixture(scope="session")
def brief_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A sandbox whose access tokens live for 3 s."""
    with Journey(tmp_path_factory.mktemp("brief")) as journey:
        options = ("--part-size", "256KiB", "--interval", "100ms", "--token-life", "3s")
        journey.sandbox = journey.stage.sandbox(*options)
        yield journey


@pytest.fixture
def device_of_brief_tokens(brief_studio: Journey, tmp_path: Path) -> Iterator[Device]:
    """A device there that nobody has paired, and nothing runs."""
    with Device(tmp_path / "device", brief_studio) as device:
        yield device
