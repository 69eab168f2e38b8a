"""When two JSON values say the same: by their JSON text, so that `true` is not 1 and 1.0 is not 1."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


class Nothing(Enum):
    """What stands in for a value where there is none, which JSON's null is not."""

    ABSENT = "the member is not there"
    UNKNOWN = "nobody knows whether it was there"


def canonical(value: Any) -> bytes:
    """The value's one JSON text: members sorted, no spaces."""
    return _ENCODER.encode(value)


def same(a: Any, b: Any) -> bool:
    """Whether both are the same JSON value, or both absent."""
    if a is b:
        return True
    if a != b:  # Python takes more for equal than JSON does, never less.
        return False
    return type(a) is type(b) and (type(a) is str or canonical(a) == canonical(b))


def same_content(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether two versions of a clip say the same, whoever counted what."""
    return same({**a, "version": None}, {**b, "version": None})
