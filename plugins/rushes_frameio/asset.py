"""What is asked of Frame.io for a clip, and what is kept of the answer."""

from __future__ import annotations

import math
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rushes import Clip

#: Types of the set's files; the system's table differs from machine to machine.
TYPES = {
    "aac": "audio/aac",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "avi": "video/x-msvideo",
    "bwf": "audio/wav",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "m4v": "video/x-m4v",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mts": "video/mp2t",
    "mxf": "application/mxf",
    "pdf": "application/pdf",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "wav": "audio/wav",
}
#: A camera whose clock was never set writes the epoch of its format (1904, 1970 ...): older is not believed.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def filetype(clip: Clip) -> str:
    """The media type that the create and every part must name alike."""
    guess = TYPES.get(clip.extension) or mimetypes.guess_type(clip.filename)[0]
    return guess or "application/octet-stream"


def captured_at(clip: Clip) -> float:
    """When the clip was recorded, in seconds since the epoch.

    The creation time that the file tells (the start of recording), unless it is absent,
    lies after the last write or is no real date: then the last write.
    """
    written = clip.mtime_ns / 1e9
    created = clip.meta.get("created")
    if not isinstance(created, datetime):
        return written
    if created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    return created.timestamp() if created >= EARLIEST and created.timestamp() <= written else written


def creation(clip: Clip, now: float) -> dict[str, Any]:
    """The body of the create call; `offset` is the clip's age now, in whole seconds, never negative."""
    return {
        "name": clip.filename,
        "filetype": filetype(clip),
        "filesize": clip.size,
        "offset": max(0, int(now - captured_at(clip))),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """An asset under way, as `report.begin` stores it.

    Part n (from 1) is the bytes from (n - 1) * `part_bytes` on and goes to `urls[n - 1]`. `abandoned` counts
    earlier assets of this clip whose urls expired.
    """

    id: str
    urls: tuple[str, ...] = field(repr=False)
    filetype: str
    size: int
    mark: str
    issued_at: float
    abandoned: int = 0

    @property
    def part_bytes(self) -> int:
        return math.ceil(self.size / len(self.urls))

    def span(self, number: int) -> tuple[int, int]:
        """Offset and length of a part; a length of 0 where the urls are more than the bytes need."""
        offset = min(self.size, (number - 1) * self.part_bytes)
        return offset, min(self.part_bytes, self.size - offset)

    @property
    def head(self) -> dict[str, Any]:
        return {
            "asset": self.id,
            "urls": list(self.urls),
            "filetype": self.filetype,
            "size": self.size,
            "mark": self.mark,
            "part_bytes": self.part_bytes,
            "issued_at": self.issued_at,
            "abandoned": self.abandoned,
        }

    @classmethod
    def from_head(cls, head: Mapping[str, Any]) -> Asset | None:
        """The stored asset; None where there is none yet."""
        if "asset" not in head:
            return None
        return cls(
            id=head["asset"],
            urls=tuple(head["urls"]),
            filetype=head["filetype"],
            size=head["size"],
            mark=head["mark"],
            issued_at=head["issued_at"],
            abandoned=head["abandoned"],
        )
