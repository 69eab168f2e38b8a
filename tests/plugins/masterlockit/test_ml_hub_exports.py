"""Export of all kinds: in the acknowledgement, or as a file in the hub's own storage."""

import io
import json
import zipfile

import pytest

from .hub_rig import CAMERA, SLATE, SOUND, STORAGE, clip, hub

A = 0x0102030405060708


async def shot(rig):
    device = await rig.device()
    for type_ in (CAMERA, SOUND, SLATE):
        await device.register(type_)
    await device.say(CAMERA, clip(1, clipName="A001C001", tcStartSeconds=36000, tcStopSeconds=36010))
    await device.say(CAMERA, clip(2, clipName="A001C002", tcStartSeconds=40000, tcStopSeconds=40010))
    await device.say(
        SOUND, clip(3, type_="sound", fileName="T001.wav", tcStartSeconds=36000, tcStopSeconds=36010)
    )
    info = {"type": "slate", "scene": "14", "slate": "3", "take": "1", "director": "A. Director"}
    clap = {
        "type": "clap",
        "timecode": {"type": "timecode", "seconds": 36002, "frames": 3},
        "slateInfo": info,
    }
    await device.say(SLATE, clap)
    return device


async def storage_of(device):
    await device.watch(STORAGE)
    _, storage, _, _ = await device.told()
    return f"{storage:016x}"


async def test_reports_come_in_the_acknowledgement(tmp_path):
    async with hub(tmp_path) as rig:
        device = await shot(rig)
        csv = (await device.export(1)).decode("utf-8-sig")
        assert "A001C001" in csv
        assert "T001.wav" in csv
        assert "A001C002" not in (await device.export(1, demand={"clips": [clip(1)["id"]]})).decode(
            "utf-8-sig"
        )
        assert {said["id"] for said in json.loads(await device.export(2, targetDeviceId="0" * 16))} == {
            clip(n)["id"] for n in (1, 2, 3)
        }
        for kind in (3, 4, 5):
            report = await device.export(kind, targetDeviceId=None, headerData={"Mixer": "S. Mixer"})
            with zipfile.ZipFile(io.BytesIO(report)) as book:
                assert "xl/worksheets/sheet1.xml" in book.namelist()
        assert b"S. Mixer" in _text(await device.export(4, headerData={"Mixer": "S. Mixer"}))


async def test_the_slate_log_is_of_the_claps_that_are_asked_for(tmp_path):
    async with hub(tmp_path) as rig:
        device = await shot(rig)
        assert b"10:00:02:03" in _text(await device.export(5))
        assert b"10:00:02:03" in _text(await device.export(5, demand={"timecodeTo": "11:00:00:00"}))
        assert b"10:00:02:03" not in _text(await device.export(5, demand={"timecodeFrom": "11:00:00:00"}))


@pytest.mark.parametrize("spelling", [lambda s: s, lambda s: str(int(s, 16)), lambda s: "0x" + s])
async def test_reports_go_to_the_hubs_storage(tmp_path, spelling):
    folder = tmp_path / "exports"
    async with hub(tmp_path, exports=folder) as rig:
        device = await shot(rig)
        storage = spelling(await storage_of(device))
        assert await device.export(1, targetDeviceId=storage, filename="Day 1.csv") == b""
        assert b"A001C001" in (folder / "Day 1.csv").read_bytes()
        assert (
            await device.export(2, targetDeviceId=storage, filename="Day 1.csv", demand={"clips": ["x"]})
            == b""
        )
        assert [file.name for file in folder.iterdir()] == ["Day 1.csv"]
        assert json.loads((folder / "Day 1.csv").read_bytes()) == []


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/b",
        "a\\b",
        "..",
        ".",
        "",
        "C:x.csv",
        "nul",
        "CON.csv",
        "lpt1.txt",
        "a\0b",
        "a\nb",
        " x",
        "x.",
        "x" * 300,
        "a..b",
    ],
)
async def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    folder = tmp_path / "exports"
    async with hub(tmp_path, exports=folder) as rig:
        device = await rig.device()
        storage = await storage_of(device)
        before = set(tmp_path.iterdir())
        code, text = await device.export(1, targetDeviceId=storage, filename=name)
        assert code == 0
        assert "no name for a file" in text
        assert set(tmp_path.iterdir()) == before


async def test_a_storage_needs_a_name_and_room(tmp_path):
    folder = tmp_path / "exports"
    async with hub(tmp_path, exports=folder) as rig:
        device = await rig.device()
        storage = await storage_of(device)
        assert await device.export(1, targetDeviceId=storage) == (2, "")
        folder.write_bytes(b"in the way")
        code, text = await device.export(1, targetDeviceId=storage, filename="x.csv")
        assert code == 0
        assert "cannot be written" in text


async def test_an_answer_that_no_message_holds_is_refused_with_advice(tmp_path):
    async with hub(tmp_path, max_message="64 KiB") as rig:
        device = await rig.device()
        await device.register(CAMERA)
        for number in range(4):
            assert await device.say(CAMERA, clip(number, comment="x" * 20_000)) == b""
        code, text = await device.fetch()
        assert code == 0
        assert "ask for fewer" in text
        assert len(await device.fetch(length=2)) == 2
        code, text = await device.export(2)
        assert code == 0
        assert "order it to a storage" in text


def _text(report):
    with zipfile.ZipFile(io.BytesIO(report)) as book:
        return b"".join(book.read(name) for name in book.namelist() if name.endswith(".xml"))
