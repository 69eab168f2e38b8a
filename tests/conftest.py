"""What every test may lean on: the shared card, real media, and a machine that is not the user's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from rushes_sandbox.card import CardFile, make_card

ROOT = Path(__file__).resolve().parents[1]
MEDIA = ROOT.parent / "shared" / "media"


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


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No RUSHES_ variable of the user's reaches a test; keys and sockets go to a folder of the test's own.

    Returns that folder. Its path is short: a Unix socket's may have 107 bytes.
    """
    for name in [name for name in os.environ if name.startswith("RUSHES_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
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
