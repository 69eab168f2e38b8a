"""How a script writes numbers: scene 14A, take 3 PU, 1 3/8 pages; and how such numbers sort."""

from __future__ import annotations

import re
from typing import Any

from rushes_masterlockit.reports.reading import flag, number, text

_DIGITS = re.compile(r"(\d{1,18})", re.ASCII)


def numbered(thing: Any) -> str:
    """Number and addition of a day, scene or slate: "14A"; a dash keeps "14-2" apart from 142."""
    count, additional = text(thing, "number"), text(thing, "additional")
    dash = "-" if count[-1:].isdecimal() and additional[:1].isdecimal() else ""
    return f"{count}{dash}{additional}"


def take(thing: Any) -> str:
    """A take's number, with PU for a pickup."""
    return f"{text(thing, 'number')}{' PU' if flag(thing, 'isPickup') else ''}".strip()


def episode(thing: Any) -> str:
    """The episode's number, else its name; empty in a movie."""
    return text(thing, "number") or text(thing, "name")


def eighths(scene: Any) -> str:
    """The length of a scene in pages; eighths are never reduced: 12 is "1 4/8"."""
    pages = number(scene, "pages")
    if not pages or pages < 0:
        return ""
    return pages_of(pages)


def pages_of(count: int) -> str:
    """That many eighths of a page, in pages."""
    whole, part = divmod(count, 8)
    return " ".join([str(whole)] * bool(whole or not part) + [f"{part}/8"] * bool(part))


def order(written: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts 2, 14, 14A, 14B, 100."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdecimal() else (1, 0, part.casefold())
        for part in _DIGITS.split(written)
        if part
    )
