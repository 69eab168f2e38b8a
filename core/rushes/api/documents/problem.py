"""What an answer says that is none."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Problem(TypedDict):
    """`error` is one line: thing, fact, remedy; `excerpt` the lines of a file that are wrong, with a mark below."""

    error: str
    type: str
    excerpt: NotRequired[str]
