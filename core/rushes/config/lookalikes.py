"""Characters that look like those of YAML and are others: spaces that are none, dashes, what editors make of quotes."""

from __future__ import annotations

import re
import unicodedata

#: As wide as a space or not to be seen at all; pasted from web pages, chats and word processors.
SPACE = re.compile("[\u00a0\u00ad\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]")
#: Begins an entry, for the eye.
DASH = re.compile("\\s*([\u2010-\u2015\u2022\u2212\u00b7])(?=\\s)")
#: Begins an entry elsewhere.
_BULLET = re.compile(r"\s*(\*|--|\d+[.)])(?=\s)")
#: Holds a text, for the eye.
CURLY = re.compile("[‘’“”„‚«»‹›].*[‘’“”«»‹›]", re.DOTALL)
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
#: Where a space that is none changes what a line is: before its text, behind a dash or a colon.
_IN_THE_WAY = re.compile(rf"\s*(?:-\s*)?(?:[\w.-]+:)?{SPACE.pattern}")


_CONTROLS = {"\t": "tab", "\n": "line feed", "\r": "carriage return", "\b": "backspace", "\0": "null"}


def named(character: str) -> str:
    """`U+00A0 (no-break space)`."""
    name = _CONTROLS.get(character) or unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def no_space(character: str) -> str:
    """What is wrong with one that looks like a space: fact and remedy."""
    return f"{named(character)} looks like a space and is none; write a plain space"


def plainly(text: str) -> str:
    """The text as it looks: with plain spaces, without the quotes that are none."""
    if CURLY.fullmatch(text):
        text = text[1:-1]
    return SPACE.sub(lambda odd: "" if unicodedata.category(odd[0]) == "Cf" else " ", text).strip()


def control_in(path: str) -> str | None:
    """What is wrong with a path that holds a line break or the like, fact and remedy; None where it holds none."""
    if found := _CONTROL.search(path):
        remedy = r"in double quotes \t, \n and \r are escapes, so put the path in single quotes"
        return f"{named(found[0])} cannot stand in a path; {remedy}"
    return None


def blamed(line: str) -> tuple[int, str] | None:
    """The character for which a line is read otherwise than it looks: where it stands, fact and remedy."""
    if dash := DASH.match(line):
        return dash.start(1), f"{named(dash[1])} is no '-'; write '- ' before each entry"
    if bullet := _BULLET.match(line):
        return bullet.start(1), f"'{bullet[1]}' begins no entry; write '- ' before each"
    if (found := _IN_THE_WAY.match(line)) and (odd := SPACE.search(line)):
        assert odd.start() < found.end()
        return odd.start(), no_space(odd[0])
    return None
