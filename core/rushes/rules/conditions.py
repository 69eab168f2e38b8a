"""A checked rule taken apart and put into queries."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import pairwise
from typing import Any

from rushes.rules.syntax import OPEN, RuleError, database, parse, place, walk

_AND = re.compile(r"(?P<skip>--[^\n]*|/\*.*?\*/)|\bAND\b", re.IGNORECASE | re.DOTALL)


def referenced(when: str) -> set[str]:
    """The columns that a rule names, in lower case; raises RuleError when it cannot be parsed."""
    nodes = walk(parse(when))
    return {node["column_names"][0].lower() for node in nodes if node["class"] == "COLUMN_REF"}


def conjuncts(when: str) -> list[str]:
    """The conditions that must all hold, as they were written: the rule cut at its outermost ANDs.

    Each is a rule of its own. Raises RuleError when the rule cannot be parsed.
    """
    tree = parse(when)
    if tree["type"] != "CONJUNCTION_AND":
        return [_tidy(when)]
    children: list[dict[str, Any]] = tree["children"]
    written = _cut(when, children)
    return written or [_rendered(child) for child in children]


def constant(when: str) -> bool | None:
    """What a checked rule that names no column is of every clip; None where it depends on the clip."""
    if referenced(when):
        return None
    row = database().cursor().execute(f"SELECT coalesce({predicate(when)}, false)").fetchone()
    return bool(row and row[0])


def predicate(when: str) -> str:
    """A checked rule as SQL to embed in a query over `clips`: TRUE, FALSE or NULL.

    One odd clip, as a cast that fails, is NULL and not an error of the whole query.
    """
    return f"TRY(({when}\n)::BOOLEAN)"


def number(expression: str) -> str:
    """A checked expression as SQL to embed in a query over `clips`: a DOUBLE, or NULL, as of an odd clip."""
    return f"TRY(({expression}\n)::DOUBLE)"


def _cut(when: str, children: list[dict[str, Any]]) -> list[str]:
    """The source text of each child, found as what lies between the ANDs; [] when a cut proves wrong."""
    spans = [_span(child, when) for child in children]
    cuts = [0]
    for (_, end), (start, _) in pairwise(spans):
        found = next((match for match in _AND.finditer(when, end, start) if not match["skip"]), None)
        if found is None:
            return []
        cuts += [found.start(), found.end()]
    cuts.append(len(when))
    pieces = [_tidy(when[start:end]) for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
    try:
        same = all(
            _shape(parse(piece)) == _shape(child) for piece, child in zip(pieces, children, strict=True)
        )
    except RuleError:
        return []
    return pieces if same else []


def _span(node: dict[str, Any], when: str) -> tuple[int, int]:
    """Where an expression begins and ends with all within it: an operator's own place lacks its left side."""
    limit = len(when.encode())
    known = [part for part in walk(node) if part["query_location"] - len(OPEN) <= limit]
    places = [place(part, when) for part in known] or [(0, 0)]
    return min(start for start, _ in places), max(start + length for start, length in places)


def _shape(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _shape(value) for key, value in node.items() if not key.startswith("query_location")}
    return [_shape(item) for item in node] if isinstance(node, list) else node


def _tidy(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines()) if "--" not in text else text.strip()


def _rendered(node: dict[str, Any]) -> str:
    """DuckDB's own spelling of an expression."""
    tree = {"error": False, "statements": [json.loads(_template())]}
    tree["statements"][0]["node"]["where_clause"] = node  # type: ignore[index]
    row = database().cursor().execute("SELECT json_deserialize_sql(?)", [json.dumps(tree)]).fetchone()
    assert row
    return str(row[0]).partition(" WHERE ")[2]


@cache
def _template() -> str:
    row = database().cursor().execute("SELECT json_serialize_sql(?)", [f"{OPEN}true)"]).fetchone()
    assert row
    return json.dumps(json.loads(row[0])["statements"][0])
