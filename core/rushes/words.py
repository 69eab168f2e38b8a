"""Facts as text for people: sizes, lengths of time, names that cannot drive a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with whatever a terminal would obey or cannot show (escapes, odd bytes) written out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def size(count: float | None) -> str:
    """Bytes in decimal units, as camera cards and disks are sold: `1.2 GB`."""
    if count is None:
        return "-"
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"


def span(seconds: float | None) -> str:
    """A length of time in its two largest units: `4 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds is None:
        return "-"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600:02} h"


def count(number: int, noun: str) -> str:
    """`1 clip`, `3 clips`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
