"""How a growing file is cut into parts: small ones first, so that little is left to send when it ends.

Frame.io takes 10,000 parts of 5 MiB to 5 GiB and files up to 5 TiB (reference, section 11). Parts of one size reach
either 48 GiB or leave half a gigabyte to the end. So every hundred parts the size grows by 7 %: an hour at 160 Mb/s
ends in parts of some 50 MB, and the last part possible has 4 GiB.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

MOST_PARTS = 10_000
#: The smallest part that Frame.io takes, the last one of a file apart.
SMALLEST = 5 * 1024 * 1024
_STEP = 100
_GROWTH_PERCENT = 107
#: Parts begin and end on pages.
_PAGE = 4096


@cache
def _steps(smallest: int) -> tuple[tuple[int, int], ...]:
    """Offset and part size of each hundred parts. Whole numbers: the same on every machine, for ever."""
    steps, offset, size = [], 0, smallest
    for _ in range(0, MOST_PARTS, _STEP):
        steps.append((offset, size))
        offset += _STEP * size
        size = -(-size * _GROWTH_PERCENT // 100 // _PAGE) * _PAGE
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Stride:
    """The cut that begins with parts of `smallest` bytes; parts count from 1."""

    smallest: int = SMALLEST

    def span(self, number: int) -> tuple[int, int]:
        """Offset and size of a part. Raises ValueError for a number that Frame.io does not take."""
        if not 1 <= number <= MOST_PARTS:
            raise ValueError(f"no part {number}")
        offset, size = _steps(self.smallest)[(number - 1) // _STEP]
        return offset + (number - 1) % _STEP * size, size

    def end(self, number: int) -> int:
        """Where a part ends and the next begins."""
        offset, size = self.span(number)
        return offset + size

    def last(self, length: int) -> int:
        """The number of the part that has the last byte of a file of `length` bytes; raises as `span`."""
        number = 1
        for offset, size in _steps(self.smallest):
            if offset >= length:
                break
            number += min(_STEP, -(-(length - offset) // size))
        if number - 1 == MOST_PARTS and self.end(MOST_PARTS) < length:
            raise ValueError(f"{length} bytes are more than {MOST_PARTS} parts take")
        return max(1, number - 1)
