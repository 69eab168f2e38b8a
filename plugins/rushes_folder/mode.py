"""How a folder is watched: OS events with a safety scan, or polling."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rushes import ConfigError
from rushes.volumes import identify, mounted_below

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rushes_folder.options import FolderOptions

SAFETY_S = 60.0
POLL_S = 2.0


@dataclass(frozen=True, slots=True)
class Mode:
    """`interval` is in seconds between two scans; `why` is the file system, or the limit that forced it."""

    events: bool
    interval: float
    why: str

    def __str__(self) -> str:
        every = f"every {self.interval:g} s"
        return (
            f"events and a safety scan {every} ({self.why})"
            if self.events
            else f"polling {every} ({self.why})"
        )


def choose(options: FolderOptions, root: Path) -> Mode:
    """Events, but polling where other machines may write: nothing is told of their writes."""
    here = identify(root, root)
    shares = [volume for volume in mounted_below(root) if volume.network]
    fstype = here.fstype or "unknown file system"
    if options.watch == "poll" or (options.watch == "auto" and here.network):
        return Mode(False, options.interval or POLL_S, fstype)
    if options.watch == "auto" and shares:
        why = f"{fstype}, and {shares[0].fstype} at {shares[0].root}"
        return Mode(True, options.interval or POLL_S, why)
    return Mode(True, options.interval or SAFETY_S, fstype)


def fallback(options: FolderOptions, why: str) -> Mode:
    """Where events cannot be had."""
    return Mode(False, options.interval or POLL_S, why)


def notes(options: FolderOptions) -> Sequence[str]:
    """What `check` says; raises ConfigError where the path is a file."""
    path = options.path.expanduser()
    if path.exists() and not path.is_dir():
        raise ConfigError(f"{path} is a file; name the folder that holds it", option="path")
    if not path.is_dir():
        return ()  # the pipeline notes that it does not exist
    return (f"{path}: {choose(options, path.resolve())}", *_refusal(path))


def _refusal(path: Path) -> Sequence[str]:
    return (
        () if os.access(path, os.R_OK | os.X_OK) else (f"{path}: may not be read; correct its permissions",)
    )
