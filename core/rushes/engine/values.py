"""Values of clips as people and JSON have them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def told(name: str, value: Any) -> Any:
    """A value of a column; a device's own clock is in a zone that nobody tells."""
    return value.isoformat() if name == "recorded" and isinstance(value, datetime) else plain(value)


def plain(value: Any) -> Any:
    """A value as JSON; a moment is in UTC."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value).isoformat()
    return value
