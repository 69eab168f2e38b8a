"""Comparisons that DuckDB takes and that mean something else than they seem to: refused, with what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rushes.columns import COLUMNS
from rushes.rules.syntax import RuleError, place

_TYPES = {column.name: column.type for column in COLUMNS}
_ORDER = {
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_BETWEEN": "between",
}
_EQUAL = frozenset({"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_IN", "COMPARE_NOT_IN"})
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_NUMBERS = frozenset({"INTEGER", "NUMERIC"})
_LIKE = frozenset({"~~", "!~~", "~~*", "!~~*"})


def check_comparison(node: Mapping[str, Any], when: str) -> None:
    """Raise RuleError for a column compared with NULL, text with a number or in a number's order, `like` with `*`."""
    for column, value in _pairs(node):
        name, kind = column["column_names"][-1].lower(), value["literal"]["kind"]
        text, ordered = str(value["literal"]["text"]), node["type"] in _ORDER
        if kind == "NULL_LITERAL":
            raise RuleError(f"nothing compares with null; write {name} is null", when, *place(value, when))
        if _TYPES.get(name) == "BOOLEAN" and kind in _NUMBERS:
            raise RuleError(
                f"{name} is true or false, not a number; write {name} or not {name}",
                when,
                *place(value, when),
            )
        if _TYPES.get(name) == "TIMESTAMP" and not ordered and _DAY.fullmatch(text):
            fact = f"{name} has a time of day, so it is hardly ever '{text}'"
            raise RuleError(f"{fact}; write {name}::date", when, *place(column, when))
        if _TYPES.get(name) != "VARCHAR":
            continue
        bare = text.lower().lstrip(".")
        if name == "extension" and kind == "STRING" and not ordered and text != bare:
            fact = f"extension is never '{text}': it is in lower case, without the dot"
            raise RuleError(f"{fact}; write '{bare}'", when, *place(value, when))
        if ordered and (kind in _NUMBERS or (kind == "STRING" and text.isdecimal() and len(text) < 6)):
            fact = "as text '10' comes before '9'" if kind == "STRING" else f"{name} is text, not a number"
            compared = f"try_cast({name} as integer) {_ORDER[node['type']]} {text}"
            raise RuleError(f"{fact}; write {compared}", when, *place(column, when))
        if kind in _NUMBERS:
            raise RuleError(f"{name} is text; write '{text}' in quotes", when, *place(value, when))
    for side in (
        (node["left"], node["right"]) if node["type"] in {"COMPARE_EQUAL", "COMPARE_NOTEQUAL"} else ()
    ):
        if side.get("function_name") == "row":
            word = "in" if node["type"] == "COMPARE_EQUAL" else "not in"
            raise RuleError(f"no column is a list; write {word} for one of several", when, *place(side, when))
    if node["class"] == "FUNCTION" and node["function_name"] in _LIKE:
        _check_like(node["arguments"][1]["expression"], when)


def _check_like(pattern: Mapping[str, Any], when: str) -> None:
    literal = pattern.get("literal", {})
    text = str(literal.get("text", ""))
    if literal.get("kind") == "STRING" and "*" in text and "%" not in text:
        meant = text.replace("*", "%")
        raise RuleError(f"like knows % and _, no *; write '{meant}'", when, *place(pattern, when))


def _pairs(node: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each column with each constant that it is compared with."""
    if node["type"] not in _EQUAL and node["type"] not in _ORDER:
        return
    if node["class"] == "BETWEEN":
        sides = [node["input"], node["lower"], node["upper"]]
    else:
        sides = node["children"] if "children" in node else [node["left"], node["right"]]
    for column in (side for side in sides if side["class"] == "COLUMN_REF"):
        for value in (side for side in sides if side["class"] == "CONSTANT"):
            yield column, value
