"""Values of clips as people and JSON have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rushes.model import Clip

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told(name: str, value: Any) -> Any:
    """A value of a column; a device's own clock is in a zone that nobody tells."""
    return value.isoformat() if name == "recorded" and isinstance(value, datetime) else plain(value)


def modified(clip: Clip) -> str:
    """When a clip's file was written last, in UTC, to the microsecond."""
    return (_EPOCH + timedelta(microseconds=clip.mtime_ns // 1000)).isoformat()


def plain(value: Any) -> Any:
    """A value as JSON; a moment is in UTC."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value).isoformat()
    return value
