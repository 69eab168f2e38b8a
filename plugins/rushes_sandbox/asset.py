"""One asset and its parts: what was promised, what arrived (reference, sections 9 to 11)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rushes_sandbox.book import iso

#: What a realtime asset is called until its name is known, before its extension.
DEFAULT_NAME = "[new file]"


@dataclass(kw_only=True)
class Part:
    """`size` is promised, `stored` (with its `etag`, an MD5) arrived at `arrived_at`; `puts` counts whole PUTs."""

    number: int
    size: int
    stored: int = -1
    etag: str = ""
    puts: int = 0
    bytes_received: int = 0
    arrived_at: float = 0.0


@dataclass(kw_only=True)
class Asset:
    """`filesize` and `last`, the number of the final part, are None until a realtime asset's end is told."""

    id: str
    name: str
    filetype: str
    filesize: int | None
    device: str
    project: str
    channel: int
    channel_id: str
    offset: int
    created_at: float
    realtime: bool
    last: int | None
    parts: dict[int, Part] = field(default_factory=dict)
    state: str = "created"
    sha256: str = ""
    sealed: bool = False
    """Assembly has begun: the parts are read and may not change."""

    @property
    def extension(self) -> str:
        extension = self.name.rpartition(".")[2].lower()
        return extension if re.fullmatch("[a-z0-9]{1,10}", extension) else "bin"

    @property
    def unnamed(self) -> bool:
        """Created with an extension alone, and not named since."""
        return self.realtime and self.name.rpartition(".")[0] == DEFAULT_NAME

    @property
    def closed(self) -> bool:
        """No part changes any more."""
        return self.sealed or self.state == "complete"

    @property
    def ordered(self) -> Sequence[Part]:
        """The parts in the order in which they make the file."""
        return [self.parts[number] for number in sorted(self.parts)]

    def path(self, part: Part) -> str:
        """The path of a part's url: as seen on the real upload host."""
        if len(self.parts) == 1 and not self.realtime:
            return f"/uploads/{self.id}/original.{self.extension}"
        return f"/parts/{self.id}/part_{part.number}"

    @property
    def whole(self) -> bool:
        """Whether the end is known and every part asked for is there in its size."""
        return self.last is not None and all(part.stored == part.size for part in self.parts.values())

    def listed(self) -> dict[str, Any]:
        parts = [
            {"number": p.number, "size": p.size, "puts": p.puts, "bytes_received": p.bytes_received}
            for p in self.ordered
        ]
        complete = self.state == "complete"
        return {
            "id": self.id,
            "name": self.name,
            "filesize": self.filesize,
            "filetype": self.filetype,
            "state": self.state,
            "sha256": self.sha256 or None,
            "realtime": self.realtime,
            "parts": parts,
            "device": self.device,
            "project": self.project,
            "channel": self.channel,
            "channel_id": self.channel_id,
            "offset": self.offset,
            "created_at": iso(self.created_at),
            "completed_at": iso(max(p.arrived_at for p in self.parts.values())) if complete else None,
        }


def split(filesize: int, count: int) -> list[int]:
    """Sizes of `count` parts: ceil(filesize / count) each, the last the remainder."""
    size = -(-filesize // count)
    return [min(size, filesize - size * i) for i in range(count)]
