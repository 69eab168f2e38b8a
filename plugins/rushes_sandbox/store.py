"""The state folder: the journal with its three books, the signing key, the bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rushes_sandbox.assets import Assets
from rushes_sandbox.book import Settings
from rushes_sandbox.devices import Devices
from rushes_sandbox.journal import Journal
from rushes_sandbox.signing import Signer
from rushes_sandbox.violations import Violations


@dataclass(frozen=True, kw_only=True)
class Store:
    folder: Path
    settings: Settings
    devices: Devices
    assets: Assets
    violations: Violations
    signer: Signer


@contextmanager
def open_store(folder: Path, settings: Settings) -> Iterator[Store]:
    """Open a state folder, making it when it is not there; replay what happened before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal = Journal(folder / "journal.jsonl")
    try:
        devices, assets = Devices(journal, settings), Assets(journal, settings, folder)
        violations = Violations(journal, settings)
        books = {book.name: book for book in (devices, assets, violations)}
        for fact in journal.replay():
            books[fact["book"]].apply(fact)
        yield Store(
            folder=folder,
            settings=settings,
            devices=devices,
            assets=assets,
            violations=violations,
            signer=Signer(_signing_key(folder / "signing.key")),
        )
    finally:
        journal.close()


def _signing_key(path: Path) -> bytes:
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(32))
        fresh.rename(path)
    return path.read_bytes()
