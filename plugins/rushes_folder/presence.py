"""Whether the watched folder is there, and whether it is still the same one."""

# ruff: noqa: PTH116 - the real path is a plain string

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rushes.volumes import Volume, identify, mounted_below
from rushes_folder.candidate import NO_INODES


@dataclass(frozen=True, slots=True)
class Presence:
    """A watched folder as it is: its real path, what it is, the mounts at and below it."""

    root: str
    device: int
    inode: int
    volume: Volume
    empty: bool
    mounts: tuple[Volume, ...]

    @property
    def mounted(self) -> bool:
        """Whether it lies on a volume of its own, not on a plain disk."""
        return not self.volume.id.startswith("folder:")

    def is_still(self, other: Presence) -> bool:
        """Whether it is the same folder of the same volume at the same place."""
        same_inode = self.inode == other.inode or self.volume.fstype in NO_INODES
        same_place = (self.root, self.device, self.volume) == (other.root, other.device, other.volume)
        return same_place and same_inode


def look(path: Path) -> Presence:
    """The folder as it is now; raises OSError where it is not there or cannot be listed."""
    root = os.path.realpath(path)
    status = os.stat(root)
    with os.scandir(root) as entries:
        empty = next(entries, None) is None
    volume = identify(Path(root), Path(root))
    return Presence(root, status.st_dev, status.st_ino, volume, empty, mounted_below(Path(root)))
