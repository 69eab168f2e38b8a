"""One row is written as constants, many are as columns: the ledger must not show which."""

from __future__ import annotations

from datetime import datetime

import pytest

from rushes.ledger import MEMORY, open_ledger
from rushes.ledger.schema import BACKLOG, CLIPS, TABLES
from rushes.ledger.write import Delete, Put

VALUES = {
    "VARCHAR": ("é", "", "it's"),
    "INTEGER": (1, -(2**31), None),
    "BIGINT": (2**63 - 1, 0, None),
    "UBIGINT": (2**64 - 1, 0, 1),
    "DOUBLE": (0.1, float("inf"), None),
    "BOOLEAN": (True, False, None),
    "TIMESTAMP": (datetime(2026, 3, 2, 5, 0, 0, 1), datetime(1, 1, 2), None),  # noqa: DTZ001 - as the ledger has it
    "VARCHAR[]": (["a", "b"], [], ["'"]),
    "MAP(VARCHAR, VARCHAR)": ({"a": "b", "é": "'"}, {}, {"a": ""}),
}


def rows_of(table, count):
    """Rows of every type; the keys differ."""
    keys = {"VARCHAR": str, "INTEGER": int, "BIGINT": int}
    return [
        tuple(
            keys[kind](number) if place < max(table.key, 1) else VALUES[kind][number % 3]
            for place, (_, kind) in enumerate(table.columns)
        )
        for number in range(count)
    ]


async def stored(ledger, table):
    return sorted(await ledger.query(f"SELECT * FROM {table.name}"), key=lambda row: row[0])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_a_row_alone_is_stored_as_among_others(table):
    rows = rows_of(table, 3)
    async with open_ledger(MEMORY) as ledger:
        for row in rows:
            await ledger.write([Put(table, row)])
        alone = await stored(ledger, table)
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([Put(table, row) for row in rows])
        together = await stored(ledger, table)
    assert alone == together == rows


@pytest.mark.parametrize("count", [1, 3])
async def test_columns_that_alone_differ_are_written_alone(count):
    rows = rows_of(CLIPS, count)
    take, camera = CLIPS.names.index("take"), CLIPS.names.index("camera")
    now = [(*row[:take], "7", *row[take + 1 :]) for row in rows]
    now = [(*row[:camera], None, *row[camera + 1 :]) for row in now]
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([Put(CLIPS, row) for row in rows])
        await ledger.write([Put(CLIPS, row, only=frozenset({"take", "camera"})) for row in now])
        assert await stored(ledger, CLIPS) == now


@pytest.mark.parametrize("count", [1, 3])
async def test_a_row_that_was_promised_and_is_not_there_is_written_whole(count):
    rows = rows_of(CLIPS, count)
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([Put(CLIPS, row) for row in rows[1:]])
        await ledger.write([Put(CLIPS, row, only=frozenset({"take"})) for row in rows])
        assert await stored(ledger, CLIPS) == rows


async def test_a_row_that_was_promised_to_be_new_and_is_not_is_replaced():
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([Put(BACKLOG, ("c", "match"))])
        await ledger.write([Put(BACKLOG, ("c", ""), new=True)])
        assert await stored(ledger, BACKLOG) == [("c", "")]


async def test_a_few_columns_of_a_row_that_is_deleted_before_are_the_whole_row():
    [row] = rows_of(CLIPS, 1)
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([Put(CLIPS, row)])
        await ledger.write([Delete(CLIPS, row[:1]), Put(CLIPS, row, only=frozenset({"take"}))])
        assert await stored(ledger, CLIPS) == [row]
        await ledger.write([Put(CLIPS, row, only=frozenset({"take"})), Delete(CLIPS, row[:1])])
        assert await stored(ledger, CLIPS) == []
