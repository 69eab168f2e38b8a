"""The transform `proxy`: an H.264 and AAC copy that is checked against its original before it counts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from errno import ENOSPC
from pathlib import Path

import trio

from rushes import Clip, CommandFailed, Context, Kind, Permanent, Role, Spec, Unavailable, WorkerDied
from rushes_media.compare import difference
from rushes_media.facts import Facts
from rushes_media.options import ProxyOptions, notes
from rushes_media.worker import probe_file, proxy_command

#: Findings that are true of the original's file only: a proxy has its own.
OF_FILE = (
    "container",
    "streams",
    "codec",
    "width",
    "height",
    "frames",
    "duration",
    "channels",
    "sample_rate",
)
#: Findings that travel as tags of the proxy's container.
TAGS = ("scene", "slate", "take", "camera", "reel", "project", "note", "circled")
FULL = "work disk is full; free space on the disk of the state folder"


class Proxy:
    def __init__(self, options: ProxyOptions, context: Context) -> None:
        self._form = options.form()
        self._context = context

    async def apply(self, clip: Clip, /) -> Sequence[Clip]:
        """One MOV with the clip's base name, timecode, reel, rate and channels; see `rushes_media.graph`.

        Permanent when the clip has no picture, ffmpeg fails on it or the proxy differs; Unavailable when
        the work disk is full; MediaGone when the card was pulled.
        """
        source = self._context.path(clip)
        original = await self._look(clip, source)
        if original.problem:
            raise Permanent(f"{clip.filename}: {original.problem}")
        if original.picture is None:
            raise Permanent(f"{clip.filename} has no picture to make a proxy of; route it without this step")
        target = self._context.workspace() / f"{clip.name}.mov"
        unfinished = target.with_name(f".{target.name}.partial")
        try:
            tags = _tags(clip, original)
            await self._make(clip, source, unfinished, original, tags)
            self._context.verify(clip)
            made = await self._compare(clip, source, unfinished, original, tags)
            await trio.to_thread.run_sync(_settle, unfinished, target)
        except OSError as error:
            if error.errno == ENOSPC:
                raise Unavailable(FULL) from error
            raise Permanent(f"{clip.filename}: its proxy cannot be stored: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
        meta = {name: made.values[name] for name in OF_FILE if name in made.values}
        return [self._context.derive(clip, target, role=Role.PROXY, kind=Kind.VIDEO, meta=meta)]

    async def _look(self, clip: Clip, path: Path, *, count: bool = False) -> Facts:
        try:
            return await self._context.call(probe_file, str(path), str(Kind.VIDEO), count=count)
        except WorkerDied as error:
            raise Permanent(f"{clip.filename} crashes the reader: its process died looking at it") from error
        except OSError as error:
            self._context.path(clip)  # MediaGone where the card was pulled meanwhile
            raise Permanent(f"{clip.filename} cannot be read: {error.strerror or error}") from error

    async def _make(
        self, clip: Clip, source: Path, target: Path, original: Facts, tags: Mapping[str, str]
    ) -> None:
        command = await self._context.call(
            proxy_command, str(source), str(target), original, self._form, tags
        )
        duration = float(str(original.values.get("duration", 0)))
        try:
            await self._context.run(command, lines=_progress(self._context.progress, duration))
        except CommandFailed as error:
            self._context.path(clip)  # MediaGone where the card was pulled meanwhile
            if "No space left on device" in error.output:
                raise Unavailable(FULL) from error
            raise Permanent(
                f"{clip.filename}: ffmpeg cannot make a proxy: {_useful(error.output)}"
            ) from error

    async def _compare(
        self, clip: Clip, source: Path, target: Path, original: Facts, tags: Mapping[str, str]
    ) -> Facts:
        made = await self._look(clip, target)
        if original.values.get("frames") != made.values.get("frames"):
            # Not told by this container, or told with pictures that an edit list hides: count them.
            original = await self._look(clip, source, count=True)
        if differs := difference(original, made, tags=tags):
            raise Permanent(f"proxy of {clip.filename} differs: {differs}")
        return made


def _tags(clip: Clip, original: Facts) -> dict[str, str]:
    """What a person, a record or the file tells, in this order; the clip's metadata are merged so."""
    told = {name: clip.meta.get(name, original.values.get(name, "")) for name in TAGS}
    # On one line and without the zero that no argument can hold.
    plain = {name: " ".join(str(value).replace("\0", " ").split()) for name, value in told.items()}
    return {name: value for name, value in plain.items() if value}


def _progress(tell: Callable[[float, float], None], duration: float) -> Callable[[str], None]:
    """Reads ffmpeg's `-progress` lines: seconds done of all."""

    def line(text: str) -> None:
        key, _, value = text.partition("=")
        if key == "out_time_us" and value.strip().isdecimal():
            done = int(value) / 1_000_000
            tell(min(done, duration) if duration else done, duration or done)

    return line


def _useful(output: str) -> str:
    """The first line that names a cause: those after it tell that ffmpeg gave up because of it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[0] if lines else "it told nothing"


def _settle(unfinished: Path, target: Path) -> None:
    """Make the file durable under its name."""
    for path in (unfinished, target.parent):
        if path == target.parent:
            unfinished.replace(target)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@asynccontextmanager
async def open_proxy(options: ProxyOptions, context: Context) -> AsyncIterator[Proxy]:
    yield Proxy(options, context)


PROXY = Spec(
    name="proxy",
    summary="makes an H.264 and AAC proxy with the same name, timecode, reel, rate and channels",
    config=ProxyOptions,
    open=open_proxy,
    notes=notes,
)
