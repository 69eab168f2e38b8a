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
from collections.abc import Iterable
from pathlib import Path

from rushes_sandbox.asset import Asset, Part, split
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.journal import Fact, Journal

#: S3's bound of a multipart upload (reference, sections 10 and 11).
MOST_PARTS = 10_000

_PATH = re.compile(
    r"/(?:parts/(?P<id>[0-9a-f-]{36})/part_(?P<n>[1-9][0-9]{0,4})|uploads/(?P<only>[0-9a-f-]{36})/.+)"
)


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
        return min(self._settings.smallest_part, self._settings.part_size)

    def default_count(self, filesize: int) -> int:
        size = max(self._settings.part_size, math.ceil(filesize / MOST_PARTS))
        return -(-filesize // size)

    def create(
        self,
        *,
        name: str,
        filetype: str,
        device: str,
        project: str,
        channel: int,
        channel_id: str,
        offset: int,
        filesize: int | None = None,
        count: int | None = None,
    ) -> Asset:
        """Make a standard asset of `count` parts, or a realtime one: without filesize and count."""
        new = str(uuid.uuid4())
        self.record(
            "created",
            id=new,
            name=name,
            filetype=filetype,
            filesize=filesize,
            device=device,
            project=project,
            channel=channel,
            channel_id=channel_id,
            offset=offset,
            last=count,
            created_at=self.now,
        )
        (self._parts_folder / new).mkdir()
        return self.all[new]

    def ask(
        self,
        asset: Asset,
        sizes: Iterable[tuple[int, int]],
        *,
        last: int | None,
        filesize: int | None,
        name: str,
    ) -> None:
        """Promise parts of a realtime asset, as (number, size); its end and name where they are known now."""
        self.record("asked", id=asset.id, parts=list(sizes), last=last, filesize=filesize, name=name)

    def find(self, path: str) -> tuple[Asset, Part] | None:
        """Return what a part url's path names."""
        match = _PATH.fullmatch(path)
        asset = self.all.get(match["id"] or match["only"]) if match else None
        number = int(match["n"] or 1) if match else 0
        part = asset.parts.get(number) if asset else None
        return (asset, part) if asset and part and asset.path(part) == path else None

    def partial(self, asset: Asset, part: Part) -> Path:
        """A fresh name for a part on its way; what a kill leaves there is counted at the next start."""
        return self._parts_folder / asset.id / f"part_{part.number}.{secrets.token_hex(4)}.partial"

    def part_file(self, asset: Asset, part: Part) -> Path:
        return self._parts_folder / asset.id / f"part_{part.number}"

    def file(self, asset: Asset) -> Path:
        return self._files_folder / f"{asset.id}.{asset.extension}"

    def arrived(self, asset: Asset, part: Part, *, stored: int, etag: str) -> None:
        """A PUT ended whole and its bytes are the part now."""
        self.record("arrived", id=asset.id, number=part.number, stored=stored, etag=etag, at=self.now)

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
                part = asset.parts[int(file.name.split(".")[0].removeprefix("part_"))]
                if file.suffix == ".partial" or part.stored < 0:
                    self.received(asset, part, file.stat().st_size)
                    file.unlink()
        return [asset for asset in self.all.values() if asset.state == "created" and asset.whole]

    def apply(self, fact: Fact) -> None:
        match fact["what"]:
            case "created":
                fields = {key: value for key, value in fact.items() if key not in {"book", "what"}}
                asset = self.all[fact["id"]] = Asset(**fields, realtime=fact["last"] is None)
                if not asset.realtime:
                    sizes = split(fact["filesize"], fact["last"])
                    asset.parts = {n: Part(number=n, size=size) for n, size in enumerate(sizes, 1)}
            case "asked":
                asset = self.all[fact["id"]]
                for number, size in fact["parts"]:
                    asset.parts.setdefault(number, Part(number=number, size=size)).size = size
                asset.last, asset.filesize, asset.name = fact["last"], fact["filesize"], fact["name"]
            case "complete":
                asset = self.all[fact["id"]]
                asset.state, asset.sha256 = "complete", fact["sha256"]
            case _:
                self._apply_bytes(fact, self.all[fact["id"]].parts[fact["number"]])

    @staticmethod
    def _apply_bytes(fact: Fact, part: Part) -> None:
        if fact["what"] == "arrived":
            part.stored, part.etag, part.arrived_at = fact["stored"], fact["etag"], fact["at"]
            part.bytes_received += fact["stored"]
        else:
            part.bytes_received += fact["bytes"]
        if fact["what"] != "received":
            part.puts += 1
