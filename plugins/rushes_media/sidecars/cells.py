"""How a cell of a log is read: many spellings of a number in, ours out; None where it is none."""

from __future__ import annotations

import re
from fractions import Fraction

from rushes_media.words import label, tags


def whole(told: str) -> int | None:
    match = re.match(r"\D{0,4}?(\d{1,9})(?:\.0*)?\s*(?:k|asa|iso|ei|fps)?$", told, re.IGNORECASE | re.ASCII)
    return int(match[1]) or None if match else None


def kelvin(told: str) -> int | None:
    number = whole(told)
    return number if number is not None and 1_000 <= number <= 50_000 else None


def angle(told: str) -> str | None:
    match = re.match(r"(\d{1,3}(?:\.\d+)?)\s*(?:°|deg|degrees)?$", told)
    if match and 0 < float(match[1]) <= 360:
        return f"{float(match[1]):g}"
    match = re.match(r"(\d{1,9})/(\d{1,9})\s*(?:s|sec)?$", told)
    if match and int(match[1]) and int(match[2]):
        exact = Fraction(int(match[1]), int(match[2]))
        return f"{exact.numerator}/{exact.denominator}"
    return None


def stop(told: str) -> str | None:
    """A stop; ARRI writes it as a stop and tenths of one."""
    match = re.match(r"[TtFf]?/?\s*(\d{1,2}(?:\.\d+)?)(?:\s*\+\s*0/10)?$", told)
    if match:
        return f"{float(match[1]):g}" if float(match[1]) else None
    return told if re.match(r"\d{1,2}(?:\.\d+)?\s*\+\s*\d/10$", told) else None


def millimetres(told: str) -> str | None:
    match = re.match(r"(\d{1,4}(?:\.\d+)?)\s*(?:mm)?$", told)
    return f"{float(match[1]):g}" if match and float(match[1]) else None


def rate(told: str) -> str | None:
    """A rate; sound reports write whether it drops frames, and 23.97 where they mean 23.976."""
    match = re.match(r"(\d{1,4}(?:\.\d{1,6})?)\s*(?:fps|[pi])?[\s-]*(N?DF?)?$", told, re.IGNORECASE)
    if not match or not Fraction(match[1]):
        return None
    name = label.written(Fraction("23.976" if match[1] == "23.97" else match[1]))
    return f"{name}df" if (match[2] or "").upper() in {"D", "DF"} and name in {"29.97", "59.94"} else name


def letter(told: str) -> str | None:
    return told.strip(" _") or None


def circled(told: str) -> bool | None:
    """A yes or no, or the mark that a script supervisor's list has instead."""
    known = tags.flag(told)
    return (
        True if known is None and told.lower() in {"@", "*", "x", "y", "✓", "✔", "circled", "good"} else known
    )


def words(told: str) -> str | None:
    return None if told.isdecimal() else told  # RED counts its spaces and curves


def triples(told: str) -> str | None:
    """An ASC_SOP, however it is spaced."""
    numbers = re.findall(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?", told)
    if len(numbers) != 9:
        return None
    return "".join(f"({' '.join(numbers[at : at + 3])})" for at in (0, 3, 6))


def number(told: str) -> str | None:
    return told if re.fullmatch(r"-?\d{1,9}(?:\.\d+)?", told, re.ASCII) else None


def plain(told: str) -> str:
    return told
