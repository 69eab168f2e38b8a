"""What a clip tells of the time it was recorded at, made comparable: seconds since the epoch, or nothing.

A zero date, a label that is no clock's, a file's date in 1980 tell nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from rushes import Clip, Kind

#: Clocks that differ by no more than this tell the same moment (issue 3: "agrees within 5 minutes"); a time
#: that no second clock confirms may be wrong by as much.
AGREE_S = 300.0
#: How much later than its last picture a camera closes a file, at most.
CLOSE_S = 10.0
#: Time zones lie whole quarters of an hour apart, 14 hours from UTC at most.
ZONE_STEP_S = 900.0
MOST_ZONE_S = 14 * 3600.0
#: A clock that was never set shows the epoch of its format (1904, 1970, 1980 ...), a broken one anything.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
#: A recorder's date and time in a bext chunk; makers differ in what stands between the digits.
_BEXT = re.compile(r"(\d{4})\D(\d\d)\D(\d\d)\s+(\d\d)\D(\d\d)\D(\d\d)")
_LABEL = re.compile(r"(\d{1,2})[:;.](\d{1,2})[:;.](\d{1,2})[:;.]\d{1,3}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clues:
    """What is known of one recording, in seconds since the epoch, or None.

    `written` is the last write of the recording's own file, `length` how many seconds it lasts (0 for a still
    or a document), `created` what its container tells, `clock` its first timecode as seconds on a clock's face,
    `seen` when the pipeline first saw it; `born` tells that it came into being before our eyes, `growing` that
    it is still being recorded.
    """

    written: float | None
    length: float | None
    created: float | None
    clock: float | None
    seen: float | None
    born: bool
    growing: bool

    def begun(self, written: float) -> float:
        """When the recording began, as far as its last write tells."""
        return written - (self.length or 0.0)

    def end(self, start: float) -> float:
        """When a recording that began then ended: no length is told, so it may have lasted until the last write."""
        if self.length is not None:
            return start + self.length
        return max(start, self.written or start)


def read_clues(clip: Clip) -> Clues:
    """What a clip tells; nonsense tells nothing."""
    original = _number(clip.meta.get("original_mtime_ns")) if clip.parent else None
    written = _dated((clip.mtime_ns if original is None else original) / 1e9)
    length = _length(clip.meta.get("duration")) if clip.kind in {Kind.VIDEO, Kind.AUDIO} else 0.0
    seen = _dated(clip.first_seen)
    if written is not None and seen is not None and clip.complete and not clip.born:
        written = _in_utc(written, length or 0.0, seen)
    return Clues(
        written=written,
        length=length,
        created=_created(clip),
        clock=_face(str(clip.meta.get("timecode", ""))),
        seen=seen,
        born=clip.born,
        growing=not clip.complete,
    )


def _in_utc(written: float, length: float, seen: float) -> float:
    """The last write, put right where the recording would have begun after it was seen: FAT cards keep local
    time, which Linux takes for UTC.
    """
    zone = zone_at(written)
    latest = seen + length + AGREE_S
    return written - zone if written - zone <= latest < written else written


def zone_at(moment: float) -> float:
    """Seconds that the machine's local time is ahead of UTC at a moment."""
    offset = datetime.fromtimestamp(moment).astimezone().utcoffset()
    return offset.total_seconds() if offset else 0.0


def zone_steps(apart: float) -> bool:
    """Whether two times differ as those of one moment in two time zones do."""
    steps = round(apart / ZONE_STEP_S)
    return steps != 0 and abs(apart) <= MOST_ZONE_S + CLOSE_S and abs(apart - steps * ZONE_STEP_S) <= CLOSE_S


def _dated(moment: float) -> float | None:
    return moment if EARLIEST <= moment <= LATEST else None


def _created(clip: Clip) -> float | None:
    """The container's UTC time, else a recorder's own clock, which is taken to be the machine's."""
    created = clip.meta.get("created")
    if isinstance(created, datetime):
        return _dated(created.replace(tzinfo=created.tzinfo or UTC).timestamp())
    if match := _BEXT.match(str(clip.meta.get("recorded", ""))):
        year, month, day, hour, minute, second = (int(digits) for digits in match.groups())
        try:
            return _dated(datetime(year, month, day, hour, minute, second).astimezone().timestamp())
        except (ValueError, OverflowError, OSError):  # 30 February, year 0
            return None
    return None


def _face(label: str) -> float | None:
    match = _LABEL.fullmatch(label.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(digits) for digits in match.groups())
    return hours * 3600.0 + minutes * 60 + seconds if hours < 24 and minutes < 60 and seconds < 60 else None


def _length(duration: object) -> float | None:
    seconds = _number(duration)
    return seconds if seconds is not None and 0 <= seconds <= 86400 * 7 else None


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
