"""Export of all kinds: in the acknowledgement, or as a file in the hub's own storage."""

import io
import json
import stat
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from rushes_masterlockit import reports
from rushes_masterlockit.hub import exports

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


async def test_a_target_of_zeros_is_none(tmp_path):
    async with hub(tmp_path) as rig:
        device = await shot(rig)
        for target in ("", "0", "0x0", "0" * 32, "00000000-0000-0000-0000-000000000000"):
            assert b"A001C001" in await device.export(1, targetDeviceId=target)


def test_one_report_that_is_written_twice_at_once_is_whole(tmp_path, monkeypatch):
    both = threading.Barrier(2, timeout=10)
    written = exports.os.fsync

    def meet(descriptor):
        if not stat.S_ISDIR(exports.os.fstat(descriptor).st_mode):
            both.wait()
        written(descriptor)

    monkeypatch.setattr(exports.os, "fsync", meet)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda data: exports.store(tmp_path, "x.csv", data), (b"a" * 9, b"b" * 5)))
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]
    assert (tmp_path / "x.csv").read_bytes() in {b"a" * 9, b"b" * 5}


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


async def test_a_report_in_the_making_holds_up_nothing_but_itself(tmp_path, monkeypatch):
    go = threading.Event()
    usual = reports.make

    def slowly(*arguments, **named):
        assert go.wait(30)
        return usual(*arguments, **named)

    monkeypatch.setattr(reports, "make", slowly)
    async with hub(tmp_path) as rig:
        device, other = await shot(rig), await rig.device(7)
        orders = [await device.ask(0x0A, b"\2" + json.dumps({"headerData": n}).encode()) for n in range(5)]
        code, text = await device.answer(orders[4])
        assert (code, "wait for one" in text) == (0, True)
        assert await device.say(CAMERA, clip(9)) == b""
        assert len(await device.fetch()) == 4
        assert await other.fetch(list_type=2)
        go.set()
        for order in orders[:4]:
            while (answer := next((a for a in device.inbox if a[1][:20] == order), None)) is None:
                device.inbox.append(await device.read())
            assert answer[0] == 0x13


def _text(report):
    with zipfile.ZipFile(io.BytesIO(report)) as book:
        return b"".join(book.read(name) for name in book.namelist() if name.endswith(".xml"))
