"""JSON, taken at its word: what two readers could understand differently is refused."""

from __future__ import annotations

import json
from typing import Any, Never

import msgspec

from rushes_masterlockit.formats.errors import FormatError

#: The levels of objects and arrays that a payload may have.
MOST_DEPTH = 32

LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**63 - 1

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def strict(data: bytes) -> Any:
    """The JSON value in `data`.

    FormatError for anything but one JSON text in UTF-8, and for duplicate keys, NaN and infinities, integers
    beyond 64 signed bits and more than 32 levels (reference section 7).
    """
    try:
        value = _decode(data)
    except UnicodeDecodeError:
        raise FormatError("JSON is not UTF-8") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise FormatError(str(error)) from None
    except RecursionError:
        _too_deep()
    _check(value)
    # A duplicate key takes its colon with it, and written again no colon is escaped.
    if b"\\u003" in data or data.count(b":") != _encode(value).count(b":"):
        _refuse_duplicates(data)
    return value


def _check(value: Any) -> None:
    """Level by level, because a payload of half a million nested arrays must not end in a deep recursion."""
    level = [value]
    for _ in range(MOST_DEPTH + 1):
        below: list[Any] = []
        nested = False
        for item in level:
            kind = type(item)
            if kind is dict:
                below += item.values()
                nested = True
            elif kind is list:
                below += item
                nested = True
            elif kind is int and not LEAST_INTEGER <= item <= MOST_INTEGER:
                raise FormatError("JSON has an integer beyond 64 signed bits")
        if not nested:
            return
        level = below
    _too_deep()


def _refuse_duplicates(data: bytes) -> None:
    try:
        json.loads(data, object_pairs_hook=_unique)
    except RecursionError:  # below a key that was overwritten
        _too_deep()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise FormatError("JSON has a key twice in one object")
    return members


def _too_deep() -> Never:
    raise FormatError(f"JSON is nested deeper than {MOST_DEPTH} levels")
