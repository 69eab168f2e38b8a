"""The source keeps the contract as a client of a hub and as a hub itself; its archive is in memory."""

import pytest

from rushes.testing import check_source
from rushes_masterlockit import rushes_sources, source

from .client_rig import Shelf
from .scripted_hub import CAMERA, KEY, SECRET, Hub, clip, scripted


class Archive(Shelf):
    """What was admitted in this run, as the ledger would answer."""

    def __init__(self, _catalog, intake, _id):
        super().__init__()
        self._intake = intake

    async def write(self, records):
        await self._intake.records(records)
        await super().write(records)


@pytest.fixture(autouse=True)
def _archive_and_credentials(monkeypatch):
    monkeypatch.setattr(source, "LedgerArchive", Archive)
    monkeypatch.setenv("RUSHES_MASTERLOCKIT_API_KEY", KEY.decode())
    monkeypatch.setenv("RUSHES_MASTERLOCKIT_API_SECRET", SECRET.decode())


async def test_as_a_hub(tmp_path):
    [spec] = rushes_sources()
    options = {"listen": "127.0.0.1:0", "alias": "Cart"}
    await check_source(spec, options, folder=tmp_path, secrets=[SECRET.decode()])


async def test_as_a_client(tmp_path):
    [spec] = rushes_sources()
    said = {f"{number:032x}": clip(f"{number:032x}", clipName=f"A001C00{number}") for number in range(3)}
    async with scripted(Hub(clips=said, devices={(0x11, CAMERA): {"name": "A-Cam"}})) as hub:
        options = {"host": "127.0.0.1", "port": hub.port, "alias": "Cart"}
        await check_source(spec, options, folder=tmp_path, admits=set(said), secrets=[SECRET.decode()])
