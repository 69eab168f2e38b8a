"""What kin works on, and what it says: files reduced to names, places and clocks. Plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rushes import Clip, Link, Scalar
from rushes.timecode import lasts, timespan


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file of a catalog with what it tells of itself.

    `meta` has the names of `rushes.columns` and must not hold what `match` itself found. `starts` and `ends` are
    flicks since midnight by its own timecode, the end may lie behind the next midnight; None without timecode.
    `seen` and `modified` are seconds since the epoch, 0 where unknown, `size` is in bytes, 0 where unknown.
    """

    id: str
    filename: str
    path: str = ""
    volume: str = ""
    card: str = ""
    kind: str = "video"
    role: str = "original"
    meta: Mapping[str, Scalar] = field(default_factory=dict)
    starts: int | None = None
    ends: int | None = None
    seen: float = 0.0
    modified: float = 0.0
    size: int = 0

    @classmethod
    def of(cls, clip: Clip) -> File:
        """The file of a clip, `clip.meta` being its own metadata."""
        starts, ends = timespan(clip.meta)
        return cls(
            id=clip.id,
            filename=clip.filename,
            path=clip.path,
            volume=clip.volume,
            card=clip.card,
            kind=str(clip.kind),
            role=str(clip.role),
            meta=clip.meta,
            starts=starts,
            ends=ends,
            seen=clip.first_seen,
            modified=clip.mtime_ns / 1e9,
            size=clip.size,
        )

    @property
    def folder(self) -> str:
        """Where it lies: the volume, and the path without the file name."""
        return f"{self.volume}/{self.path.rpartition('/')[0]}"

    @property
    def length(self) -> int | None:
        """In flicks, None where it tells nothing of it."""
        if self.starts is not None and self.ends is not None:
            return self.ends - self.starts
        return lasts(self.meta)

    def text(self, name: str) -> str:
        """What it tells under that name, as text without blanks around; "" where it tells nothing."""
        told = self.meta.get(name)
        return told.strip() if type(told) is str else "" if told is None else str(told).strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What was found out about one clip: values by the names of `rushes.columns` or as `meta` keys, and links."""

    clip: str
    values: Mapping[str, Scalar] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


#: By clip id; who is not in it has no kin. Links of a clip: matched first, then ambiguous, rejected, lost.
Kinship = Mapping[str, Said]
