"""What was sent of a file that may still change, and whether it is still so.

A recorder may rewrite bytes that were sent: an index, the sizes in a header. Each part's digests are taken right
before it is sent and kept with it; bytes that change after that moment differ from them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from xxhash import xxh3_64

PIECE_BYTES = 1024 * 1024
#: The ends of a part that can be looked at when there is no time for all of it.
END_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sums:
    """Digests of one part: of all its bytes, and of its first and last 64 KiB."""

    whole: str
    ends: str

    def value(self, etag: str) -> str:
        """What `Report.part` keeps."""
        return f"{self.whole} {self.ends} {etag}"


def read_value(value: str) -> Sums:
    """The digests in what `Report.part` kept."""
    whole, ends, *_ = value.split(" ")
    return Sums(whole, ends)


class StoppedError(Exception):
    """Reading was stopped."""


@dataclass(eq=False)
class Reading:
    """Reads of one file in worker threads, all of which `stop` ends within a piece."""

    descriptor: int
    _stopped: bool = field(default=False, init=False)

    def stop(self) -> None:
        """From any thread."""
        self._stopped = True

    def sums(self, offset: int, size: int) -> Sums:
        """Digests of the bytes as they are now; blocks. Raises OSError, EOFError and StoppedError."""
        whole = xxh3_64()
        buffer = memoryview(bytearray(min(PIECE_BYTES, size)))
        done = 0
        while done < size:
            if self._stopped:
                raise StoppedError
            piece = buffer[: self._read(buffer[: size - done], offset + done)]
            whole.update(piece)
            done += len(piece)
        return Sums(whole.hexdigest(), self.ends(offset, size))

    def ends(self, offset: int, size: int) -> str:
        """The digest of the first and last 64 KiB of the bytes as they are now; blocks. Raises as `sums`."""
        if self._stopped:
            raise StoppedError
        digest = xxh3_64()
        length = min(END_BYTES, size)
        for start in (offset, offset + size - length):
            buffer = memoryview(bytearray(length))
            done = 0
            while done < length:
                done += self._read(buffer[done:], start + done)
            digest.update(buffer)
        return digest.hexdigest()

    def _read(self, buffer: memoryview, offset: int) -> int:
        count = os.preadv(self.descriptor, [buffer], offset)
        if not count:
            raise EOFError
        return count
