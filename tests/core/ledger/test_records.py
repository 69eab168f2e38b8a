"""Records in the ledger: what devices say goes in as JSON, whatever it is; a promise to be new is not relied upon."""

import json
from types import MappingProxyType

import pytest

from rushes import Record
from rushes.ledger import MEMORY, open_ledger
from rushes.ledger.rows import put_record


def record(**values):
    return Record(**{"id": "r", "source": "set", "kind": "video", "device": "d", **values})


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        ({"name": "Fährmann", "n": [1, 2.5, None, True]}, None),
        ({"half": "\ud800"}, None),
        ({"huge": 2**70}, None),
        (MappingProxyType({"inner": MappingProxyType({"a": (1, 2)})}), {"inner": {"a": [1, 2]}}),
        ({}, None),
    ],
)
async def test_whatever_a_device_says_is_stored_as_json(data, stored):
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_record(record(data=data, clock={"d": 2**63 - 1}, history=[{"data": data}]))])
        [[row, clock, history, conflicts]] = await ledger.query(
            "SELECT data, clock, history, conflicts FROM records"
        )
    wanted = data if stored is None else stored
    assert (json.loads(row), json.loads(history)) == (wanted, [{"data": wanted}])
    assert (json.loads(clock), conflicts) == ({"d": 2**63 - 1}, "[]")


async def test_a_record_promised_to_be_new_that_is_not_replaces_the_old_one():
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_record(record(data={"take": 1}, new=True))])
        await ledger.write(
            [put_record(record(data={"take": 2}, new=True)), put_record(record(id="s", new=True))]
        )
        rows = await ledger.query("SELECT id, data FROM records ORDER BY id")
    assert [(id_, json.loads(data)) for id_, data in rows] == [("r", {"take": 2}), ("s", {})]


async def test_two_sources_may_use_the_same_id():
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_record(record(source=source, new=True)) for source in ("a", "b")])
        assert await ledger.query("SELECT source FROM records ORDER BY source") == [("a",), ("b",)]
