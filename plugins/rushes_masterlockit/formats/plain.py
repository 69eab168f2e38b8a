"""JSON values as Python has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.strict import LEAST_INTEGER, MOST_DEPTH, MOST_INTEGER


def plain(value: Any, levels: int = MOST_DEPTH) -> Any:
    """A deep copy that JSON can say and `strict` would take; FormatError where there is none."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and LEAST_INTEGER <= value <= MOST_INTEGER:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping | list | tuple) and not levels:
        raise FormatError(f"a value is nested deeper than {MOST_DEPTH} levels")
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {_text(name): plain(item, levels - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, levels - 1) for item in value]
    raise FormatError(f"a {type(value).__name__} has no form in JSON")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FormatError("a text has half of a surrogate pair, which UTF-8 cannot say") from None
    return value
