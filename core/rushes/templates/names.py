"""Names that every disk takes: of one folder, whatever was told."""

from __future__ import annotations

import re
import unicodedata

#: Longest name that common file systems take, in bytes of UTF-8.
LONGEST_NAME = 255
#: What some file system refuses in a name, or takes for a separator.
REFUSED = frozenset('<>:"/\\|?*')

_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
#: Letters that are drawn as nothing, beside the category Cf: two names would look like one.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
#: Names of devices under Windows, which a share may be read by, with any extension.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)


def within_a_name(text: str) -> str:
    """A text as a part of a name: composed (NFC), nothing in it that is not seen, `_` for separators, control
    characters and what is refused.
    """
    seen = "".join(char for char in text if not unseen(char))
    text = unicodedata.normalize("NFC", seen).strip()
    safe = "".join("_" if refused(char) else char for char in text)
    # A folder that nobody sees is as good as lost.
    return f"_{safe[1:]}" if safe.startswith(".") else safe


def refused(char: str) -> bool:
    """Whether some disk does not take the character in a name."""
    return char in REFUSED or unicodedata.category(char) in _NO_TEXT


def unseen(char: str) -> bool:
    """Whether a character is not drawn: of no width, an order of direction, a mark of byte order, a selector."""
    return (
        unicodedata.category(char) == "Cf"
        or char in _BLANK
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


def whole_name(text: str) -> str:
    """A name made of safe parts: never empty, `.` or `..`, without dots and spaces around it that Windows drops."""
    name = _cut(text)
    if _DEVICE.match(name):
        name = _cut(f"_{name}")
    return name or "_"


def _cut(name: str) -> str:
    return name.strip().encode()[:LONGEST_NAME].decode(errors="ignore").rstrip(". ")
