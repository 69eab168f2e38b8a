"""What a clip looks like and sounds like: a small picture, and the file that a browser can play."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import trio

from rushes.contract import Illustrator
from rushes.engine.host import Host
from rushes.errors import MediaGone, NotFound, Permanent
from rushes.ledger import Ledger, Query
from rushes.ledger.rows import read_clip
from rushes.model import Clip, Kind, Role
from rushes.volumes import Volumes

#: Made at once, for however many look: the machine has other work.
AT_ONCE = 2
#: Bytes of pictures that are kept.
MOST_KEPT = 200_000_000
#: What browsers play or show by themselves, by the file's extension; a picture's codec counts, too.
PLAYED = {
    "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/mp4", "webm": "video/webm", "wav": "audio/wav",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "flac": "audio/flac", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "png": "image/png",
}  # fmt: skip
_CODECS = frozenset({"h264", "vp8", "vp9", "av1"})

#: The clip and what was made of it, proxies first: a picture of a proxy is the cheaper one.
_FILES = """
    SELECT * FROM clips WHERE (id = $1 OR parent = $1) AND NOT superseded ORDER BY role <> 'proxy', id
"""


@dataclass(slots=True)
class Pictures:
    """Asks annotators that are Illustrators; `folder` keeps what they made."""

    folder: Path
    ledger: Ledger
    volumes: Volumes
    hosts: Mapping[str, Host]
    _room: trio.CapacityLimiter = field(default_factory=lambda: trio.CapacityLimiter(AT_ONCE))

    async def picture(self, name: str, width: int) -> bytes:
        """A JPEG of the clip of that id. Raises NotFound where none can be made now."""
        files = await self._files(name)
        kept = self.folder / f"{name}-{files[-1].revision}-{width}.jpg"
        with suppress(OSError):
            return await trio.to_thread.run_sync(kept.read_bytes)
        async with self._room:
            for clip in files:
                if made := await self._made(clip, width):
                    if clip.complete:
                        with suppress(OSError):  # a full disk costs no picture, only its keeping
                            await trio.to_thread.run_sync(_keep, kept, made)
                    return made
        raise NotFound(f"no picture of {files[-1].filename}")

    async def media(self, name: str) -> tuple[Path, str]:
        """The file that a browser can play, a proxy rather than the original, and its media type. Raises NotFound."""
        for clip in await self._files(name):
            if kind := _playable(clip):
                with suppress(MediaGone, Permanent):
                    return await trio.to_thread.run_sync(self.volumes.locate, clip), kind
        raise NotFound(
            "nothing of this clip that a browser can play is here: no proxy, no original that it reads"
        )

    async def _files(self, name: str) -> list[Clip]:
        def read(query: Query) -> list[Clip]:
            return [read_clip(row) for row in query(_FILES, [name])]

        files = await self.ledger.read(read)
        if not any(clip.id == name for clip in files):
            raise NotFound(f"no clip {name}; give the id of one")
        return sorted(files, key=lambda clip: clip.id == name)

    async def _made(self, clip: Clip, width: int) -> bytes | None:
        if clip.kind not in {Kind.VIDEO, Kind.IMAGE}:
            return None
        for host in self.hosts.values():
            if isinstance(host.part, Illustrator):
                try:
                    if made := await host.part.picture(clip, width):
                        return made
                except (MediaGone, Permanent):
                    return None
                except Exception:  # a plugin's bug costs a picture, never the answer
                    host.context.log.exception("no picture of %s", clip.filename)
        return None


def _playable(clip: Clip) -> str:
    """The media type, "" for what browsers do not play."""
    kind = PLAYED.get(clip.path.rpartition(".")[2].lower(), "")
    if kind.startswith("video/") and clip.role is not Role.PROXY and clip.meta.get("codec") not in _CODECS:
        return ""
    return kind


def _keep(path: Path, content: bytes) -> None:
    """Write it whole; the oldest go where there are too many."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)
    kept = sorted(
        (entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in os.scandir(path.parent)
    )
    spare = sum(size for _, size, _ in kept) - MOST_KEPT
    for _, size, old in kept:
        if spare <= 0:
            return
        Path(old).unlink()
        spare -= size
