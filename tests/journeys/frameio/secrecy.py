"""What must not be seen of a pipeline, and all the places where somebody might see it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb

from journeys.harness import Journey
from rushes.secrets.key import KeyFile
from rushes.secrets.vault import Vault


class Secrets:
    """What must not be seen, as the tests' own unsealing tells it: a thread looks often enough to see every token."""

    def __init__(self, device: Journey) -> None:
        config = Path(device.stage.env["RUSHES_CONFIG_DIR"])
        self._vault = Vault(device.stage.state, KeyFile(config / "secrets.key"), {})
        self._secret = device.stage.env["RUSHES_FRAMEIO_CLIENT_SECRET"]
        self.tokens: set[str] = set()
        self._look()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look a last time."""
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(0.03):
            self._look()

    def _look(self) -> None:
        values = {name: value for (_component, name), value in self._vault.values().items()}
        self.client_id = values["client_id"]
        assert values["client_secret"] == self._secret
        if "tokens" in values:  # else nobody is authorised
            pair = json.loads(values["tokens"])
            self.tokens |= {pair["access"], pair["refresh"]}

    def assert_in_none(self, texts: Iterator[bytes] | list[bytes], what: str) -> None:
        texts = list(texts)
        assert any(texts), f"{what}: there is nothing to look through"
        for secret in (self._secret, self.client_id, *self.tokens):
            assert not any(secret.encode() in text for text in texts), f"{what}: a secret is in it"

    @staticmethod
    def of_children(pid: int) -> list[bytes]:
        """Arguments and environment of every process below that one."""
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
        below, found = {pid}, []
        while new := {child for child, parent in parents.items() if parent in below} - below:
            below |= new
        for child in below - {pid}:
            try:
                folder = Path(f"/proc/{child}")
                found += [(folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()]
            except OSError:
                continue
        return found

    @staticmethod
    def of_files(root: Path) -> Iterator[bytes]:
        for path in root.rglob("*"):
            if path.is_file() and path.suffix not in {".bin", ".mov"}:
                yield path.read_bytes()


def ledger_rows(path: Path) -> Iterator[bytes]:
    """Every row of every table: DuckDB compresses what it stores."""
    with duckdb.connect(str(path), read_only=True) as ledger:
        for (table,) in ledger.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            for row in ledger.execute(f'SELECT * FROM "{table}"').fetchall():
                yield repr(row).encode()
