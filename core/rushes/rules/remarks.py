"""What a checked rule says that may not be meant so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rushes.columns import META, METADATA
from rushes.rules.syntax import parse, walk

#: True or false once somebody has said it, NULL until then.
_TOLD = frozenset(column.name for column in METADATA if column.type == "BOOLEAN")
_NULL_TESTS = frozenset({"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE"})
_DISTINCT = frozenset({"COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM"})


def meta_keys(when: str) -> Iterator[str]:
    """The keys of the map `meta` that it names, each once for each place; raises RuleError when it cannot be parsed."""
    for node in walk(parse(when)):
        if node["type"] == "ARRAY_EXTRACT":
            base, key = node["children"]
            literal = key.get("literal", {})
            if base.get("column_names", [""])[0].lower() == META.name and literal.get("kind") == "STRING":
                yield str(literal["text"])


def loose_nots(when: str) -> Iterator[str]:
    """The columns of `not COLUMN`, which does not hold for a clip of which nobody has told the column.

    None of a column whose NULL the rule looks after somewhere. Raises RuleError when it cannot be parsed.
    """
    nodes = list(walk(parse(when)))
    minded = {
        name
        for node in nodes
        if node["type"] in _NULL_TESTS | _DISTINCT
        for inner in walk(node)
        if (name := _column(inner))
    }
    for node in nodes:
        if node["type"] != "OPERATOR_NOT":
            continue
        [child] = node["children"]
        name = _column(child)
        if name in _TOLD and name not in minded:
            yield name


def _column(node: Mapping[str, Any]) -> str:
    """The name of a column, "" of anything else."""
    return str(node["column_names"][-1]).lower() if node["class"] == "COLUMN_REF" else ""
