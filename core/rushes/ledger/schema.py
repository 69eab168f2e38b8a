"""The tables: one description each, from which DDL and bulk statements are made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rushes.columns import META, METADATA
from rushes.ledger.lookup import among

#: Raised by every change of a table; a ledger of another version is refused.
VERSION = 6

MAP_TYPE = META.type

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """`columns` are (name, DuckDB type) pairs; the first `key` of them are the primary key (0: append only).

    `indexes` are columns that rows are looked up by: DuckDB uses a key of several columns to prove that rows
    differ, not to find them.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: int
    indexes: tuple[str, ...] = ()

    @property
    def ddl(self) -> tuple[str, ...]:
        """CREATE TABLE for this table, and its indexes."""
        columns = ", ".join(f'"{name}" {kind}' for name, kind in self.columns)
        key = ", ".join(f'"{name}"' for name, _ in self.columns[: self.key])
        return (
            f"CREATE TABLE {self.name} ({columns}{f', PRIMARY KEY ({key})' if key else ''})",
            *(f"CREATE INDEX {self.name}_{name} ON {self.name} ({name})" for name in self.indexes),
        )

    def only(self, names: Collection[str]) -> Table:
        """The table with these columns alone, without a key."""
        return Table(self.name, tuple(column for column in self.columns if column[0] in names), 0)

    def relation(self, rows: Sequence[Row]) -> tuple[str, list[Any]]:
        """Rows of this table's columns as a relation, and its parameters: a list a column (two for a MAP), or
        constants of one row, which spare DuckDB half a millisecond.
        """
        one = len(rows) == 1
        columns = ", ".join(f'{_slot(kind, one=one)} AS "{name}"' for name, kind in self.columns)
        lists: list[list[Any]] = []
        for (_, kind), values in zip(self.columns, zip(*rows, strict=True), strict=True):
            lists += (
                [[list(value) for value in values], [list(value.values()) for value in values]]
                if kind == MAP_TYPE
                else [list(values)]
            )
        return f"SELECT {columns}", [values[0] for values in lists] if one else lists

    def insert(self, rows: Sequence[Row]) -> tuple[str, list[Any]]:
        """One statement for any number of rows: executemany costs a statement for each (performance.md, 2)."""
        columns = ", ".join(f'"{name}"' for name in self.names)
        values, parameters = self.relation(rows)
        return f"INSERT INTO {self.name} ({columns}) {values}", parameters

    def delete(self, width: int, keys: Collection[tuple[Any, ...]]) -> tuple[str, list[Any]]:
        """Delete the rows whose first `width` key columns have the given values: a statement, its parameters."""
        (first, kind), *_ = self.columns
        where, parameters = among(f'"{first}"', {key[0] for key in keys}, kind)
        if width > 1:
            names = ", ".join(f'"{name}"' for name, _ in self.columns[:width])
            values = ", ".join(f"unnest(?::{kind}[])" for _, kind in self.columns[:width])
            where += f" AND ({names}) IN (SELECT ({values}))"
            parameters += [list(column) for column in zip(*keys, strict=True)]
        return f"DELETE FROM {self.name} WHERE {where}", parameters  # noqa: S608 - our own names

    def update(self, told: Table, rows: Sequence[Row]) -> tuple[str, list[Any]]:
        """Change the rows of the ledger to what `told`, this table with its key and a few columns more, says of them
        by these rows: a statement, its parameters.
        """
        key = self.names[: self.key]
        if len(rows) == 1:
            [row] = rows
            said = told.only(set(told.names).difference(key))
            values = ", ".join(f'"{name}" = {_slot(kind, one=True)}' for name, kind in said.columns)
            same = " AND ".join(f'"{name}" = ?' for name in key)
            _, parameters = said.relation([row[self.key :]])
            return f"UPDATE {self.name} SET {values} WHERE {same}", [*parameters, *row[: self.key]]  # noqa: S608 - our own names
        where, keys = among(f'{self.name}."{key[0]}"', {row[0] for row in rows}, self.columns[0][1])
        values = ", ".join(f'"{name}" = told."{name}"' for name in told.names if name not in key)
        same = " AND ".join(f'{self.name}."{name}" = told."{name}"' for name in key)
        relation, parameters = told.relation(rows)
        return (
            f"UPDATE {self.name} SET {values} FROM ({relation}) AS told WHERE {where} AND {same}",  # noqa: S608 - our own names
            [*parameters, *keys],
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(name for name, _ in self.columns)


def _slot(kind: str, *, one: bool) -> str:
    """Where a value of that type goes in a statement, or the values of many rows."""

    def slot(kind: str) -> str:
        return f"?::{kind}" if one else f"unnest(?::{kind}[])"

    return f"map({slot('VARCHAR[]')}, {slot('VARCHAR[]')})" if kind == MAP_TYPE else slot(kind)


CLIPS = Table(
    "clips",
    (
        ("id", "VARCHAR"),
        ("revision", "INTEGER"),
        ("volume", "VARCHAR"),
        ("card", "VARCHAR"),
        ("path", "VARCHAR"),
        ("folder", "VARCHAR"),
        ("name", "VARCHAR"),
        ("extension", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("role", "VARCHAR"),
        ("size", "BIGINT"),
        ("modified", "TIMESTAMP"),
        ("first_seen", "TIMESTAMP"),
        ("complete", "BOOLEAN"),
        ("completed_by", "VARCHAR"),
        ("problem", "VARCHAR"),
        *((column.name, column.type) for column in METADATA),
        (META.name, META.type),
        # Not for rules: how the file is known again.
        ("mtime_ns", "BIGINT"),
        ("inode", "UBIGINT"),
        ("head", "VARCHAR"),
        ("tail", "VARCHAR"),
        ("born", "BOOLEAN"),
        ("parent", "VARCHAR"),
        ("origin", "VARCHAR"),
        ("superseded", "BOOLEAN"),
        # From midnight to its first frame and to the end of its last, in flicks: what overlaps is found by them.
        ("starts", "BIGINT"),
        ("ends", "BIGINT"),
    ),
    key=1,
)
REVISIONS = Table(
    "revisions",
    (
        ("clip", "VARCHAR"),
        ("revision", "INTEGER"),
        ("size", "BIGINT"),
        ("mtime_ns", "BIGINT"),
        ("head", "VARCHAR"),
        ("tail", "VARCHAR"),
        ("ended", "TIMESTAMP"),
    ),
    key=2,
)
FINDINGS = Table(
    "findings",
    (
        ("clip", "VARCHAR"),
        ("annotator", "VARCHAR"),
        ("basis", "VARCHAR"),
        ("data", "VARCHAR"),
        ("problem", "VARCHAR"),
    ),
    key=2,
    indexes=("clip",),
)
RECORDS = Table(
    "records",
    (
        ("id", "VARCHAR"),
        ("source", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("device", "VARCHAR"),
        ("clock", "VARCHAR"),
        ("data", "VARCHAR"),
        ("rate", "VARCHAR"),
        ("rate_from", "VARCHAR"),
        ("seen", "DOUBLE"),
        ("deleted", "BOOLEAN"),
        ("history", "VARCHAR"),
        ("conflicts", "VARCHAR"),
    ),
    key=2,
)
DEVICES = Table(
    "devices",
    (
        ("id", "VARCHAR"),
        ("source", "VARCHAR"),
        ("type", "VARCHAR"),
        ("name", "VARCHAR"),
        ("present", "BOOLEAN"),
    ),
    key=2,
)
LINKS = Table(
    "links",
    (
        ("clip", "VARCHAR"),
        ("annotator", "VARCHAR"),
        ("other", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("score", "DOUBLE"),
        ("state", "VARCHAR"),
        ("evidence", "VARCHAR"),
    ),
    key=4,
    indexes=("clip",),
)
#: Clips that are admitted but not planned yet: what a crash leaves for the next start. `annotator` is "", or the
#: first of those that are to annotate a clip again which was planned before.
BACKLOG = Table("backlog", (("clip", "VARCHAR"), ("annotator", "VARCHAR")), key=1)
#: Ids of records that are admitted, a row for each admission, until the annotators were asked what they affect.
RECORD_BACKLOG = Table("record_backlog", (("batch", "BIGINT"), ("records", "VARCHAR[]")), key=1)
JOBS = Table(
    "jobs",
    (
        ("id", "VARCHAR"),
        ("clip", "VARCHAR"),
        ("revision", "INTEGER"),
        ("route", "VARCHAR"),
        ("steps", "VARCHAR[]"),
        ("sinks", "VARCHAR[]"),
        ("priority", "INTEGER"),
        ("urgent", "BIGINT"),
        ("created", "DOUBLE"),
        ("over", "BOOLEAN"),
        ("wishes", "VARCHAR"),
        ("place", "VARCHAR"),
    ),
    key=1,
    indexes=("clip",),
)
STEPS = Table(
    "steps",
    (
        ("id", "VARCHAR"),
        ("job", "VARCHAR"),
        ("maker", "VARCHAR"),
        ("position", "INTEGER"),
        ("verb", "VARCHAR"),
        ("component", "VARCHAR"),
        ("clip", "VARCHAR"),
        ("state", "VARCHAR"),
        ("reason", "VARCHAR"),
        ("until", "DOUBLE"),
        ("attempts", "INTEGER"),
        ("faults", "INTEGER"),
        ("deaths", "INTEGER"),
        ("in_doubt", "INTEGER"),
        ("head", "VARCHAR"),
        ("receipt", "VARCHAR"),
        ("changed", "DOUBLE"),
        ("waits_for", "VARCHAR"),
        ("consent", "BOOLEAN"),
    ),
    key=1,
)
PARTS = Table(
    "parts",
    (("step", "VARCHAR"), ("number", "INTEGER"), ("value", "VARCHAR"), ("sent", "BIGINT")),
    key=2,
)
STORE = Table("store", (("component", "VARCHAR"), ("key", "VARCHAR"), ("value", "VARCHAR")), key=2)
EVENTS = Table(
    "events",
    (
        ("seq", "BIGINT"),
        ("at", "DOUBLE"),
        ("kind", "VARCHAR"),
        ("clip", "VARCHAR"),
        ("job", "VARCHAR"),
        ("step", "VARCHAR"),
        ("component", "VARCHAR"),
        ("detail", "VARCHAR"),
    ),
    key=0,
)
#: One row a run: `ended` stays NULL where the process died.
RUNS = Table(
    "runs", (("id", "VARCHAR"), ("boot", "VARCHAR"), ("started", "DOUBLE"), ("ended", "DOUBLE")), key=1
)

TABLES = (
    CLIPS, REVISIONS, FINDINGS, RECORDS, DEVICES, LINKS, BACKLOG, RECORD_BACKLOG, JOBS, STEPS, PARTS, STORE,
    EVENTS, RUNS,
)  # fmt: skip
