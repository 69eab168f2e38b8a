"""Clips as devices send them, read leniently: what is missing or of a wrong type is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any


def at(data: Any, *path: str) -> Any:
    """The value there, or None."""
    for name in path:
        if type(data) is not dict and not isinstance(data, Mapping):  # reports ask this ten million times
            return None
        data = data.get(name)
    return data


def text(data: Any, *path: str) -> str:
    """A text or number there, without the space around it."""
    value = at(data, *path)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def number(data: Any, *path: str) -> int | None:
    """A whole number there, written as one or as a text."""
    value = at(data, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        return int(value)
    return None


def flag(data: Any, *path: str) -> bool:
    """Whether something is said to be so."""
    value = at(data, *path)
    return value is True or value == 1 or (isinstance(value, str) and value.strip().casefold() == "true")


def each(data: Any, *path: str) -> Iterator[Any]:
    """The elements of a list there."""
    value = at(data, *path)
    if isinstance(value, list | tuple):
        yield from value


def words(data: Any, *path: str) -> list[str]:
    """The texts of a list there."""
    return [word for item in each(data, *path) if (word := text(item))]


def moment(milliseconds: Any) -> str:
    """ISO 8601 in UTC of a device's timestamp; empty for one that is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return ""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""
