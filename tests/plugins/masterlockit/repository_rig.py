"""A repository over a real ledger file, and clips to say to it."""

from __future__ import annotations

from contextlib import asynccontextmanager

import trio

from rushes.ledger import open_ledger
from rushes.ledger.rows import put_record
from rushes_masterlockit.repository import LedgerArchive, Repository

CAMERA, RECORDER, TABLET, OWN = "0102030405060708", "000000000000000a", "000000000000000b", "00000000000000ff"
SOURCE = "set"


class LedgerIntake:
    """What the engine does with records, and no more; counts the writes. `refuse` raises before each."""

    def __init__(self, ledger):
        self.writes = []
        self.refuse = lambda _records: None
        self._ledger = ledger

    async def records(self, records):
        self.refuse(records)
        await self._ledger.write([put_record(record) for record in records])
        self.writes.append(len(records))


class Rig:
    def __init__(self, ledger, intake, repository):
        self.ledger = ledger
        self.intake = intake
        self.repository = repository
        #: Of the task that writes.
        self.writing = trio.CancelScope()

    async def write(self, *, task_status):
        with self.writing:
            await self.repository.run(task_status=task_status)


@asynccontextmanager
async def held(path, *, bodies=True, own=OWN, rate=lambda: "25", now=lambda: 1000.0, **options):
    """The repository of the ledger at `path`, loaded and running."""
    async with open_ledger(path / "ledger.duckdb") as ledger, trio.open_nursery() as nursery:
        intake = LedgerIntake(ledger)
        archive = LedgerArchive(ledger, intake, SOURCE)
        repository = Repository(archive, own, bodies=bodies, rate=rate, now=now, **options)
        await repository.load()
        rig = Rig(ledger, intake, repository)
        await nursery.start(rig.write)
        yield rig
        rig.writing.cancel()


def clip(number, version=None, **members):
    """Clip `number` of a camera, with 32 digits for an id, as it is decoded from JSON."""
    return {
        "id": f"{number:032x}",
        "type": "video",
        "version": version or {CAMERA: 1},
        "clipName": f"A001C{number:03}",
        "created": 1_700_000_000_000 + number * 1000,
        "updated": 1_700_000_000_000 + number * 1000,
        **members,
    }


def id_of(number):
    return f"{number:032x}"
