"""The transform `proxy`: a copy for people and editors that is checked against its original before it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from rushes import (
    Clip,
    CommandFailed,
    ConfigError,
    Context,
    Kind,
    Permanent,
    Role,
    Spec,
    Unavailable,
)
from rushes_media.checking import FULL, Checking, settle, useful
from rushes_media.facts import Facts
from rushes_media.live import LiveProxy
from rushes_media.making import font, start
from rushes_media.making.form import Form
from rushes_media.making.lut import prepare
from rushes_media.making.metadata import findings, tags
from rushes_media.making.recipe import Recipe, recipe
from rushes_media.options import ProxyOptions, notes
from rushes_media.worker import finish_wave, proxy_command


class Proxy:
    def __init__(self, options: ProxyOptions, context: Context, form: Form | None = None) -> None:
        self._form = form or options.form()
        self._no_timecode = options.no_timecode
        self._context = context
        self._checking = Checking(context)
        self._live = LiveProxy(self._form, options.no_timecode, context)

    async def apply(self, clip: Clip, /) -> Sequence[Clip]:
        """One file with the clip's base name, start, reel, rate and channels; see `rushes_media.making.recipe`.

        Of a clip that is still being recorded, see `rushes_media.live`. Permanent when the clip cannot be a proxy,
        ffmpeg fails on it or the proxy differs; NotYet when it waits for a timecode; Unavailable when the work disk
        is full; MediaGone when the card was pulled.
        """
        if not clip.complete:
            return await self._live.apply(clip)
        source = self._context.path(clip)
        original, material = await self._checking.survey(clip, source)
        if original.problem:
            raise Permanent(f"{clip.filename}: {original.problem}")
        if not (material.picture or material.sounds):
            raise Permanent(f"{clip.filename} has no picture and no sound to make a proxy of")
        begins = await start.chosen(clip, original, material, self._context, self._no_timecode)
        if remark := start.remark(clip, begins):
            self._context.note(remark)
        made_as = recipe(clip.filename, original, material, self._form, begins, tags(clip, original))
        if made_as.clips:
            self._context.note(
                f"{clip.filename} is 32-bit float: what is over full scale is clipped in 24 bit"
            )
        target = self._context.workspace() / f"{clip.name}.{made_as.extension}"
        unfinished = target.with_name(f".{target.name}.partial")
        try:
            with self._checking.storing(clip):
                await self._make(clip, source, unfinished, original, made_as)
                self._context.verify(clip)
                differs, made = await self._checking.differs(clip, source, unfinished, original, made_as)
                if differs:
                    raise Permanent(f"proxy of {clip.filename} differs: {differs}")
                await trio.to_thread.run_sync(settle, unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)
        kind = Kind.VIDEO if material.picture else Kind.AUDIO
        return [self._context.derive(clip, target, role=Role.PROXY, kind=kind, meta=findings(made, made_as))]

    async def _make(self, clip: Clip, source: Path, target: Path, original: Facts, made_as: Recipe) -> None:
        command = await self._context.call(proxy_command, str(source), str(target), made_as)
        duration = float(str(original.values.get("duration", 0)))
        try:
            await self._context.run(command, lines=_progress(self._context.progress, duration))
        except CommandFailed as error:
            self._context.path(clip)  # MediaGone where the card was pulled meanwhile
            if "No space left on device" in error.output:
                raise Unavailable(FULL) from error
            raise Permanent(f"{clip.filename}: ffmpeg cannot make a proxy: {useful(error.output)}") from error
        if made_as.extension == "wav":
            await self._context.call(finish_wave, str(target), made_as)


def _progress(tell: Callable[[float, float], None], duration: float) -> Callable[[str], None]:
    """Reads ffmpeg's `-progress` lines: seconds done of all."""

    def line(text: str) -> None:
        key, _, value = text.partition("=")
        if key == "out_time_us" and value.strip().isdecimal():
            done = int(value) / 1_000_000
            tell(min(done, duration) if duration else done, duration or done)

    return line


def _form(options: ProxyOptions, context: Context) -> Form:
    """The choice with the files it needs beside it: the font of what is burnt in, tables that ffmpeg reads.

    Unavailable when a file that was named is not there, or is not what it should be.
    """
    try:
        return options.form(
            font=_letters(options, context), grade=prepare(options.lut, options.cdl, context.folder)
        )
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be read: {error.strerror}") from error
    except ConfigError as error:
        raise Unavailable(str(error)) from error


def _letters(options: ProxyOptions, context: Context) -> str:
    """The path of the font that is burnt in: a person's, else ours."""
    if options.burn_in is None:
        return ""
    if options.burn_in.font:
        return str(options.burn_in.font.absolute())
    path = context.folder / font.FILE
    path.write_bytes(font.font())
    return str(path)


@asynccontextmanager
async def open_proxy(options: ProxyOptions, context: Context) -> AsyncIterator[Proxy]:
    yield Proxy(options, context, await trio.to_thread.run_sync(_form, options, context))


PROXY = Spec(
    name="proxy",
    summary="makes a proxy of picture or sound with the same name, start, reel, rate and channels",
    config=ProxyOptions,
    open=open_proxy,
    live=True,
    notes=notes,
)
