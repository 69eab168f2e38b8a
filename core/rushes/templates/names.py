"""Names that every disk takes: of one folder, whatever was told."""

from __future__ import annotations

import re
import unicodedata

#: Longest name that common file systems take, in bytes of UTF-8.
LONGEST_NAME = 255
#: What some file system refuses in a name, or takes for a separator.
REFUSED = frozenset('<>:"/\\|?*')

_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
#: Names of devices under Windows, which a share may be read by, with any extension.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)


def within_a_name(text: str) -> str:
    """A text as a part of a name: composed (NFC), `_` for separators, control characters and what is refused."""
    text = unicodedata.normalize("NFC", text).strip()
    safe = "".join("_" if refused(char) else char for char in text)
    # A folder that nobody sees is as good as lost.
    return f"_{safe[1:]}" if safe.startswith(".") else safe


def refused(char: str) -> bool:
    """Whether some disk does not take the character in a name."""
    return char in REFUSED or unicodedata.category(char) in _NO_TEXT


def whole_name(text: str) -> str:
    """A name made of safe parts: never empty, `.` or `..`, without dots and spaces around it that Windows drops."""
    name = _cut(text)
    if _DEVICE.match(name):
        name = _cut(f"_{name}")
    return name or "_"


def _cut(name: str) -> str:
    return name.strip().encode()[:LONGEST_NAME].decode(errors="ignore").rstrip(". ")
