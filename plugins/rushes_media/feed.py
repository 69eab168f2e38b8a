"""The bytes of a clip that grows, through a pipe: no more than its source told of, its end when it is complete."""

from __future__ import annotations

import os
from errno import ENXIO
from pathlib import Path

import trio

from rushes import Clip, Context, NotYet
from rushes_media.checking import Checking
from rushes_media.making.growing import TAIL_BYTES, sound_ends

CHUNK = 1024 * 1024
#: How often it is looked whether somebody reads at the other end.
OPEN_S = 0.05


class Feed:
    """`whole` is the complete clip once all of it was sent."""

    def __init__(self, context: Context, checking: Checking, pipe: Path, container: str) -> None:
        self.whole: Clip | None = None
        self._context = context
        self._checking = checking
        self._pipe = pipe
        self._wave = container == "wav"
        self._fed = 0

    async def run(self, clip: Clip) -> None:
        """Follow the clip to its end; returns early when nobody reads any more."""
        try:
            async with await _open(self._pipe) as stream:
                async for newest in self._context.follow(clip):
                    with self._checking.reading(clip):
                        await self._send(stream, newest)
                self.whole = newest
        except trio.BrokenResourceError:
            return

    async def _send(self, stream: trio.lowlevel.FdStream, clip: Clip) -> None:
        with await trio.to_thread.run_sync(self._context.open, clip) as file:
            end = clip.size
            if self._wave:
                end = await trio.to_thread.run_sync(_sound, file.fileno(), clip)
            while self._fed < end:
                piece = await trio.to_thread.run_sync(
                    os.pread, file.fileno(), min(CHUNK, end - self._fed), self._fed
                )
                if not piece:
                    break  # it became shorter: `verify` says what that means
                await stream.send_all(piece)
                self._fed += len(piece)
                self._context.progress(self._fed, max(clip.size, self._fed))
            await trio.to_thread.run_sync(self._context.verify, clip, file)
        if clip.complete and self._fed > end:
            raise NotYet(
                f"{clip.filename}: its proxy waits until it is complete: it ends before what was read of it",
                until="complete",
            )


def extend(context: Context, clip: Clip, head: Path, most: int) -> None:
    """Copy what has come since to the end of `head`, up to `most` bytes; raises as `context.open`."""
    with context.open(clip) as file, head.open("ab") as copy:
        while piece := os.pread(file.fileno(), min(CHUNK, min(clip.size, most) - copy.tell()), copy.tell()):
            copy.write(piece)


def _sound(descriptor: int, clip: Clip) -> int:
    """How much of a WAVE file there is that is sound for certain, header included."""
    if not clip.complete:
        return max(0, clip.size - TAIL_BYTES)
    ends = sound_ends(os.pread(descriptor, CHUNK, 0), clip.size)
    return clip.size if ends is None else ends


async def _open(pipe: Path) -> trio.lowlevel.FdStream:
    """The pipe's end for writing, once somebody has opened the other."""
    while True:
        try:
            return trio.lowlevel.FdStream(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != ENXIO:
                raise
        await trio.sleep(OPEN_S)
