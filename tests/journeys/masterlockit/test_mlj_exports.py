"""Export of all five kinds by request, in the acknowledgement and to the hub's own storage."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from journeys.masterlockit.seed_client import APPEARED
from journeys.masterlockit.seed_wire import CAMERA, RECORDER, SLATE, STORAGE, sound, text_of, video

#: The bytes of numbers are the protocol's own tests; here one order is enough.
ORDERS = ">"

pytestmark = pytest.mark.timeout(60)
CSV, JSON, SHOT_LOG, SOUND_REPORT, SLATE_LOG = range(1, 6)
TAKE = {
    "scene": {"uuid": "s", "number": 14, "additional": "a"},
    "slate": {"uuid": "l", "number": 3},
    "take": {"uuid": "t", "number": 2, "printState": 1},
    "tcStartSeconds": 36000,
    "tcStartFrames": 0,
    "tcStopSeconds": 36061,
    "tcStopFrames": 12,
}


@pytest.fixture
def day(join):
    """A camera and a recorder have said one take each; a slate has clapped."""
    camera, recorder, slate = join(), join(), join()
    camera.register(CAMERA)
    recorder.register(RECORDER)
    slate.register(SLATE)
    shot = video(
        f"v{camera.device}",
        camera.device,
        clipName="A001C001",
        camRoll="A001",
        lens="=1+1",
        sensorFPS="50",
        **TAKE,
    )
    wild = sound(
        f"w{recorder.device}",
        recorder.device,
        fileName="T002.wav",
        soundroll="R1",
        circle=True,
        comment="@plane",
        tracks=[
            {"name": "Boom", "number": 1, "isActive": True},
            {"name": "Off", "number": 2, "isActive": False},
        ],
        **TAKE,
    )
    assert camera.event(CAMERA, shot).code is None
    assert recorder.event(RECORDER, wild).code is None
    clap = {
        "type": "clap",
        "timecode": {"type": "timecode", "seconds": 36001, "frames": 7},
        "slateInfo": {
            "type": "slate",
            "scene": "14a",
            "slate": "3",
            "take": str(slate.device),
            "director": "-D.",
        },
    }
    assert slate.event(SLATE, clap).code is None
    return camera, recorder, slate, [shot, wild]


def cells(data):
    """What stands in the first sheet; none of it is a formula, whatever a device said."""
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    filled = [[cell for cell in row if cell.value is not None] for row in page.iter_rows()]
    assert not [
        cell.value for row in filled for cell in row if cell.data_type == "f" and "SUM" not in cell.value
    ]
    return [[cell.value for cell in row] for row in filled]


def flat(data):
    return [str(value) for row in cells(data) for value in row]


def test_every_kind_in_the_acknowledgement(day):
    camera, _, slate, clips = day
    demand = {"clips": [clip["id"] for clip in clips]}
    assert sorted(camera.export(JSON, demand=demand).json, key=lambda clip: clip["type"]) == sorted(
        clips, key=lambda clip: clip["type"]
    )
    [*rows] = csv.DictReader(io.StringIO(camera.export(CSV, demand=demand).data.decode("utf-8-sig")))
    assert len(rows) == 2
    values = [value for row in rows for value in row.values()]
    assert "10:00:00:00" in values
    assert "'=1+1" in values
    assert "'@plane" in values
    assert not [value for value in values if value[:1] in tuple("=+-@")]
    shots = flat(
        camera.export(SHOT_LOG, demand=demand, headerData={"production": "=Töne", "mixer": "A. Smith"}).data
    )
    assert "10:00:00:00" in shots
    assert any("A001C001" in value for value in shots)
    assert any("Töne" in value for value in shots)
    report = camera.export(SOUND_REPORT, demand=demand, headerData={"mixer": "A. Smith"}).data
    sounds = flat(report)
    assert "T002.wav" in sounds
    assert any("A. Smith" in value for value in sounds)
    assert any("Boom" in value for value in sounds)
    assert not any("A001C001" in value for value in sounds)
    slates = flat(camera.export(SLATE_LOG).data)
    assert "10:00:01:07" in slates
    assert str(slate.device) in slates
    # Nobody's clips are a report too.
    for kind in (CSV, JSON, SHOT_LOG, SOUND_REPORT, SLATE_LOG):
        assert camera.export(kind, demand={"clips": ["none"]}).data


@pytest.mark.parametrize("target", [None, "", "0", "0000000000000000", "0x0"])
def test_no_device_means_the_acknowledgement(day, target):
    camera, *_, clips = day
    told = camera.export(JSON, targetDeviceId=target, demand={"clips": [clips[0]["id"]]})
    assert [clip["id"] for clip in told.json] == [clips[0]["id"]]


def test_to_the_storage_of_the_hub(day, hub):
    camera, *_, clips = day
    camera.do(0x03, bytes([STORAGE]))
    store = next(
        heard.device for heard in camera.settle() if heard.what == APPEARED and heard.type == STORAGE
    )
    order = {"targetDeviceId": text_of(store), "demand": {"clips": [clips[1]["id"]]}}
    name = f"day-{camera.device}.json"
    answer = camera.export(JSON, filename=name, **order)
    assert answer == (None, b"")
    [clip] = json.loads((hub.exports / name).read_bytes())
    assert clip == clips[1]
    assert (
        camera.export(
            SOUND_REPORT, filename=f"r-{camera.device}.xlsx", headerData={"mixer": "B"}, **order
        ).code
        is None
    )
    assert "T002.wav" in flat((hub.exports / f"r-{camera.device}.xlsx").read_bytes())
    before = sorted(hub.exports.rglob("*"))
    for bad in (
        "../x.json",
        "a/b.json",
        "a\\b.json",
        "..",
        ".",
        "",
        "C:x.json",
        "CON",
        "nul.json",
        "x\0.json",
        "/x",
    ):
        assert camera.export(JSON, filename=bad, **order).code in (0, 2), bad
    assert camera.export(JSON, **order).code in (0, 2)
    assert camera.export(JSON, filename="x.json", targetDeviceId="00000000000000ff").code == 0
    assert sorted(hub.exports.rglob("*")) == before
    assert not (hub.exports.parent / "x.json").exists()


def test_the_verb_writes_the_same_report(day, hub, tmp_path):
    *_, clips = day
    path = tmp_path / "out.json"
    process = hub.stage.start(
        "masterlockit", "export", str(hub.file), "--kind", "json", "-o", str(path), name="export"
    )
    assert process.wait(30) == 0, process.last_words()
    written = json.loads(path.read_bytes())
    for clip in clips:
        assert clip in written
