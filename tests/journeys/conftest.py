"""One paired sandbox for every journey that can share it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.harness import Journey
from journeys.many import make_picture
from journeys.shared import SharedSandbox


@pytest.fixture(scope="session")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A journey that is paired and does not run, with a sandbox of 256 KiB parts."""
    with Journey(tmp_path_factory.mktemp("paired")) as journey:
        # Each journey asks who it is in its own time: together they are not one device that asks too often.
        journey.start_sandbox("--part-size", "256KiB", "--minute", "1ms")
        journey.write_pipeline()
        journey.pair()
        yield journey


@pytest.fixture
def journey(paired: Journey, tmp_path: Path) -> Iterator[Journey]:
    """A journey with a pairing and the shared sandbox, and nothing else yet."""
    with Journey(tmp_path) as journey:
        shutil.copytree(paired.stage.state, journey.stage.state)
        shutil.copytree(paired.stage.root / "config", tmp_path / "config", dirs_exist_ok=True)
        secret = "RUSHES_FRAMEIO_CLIENT_SECRET"
        journey.stage.env[secret] = paired.stage.env[secret]
        journey.sandbox = SharedSandbox(paired.sandbox)
        yield journey
        journey.sandbox.clear()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Journey]:
    """A journey without Frame.io."""
    with Journey(tmp_path) as journey:
        yield journey


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small MOV of two seconds."""
    return make_picture(tmp_path_factory.mktemp("picture") / "A001C001.mov")


@pytest.fixture
def dangerous(bare: Journey) -> Journey:
    """A journey in which the plugin of `plugin/rushes_dangerous.py` is installed."""
    bare.install("dangerous")
    return bare
