"""Children of a run that was killed: remembered by pid and start time, ended by the next run.

An ffmpeg whose engine got SIGKILL would go on writing into the workspace that the next run uses.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Orphans:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def remembered(self, pid: int) -> Iterator[None]:
        """Hold a note of a child's pid while it lives."""
        note = self._folder / str(pid)
        note.write_text(_start_time(pid))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)

    def end(self) -> int:
        """End the process groups that an earlier run left; returns how many were still alive."""
        ended = 0
        for note in self._folder.iterdir():
            pid = int(note.name) if note.name.isdigit() else 0
            if pid and (started := _start_time(pid)) and started == note.read_text():
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                    ended += 1
            note.unlink(missing_ok=True)
        return ended


def _start_time(pid: int) -> str:
    """Field 22 of /proc/PID/stat: with the pid it names one process for ever; "" when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
