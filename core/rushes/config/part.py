"""An error about a part of a text."""

from __future__ import annotations


class PartError(ValueError):
    """What is wrong with a part of a value, and where that is in its text; a reader shows it with its place."""

    def __init__(self, message: str, offset: int, length: int) -> None:
        super().__init__(message)
        self.offset = offset
        self.length = length
