"""What a clip tells for the fields of a template, as text; "" for what nobody has told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

from rushes.model import Clip, Scalar
from rushes.templates.syntax import META_DOT


def value_of(field: str, clip: Clip) -> str:
    """A field of a clip as text."""
    of_file = _OF_FILE.get(field)
    value = of_file(clip) if of_file else clip.meta.get(field.removeprefix(META_DOT))
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat(sep="_", timespec="seconds").replace(":", "-")
        case _:
            return str(value).strip()


def place_of(clip: Clip) -> PurePosixPath:
    """The path on its card of the recording that a clip is, or was made of."""
    return PurePosixPath(clip.origin or clip.path)


def day_of(clip: Clip) -> date:
    """The day of the recording: by its device's own clock, else by this machine's, when the file was made or last
    written. The last write of what the pipeline made says nothing of it, that of its original does.
    """
    if recorded := _moment(clip.meta.get("recorded")):
        return recorded.date()
    created = _moment(clip.meta.get("created"))
    return _here(created) if created else _here(_written(clip))


def _written(clip: Clip) -> datetime:
    original = str(clip.meta.get("original_mtime_ns", "")) if clip.parent else ""
    return _utc((int(original) if original.isdecimal() else clip.mtime_ns) / 1e9)


def _utc(epoch: float) -> datetime:
    """A moment; a file's absurd one is the beginning of the epoch."""
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _here(moment: datetime) -> date:
    """The date on this machine's clock; a moment without a zone is in UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone().date()
    except (OverflowError, ValueError, OSError):
        return moment.date()


def _moment(value: Scalar | None) -> datetime | None:
    if isinstance(value, datetime) or value is None:
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


#: Fields of the clip itself; every other is among its metadata.
_OF_FILE: Mapping[str, Callable[[Clip], Scalar | None]] = {
    "id": lambda clip: clip.id,
    "revision": lambda clip: clip.revision,
    "volume": lambda clip: clip.volume,
    "card": lambda clip: clip.card,
    "path": lambda clip: str(place_of(clip)),
    "folder": lambda clip: "/".join(place_of(clip).parts[:-1]),
    "name": lambda clip: clip.name,
    "extension": lambda clip: clip.extension,
    "kind": lambda clip: clip.kind.value,
    "role": lambda clip: clip.role.value,
    "size": lambda clip: clip.size,
    "modified": lambda clip: _utc(clip.mtime_ns / 1e9).replace(tzinfo=None),
    "first_seen": lambda clip: _utc(clip.first_seen).replace(tzinfo=None) if clip.first_seen else None,
    "complete": lambda clip: clip.complete,
    "completed_by": lambda clip: clip.completed_by,
    "day": lambda clip: day_of(clip).isoformat(),
    "roll": lambda clip: str(clip.meta.get("reel") or "").strip() or clip.card,
}
