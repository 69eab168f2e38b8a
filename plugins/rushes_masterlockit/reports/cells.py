"""What may stand in a cell: a text of the set is never a formula, a link or a broken file."""

from __future__ import annotations

import re
from fractions import Fraction

#: A text, a whole number, or a length in seconds.
Cell = str | int | Fraction

#: How many UTF-16 code units a cell of a workbook holds.
MOST_TEXT = 32_767

_CUT = "…"
# What XML 1.0 cannot say (and lone surrogates, which no encoding can).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# "-20 dBFS, 1 kHz": without an operator, a bracket or a quote it can do nothing.
_MEASURE = re.compile(r"[+-]\d[\w .,°%]*")


def clean(text: str) -> str:
    """The text with U+FFFD for what a workbook cannot hold, one kind of line end, cut to what a cell takes."""
    if text.isascii() and text.isprintable() and len(text) <= MOST_TEXT:
        return text
    text = _FORBIDDEN.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > MOST_TEXT and len(text.encode("utf-16-le")) > MOST_TEXT * 2:
        # An astral character has two units; one that is cut in half is left out.
        text = text.encode("utf-16-le")[: (MOST_TEXT - 1) * 2].decode("utf-16-le", "ignore") + _CUT
    return text


def shown(text: str) -> str:
    """For a workbook: an apostrophe before what a spreadsheet would take for a formula once it is saved as CSV.

    A measure keeps its sign as it is: mixers write -20 dBFS.
    """
    formula = text.startswith(_FORMULA) and not _MEASURE.fullmatch(text)
    return clean(f"'{text}" if formula else text)


def harmless(text: str) -> str:
    """For CSV: one line, and an apostrophe before what a spreadsheet would take for a formula."""
    if not text:
        return text
    said = clean(f"'{text}" if text.startswith(_FORMULA) else text)
    return said.replace("\n", " ")
