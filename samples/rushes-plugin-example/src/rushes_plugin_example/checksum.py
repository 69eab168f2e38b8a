"""Transform `checksum`: beside each clip a list that `md5sum --check` reads."""

import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import trio
from pydantic import Field
from rushes import Clip, Context, Kind, Options, Role, Transient

PIECE_BYTES = 4 * 1024 * 1024


class ChecksumOptions(Options):
    algorithm: Literal["md5", "sha256"] = Field(
        "md5", description="How it is computed; the list has it as its extension."
    )


@asynccontextmanager
async def open_checksum(
    options: ChecksumOptions, context: Context
) -> AsyncIterator["ChecksumTransform"]:
    yield ChecksumTransform(options, context)


class ChecksumTransform:
    def __init__(self, options: ChecksumOptions, context: Context) -> None:
        self._algorithm = options.algorithm
        self._context = context

    async def apply(self, clip: Clip, /) -> Sequence[Clip]:
        """The clip itself, and its list: both go to the sinks of the route."""
        digest = await trio.to_thread.run_sync(self._digest, clip)
        path = self._context.workspace() / f"{clip.filename}.{self._algorithm}"
        await trio.to_thread.run_sync(_write, path, f"{digest} *{clip.filename}\n")
        listed = self._context.derive(
            clip, path, role=Role.SIDECAR, kind=Kind.DATA, meta={"checksum": digest}
        )
        return [clip, listed]

    def _digest(self, clip: Clip) -> str:
        hashed, done = hashlib.new(self._algorithm), 0
        with self._context.open(clip) as source:
            while content := self._read(clip, source.fileno()):
                trio.from_thread.check_cancelled()
                hashed.update(content)
                done += len(content)
                trio.from_thread.run_sync(self._context.progress, done, clip.size)
            self._context.verify(clip, source)  # a file that changed meanwhile has no checksum
        return hashed.hexdigest()

    def _read(self, clip: Clip, descriptor: int) -> bytes:
        try:
            return os.read(descriptor, PIECE_BYTES)
        except OSError as error:
            self._context.path(clip)  # MediaGone where the card was pulled
            raise Transient(f"{clip.filename}: cannot be read ({error.strerror})") from error


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and durable: under another name, synced, renamed, the folder synced."""
    partial = path.with_name(f"{path.name}.part")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
