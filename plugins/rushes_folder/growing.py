"""Which files are admitted while they are written: recordings that grow by bytes that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rushes import Kind
from rushes_folder.candidate import NO_INODES

if TYPE_CHECKING:
    import os

    from rushes.volumes import Volume
    from rushes_folder.candidate import Candidate, Place, Stat
    from rushes_folder.names import Names

#: Between the first looks at a young file, and between two admissions of one that grows.
FIRST_LOOKS_S = 0.5
EVERY_S = 1.0
#: Room without bytes that no file system keeps for its own ends.
RESERVED_BYTES = 1 << 20
RESERVED_SHARE = 8
_FOLLOWED = frozenset({Kind.VIDEO, Kind.AUDIO})


class Growing:
    """The option `growing`, made ready to be asked at every look."""

    def __init__(self, names: Names, *, wanted: bool) -> None:
        #: Whether events tell of what happens in the folder.
        self.events = False
        self._names = names
        self._wanted = wanted

    def follows(self, place: Place) -> bool:
        """Whether a file of this name is admitted while it grows."""
        return self._wanted and self._names.kind(place.relative) in _FOLLOWED

    def soon(self, place: Place, wait: float) -> float:
        """How long to wait for the next look at a young file, instead of `wait`."""
        return min(wait, FIRST_LOOKS_S) if self.follows(place) else wait

    def still_open(self, place: Place) -> bool:
        """Whether a file that grew, and of whose close no event told, is still open in its recorder."""
        return self.events and not place.volume.network

    def grows(self, candidate: Candidate, known: Stat | None, status: os.stat_result) -> bool:
        """Whether the file became longer since the last look.

        A name that was admitted complete is not followed: only the finished file's fingerprint can tell a
        recording from a copy of what is known.
        """
        before, volume = candidate.stat, candidate.place.volume
        return (
            known is None
            and before is not None
            and status.st_size > before.size
            and (status.st_ino == before.inode or volume.fstype in NO_INODES)
            and self.follows(candidate.place)
            and not _reserved(status, volume)
        )


def _reserved(status: os.stat_result, volume: Volume) -> bool:
    """Whether the size is room that the recorder reserved: what lies between is written later."""
    there = status.st_blocks * 512
    if there == 0 and volume.network:
        return False  # not every server tells
    return status.st_size - there > max(status.st_size // RESERVED_SHARE, RESERVED_BYTES)
