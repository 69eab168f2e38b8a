"""What pydantic found wrong with a value, in one plain sentence: fact, remedy."""

from __future__ import annotations

from typing import Any

from pydantic_core import ErrorDetails

from rushes.config.nearest import nearest

_SHAPES = {
    "int_": "must be a whole number",
    "float_": "must be a number",
    "decimal_": "must be a number",
    "bool_": "must be true or false",
    "path_type": "must be a path",
    "list_type": "must be a list, as in [one, two]",
    "tuple_type": "must be a list, as in [one, two]",
    "set_type": "must be a list, as in [one, two]",
    "frozen_set_type": "must be a list, as in [one, two]",
    "dict_type": "must be a mapping, as in {{key: value}}",
    "mapping_type": "must be a mapping, as in {{key: value}}",
    "model_type": "must be a mapping, as in {{key: value}}",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "url_": "must be an address such as https://example.com",
    "file_type": "must be an existing file",
    "path_not_file": "must be an existing file",
    "path_not_directory": "must be an existing folder",
    "value_error": "{error}",
    "assertion_error": "{error}",
}


def plain_words(error: ErrorDetails) -> str:
    """The sentence about the value, without its name."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if value is None:
        return "is empty; give it a value or remove the key"
    if kind in {"literal_error", "enum"}:
        return _one_of(str(context.get("expected", "")), value)
    if kind == "string_type":
        if isinstance(value, bool | int | float):
            return "must be text; put it in quotes"
        return "must be text"
    for start, shape in _SHAPES.items():
        if kind.startswith(start):
            return shape.format(**context)
    message = error["msg"]
    return message[:1].lower() + message[1:]


def _one_of(expected: str, value: Any) -> str:
    choices = [part.strip(" '") for part in expected.replace(" or ", ",").split(",")]
    near = nearest(str(value), choices)
    return f"must be {expected}" + (f"; did you mean '{near}'?" if near else "")
