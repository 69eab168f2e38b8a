"""The kernel's inotify(7): one descriptor, watches on folders, events as they are read.

Called through libc directly: asyncinotify builds a path object per event and asks ldconfig when imported.
"""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from dataclasses import dataclass
from typing import Final

ATTRIB: Final = 0x4
CLOSE_WRITE: Final = 0x8
MOVED_FROM: Final = 0x40
MOVED_TO: Final = 0x80
CREATE: Final = 0x100
DELETE_SELF: Final = 0x400
MOVE_SELF: Final = 0x800
UNMOUNT: Final = 0x2000
OVERFLOW: Final = 0x4000
IGNORED: Final = 0x8000
ONLY_FOLDERS: Final = 0x0100_0000
FOLDER: Final = 0x4000_0000

ASKED = ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE_SELF | MOVE_SELF | ONLY_FOLDERS

_EVENT = struct.Struct("iIII")
_BUFFER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """`watch` is -1 for an overflow, `name` is "" where the event is about the folder itself."""

    watch: int
    mask: int
    name: str


class Inotify:
    """Closed by `close`; `add` and `remove` may be called from any thread, also after that (they do nothing).

    Opening and adding raise OSError: EMFILE where there are too many instances, ENOSPC too many watches.
    """

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._lock = threading.Lock()
        self.fd = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))

    def add(self, folder: str) -> int:
        """Watch a folder; the same folder gets the same number. -1 when closed."""
        with self._lock:
            if self.fd < 0:
                return -1
            return self._checked(self._libc.inotify_add_watch(self.fd, os.fsencode(folder), ASKED))

    def remove(self, watch: int) -> None:
        """Forget a watch; one that is gone already is no error."""
        with self._lock:
            if self.fd >= 0:
                self._libc.inotify_rm_watch(self.fd, watch)

    def read(self) -> list[Event]:
        """The events that are there; raises BlockingIOError where there is none."""
        data = os.read(self.fd, _BUFFER_BYTES)
        events, offset = [], 0
        while offset < len(data):
            watch, mask, _cookie, length = _EVENT.unpack_from(data, offset)
            offset += _EVENT.size
            events.append(Event(watch, mask, os.fsdecode(data[offset : offset + length].rstrip(b"\0"))))
            offset += length
        return events

    def close(self) -> None:
        """May be called again."""
        with self._lock:
            if self.fd >= 0:
                os.close(self.fd)
                self.fd = -1

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
