"""Looking at files in worker processes, and whether a proxy is its original again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path

from rushes import Clip, Context, Kind, Permanent, Unavailable, WorkerDied
from rushes_media.facts import Facts
from rushes_media.making.compare import difference
from rushes_media.making.material import Material
from rushes_media.making.recipe import Recipe
from rushes_media.worker import count_pictures, survey_file, unlike

FULL = "work disk is full; free space on the disk of the state folder"


class Checking:
    """What a proxy asks about files; Permanent where a file is to blame, MediaGone where its card is gone."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @contextmanager
    def reading(self, clip: Clip) -> Iterator[None]:
        """Turn what a reader dies of into what it means."""
        try:
            yield
        except WorkerDied as error:
            raise Permanent(f"{clip.filename} crashes the reader: its process died looking at it") from error
        except OSError as error:
            if error.errno == ENOSPC:
                raise Unavailable(FULL) from error
            self._context.path(clip)  # MediaGone where the card was pulled meanwhile
            raise Permanent(f"{clip.filename} cannot be read: {error.strerror or error}") from error

    @contextmanager
    def storing(self, clip: Clip) -> Iterator[None]:
        """Unavailable where the work disk is full; Permanent where the clip's proxy cannot be stored."""
        try:
            yield
        except OSError as error:
            if error.errno == ENOSPC:
                raise Unavailable(FULL) from error
            raise Permanent(f"{clip.filename}: its proxy cannot be stored: {error.strerror}") from error

    async def survey(self, clip: Clip, path: Path, *, unfinished: bool = False) -> tuple[Facts, Material]:
        """See `rushes_media.worker.survey_file`."""
        with self.reading(clip):
            return await self._context.call(survey_file, str(path), str(Kind.VIDEO), unfinished=unfinished)

    async def count(self, clip: Clip, path: Path, facts: Facts) -> Facts:
        """The same with `packets`, by reading all of the file."""
        assert facts.picture is not None
        with self.reading(clip):
            counted = await self._context.call(count_pictures, str(path), facts.picture)
        return replace(facts, packets=counted)

    async def differs(
        self, clip: Clip, source: Path, target: Path, original: Facts, made_as: Recipe
    ) -> tuple[str, Facts]:
        """The first thing of the file at `target` that is not as in the original at `source`, "" when all is; and
        what it is.
        """
        made, material = await self.survey(clip, target)
        told = (facts.values.get("frames") for facts in (original, made))
        if made.picture is not None and made_as.counted and (made_as.live or len(set(told)) > 1):
            # Not told by this container, or told with pictures that an edit list hides: count them.
            original = await self.count(clip, source, original)
            made = await self.count(clip, target, made)
        found = difference(made_as, original, made, material)
        if not found and material.sounds:
            with self.reading(clip):
                found = await self._context.call(
                    unlike, str(source), made_as.material, str(target), material, made_as.frame
                )
        return found, made


def useful(output: str) -> str:
    """Of what ffmpeg says the first line: those after it tell that it gave up because of it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[0] if lines else "it told nothing"


def settle(unfinished: Path, target: Path) -> None:
    """Make the file durable under its name, which it may have already."""
    for path in (unfinished, target.parent):
        if path == target.parent:
            unfinished.replace(target)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
