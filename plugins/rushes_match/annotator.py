"""The annotator `match`: what it is asked, and which earlier clips new facts change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from rushes import Clip, Context, Finding
from rushes_match.library.decisions import TURN, name_concerned
from rushes_match.library.desk import Desk
from rushes_match.options import MatchOptions


class Match:
    """The engine's questions, put to the desk."""

    def __init__(self, options: MatchOptions, context: Context) -> None:
        self._desk = Desk(context.catalog, context.store, context.id, options)

    async def load(self) -> None:
        """Take up what earlier runs remember."""
        await self._desk.load()

    async def annotate(self, clips: Sequence[Clip], /) -> Sequence[Finding]:
        """One finding for each clip."""
        return await self._desk.annotate(clips)

    async def affected(self, clips: Sequence[Clip], records: Sequence[str], /) -> Collection[str]:
        """The earlier clips of whom something else is true now."""
        if records:
            await self._desk.told(records)
        return await self._desk.affected([clip.id for clip in clips])

    async def decided(self) -> None:
        """A person decided something: it counts from now on."""
        await self._desk.reload()


@asynccontextmanager
async def open_match(options: MatchOptions, context: Context) -> AsyncIterator[Match]:
    """The component's life."""
    match = Match(options, context)
    async with TURN:
        await match.load()
        await name_concerned(context)
    yield match
