"""The one way in which a payload is refused."""

from __future__ import annotations


class FormatError(ValueError):
    """A payload cannot be taken for what it should be; one line: thing and fact."""
