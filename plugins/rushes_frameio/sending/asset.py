"""What is asked of Frame.io for a clip, and what is kept of the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rushes import Clip
from rushes_frameio.clip.filetypes import filetype
from rushes_frameio.clip.names import asset_name


def creation(clip: Clip, *, offset: int, channel: int) -> dict[str, Any]:
    """The body of the create call; `offset` is the clip's age now, in whole seconds."""
    return {
        "name": asset_name(clip),
        "filetype": filetype(clip),
        "filesize": clip.size,
        "offset": offset,
        **({"channel": channel} if channel else {}),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """An asset under way, as `report.begin` stores it; `project` is the id of the one it was made in.

    Part n (from 1) is the bytes from (n - 1) * `part_bytes` on and goes to `urls[n - 1]`. `abandoned` counts
    earlier assets of this clip whose urls expired.
    """

    id: str
    urls: tuple[str, ...] = field(repr=False)
    filetype: str
    size: int
    mark: str
    issued_at: float
    project: str = ""
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
            "project": self.project,
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
            project=head["project"],
            abandoned=head["abandoned"],
        )
