"""A component on the bench: what it is lent, a card with clips, its lives."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import xxhash

from rushes.contract import AnySpec, Options
from rushes.model import Clip, Kind, Role, Scalar
from rushes.testing.doubles import StandIn, open_stand_in
from rushes.testing.promises import answered, broken, demand

#: An author's door to the StandIn before the component opens: pair it, put a double in it, mount a volume.
Ready = Callable[[StandIn], Awaitable[None] | None]

#: When every file of the card was written: the same in each run, so that what is made of it is.
WRITTEN_NS = 1_700_000_000_000_000_000
CARD = "A001"
VOLUME = "kit:A001"
#: Bytes at either end that a fingerprint reads.
EDGE_BYTES = 64 * 1024

KINDS = {
    **dict.fromkeys((".mov", ".mp4", ".mxf", ".mkv", ".ts"), Kind.VIDEO),
    **dict.fromkeys((".wav", ".aif", ".aiff", ".flac"), Kind.AUDIO),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".heic", ".dng", ".exr"), Kind.IMAGE),
}


class Bench:
    """One component under test. Each clip has bytes of its own; the n-th is the same on every bench."""

    def __init__(
        self,
        spec: AnySpec,
        options: Options,
        context: StandIn,
        folder: Path,
        *,
        size: int,
        media: Path | None,
        meta: Mapping[str, Scalar] | None = None,
    ) -> None:
        self.spec = spec
        self.options = options
        self.context = context
        self.card = folder / "card"
        self.card.mkdir(parents=True, exist_ok=True)
        self._size = size
        self._media = media
        self._meta = meta
        self._made = 0
        self._kept: dict[Path, str] = {}
        context.volumes[VOLUME] = self.card

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Any]:
        """The open component."""
        async with self.spec.open(self.options, self.context) as part:
            yield part

    def clip(self, *, media: Path | None = None, meta: Mapping[str, Scalar] | None = None) -> Clip:
        """A new complete clip on the card: seeded bytes, or a copy of `media`; what is not given is the author's media
        and metadata.
        """
        media = media or self._media
        self._made += 1
        suffix = media.suffix if media else ".mov"
        path = self.card / "CLIPS" / f"A001C{self._made:03d}{suffix}"
        path.parent.mkdir(exist_ok=True)
        if media is not None:
            shutil.copyfile(media, path)
        else:
            path.write_bytes(Random(self._made).randbytes(self._size))
        return self.admit(path, f"kit{self._made:03d}", meta=meta)

    def admit(self, path: Path, id: str, *, meta: Mapping[str, Scalar] | None = None) -> Clip:  # noqa: A002 - as `Clip.id`
        """A file of the card as intake would hand it on."""
        os.utime(path, ns=(WRITTEN_NS, WRITTEN_NS))
        content, status = path.read_bytes(), path.stat()
        kind = KINDS.get(path.suffix.lower(), Kind.DATA)
        clip = Clip(
            id=id,
            volume=VOLUME,
            card=CARD,
            path=path.relative_to(self.card).as_posix(),
            kind=kind,
            role=Role.SOUND if kind is Kind.AUDIO else Role.ORIGINAL,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            head=xxhash.xxh3_64_hexdigest(content[:EDGE_BYTES]),
            tail=xxhash.xxh3_64_hexdigest(content[-EDGE_BYTES:]),
            completed_by="closed",
            first_seen=WRITTEN_NS / 1e9,
            meta=dict(meta or self._meta or {}),
        )
        self._kept[path] = digest(path)
        return clip

    def file(self, clip: Clip) -> Path:
        return self.card / clip.path

    def bytes_of(self, clip: Clip) -> bytes:
        return self.file(clip).read_bytes()

    def spoiled(self, clip: Clip) -> None:
        """The check itself did something to the clip's file: it is not looked at any more."""
        self._kept.pop(self.file(clip), None)

    def untouched(self) -> None:
        """Fail where an original is not what it was, or where something else is on the card."""
        for path, content in self._kept.items():
            same = path.is_file() and digest(path) == content and path.stat().st_mtime_ns == WRITTEN_NS
            demand(same, f"{path.name}: the original was changed, moved or deleted; it is never touched")
        for path in self.card.rglob("*"):
            demand(
                path.is_dir() or path in self._kept or path.parent.name == "CLIPS",
                f"{path.name} was written to the card; files go to context.workspace() or context.folder",
            )


@asynccontextmanager
async def bench_of(
    spec: AnySpec,
    options: Options,
    folder: Path,
    *,
    ready: Ready | None,
    size: int = 0,
    media: Path | None = None,
    meta: Mapping[str, Scalar] | None = None,
    secrets: Collection[str] = (),
) -> AsyncIterator[Bench]:
    """A bench in the folder, made ready by the author's hook; what the component says is heard for secrets."""
    with _overheard(spec.name, secrets) as log:
        async with open_stand_in(folder, spec.name) as context:
            bench = Bench(spec, options, context, folder, size=size, media=media, meta=meta)
            if ready is not None:
                await answered("ready", ready, context)
            yield bench
            bench.untouched()
            told = [*log, *context.notes, *context.said, repr(context.facts), *context.store.values.values()]
    for secret in secrets:
        demand(
            not any(secret in text for text in told),
            f"a secret of {spec.name} is in its log, notes, facts or store; it belongs in context.secrets alone",
        )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _overheard(name: str, secrets: Collection[str]) -> Iterator[list[str]]:
    """The texts of the component's log; nothing is heard where nothing is secret."""
    logger, heard = logging.getLogger(f"rushes.{name}"), _Ear()
    level = logger.level
    if secrets:
        logger.addHandler(heard)
        logger.setLevel(logging.DEBUG)
    try:
        yield heard.texts
    finally:
        logger.removeHandler(heard)
        logger.setLevel(level)


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def must_have(part: object, verb: str, spec: AnySpec) -> None:
    """Fail where what `open` yields has not the verb of its kind."""
    if not callable(getattr(part, verb, None)):
        broken(f"open of {spec.name} yields {type(part).__name__}, which has no {verb}()")
