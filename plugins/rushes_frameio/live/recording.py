"""A file that is still being written: how much of it is there, for how long, and whether it has ended."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable

import trio

from rushes import Clip, Context, Transient

#: How often the file is looked at. A source tells about once a second, which is late for the last parts.
LOOK_S = 0.25
#: Bytes are sent once they have been there that long: a recorder may go back to its last block.
SETTLE_S = 0.5


class Recording:
    """What is known of the file that `descriptor` reads; `tell()` is called at each change.

    `size` is how long it is so far, `clip` what its source said last, `ended` whether that is all of it.
    """

    def __init__(
        self, context: Context, clip: Clip, descriptor: int, head_end: int, tell: Callable[[], None]
    ) -> None:
        """`head_end` is where the part ends that may be left open to the last."""
        self.clip = clip
        self.size = clip.size
        self.ended = clip.complete
        #: Whether it became longer since it was looked at first.
        self.grew = False
        self._first: int | None = None
        self._context = context
        self._descriptor = descriptor
        self._tell = tell
        self._written = head_end
        self._seen: deque[tuple[float, int]] = deque()
        self._settled = 0

    @property
    def settled(self) -> int:
        """Bytes from the start that may be sent: all that there are once it has ended."""
        if self.ended:
            return self.size
        old = trio.current_time() - SETTLE_S
        while self._seen and self._seen[0][0] <= old:
            self._settled = self._seen.popleft()[1]
        return self._settled

    async def follow(self) -> None:
        """Return when the file has ended. Raises as `Context.follow`."""
        async for clip in self._context.follow(self.clip):
            self.clip = clip
            self.size = clip.size if clip.complete else max(self.size, clip.size)
            self.ended = clip.complete
            self._tell()

    async def look(self) -> None:
        """Look at the file itself until it has ended. Raises MediaGone, Permanent and Transient."""
        while True:
            try:
                size, written = await trio.to_thread.run_sync(measure, self._descriptor, self._written)
            except OSError as error:
                self._context.path(self.clip)  # raises MediaGone when the card is gone
                text = f"{self.clip.filename}: cannot be read: {error.strerror}"
                raise Transient(text, blame="clip") from error
            if self._first is None:
                self._first = size
            self.grew = self.grew or size > self._first
            if self.ended:
                return
            self.size = size
            if written > self._written:
                self._seen.append((trio.current_time(), written))
                self._written = written
            self._tell()
            await trio.sleep(LOOK_S)


def measure(descriptor: int, known: int) -> tuple[int, int]:
    """A file's size, and up to where it is written without a hole from `known` on.

    Some recorders set the size first: what they have not written yet is a hole. Raises OSError.
    """
    size = os.fstat(descriptor).st_size
    if size <= known:
        return size, size
    try:
        return size, min(size, os.lseek(descriptor, known, os.SEEK_HOLE))
    except OSError as error:
        if error.errno in {errno.ENXIO, errno.EINVAL}:  # shorter by now, or a file system that cannot tell
            return size, size
        raise
