"""Looks whether a pipeline runs on this state folder: this file's, another one's, or one that does not answer."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from rushes.doctor.finding import Finding, Patient
from rushes.ledger import FILE_NAME

#: `struct flock` of Linux, 64 bits: type, whence, start, length, pid; with room for what pads it.
_FLOCK = "hhqqi4x"


def running(patient: Patient) -> Sequence[Finding]:
    """Who works on the state folder."""
    if patient.pipeline is None:
        return []
    if patient.live is None:
        return _silent(patient.pipeline.state / FILE_NAME)
    fact = f"runs as process {patient.live['pid']}"
    other = Path(patient.live["file"])
    if other.resolve() != patient.pipeline.file.resolve():
        fact = f"{other} {fact} on this state folder"
        return [Finding("pipeline", "trouble", fact, "give each file a state folder of its own")]
    return [Finding("pipeline", "ok", fact)]


def _silent(ledger: Path) -> Sequence[Finding]:
    holder = locked_by(ledger) if os.access(ledger, os.R_OK) else 0
    if not holder:
        return [Finding("pipeline", "ok", "does not run")]
    fact = f"process {holder} has the ledger and does not answer"
    return [
        Finding("pipeline", "trouble", fact, f"wait while it starts or stops, else end it: ps -p {holder}")
    ]


def locked_by(path: Path) -> int:
    """The process that holds a lock of fcntl(2) on the file, 0 for none. Asks only."""
    with path.open("rb") as file:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(pid)
