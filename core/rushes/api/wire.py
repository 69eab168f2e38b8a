"""What both ends of the socket agree on: JSON as bytes, queue verbs, errors and their status. Light."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from rushes import errors
from rushes.words import printable

VERBS: Final = ("top", "hold", "release", "retry", "cancel")
STATES: Final = ("ready", "running", "waiting", "done", "parked", "cancelled", "withdrawn")

#: The first that fits an error decides the status; a bug, which is no RushesError, is a 500. A service that does not
#: know this device is no 401: who asks is known here.
STATUS: Final = (
    (errors.NotFound, 404),
    (errors.ConfigError, 422),
    (errors.RushesError, 409),
)


def encode(document: Any) -> bytes:
    """One line of JSON in ASCII: names that are not UTF-8 on disk survive as escapes."""
    return json.dumps(document, default=_plain, separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def problem(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and document of an error; never a traceback, and one line whatever was asked for."""
    kind = type(error).__name__
    for family, status in STATUS:
        if isinstance(error, family):
            told: dict[str, Any] = {"error": printable(str(error)), "type": kind}
            if isinstance(error, errors.ConfigError):
                told["excerpt"] = error.excerpt
                told["others"] = [{"error": str(each), "excerpt": each.excerpt} for each in error.others]
            return status, told
    return 500, {"error": f"bug: {kind}; details in the log of the pipeline", "type": "Bug"}


def revive(document: Mapping[str, Any]) -> errors.RushesError:
    """The error that `problem` put into a document."""
    text = str(document.get("error", "the pipeline gave no reason"))
    if document.get("type") in {"ConfigError", "FileError"}:
        first, *others = (
            errors.ConfigError(str(each.get("error", text)), excerpt=str(each.get("excerpt", "")))
            for each in (document, *document.get("others", ()))
        )
        first.others = others
        return first
    for family in (
        errors.NotFound,
        errors.NotAuthorised,
        errors.Permanent,
        errors.Transient,
        errors.Unavailable,
    ):
        if document.get("type") == family.__name__:
            return family(text)
    return errors.RushesError(text)
