"""The sandbox's memory: one append-only file of facts, a JSON object a line, replayed at start.

A fact is in the file, and so survives SIGKILL, when `append` returns; power cuts are not its trade.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rushes import ConfigError

Fact = Mapping[str, Any]


class Journal:
    """Owns its file: a second sandbox on one state folder is refused with ConfigError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise ConfigError(
                f"{path.parent}: in use by another sandbox; stop it or name another --state"
            ) from None

    def replay(self) -> Iterator[Fact]:
        """Yield every fact in order; a last line that a kill tore is cut off."""
        good = 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    fact = json.loads(line)
                except ValueError:
                    raise ConfigError(
                        f"{self._path}: line {number} is damaged; remove the state folder to start afresh"
                    ) from None
                yield fact
                good += len(line)
        os.ftruncate(self._file, good)

    def append(self, fact: Fact) -> None:
        line = json.dumps(fact, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, line) != len(line):
            raise ConfigError(f"{self._path}: cannot be written in full; is the disk full?")

    def close(self) -> None:
        os.close(self._file)
