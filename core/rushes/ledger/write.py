"""One group commit: any number of rows as a few bulk statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from rushes.ledger.schema import MAP_TYPE, TABLES, Table


@dataclass(frozen=True, slots=True)
class Put:
    """A whole row, in the table's column order; replaces the row with the same key."""

    table: Table
    row: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """The rows whose key starts with these values."""

    table: Table
    key: tuple[Any, ...]


Change = Put | Delete


def apply(connection: duckdb.DuckDBPyConnection, changes: Iterable[Change]) -> None:
    """Execute all changes, within the transaction that the caller has begun."""
    for table, group in _grouped(changes):
        group.apply(connection, table)


class _Group:
    """The changes of one table, coalesced: two rows with one key in one upsert keep the first (design, 8)."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.deletes: dict[int, dict[tuple[Any, ...], None]] = {}

    def add(self, change: Change) -> None:
        if isinstance(change, Put):
            key = change.row[: change.table.key] if change.table.key else (len(self.rows),)
            self.rows[key] = change.row
            return
        width = len(change.key)
        if width == change.table.key:
            self.rows.pop(change.key, None)
        else:
            for key in [key for key in self.rows if key[:width] == change.key]:
                del self.rows[key]
        self.deletes.setdefault(width, {})[change.key] = None

    def apply(self, connection: duckdb.DuckDBPyConnection, table: Table) -> None:
        # Deletes first: a row put after its delete survives, one put before it was dropped above.
        for width, keys in self.deletes.items():
            connection.execute(table.delete(width), [list(column) for column in zip(*keys, strict=True)])
        if self.rows:
            connection.execute(table.put, _columns(table, list(self.rows.values())))


def _grouped(changes: Iterable[Change]) -> Iterable[tuple[Table, _Group]]:
    groups: dict[str, _Group] = {}
    for change in changes:
        groups.setdefault(change.table.name, _Group()).add(change)
    return [(table, groups[table.name]) for table in TABLES if table.name in groups]


def _columns(table: Table, rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    columns: list[list[Any]] = []
    for (_, kind), values in zip(table.columns, zip(*rows, strict=True), strict=True):
        if kind == MAP_TYPE:
            columns.append([list(value) for value in values])
            columns.append([list(value.values()) for value in values])
        else:
            columns.append(list(values))
    return columns
