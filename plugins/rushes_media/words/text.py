"""Text as files carry it: bytes in an encoding that nobody tells, padded, cut and sometimes hostile."""

from __future__ import annotations

import codecs

#: A value that people read; what is longer is no name and no remark.
MOST_CHARACTERS = 1000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def line(raw: bytes | str) -> str:
    """One line of printable text up to the first NUL, without its padding; "" where nothing is left."""
    told = raw if isinstance(raw, str) else document(raw.partition(b"\0")[0])
    told = told.partition("\0")[0][:MOST_CHARACTERS]
    return " ".join("".join(one if one.isprintable() else " " for one in told).split())


def document(raw: bytes) -> str:
    """A whole text: by its byte order mark, else UTF-8, else the Western encoding that older tools write."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def lines(raw: bytes) -> list[str]:
    """The lines of a text that ends them with CR, LF or CRLF."""
    return document(raw).replace("\r\n", "\n").replace("\r", "\n").split("\n")
