"""Free space, asked before a copy is begun."""

from __future__ import annotations

import os
from pathlib import Path

from rushes import Unavailable


def readable(size: int) -> str:
    """Bytes for people, in powers of 1000 as disk makers count: "1.5 GB"."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def free_bytes(folder: Path) -> int:
    """Bytes that this user may still write there."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def disk_full(folder: Path, needed: int) -> Unavailable:
    """The one sentence for a full disk, before or in the middle of a copy."""
    have = readable(free_bytes(folder))
    return Unavailable(f"disk full: needs {readable(needed)}, has {have}; free space on {folder}")
