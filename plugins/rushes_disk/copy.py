"""The blocking half of a copy: one part at a time, hashed as it passes; runs in worker threads of trio."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import BinaryIO

import trio
import xxhash

PIECE_BYTES = 4 * 1024 * 1024
#: Seconds between two reports of progress.
REPORT_EVERY_S = 0.25

Told = Callable[[int], None]


class SourceError(Exception):
    """The source could not be read (an OSError is the cause) or ended early (no cause)."""


def read_into(descriptor: int, view: memoryview, offset: int) -> int:
    """Bytes read at the offset into `view`; raises SourceError."""
    try:
        return os.preadv(descriptor, [view], offset)
    except OSError as error:
        raise SourceError(error.strerror) from error


def copy_part(source: BinaryIO, target: int, offset: int, size: int, told: Told) -> str:
    """Copy `size` bytes at `offset` and sync them; returns their xxh3-64.

    `told` gets the bytes of this part so far. Raises SourceError for the source, OSError for the target,
    Cancelled between two pieces.
    """
    digest = xxhash.xxh3_64()
    buffer = memoryview(bytearray(min(PIECE_BYTES, size)))
    clock = _Clock(told)
    done = 0
    while done < size:
        trio.from_thread.check_cancelled()
        count = read_into(source.fileno(), buffer[: size - done], offset + done)
        if not count:
            raise SourceError
        digest.update(buffer[:count])
        written = 0
        while written < count:
            written += os.pwrite(target, buffer[written:count], offset + done + written)
        done += count
        clock.tell(done)
    os.fsync(target)
    return digest.hexdigest()


def hash_parts(descriptor: int, size: int, part_bytes: int) -> tuple[list[str], str]:
    """xxh3-64 of each part and of the whole file, read from the disk where the system allows.

    Raises OSError, and Cancelled between two pieces. A file that ends early gives other hashes.
    """
    # Advice only: a file system that ignores it answers from its cache.
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    buffer = memoryview(bytearray(min(PIECE_BYTES, max(size, 1))))
    whole = xxhash.xxh3_64()
    parts = []
    for start in range(0, size, part_bytes):
        digest = xxhash.xxh3_64()
        offset, end = start, min(start + part_bytes, size)
        while offset < end:
            trio.from_thread.check_cancelled()
            count = os.preadv(descriptor, [buffer[: end - offset]], offset)
            if not count:
                break
            digest.update(buffer[:count])
            whole.update(buffer[:count])
            offset += count
        parts.append(digest.hexdigest())
    return parts, whole.hexdigest()


def hash_source(source: BinaryIO, size: int, part_bytes: int) -> tuple[list[str], str]:
    """The same of a source: raises SourceError instead of OSError."""
    try:
        return hash_parts(source.fileno(), size, part_bytes)
    except OSError as error:
        raise SourceError(error.strerror) from error


class _Clock:
    """Passes on progress a few times a second, on trio's thread."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._next = time.monotonic() + REPORT_EVERY_S

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + REPORT_EVERY_S
            trio.from_thread.run_sync(self._told, done)
