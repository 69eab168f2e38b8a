"""OS events of a folder tree, as notices about files and folders."""

from __future__ import annotations

import errno
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

import trio

from rushes_folder import inotify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rushes_folder.scan import Folder


class LimitError(Exception):
    """The system grants no more events; the text says which limit and how to raise it."""


_LIMITS = {
    errno.ENOSPC: "no more inotify watches; raise fs.inotify.max_user_watches",
    errno.EMFILE: "no more inotify instances; raise fs.inotify.max_user_instances",
    errno.ENFILE: "the system has no more open files; raise fs.file-max",
    errno.ENOMEM: "no memory for inotify watches",
    errno.ENOSYS: "this system has no inotify",
}


@contextmanager
def _limits() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LimitError(_LIMITS.get(error.errno or 0, f"inotify: {error.strerror}")) from error


class Said(Enum):
    """What an event says."""

    CREATED = auto()
    CLOSED = auto()
    RENAMED = auto()
    TOUCHED = auto()
    FOLDER = auto()  # a folder appeared: scan it
    LOST = auto()  # a watched folder was deleted or moved
    UNMOUNTED = auto()
    OVERFLOW = auto()  # events were dropped: watch and scan anew


class Notice(NamedTuple):
    said: Said
    folder: Folder | None = None
    name: str = ""


_FILE = (
    (inotify.CLOSE_WRITE, Said.CLOSED),
    (inotify.MOVED_TO, Said.RENAMED),
    (inotify.CREATE, Said.CREATED),
    (inotify.ATTRIB, Said.TOUCHED),
)


class Watch:
    """Watches on every folder that a scan entered; opening and `add` raise LimitError."""

    def __init__(self) -> None:
        with _limits():
            self._inotify = inotify.Inotify()
        self._folders: dict[int, Folder] = {}

    def add(self, folder: Folder) -> None:
        """Watch a folder before it is listed, from any thread; one that is gone is left to the listing."""
        with _limits(), suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            number = self._inotify.add(folder.path)
            if number >= 0:
                self._folders[number] = folder

    async def notices(self) -> list[Notice]:
        """The next ones, at least one; raises trio.ClosedResourceError when closed meanwhile."""
        notices: list[Notice] = []
        while not notices:
            if self._inotify.fd >= 0:
                await trio.lowlevel.wait_readable(self._inotify.fd)
            if self._inotify.fd < 0:
                raise trio.ClosedResourceError
            with suppress(BlockingIOError):
                for event in self._inotify.read():
                    notices.extend(self._notices(event))
        return notices

    def _notices(self, event: inotify.Event) -> Iterator[Notice]:
        if event.mask & inotify.OVERFLOW:
            yield Notice(Said.OVERFLOW)
            return
        folder = self._folders.get(event.watch)
        if folder is None:
            return
        if event.mask & inotify.IGNORED:
            del self._folders[event.watch]
        elif not event.name:
            if event.mask & inotify.UNMOUNT:
                yield Notice(Said.UNMOUNTED, folder)
            elif event.mask & (inotify.DELETE_SELF | inotify.MOVE_SELF):
                yield Notice(Said.LOST, folder)
        elif event.mask & inotify.FOLDER:
            if event.mask & inotify.MOVED_FROM:
                self._forget(f"{folder.path}/{event.name}")
            elif event.mask & (inotify.CREATE | inotify.MOVED_TO):
                yield Notice(Said.FOLDER, folder, event.name)
        else:
            for bit, said in _FILE:
                if event.mask & bit:
                    yield Notice(said, folder, event.name)

    def _forget(self, path: str) -> None:
        """A folder was moved: its watches would tell old paths; where it went a scan watches it anew."""
        below = path + "/"
        for number, folder in list(self._folders.items()):
            if folder.path == path or folder.path.startswith(below):
                del self._folders[number]
                self._inotify.remove(number)

    def close(self) -> None:
        """May be called again; wakes `notices`."""
        if self._inotify.fd >= 0:
            trio.lowlevel.notify_closing(self._inotify.fd)
            self._inotify.close()
