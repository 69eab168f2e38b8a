"""What a file is known by: its stat and the hashes of both ends, read once together with its container."""

from __future__ import annotations

import os

from xxhash import xxh3_64_hexdigest

from rushes_folder import containers
from rushes_folder.candidate import Stat
from rushes_folder.names import extension

#: How much of both ends is hashed.
END_BYTES = 64 * 1024


def inspect(path: str, *, follow: bool) -> tuple[str, str, str, Stat]:
    """A file's problem, the hashes of its first and last 64 KiB, its stat after reading; raises OSError."""
    descriptor = _open(path, follow=follow)
    try:
        size = os.fstat(descriptor).st_size

        def read(offset: int, length: int) -> bytes:
            return os.pread(descriptor, length, offset)

        problem = containers.problem(extension(path), read, size)
        head = xxh3_64_hexdigest(read(0, END_BYTES))
        tail = head if size <= END_BYTES else xxh3_64_hexdigest(read(size - END_BYTES, END_BYTES))
        after = os.fstat(descriptor)
        return problem, head, tail, Stat(after.st_size, after.st_mtime_ns, after.st_ino)
    finally:
        os.close(descriptor)


def _open(path: str, *, follow: bool) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:  # only a file's owner may leave its access time alone
        return os.open(path, flags)
