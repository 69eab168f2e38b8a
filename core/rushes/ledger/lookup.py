"""Rows by their keys: DuckDB looks up constants in an index, but joins a relation of keys with the whole column."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

#: A constant costs 50 microseconds, the column of a million rows 10 milliseconds: more are a relation after all.
MOST_CONSTANTS = 256


def among(column: str, values: Collection[Any], kind: str = "VARCHAR") -> tuple[str, list[Any]]:
    """The condition that a column has one of the values, and its parameters."""
    if not values:
        return "false", []
    if len(values) <= MOST_CONSTANTS:
        return f"{column} IN ({', '.join('?' * len(values))})", list(values)
    return f"{column} IN (SELECT unnest(?::{kind}[]))", [list(values)]
