"""One presence of the watched folder: from when it is there until it is lost."""

# ruff: noqa: PTH114 - paths are plain strings here, as the kernel tells them

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import trio

from rushes_folder import mode
from rushes_folder.admit import Admitter
from rushes_folder.containers import checkable
from rushes_folder.examine import CLOSED_SHARE
from rushes_folder.names import Names, extension
from rushes_folder.presence import Presence, look
from rushes_folder.scan import Scanner
from rushes_folder.watch import LimitError, Notice, Said, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from rushes import Context, Intake
    from rushes_folder.candidate import Place
    from rushes_folder.index import Index
    from rushes_folder.options import FolderOptions
    from rushes_folder.scan import Folder

T = TypeVar("T")

#: How often the folder is asked whether it is still there, and the mount table what went in or out.
GUARD_S = 1.0


class Life:
    """Watches a folder that is there; `run` returns when it is lost."""

    def __init__(
        self, options: FolderOptions, context: Context, index: Index, intake: Intake, presence: Presence
    ) -> None:
        self._options = options
        self._context = context
        self._index = index
        self._presence = presence
        self._root = presence.root
        self._names = Names(options)
        self._scanner = Scanner(self._root, self._names, index, follow=options.symlinks == "follow")
        self._admitter = Admitter(options, context, self._names, index, intake)
        self._mode = mode.choose(options, Path(self._root))
        self._watch: Watch | None = None
        self._wanted: dict[str, Folder] = {}
        self._wake = trio.Event()
        self._check = trio.Event()
        self._unmounted = False
        self._refused: set[str] = set()
        self._lost = trio.Event()

    async def caught_up(self) -> None:
        """Return when the files of the first scan are dealt with, or the folder is lost."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._cancel_when, self._lost, nursery.cancel_scope)
            await self._admitter.done.wait()
            nursery.cancel_scope.cancel()

    async def run(self) -> None:
        """Admit what is there and what comes, until the folder is gone or is another one."""
        try:
            self._tell_mode()
            if self._mode.events:
                self._open_watch()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._cancel_when, self._lost, nursery.cancel_scope)
                nursery.start_soon(self._admitter.run)
                nursery.start_soon(self._scan)
                nursery.start_soon(self._hear)
                nursery.start_soon(self._guard)
        finally:
            self._close_watch()

    @staticmethod
    async def _cancel_when(event: trio.Event, scope: trio.CancelScope) -> None:
        await event.wait()
        scope.cancel()

    # Scanning

    async def _scan(self) -> None:
        top = self._scanner.top()
        self._admitter.expect(await self._scan_folder(top, first=True))
        scanned = trio.current_time()
        while True:
            full = True
            with trio.move_on_at(scanned + self._mode.interval):
                await self._wake.wait()
                full = self._root in self._wanted
            self._wake = trio.Event()
            wanted, self._wanted = self._wanted, {}
            for folder in [top] if full else wanted.values():
                await self._scan_folder(folder)
            if full:
                scanned = trio.current_time()

    async def _scan_folder(self, start: Folder, *, first: bool = False) -> list[Place]:
        try:
            await self._index.load(await self._in_thread(partial(self._scanner.volumes, start)))
            found = await self._in_thread(partial(self._scanner.scan, start, self._enter))
        except LimitError as limit:
            self._fall_back(str(limit))
            return await self._scan_folder(start, first=first)
        except OSError as error:
            if start.path == self._root:
                self._lost.set()
            elif error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                self._refuse(start.path, f"cannot be listed: {os.strerror(error.errno or 0).lower()}")
            return []
        await self._index.load({place.volume.id for place in found.files})
        for path, reason in found.refused.items():
            self._refuse(path, f"cannot be listed: {reason}")
        files = [place for place in found.files if self._storable(place)]
        for place in files:
            self._admitter.pending.found(place, aged=first or not place.volume.network)
        return files

    @staticmethod
    async def _in_thread(function: Callable[[], T]) -> T:
        # Only reads: on shutdown a thread that hangs on a dead share is left behind.
        return await trio.to_thread.run_sync(function, abandon_on_cancel=True)

    def _enter(self, folder: Folder) -> None:
        watch = self._watch  # called in the scanning thread: the watch may be replaced meanwhile
        if watch is not None:
            watch.add(folder)

    def _want(self, folder: Folder) -> None:
        self._wanted[folder.path] = folder
        self._wake.set()

    def _storable(self, place: Place) -> bool:
        try:
            (place.relative + place.volume.id).encode()
        except UnicodeEncodeError:
            self._refuse(place.path, "left out: its name is not UTF-8; rename it")
            return False
        return True

    def _refuse(self, path: str, reason: str) -> None:
        if path not in self._refused:
            self._refused.add(path)
            shown = os.fsencode(path).decode(errors="backslashreplace")
            self._context.log.warning("%s %s", shown, reason)

    # Events

    async def _hear(self) -> None:
        while self._watch is not None:
            try:
                notices = await self._watch.notices()
            except trio.ClosedResourceError:
                continue  # replaced or given up
            for notice in notices:
                self._heard(notice)

    def _heard(self, notice: Notice) -> None:
        folder, name = notice.folder, notice.name
        if folder is None:
            self._overflowed()
        elif notice.said is Said.UNMOUNTED:
            self._unmounted = True
        elif notice.said is Said.LOST:
            if folder.path == self._root:
                self._check.set()
        elif notice.said is Said.FOLDER:
            if self._names.folder(name, folder.inside):
                self._want(self._scanner.child(folder, name))
        elif self._options.symlinks == "follow" and os.path.islink(folder.place(name).path):
            self._want(folder)
        elif self._names.file(name, folder.inside) and self._storable(folder.place(name)):
            self._heard_of_file(notice.said, folder.place(name))

    def _heard_of_file(self, said: Said, place: Place) -> None:
        pending, settle, aged = self._admitter.pending, self._options.settle, not place.volume.network
        match said:
            case Said.CLOSED:
                delay = 0.0 if checkable(extension(place.relative)) else settle * CLOSED_SHARE
                pending.told(place, "closed", delay, aged=aged)
            case Said.RENAMED:
                pending.told(place, "renamed", 0.0, aged=aged)
            case Said.CREATED:
                pending.told(place, "quiet", self._admitter.growing.soon(place, settle), born=True, aged=aged)
            case _:
                pending.touched(place, aged=aged)

    def _open_watch(self) -> None:
        try:
            self._watch = Watch()
            self._admitter.growing.events = True
        except LimitError as limit:
            self._fall_back(str(limit))

    def _close_watch(self) -> None:
        watch, self._watch = self._watch, None
        self._admitter.growing.events = False
        if watch is not None:
            watch.close()

    def _overflowed(self) -> None:
        """Events were dropped, also those that tell which folders moved: start over with new watches."""
        self._close_watch()
        self._context.log.warning("%s: more events than the queue holds; scanning again", self._root)
        self._tell_mode("the event queue overflowed; scanned again")
        self._open_watch()
        self._want(self._scanner.top())

    def _fall_back(self, reason: str) -> None:
        self._close_watch()
        self._mode = mode.fallback(self._options, reason)
        self._context.log.warning("%s: polling instead of events: %s", self._root, reason)
        self._tell_mode(reason)

    def _tell_mode(self, reason: str | None = None) -> None:
        self._context.log.info("%s: %s", self._root, self._mode)
        self._context.show(mode=str(self._mode), reason=reason)

    # Presence

    async def _guard(self) -> None:
        mounts = self._presence.mounts
        while True:
            with trio.move_on_after(GUARD_S):
                await self._check.wait()
            self._check = trio.Event()
            try:
                now = await self._in_thread(partial(look, self._options.path))
            except OSError:
                self._lost.set()
                return
            if not now.is_still(self._presence):
                self._lost.set()
                return
            if now.mounts != mounts or self._unmounted:
                mounts, self._unmounted = now.mounts, False
                self._mounts_changed()

    def _mounts_changed(self) -> None:
        """A card went in or out: no event tells of a mount."""
        if self._watch is not None:
            chosen = mode.choose(self._options, Path(self._root))
            if chosen != self._mode:
                self._mode = chosen
                self._tell_mode()
        self._want(self._scanner.top())
