"""The number of the last acknowledged commit, kept beside the ledger's file.

DuckDB takes a log that is damaged in some places for one that ends there, and opens without the commits
behind the damage. A ledger that knows fewer commits than its seal has lost acknowledged ones and is refused.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import xxhash

_NUMBER = struct.Struct("<Q")
_SLOT_BYTES = 512
_LENGTH = _NUMBER.size + 8


class Seal:
    """Two slots a sector apart, written in turn, so that a torn write leaves the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def read(self) -> int:
        """The last number written; 0 when there is none (to be read)."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return 0
        return max(_valid(data[:_LENGTH]), _valid(data[_SLOT_BYTES : _SLOT_BYTES + _LENGTH]))

    def write(self, number: int) -> None:
        """Durable when it returns."""
        if self._fd is None:
            self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        raw = _NUMBER.pack(number)
        os.pwrite(self._fd, raw + xxhash.xxh3_64_digest(raw), number % 2 * _SLOT_BYTES)
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _valid(slot: bytes) -> int:
    raw, check = slot[: _NUMBER.size], slot[_NUMBER.size :]
    return int(_NUMBER.unpack(raw)[0]) if len(slot) == _LENGTH and xxhash.xxh3_64_digest(raw) == check else 0
