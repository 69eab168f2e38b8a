"""The bytes that came and are not yet read."""

from __future__ import annotations


class Inbox:
    """`data` from `at` on is next, what came later waits in `later`.

    Frames are cut from `data`, which is immutable, so that this costs one copy. The two are joined only when `data`
    has no whole frame left and both together have: no way of feeding is quadratic.
    """

    __slots__ = ("at", "data", "later", "wanted")

    def __init__(self) -> None:
        self.data = b""
        self.at = 0
        self.later = bytearray()
        self.wanted = 1

    def __len__(self) -> int:
        return len(self.data) - self.at + len(self.later)

    def feed(self, data: bytes) -> None:
        if self.at == len(self.data) and not self.later:
            self.data, self.at = bytes(data), 0
        else:
            self.later += data

    def ready(self) -> bool:
        """Whether `data` now has the bytes that are wanted."""
        here = len(self.data) - self.at
        if here >= self.wanted:
            return True
        if here + len(self.later) < self.wanted:
            return False
        self.data, self.at = self.data[self.at :] + self.later, 0
        self.later = bytearray()
        return True

    def read_to(self, at: int, wanted: int) -> None:
        """Everything before `at` is done; behind it nothing can be read before `wanted` bytes are here."""
        self.at, self.wanted = at, wanted
        if wanted > 1 or at == len(self.data):
            # What is left is part of one frame: it does not keep all that came with it.
            self.data, self.at = self.data[at:], 0

    def clear(self) -> None:
        self.data, self.at, self.later, self.wanted = b"", 0, bytearray(), 1
