"""What pydantic found wrong with a value, in one plain sentence: fact, remedy."""

from __future__ import annotations

from typing import Any

from pydantic_core import ErrorDetails

from rushes.config.nearest import nearest

_SHAPES = {
    "int_": "must be a whole number; write digits alone",
    "float_": "must be a number; write it without a unit",
    "decimal_": "must be a number; write it without a unit",
    "bool_": "must be true or false; write one of them",
    "path_type": "must be a path; write the name of a file or folder",
    "list_type": "must be a list; write [one, two]",
    "tuple_type": "must be a list; write [one, two]",
    "set_type": "must be a list; write [one, two]",
    "frozen_set_type": "must be a list; write [one, two]",
    "dict_type": "must be a mapping; write {{key: value}}",
    "mapping_type": "must be a mapping; write {{key: value}}",
    "model_type": "must be a mapping; write {{key: value}}",
    "too_short": "must have at least {min_length} items; add some",
    "too_long": "must have at most {max_length} items; remove some",
    "string_too_short": "must have at least {min_length} characters; write more",
    "string_too_long": "must have at most {max_length} characters; write fewer",
    "string_pattern_mismatch": "does not match {pattern}; write it so",
    "greater_than_equal": "must be at least {ge}; raise it",
    "greater_than": "must be more than {gt}; raise it",
    "less_than_equal": "must be at most {le}; lower it",
    "less_than": "must be less than {lt}; lower it",
    "url_": "must be an address; write one such as https://example.com",
    "file_type": "must be an existing file; correct its name",
    "path_not_file": "must be an existing file; correct its name",
    "path_not_directory": "must be an existing folder; correct its name",
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
        return "must be text; write one text"
    for start, shape in _SHAPES.items():
        if kind.startswith(start):
            return shape.format(**context)
    message = error["msg"]
    return message[:1].lower() + message[1:]


def _one_of(expected: str, value: Any) -> str:
    choices = [part.strip(" '") for part in expected.replace(" or ", ",").split(",")]
    near = nearest(str(value), choices)
    return f"must be {expected}; " + (f"did you mean '{near}'?" if near else "write one of them")
