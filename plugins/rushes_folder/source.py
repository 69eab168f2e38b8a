"""The source `folder`: lives while the folder is there, outages in between."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import trio

from rushes_folder.index import Index
from rushes_folder.life import GUARD_S, Life
from rushes_folder.presence import look

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rushes import Context, Intake
    from rushes_folder.options import FolderOptions
    from rushes_folder.presence import Presence

#: Where the store keeps which mount the folder was: after a restart, too, its empty mount point is an outage.
MOUNT = "mount"


class FolderSource:
    """Admits the files of a folder. A folder that is not there is an outage, never a deletion."""

    def __init__(self, options: FolderOptions, context: Context) -> None:
        path = options.path.expanduser().absolute()
        self._options = options.model_copy(update={"path": path})
        self._context = context
        self._path = path
        self._index = Index(context.catalog)
        self._caught_up = False

    async def run(self, intake: Intake, /) -> None:
        """Until cancelled. A folder that is not there at the start counts as caught up with."""
        while True:
            presence = await self._present(intake)
            started = trio.current_time()
            life = Life(self._options, self._context, self._index, intake, presence)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._catch_up, intake, life)
                await life.run()
            if trio.current_time() - started < GUARD_S:
                await trio.sleep(GUARD_S)  # listed, but not to be scanned: no use in trying at full speed

    async def _catch_up(self, intake: Intake, life: Life) -> None:
        await life.caught_up()
        await self._say_caught_up(intake)

    async def _say_caught_up(self, intake: Intake) -> None:
        if not self._caught_up:
            self._caught_up = True
            await intake.caught_up()

    async def _present(self, intake: Intake) -> Presence:
        """Wait until the folder is there; tell the outage once."""
        told = ""
        while True:
            try:
                presence = await trio.to_thread.run_sync(partial(look, self._path), abandon_on_cancel=True)
                outage = await self._left_by_mount(presence)
            except OSError as error:
                outage = f"{self._path}: {os.strerror(error.errno or 0).lower()}"
            if not outage:
                break
            if outage != told:
                told = outage
                self._context.log.warning("%s; waiting for it", outage)
                self._context.show(outage=outage, mode=None, reason=None)
                await self._say_caught_up(intake)
            await trio.sleep(GUARD_S)
        if told:
            self._context.log.info("%s is there", self._path)
            self._context.show(outage=None)
        return presence

    async def _left_by_mount(self, presence: Presence) -> str:
        """Why the folder is no folder but the empty mount point of what was watched, or ""."""
        was = await self._context.store.get(MOUNT)
        now = {"root": presence.root, "volume": presence.volume.id}
        if presence.mounted:
            if was != now:
                await self._context.store.set(MOUNT, now)
        elif was and was["root"] == presence.root:
            if presence.empty:
                return f"{self._path}: what was mounted there is gone"
            await self._context.store.delete(MOUNT)
        return ""


@asynccontextmanager
async def open_folder(options: FolderOptions, context: Context) -> AsyncIterator[FolderSource]:
    """A source is open without its folder: it waits for it."""
    yield FolderSource(options, context)
