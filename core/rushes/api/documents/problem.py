"""What an answer says that is none."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class FurtherError(TypedDict):
    """As in `Problem`."""

    error: str
    excerpt: str


class Problem(TypedDict):
    """`error` is one line: thing, fact, remedy; `excerpt` the lines of a file that are wrong, with a mark below.

    `others` are further errors of that file.
    """

    error: str
    type: str
    excerpt: NotRequired[str]
    others: NotRequired[list[FurtherError]]
