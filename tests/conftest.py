"""What every test may lean on: the shared card, real media, and a machine that is not the user's own."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rushes_sandbox.card import CardFile, make_card

ROOT = Path(__file__).resolve().parents[1]
MEDIA = ROOT.parent / "shared" / "media"

# Where an image of Docker says so, nothing compiled is kept: each of the thousand processes that the journeys start
# would compile the project (0.2 s), and each worker the tests (9 s).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes to make and to try is up to whatever else the machine does.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

#: Files that take longest. Each is one worker's: the last to begin decides when all is over.
LONGEST = (
    "test_demo.py",
    "test_networks.py",
    "test_mlc_worlds.py",
    "test_qa_hours.py",
    "test_crash.py",
    "test_drain.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys before all else, the longest of them first; within that the order stays random.

    pytest-xdist would put the files with most tests first (`--no-loadscope-reorder` in pyproject.toml).
    """
    items.sort(key=lambda item: (item.path.name not in LONGEST, "journeys" not in item.path.parts))


@dataclass(frozen=True)
class Card:
    """A generated card: read it, copy from it, never change it."""

    folder: Path
    files: tuple[CardFile, ...]

    def path(self, filename: str) -> Path:
        """Where the file of that name is."""
        return next(self.folder / file.path for file in self.files if file.filename == filename)

    def one(self, kind: str, rate: str = "", *, broken: bool = False) -> CardFile:
        """The first file of that kind and rate."""
        return next(
            file
            for file in self.files
            if file.kind == kind and file.broken == broken and rate in {"", file.rate}
        )


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that nobody had before: to number its own, pytest looks at all that there are."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> Path:
    """No RUSHES_ variable of the user's reaches a test; keys and sockets go to a folder of the test's own.

    Returns that folder. Its path is short: a Unix socket's may have 107 bytes.
    """
    for name in [name for name in os.environ if name.startswith("RUSHES_")]:
        monkeypatch.delenv(name)
    home = next(_homes)
    home.mkdir()
    for name in ("config", "runtime"):
        (home / name).mkdir(mode=0o700)
        monkeypatch.setenv(f"RUSHES_{name.upper()}_DIR", str(home / name))
    return home


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Card:
    """The demo's card with short pictures, made once a session."""
    folder = tmp_path_factory.mktemp("card")
    return Card(folder, tuple(make_card(folder, seconds=2.0)))


@pytest.fixture(scope="session")
def media() -> Path:
    """Real production files; the test skips where they are absent."""
    if not (MEDIA / "MANIFEST.tsv").exists():
        pytest.skip(f"real media are not on this machine ({MEDIA})")
    return MEDIA
