"""Members out of JSON that anybody may have sent: what is missing or of a wrong type is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_MOST = 2**63


def at(value: Any, *path: str) -> Any:
    """The member at the end of the path, None where it leads nowhere."""
    for name in path:
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(value: Any, *path: str) -> str:
    """A text or a number as text without blanks around, else ""."""
    return written(at(value, *path))


def written(found: Any) -> str:
    """The same of the member itself."""
    if type(found) is str:
        return found.strip()
    return str(found) if type(found) is int or type(found) is float else ""


def number(value: Any, *path: str) -> int | None:
    """A whole number, in digits too; None for one beyond 64 bit, with which nothing can be counted."""
    found = at(value, *path)
    if type(found) is str and len(found) < 19 and found.strip().isascii() and found.strip().isdecimal():
        return int(found)
    return found if type(found) is int and abs(found) < _MOST else None


def flag(value: Any, *path: str) -> bool | None:
    """A yes or no; None where nobody said."""
    found = at(value, *path)
    return found if isinstance(found, bool) else None


def words(value: Any, *path: str) -> Iterator[str]:
    """The texts of a list, without the empty ones."""
    found = at(value, *path)
    for word in found if isinstance(found, list | tuple) else ():
        if isinstance(word, str) and word.strip():
            yield word.strip()
