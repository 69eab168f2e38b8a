"""A proxy that grows with its recording: fragmented MP4, read through a pipe, followed by others at once.

What the head of the recording tells is what the proxy is begun with. Once the recording is complete, all of it is
looked at again as for any proxy; where the head told otherwise, the proxy is made again in the ordinary way.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import trio

from rushes import Clip, CommandFailed, Context, Kind, NotYet, Permanent, Role, Scalar, Unavailable
from rushes_media.checking import FULL, Checking, settle, useful
from rushes_media.facts import Facts
from rushes_media.feed import Feed, extend
from rushes_media.making import growing, start
from rushes_media.making.form import Form, NoTimecode
from rushes_media.making.material import Material
from rushes_media.making.metadata import OF_FILE, findings, tags
from rushes_media.making.recipe import Recipe, recipe
from rushes_media.worker import proxy_command

#: A head that does not tell within so many bytes will not.
MOST_HEAD = 64 * 1024 * 1024
#: The first fragment of a proxy is much smaller.
MOST_FRAGMENT = 16 * 1024 * 1024
#: How often it is looked whether the first fragment is there.
LOOK_S = 0.25
#: Codecs that a growing MP4 does not hold, or that are heard late in it.
UNFIT = frozenset({"prores", "mp3"})
#: Findings of a part of a file that are not those of the whole.
UNSURE = frozenset({"variable_rate", "duration", "frames", "timecode_end"})


class LiveProxy:
    def __init__(self, form: Form, no_timecode: NoTimecode, context: Context) -> None:
        # BWF is no MP4: sound alone is what people can listen to at once.
        self._form = replace(form, sound="aac") if form.sound == "bwf" else form
        self._no_timecode = no_timecode
        self._context = context
        self._checking = Checking(context)

    async def apply(self, clip: Clip, /) -> Sequence[Clip]:
        """The proxy of a clip that is still being recorded, `{name}.mp4`, announced with its first fragment.

        NotYet until the clip is complete where it cannot be read before, or turned out to be something else.
        """
        folder = self._context.workspace()
        head, pipe = folder / f".head.{clip.extension}", folder / ".recording"
        target = folder / f"{clip.name}.mp4"
        made: Sequence[Clip] = []
        # What a killed run left there.
        for path in (head, pipe, target):
            path.unlink(missing_ok=True)
        try:
            with self._checking.storing(clip):
                made_as, told = await self._decide(clip, head)
                whole = await self._make(clip, pipe, target, made_as, told)
                made = [await self._proven(whole, target, made_as)]
        finally:
            for path in (head, pipe, *([] if made else [target])):
                path.unlink(missing_ok=True)
        return made

    def _later(self, clip: Clip, why: str) -> NotYet:
        return NotYet(f"{clip.filename}: its proxy waits until it is complete: {why}", until="complete")

    # -- the beginning ---------------------------------------------------------------------------------------

    async def _decide(self, clip: Clip, head: Path) -> tuple[Recipe, Facts]:
        """What the proxy will be, as soon as the head of the recording tells, and what that is; `head` is a copy."""
        async for newest in self._context.follow(clip):
            if newest.complete:
                raise self._later(clip, "it was before anything could be read of it")
            with self._checking.reading(clip):
                await trio.to_thread.run_sync(extend, self._context, newest, head, MOST_HEAD)
            seen = await trio.to_thread.run_sync(_verdict, head)
            if seen.wait:
                raise self._later(clip, seen.wait)
            if seen.container:
                facts, material = await self._checking.survey(newest, head, unfinished=True)
                if facts.values.get("pattern") == "OP-Atom":
                    raise self._later(clip, "an OP-Atom file holds its recording in one piece")
                if growing.enough(facts, material):
                    facts = _sure(facts)
                    return await self._recipe(newest, facts, material, seen.container), facts
            if newest.size >= MOST_HEAD:
                raise self._later(clip, "its first 64 MB do not tell what it is")
        raise AssertionError("a clip is followed until it is complete")

    async def _recipe(self, clip: Clip, facts: Facts, material: Material, container: str) -> Recipe:
        try:
            begins = await start.chosen(clip, facts, material, self._context, self._no_timecode)
        except NotYet:
            raise self._later(clip, "so far it has no timecode") from None
        made_as = recipe(clip.filename, facts, material, self._form, begins, tags(clip, facts))
        for codec in (made_as.codec, made_as.sound_codec):
            if codec in UNFIT:
                raise self._later(clip, f"{codec} has no place in a file that grows")
        if made_as.track is not None:  # which an MP4 has no place for, and -timecode counts pictures
            raise self._later(clip, "its timecode counts at another rate than its pictures seem to come at")
        return replace(made_as, live=container)

    # -- the making ------------------------------------------------------------------------------------------

    async def _make(self, clip: Clip, pipe: Path, target: Path, made_as: Recipe, told: Facts) -> Clip:
        """Make it until the recording ends; the complete clip."""
        os.mkfifo(pipe)
        command = await self._context.call(proxy_command, str(pipe), str(target), made_as)
        feed = Feed(self._context, self._checking, pipe, made_as.live)
        failure: CommandFailed | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(feed.run, clip)
            nursery.start_soon(self._announce, clip, target, made_as, told)
            try:
                await self._context.run(command)
            except CommandFailed as error:
                failure = error
            nursery.cancel_scope.cancel()
        if failure is not None:
            self._context.path(clip)  # MediaGone where the card was pulled meanwhile
            if "No space left on device" in failure.output:
                raise Unavailable(FULL) from failure
            raise self._later(clip, f"ffmpeg cannot read it while it grows: {useful(failure.output)}")
        if feed.whole is None:
            raise self._later(clip, "ffmpeg took something in it for its end")
        return feed.whole

    async def _announce(self, clip: Clip, target: Path, made_as: Recipe, told: Facts) -> None:
        """Let others follow the proxy once its first fragment is there, with what that tells of it."""
        begun = False
        while not begun:
            await trio.sleep(LOOK_S)
            begun = await trio.to_thread.run_sync(_begun, target)
        made, _ = await self._checking.survey(clip, target, unfinished=True)
        meta = _said(clip, told) | findings(_sure(made), made_as)
        await self._context.announce(self._derived(clip, target, made_as, meta, complete=False))

    def _derived(
        self, clip: Clip, target: Path, made_as: Recipe, meta: Mapping[str, Scalar], *, complete: bool
    ) -> Clip:
        kind = Kind.VIDEO if made_as.material.picture else Kind.AUDIO
        return self._context.derive(clip, target, role=Role.PROXY, kind=kind, meta=meta, complete=complete)

    # -- the proof -------------------------------------------------------------------------------------------

    async def _proven(self, clip: Clip, target: Path, made_as: Recipe) -> Clip:
        """The complete proxy, checked against all of the complete clip and by what that tells."""
        source = self._context.path(clip)
        original, material = await self._checking.survey(clip, source)
        if original.problem:
            raise Permanent(f"{clip.filename}: {original.problem}")
        begins = await start.chosen(clip, original, material, self._context, self._no_timecode)
        # A tag that came later is no fault of the proxy; one that came to be another is.
        told = tags(clip, original)
        kept = {name: told.get(name, value) for name, value in made_as.tags.items()}
        wanted = replace(
            recipe(clip.filename, original, material, self._form, begins, kept), live=made_as.live
        )
        differs = _decided_otherwise(made_as, wanted)
        if not differs:
            differs, made = await self._checking.differs(clip, source, target, original, wanted)
        await trio.to_thread.run_sync(self._context.verify, clip)
        if differs:
            self._context.note(f"{clip.filename}: its live proxy differs, it is made again: {differs}")
            raise self._later(clip, f"what grew differs: {differs}")
        if remark := start.remark(clip, begins):
            self._context.note(remark)
        await trio.to_thread.run_sync(settle, target, target)
        meta = _said(clip, original) | findings(made, wanted)
        return self._derived(clip, target, wanted, meta, complete=True)


def _sure(facts: Facts) -> Facts:
    """What a part of a file tells of the whole."""
    return replace(facts, values={name: told for name, told in facts.values.items() if name not in UNSURE})


def _said(clip: Clip, facts: Facts) -> dict[str, Scalar]:
    """What the file tells of its recording, which no annotator has read yet; what was said of it stands above."""
    hidden = {*OF_FILE, *clip.meta}
    return {name: told for name, told in facts.values.items() if name not in hidden}


def _verdict(head: Path) -> growing.Verdict:
    with head.open("rb") as stream:
        return growing.verdict(stream.read(MOST_HEAD))


def _begun(target: Path) -> bool:
    """Whether the index of the proxy and a fragment are in the file."""
    try:
        with target.open("rb") as stream:
            return growing.verdict(stream.read(MOST_FRAGMENT)).container == "mp4"
    except FileNotFoundError:
        return False


def _decided_otherwise(made_as: Recipe, wanted: Recipe) -> str:
    """What the whole recording has decided otherwise than its head, of what the result alone does not show."""
    for what, before, after in (
        ("even pictures", made_as.conform, wanted.conform),
        ("fields", made_as.deinterlace, wanted.deinterlace),
        ("timecode track", made_as.track, wanted.track),
        ("streams", made_as.material.channels, wanted.material.channels),
    ):
        if before != after:
            return f"{what}: the head told {before or 'none'}, the whole {after or 'none'}"
    return ""
