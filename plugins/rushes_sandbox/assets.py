"""The assets and their parts: what was promised, what arrived, where the bytes lie.

`<state>/parts/<asset>/part_<n>` is a part that arrived whole, `part_<n>.<random>.partial` one on its way;
`<state>/files/<asset>.<ext>` is the assembled file, when the parts are gone.
"""

from __future__ import annotations

import math
import re
import secrets
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rushes_sandbox.book import Book, Settings, iso
from rushes_sandbox.journal import Fact, Journal

#: S3's bounds of a multipart upload (reference, sections 10 and 11).
MOST_PARTS = 10_000
SMALLEST_PART = 5 * 1024 * 1024

_PATH = re.compile(
    r"/(?:parts/(?P<id>[0-9a-f-]{36})/part_(?P<n>[1-9][0-9]{0,4})|uploads/(?P<only>[0-9a-f-]{36})/.+)"
)


@dataclass(kw_only=True)
class Part:
    """`size` is promised, `stored` (with its `etag`, an MD5) arrived; `puts` counts whole PUTs."""

    number: int
    size: int
    stored: int = -1
    etag: str = ""
    puts: int = 0
    bytes_received: int = 0


@dataclass(kw_only=True)
class Asset:
    id: str
    name: str
    filetype: str
    filesize: int
    channel: int
    offset: int
    created_at: float
    parts: list[Part] = field(default_factory=list)
    state: str = "created"
    sha256: str = ""
    sealed: bool = False
    """Assembly has begun: the parts are read and may not change."""

    @property
    def extension(self) -> str:
        extension = self.name.rpartition(".")[2].lower()
        return extension if re.fullmatch("[a-z0-9]{1,8}", extension) else "bin"

    def path(self, part: Part) -> str:
        """The path of a part's url: as seen on the real upload host."""
        if len(self.parts) == 1:
            return f"/uploads/{self.id}/original.{self.extension}"
        return f"/parts/{self.id}/part_{part.number}"

    @property
    def whole(self) -> bool:
        """Whether every part is there in its size."""
        return all(part.stored == part.size for part in self.parts)

    def listed(self) -> dict[str, Any]:
        parts = [
            {"number": p.number, "size": p.size, "puts": p.puts, "bytes_received": p.bytes_received}
            for p in self.parts
        ]
        return {
            "id": self.id,
            "name": self.name,
            "filesize": self.filesize,
            "filetype": self.filetype,
            "state": self.state,
            "sha256": self.sha256 or None,
            "parts": parts,
            "channel": self.channel,
            "offset": self.offset,
            "created_at": iso(self.created_at),
        }


def split(filesize: int, count: int) -> list[int]:
    """Sizes of `count` parts: ceil(filesize / count) each, the last the remainder."""
    size = -(-filesize // count)
    return [min(size, filesize - size * i) for i in range(count)]


class Assets(Book):
    name = "assets"

    def __init__(self, journal: Journal, settings: Settings, folder: Path) -> None:
        super().__init__(journal, settings)
        self._parts_folder = folder / "parts"
        self._files_folder = folder / "files"
        self._parts_folder.mkdir(exist_ok=True)
        self._files_folder.mkdir(exist_ok=True)
        self.all: dict[str, Asset] = {}

    @property
    def smallest_part(self) -> int:
        """What a part but the last must hold at least; smaller where the sandbox makes smaller ones."""
        return min(SMALLEST_PART, self._settings.part_size)

    def default_count(self, filesize: int) -> int:
        size = max(self._settings.part_size, math.ceil(filesize / MOST_PARTS))
        return -(-filesize // size)

    def create(
        self, *, name: str, filetype: str, filesize: int, channel: int, offset: int, count: int
    ) -> Asset:
        new = str(uuid.uuid4())
        self.record(
            "created",
            id=new,
            name=name,
            filetype=filetype,
            filesize=filesize,
            channel=channel,
            offset=offset,
            count=count,
            created_at=self.now,
        )
        (self._parts_folder / new).mkdir()
        return self.all[new]

    def find(self, path: str) -> tuple[Asset, Part] | None:
        """Return what a part url's path names."""
        match = _PATH.fullmatch(path)
        asset = self.all.get(match["id"] or match["only"]) if match else None
        number = int(match["n"] or 1) if match else 0
        if asset is None or number > len(asset.parts):
            return None
        part = asset.parts[number - 1]
        return (asset, part) if asset.path(part) == path else None

    def partial(self, asset: Asset, part: Part) -> Path:
        """A fresh name for a part on its way; what a kill leaves there is counted at the next start."""
        return self._parts_folder / asset.id / f"part_{part.number}.{secrets.token_hex(4)}.partial"

    def part_file(self, asset: Asset, part: Part) -> Path:
        return self._parts_folder / asset.id / f"part_{part.number}"

    def file(self, asset: Asset) -> Path:
        return self._files_folder / f"{asset.id}.{asset.extension}"

    def arrived(self, asset: Asset, part: Part, *, stored: int, etag: str) -> None:
        """A PUT ended whole and its bytes are the part now."""
        self.record("arrived", id=asset.id, number=part.number, stored=stored, etag=etag)

    def repeated(self, asset: Asset, part: Part, count: int) -> None:
        """A PUT ended whole after the parts were sealed: it is counted, its bytes change nothing."""
        self.record("repeated", id=asset.id, number=part.number, bytes=count)

    def received(self, asset: Asset, part: Part, count: int) -> None:
        """Bytes came that make no part: a PUT that broke off or was refused."""
        if count:
            self.record("received", id=asset.id, number=part.number, bytes=count)

    def complete(self, asset: Asset, sha256: str) -> None:
        self.record("complete", id=asset.id, sha256=sha256)
        shutil.rmtree(self._parts_folder / asset.id)

    def recover(self) -> list[Asset]:
        """After a replay: count and remove what a kill left behind; return the assets to assemble."""
        for asset in self.all.values():
            folder = self._parts_folder / asset.id
            if asset.state == "complete":
                shutil.rmtree(folder, ignore_errors=True)
                continue
            folder.mkdir(exist_ok=True)
            for file in folder.iterdir():
                part = asset.parts[int(file.name.split(".")[0].removeprefix("part_")) - 1]
                if file.suffix == ".partial" or part.stored < 0:
                    self.received(asset, part, file.stat().st_size)
                    file.unlink()
        return [asset for asset in self.all.values() if asset.state == "created" and asset.whole]

    def apply(self, fact: Fact) -> None:
        if fact["what"] == "created":
            sizes = enumerate(split(fact["filesize"], fact["count"]), 1)
            fields = {key: value for key, value in fact.items() if key not in {"book", "what", "count"}}
            self.all[fact["id"]] = Asset(**fields, parts=[Part(number=n, size=size) for n, size in sizes])
            return
        asset = self.all[fact["id"]]
        if fact["what"] == "complete":
            asset.state, asset.sha256 = "complete", fact["sha256"]
            return
        part = asset.parts[fact["number"] - 1]
        if fact["what"] == "arrived":
            part.stored, part.etag = fact["stored"], fact["etag"]
            part.bytes_received += fact["stored"]
        else:
            part.bytes_received += fact["bytes"]
        if fact["what"] != "received":
            part.puts += 1
