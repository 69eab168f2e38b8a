"""A file that may be complete: the values that scans, events and the examiner hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import os

    from rushes.volumes import Volume

Rule = Literal["closed", "renamed", "quiet"]


class Stat(NamedTuple):
    """What a scan compares: anything else than these three means other bytes."""

    size: int
    mtime_ns: int
    inode: int


#: File systems that make inode numbers up as they go, or may: another number there means nothing.
NO_INODES = frozenset(
    {"9p", "cifs", "exfat", "fuse.gvfsd-fuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse"}
    | {"fuseblk", "msdos", "smb3", "vboxsf", "vfat"}
)
#: The inode under which an unreadable file is admitted, so that every scan tries it again.
UNREAD = 0


def same(known: Stat, status: os.stat_result, fstype: str) -> bool:
    """Whether a file is as it was admitted."""
    return (
        known[0] == status.st_size
        and known[1] == status.st_mtime_ns
        and (known[2] == status.st_ino or (fstype in NO_INODES and known[2] != UNREAD))
    )


class Place(NamedTuple):
    """A file: where it is now, and where that is on its volume."""

    path: str
    volume: Volume
    relative: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Times are seconds of a monotonic clock. `stat` and `since` are what the last look found, and since when
    that has not changed; `problem` is what that look found wrong with it. `aged`: the mtime tells the age.
    `open`: it was seen coming into being, or growing, and not being closed since: somebody has it open.
    """

    place: Place
    rule: Rule
    due: float
    born: bool = False
    open: bool = False
    aged: bool = True
    stat: Stat | None = None
    since: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file to admit. Without `head` and `tail` it could not be read."""

    candidate: Candidate
    stat: Stat
    head: str
    tail: str
    problem: str


@dataclass(frozen=True, slots=True)
class Grown:
    """A file to admit as it is so far; it is looked at again."""

    candidate: Candidate
    stat: Stat


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing to admit: gone, no regular file any more, or just as it was admitted."""

    candidate: Candidate


Outcome = Ready | Grown | Candidate | Settled
