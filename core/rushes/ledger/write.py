"""One group commit: any number of rows as a few bulk statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from rushes.ledger.schema import TABLES, Table


@dataclass(frozen=True, slots=True)
class Put:
    """A whole row, in the table's column order; replaces the row with the same key, if there is one.

    `new` promises that there is none, which saves looking for it. `only` promises that there is one which differs in
    these columns alone, none of a key or an index: to write a few takes DuckDB a tenth of the time of a whole row.
    """

    table: Table
    row: tuple[Any, ...]
    new: bool = False
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Delete:
    """The rows whose key starts with these values."""

    table: Table
    key: tuple[Any, ...]


Change = Put | Delete

#: Executes a statement with its parameters.
Execute = Callable[[str, Sequence[Any]], duckdb.DuckDBPyConnection]


class BrokenPromiseError(Exception):
    """There is no row where `Put.only` promised one."""


def apply(execute: Execute, changes: Iterable[Change], *, trusting: bool = True) -> None:
    """Execute all changes, within the transaction that the caller has begun.

    Without `trusting` the promises of `Put` are not relied upon. With it, one that does not hold is an error: DuckDB's
    ConstraintException, or BrokenPromiseError.
    """
    for table, group in _grouped(changes, trusting=trusting):
        group.apply(execute, table)


class _Group:
    """The changes of one table, coalesced: a key twice in one statement would be an error.

    Rows are replaced by a delete and an insert in the same transaction: on a wide table that takes DuckDB 60 %
    of the time of INSERT OR REPLACE, which also keeps the *first* of two rows with one key (decision 5).
    """

    def __init__(self, *, trusting: bool) -> None:
        self.rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.deletes: dict[int, dict[tuple[Any, ...], None]] = {}
        self.changed: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.columns: set[str] = set()
        self._trusting = trusting

    def add(self, change: Change) -> None:
        width = change.table.key
        if isinstance(change, Put):
            key = change.row[:width] if width else (len(self.rows),)
            if change.only and self._trusting and self._is_there(key):
                self.changed[key] = change.row
                self.columns |= change.only
                return
            self.changed.pop(key, None)
            self.rows[key] = change.row
            if width and not (change.new and self._trusting):
                self.deletes.setdefault(width, {})[key] = None
            return
        for rows in (self.rows, self.changed):
            if len(change.key) == width:
                rows.pop(change.key, None)
            else:
                for key in [key for key in rows if key[: len(change.key)] == change.key]:
                    del rows[key]
        self.deletes.setdefault(len(change.key), {})[change.key] = None

    def _is_there(self, key: tuple[Any, ...]) -> bool:
        """Whether the ledger's row of that key is none of those that these changes put or delete."""
        return key not in self.rows and not any(key[:width] in keys for width, keys in self.deletes.items())

    def apply(self, execute: Execute, table: Table) -> None:
        # Deletes first: a row put after its delete survives, one put before it was dropped above.
        for width, keys in self.deletes.items():
            execute(*table.delete(width, keys))
        if self.rows:
            written, rows = _told(table, list(self.rows.values()))
            execute(*written.insert(rows))
        if self.changed:
            self._change(execute, table)

    def _change(self, execute: Execute, table: Table) -> None:
        told = table.only(self.columns.union(table.names[: table.key]))
        places = [table.names.index(name) for name in told.names]
        rows = [tuple(row[place] for place in places) for row in self.changed.values()]
        [(count,)] = execute(*table.update(told, rows)).fetchall()
        if count != len(rows):
            raise BrokenPromiseError


def _grouped(changes: Iterable[Change], *, trusting: bool) -> Iterable[tuple[Table, _Group]]:
    groups: dict[str, _Group] = {}
    for change in changes:
        groups.setdefault(change.table.name, _Group(trusting=trusting)).add(change)
    return [(table, groups[table.name]) for table in TABLES if table.name in groups]


def _told(table: Table, rows: Sequence[tuple[Any, ...]]) -> tuple[Table, Sequence[tuple[Any, ...]]]:
    """The columns in which some row says something: each one more costs DuckDB 0.1 ms, and most clips say little."""
    columns = zip(table.names, zip(*rows, strict=True), strict=True)
    told = {name: values for name, values in columns if any(value is not None for value in values)}
    if len(told) == len(table.names):
        return table, rows
    return table.only(told), list(zip(*told.values(), strict=True))
