"""What a text of the set may be in a table that a spreadsheet opens: one line, and never a formula."""

from __future__ import annotations

import re

#: Control characters, line ends of any kind, what turns the direction of writing, and lone surrogates.
_BROKEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_FORMULA = tuple("=+-@＝＋－＠")


def line(text: str) -> str:
    """In one line, without what would end a cell or turn it round."""
    return _BROKEN.sub(" ", text).strip()


def cell(text: str) -> str:
    """One line, with an apostrophe before what a spreadsheet would take for a formula."""
    told = line(text)
    return f"'{told}" if told.startswith(_FORMULA) else told
