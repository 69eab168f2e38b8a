"""Rows are found by few keys and by many, written with few columns and with all."""

from __future__ import annotations

import pytest

from rushes import Clip, Finding, Kind, Link
from rushes.ledger import MEMORY, open_ledger
from rushes.ledger.lookup import MOST_CONSTANTS, among
from rushes.ledger.rows import drop_backlog, put_backlog, put_clip, put_finding, read_clip
from rushes.ledger.schema import TABLES

MANY = MOST_CONSTANTS + 5


def clip(number, **meta):
    return Clip(
        id=f"c{number}", volume="v", path=f"{number}.mov", kind=Kind.VIDEO, size=1, mtime_ns=0, meta=meta
    )


@pytest.mark.parametrize("number", [0, 1, MOST_CONSTANTS, MANY])
async def test_any_number_of_keys_is_looked_up(number):
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_backlog(f"c{each}") for each in range(MANY)])
        wanted = [f"c{each}" for each in range(number)]
        where, parameters = among("clip", wanted)
        rows = await ledger.query(f"SELECT clip FROM backlog WHERE {where}", parameters)
        await ledger.write([drop_backlog(name) for name in wanted])
        left = await ledger.query("SELECT count(*) FROM backlog")
    assert sorted(name for (name,) in rows) == sorted(wanted)
    assert left == [(MANY - number,)]


@pytest.mark.parametrize("number", [1, 2, MANY])
async def test_of_several_annotators_only_the_one_that_speaks_again_is_replaced(number):
    def said(by, take):
        return [
            change
            for each in range(number)
            for change in put_finding(
                by,
                Finding(
                    clip=f"c{each}", values={"take": take},
                    links=[Link(clip=f"c{each}", other=take, kind="sound", score=1.0)],
                ),
            )
        ]  # fmt: skip

    async with open_ledger(MEMORY) as ledger:
        await ledger.write([*said("probe", "1"), *said("match", "1")])
        await ledger.write(said("match", "2"))
        findings = await ledger.query(
            "SELECT annotator, data->>'take', count(*) FROM findings GROUP BY ALL ORDER BY ALL"
        )
        links = await ledger.query("SELECT annotator, other, count(*) FROM links GROUP BY ALL ORDER BY ALL")
    assert findings == [("match", "2", number), ("probe", "1", number)]
    assert links == [("match", "2", number), ("probe", "1", number)]


async def test_a_column_that_nobody_fills_any_more_is_empty_again():
    """One row fills it in one commit, another in the next; the first is written again without it."""
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_clip(clip(1, scene="12", width=1920)), put_clip(clip(2))])
        await ledger.write([put_clip(clip(1, take="3")), put_clip(clip(2, look="day"))])
        rows = await ledger.query("SELECT * FROM clips ORDER BY id")
    assert [read_clip(row) for row in rows] == [clip(1, take="3"), clip(2, look="day")]


async def test_what_is_looked_up_by_its_clip_has_an_index_of_it():
    """DuckDB finds nothing by the first column of a key of several: a million rows would be read for one."""
    async with open_ledger(MEMORY) as ledger:
        indexed = {
            (table, columns)
            for table, columns in await ledger.query("SELECT table_name, expressions FROM duckdb_indexes()")
        }
    assert indexed == {(table.name, f"[{name}]") for table in TABLES for name in table.indexes}
    assert {("findings", "[clip]"), ("links", "[clip]"), ("jobs", "[clip]")} <= indexed
