"""`Put.only`: a few columns of a row that is there, whatever else a commit does to the same row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rushes import Clip
from rushes.ledger import open_ledger
from rushes.ledger.rows import drop_backlog, put_clip, read_clip
from rushes.ledger.schema import CLIPS
from rushes.ledger.write import Delete, Put

NAMES = [f"c{number}" for number in range(5)]


def clip(name: str, **meta: object) -> Clip:
    return Clip(id=name, volume="v", path=f"{name}.mov", head="h", meta=meta)


def partly(name: str, *columns: str, **meta: object) -> Put:
    return replace(put_clip(clip(name, **meta)), only=frozenset(columns))


async def metas(ledger) -> dict[str, dict[str, object]]:
    rows = await ledger.query("SELECT * FROM clips")
    return {row[0]: dict(read_clip(row).meta) for row in rows}


@pytest.fixture
async def ledger(tmp_path):
    async with open_ledger(tmp_path / "ledger.duckdb") as ledger:
        await ledger.write([put_clip(clip(name, scene="1", reel="A001")) for name in NAMES])
        yield ledger


async def test_only_these_columns_are_written(ledger):
    # What the row says of other columns is promised to be what the ledger has: it is not looked at.
    await ledger.write([partly(name, "scene", scene="2", reel="not told") for name in NAMES[:2]])
    await ledger.write([partly(NAMES[2], "scene", scene="3")])
    found = await metas(ledger)
    assert found == {
        "c0": {"scene": "2", "reel": "A001"},
        "c1": {"scene": "2", "reel": "A001"},
        "c2": {"scene": "3", "reel": "A001"},
        "c3": {"scene": "1", "reel": "A001"},
        "c4": {"scene": "1", "reel": "A001"},
    }


async def test_a_value_may_go(ledger):
    await ledger.write([partly("c0", "scene", reel="A001")])
    assert (await metas(ledger))["c0"] == {"reel": "A001"}


async def test_rows_of_one_commit_may_differ_in_other_columns(ledger):
    await ledger.write(
        [
            partly("c0", "scene", scene="2", reel="A001"),
            partly("c1", "reel", scene="1", reel="B001"),
            partly("c0", "reel", scene="2", reel="C001"),
        ]
    )
    found = await metas(ledger)
    assert (found["c0"], found["c1"]) == ({"scene": "2", "reel": "C001"}, {"scene": "1", "reel": "B001"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([partly("c0", "scene", scene="2"), put_clip(clip("c0", scene="3"))], {"scene": "3"}),
        ([put_clip(clip("c0", scene="3")), partly("c0", "scene", scene="2")], {"scene": "2"}),
        ([partly("c0", "scene", scene="2"), Delete(CLIPS, ("c0",))], None),
        ([Delete(CLIPS, ("c0",)), partly("c0", "scene", scene="2")], {"scene": "2"}),
        ([drop_backlog("c0"), partly("c0", "scene", scene="2")], {"scene": "2", "reel": "A001"}),
    ],
)
async def test_what_comes_last_counts(ledger, changes, expected):
    await ledger.write(changes)
    assert (await metas(ledger)).get("c0") == expected


@pytest.mark.parametrize("others", [0, 3])
async def test_a_promise_that_does_not_hold_costs_time_and_loses_nothing(ledger, others):
    changes = [partly(name, "scene", scene="2", reel="A001") for name in NAMES[:others]]
    await ledger.write([*changes, partly("new", "scene", scene="9", reel="B001")])
    found = await metas(ledger)
    assert found["new"] == {"scene": "9", "reel": "B001"}
    assert all(found[name]["scene"] == "2" for name in NAMES[:others])
    assert len(found) == len(NAMES) + 1
