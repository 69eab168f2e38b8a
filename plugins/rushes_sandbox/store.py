"""The state folder: the journal with its books, the signing key, the bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rushes_sandbox.assets import Assets
from rushes_sandbox.book import Settings
from rushes_sandbox.channels import Channels
from rushes_sandbox.devices import Devices
from rushes_sandbox.journal import Journal
from rushes_sandbox.pairing import Pairing
from rushes_sandbox.pauses import Pauses
from rushes_sandbox.projects import Projects
from rushes_sandbox.signing import Signer
from rushes_sandbox.tokens import Tokens
from rushes_sandbox.violations import Violations


@dataclass(frozen=True, kw_only=True)
class Store:
    folder: Path
    settings: Settings
    projects: Projects
    devices: Devices
    pairing: Pairing
    tokens: Tokens
    pauses: Pauses
    channels: Channels
    assets: Assets
    violations: Violations
    signer: Signer

    def listed_assets(self) -> list[dict[str, Any]]:
        """Every asset in the order of making; `channel_model` is empty on the device's own channel."""
        models = self.channels.models()
        return [
            {**asset.listed(), "channel_model": models.get(asset.channel_id, "")}
            for asset in self.assets.all.values()
        ]


@contextmanager
def open_store(folder: Path, settings: Settings) -> Iterator[Store]:
    """Open a state folder, making it when it is not there; replay what happened before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal = Journal(folder / "journal.jsonl")
    try:
        projects = Projects(journal, settings)
        devices = Devices(journal, settings, projects)
        pairing, tokens = Pairing(journal, settings, devices), Tokens(journal, settings, devices)
        pauses, channels = Pauses(journal, settings), Channels(journal, settings)
        assets = Assets(journal, settings, folder)
        violations = Violations(journal, settings)
        every = (projects, devices, pairing, tokens, pauses, channels, assets, violations)
        books = {book.name: book for book in every}
        for fact in journal.replay():
            books[fact["book"]].apply(fact)
        yield Store(
            folder=folder,
            settings=settings,
            projects=projects,
            devices=devices,
            pairing=pairing,
            tokens=tokens,
            pauses=pauses,
            channels=channels,
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
