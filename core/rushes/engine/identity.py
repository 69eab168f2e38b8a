"""What a file seen at a known path is: the same, grown, changed, or another recording."""

from __future__ import annotations

from enum import Enum

from rushes.model import Clip, Role

#: Time zones differ by whole quarters of an hour: a FAT card keeps local time, so a cart in another zone sees
#: the same file with its mtime shifted by a multiple of this, 14 hours at most.
ZONE_STEP_NS = 15 * 60 * 1_000_000_000
#: Head and tail, 64 KiB each, leave nothing out of a file of this size.
WHOLLY_HASHED_BYTES = 2 * 64 * 1024
#: What programs write whole each time, as an ALE that grows with the day: the first bytes do not tell recordings apart.
_WRITTEN_ANEW = frozenset({Role.SIDECAR, Role.REPORT, Role.LUT})
MOST_ZONE_SHIFT_NS = 14 * 3600 * 1_000_000_000


class Sameness(Enum):
    SAME = "same"
    MOVED_IN_TIME = "moved in time"
    GROWN = "grown"
    CHANGED = "changed"
    OTHER = "other"


def _other_zone(known: Clip, seen: Clip) -> bool:
    shift = abs(known.mtime_ns - seen.mtime_ns)
    return shift % ZONE_STEP_NS == 0 and shift <= MOST_ZONE_SHIFT_NS


def compare(known: Clip, seen: Clip) -> Sameness:
    """Compare a file with the clip that was known at its path."""
    if not known.complete:
        # The same file is the same recording, though it became shorter: recorders reserve room and give it back.
        same_file = known.inode == seen.inode != 0
        same_start = not known.head or not seen.head or known.head == seen.head
        longer = same_start and seen.size >= known.size
        # Another file that a source saw coming into being; otherwise a file system may have made up another number.
        new_file = seen.born and 0 not in (known.inode, seen.inode)
        return Sameness.GROWN if same_file or (longer and not new_file) else Sameness.OTHER
    untouched = (known.size, known.mtime_ns) == (seen.size, seen.mtime_ns)
    if known.fingerprint == seen.fingerprint or (untouched and not seen.complete):
        return Sameness.SAME
    if (known.size, known.head, known.tail) == (seen.size, seen.head, seen.tail):
        if seen.head and seen.size <= WHOLLY_HASHED_BYTES:
            return Sameness.MOVED_IN_TIME
        # Only the mtime differs. Whoever wrote to the middle since we looked left an mtime after that; an older
        # one was set by a copying tool, which does so once it has closed the file (cp -p, rsync -t).
        set_back = seen.mtime_ns <= known.first_seen * 1e9
        return Sameness.MOVED_IN_TIME if set_back or _other_zone(known, seen) else Sameness.CHANGED
    other_start = known.head and seen.head and known.head != seen.head and known.size > 0
    if other_start and seen.role not in _WRITTEN_ANEW:
        return Sameness.OTHER
    return Sameness.CHANGED
