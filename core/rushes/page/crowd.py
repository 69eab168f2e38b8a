"""How many connections there may be: a stranger's many leave room for everybody else's few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

#: A browser has six and, for each open tab, a stream.
MOST_OF_ONE = 32
MOST = 256


class Crowd:
    """The connections that are open."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def room(self, peer: str) -> Iterator[bool]:
        """Whether there is room for one more of that peer; it is taken while inside."""
        if self._of[peer] >= MOST_OF_ONE or self._of.total() >= MOST:
            yield False
            return
        self._of[peer] += 1
        try:
            yield True
        finally:
            self._of[peer] -= 1
            self._of += Counter()  # forgets those who have none
