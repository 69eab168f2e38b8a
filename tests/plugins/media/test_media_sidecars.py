"""Sidecars: logs and camera documents become rows that name their clips."""

from __future__ import annotations

import json

import pytest

from rushes.columns import METADATA_NAMES
from rushes_media import sidecars
from rushes_media.look import look
from rushes_media.probe import PROBE


@pytest.fixture
def read(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return sidecars.read(path)

    return write


ALE = [
    *("Heading", "FIELD_DELIM\tTABS", "VIDEO_FORMAT\t1080", "FPS\t23.976", "", "Column"),
    "\t".join(
        (
            *("Name", "Tape", "Start", "End", "Duration", "Scene", "Take", "Circled", "ASC_SOP", "ASC_SAT"),
            *("White Balance", "EI", "Shutter angle", "VFX Shot"),
        )
    ),
    *("", "Data"),
    "\t".join(
        (
            *(
                "A001C003_221122_R1AB",
                "A001R1AB",
                "10:20:30:04",
                "10:20:40:04",
                "00:00:10:00",
                "12A",
                "3",
                "Yes",
            ),
            *("(1 1 1)(0,0,0) (1 1 1)", "0.9", "5600K", "EI 800", "172.8°", "vfx_010"),
        )
    ),
]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("gone", ["", "FPS\t23.976"])
def test_an_ale_of_every_computer(read, end, gone):
    told = read("day.ale", end.join(line for line in ALE if line != gone) + end)
    [row] = told.rows
    assert (told.format, told.problem) == ("ale", "")
    assert told.values == ({} if gone else {"sidecar_rate": "23.976"})
    assert row.match == {
        "clip_name": "A001C003_221122_R1AB",
        "reel": "A001R1AB",
        "timecode": "10:20:30:04",
    }
    expected = {
        "scene": "12A",
        "take": "3",
        "circled": True,
        "camera": "A",
        "reel": "A001R1AB",
        "asc_sop": "(1 1 1)(0 0 0)(1 1 1)",
        "asc_sat": "0.9",
        "white_balance": 5600,
        "iso": 800,
        "shutter": "172.8",
        "ale_vfx_shot": "vfx_010",
    }
    assert {key: row.values.get(key) for key in expected} == expected
    assert row.values.get("timecode_rate") == (None if gone else "23.976")


def test_an_ale_whose_heading_is_one_line(read):
    told = read(
        "a.ale",
        "Heading\r\nFIELD_DELIM\tTABS\tFPS\t25\r\nColumn\r\nName\tScene\r\nData\r\n12A-1\t12A\t\t\r\n",
    )
    [row] = told.rows
    assert (dict(row.match), row.values["rate"], row.values["scene"]) == ({"clip_name": "12A-1"}, "25", "12A")


@pytest.mark.parametrize(
    ("content", "problem"),
    [("", "not an ALE: no Column section in it"), ("Column\nName\n", "not an ALE: no Data section in it")],
)
def test_what_is_wrong_with_an_ale(read, content, problem):
    assert read("a.ale", content).problem == problem


def test_real_ales_as_opentimelineio_reads_them(shared_media):
    otio = pytest.importorskip("opentimelineio")
    if "ale" not in otio.adapters.available_adapter_names():
        pytest.skip("the ALE adapter of OpenTimelineIO is not here")
    for path in sorted((shared_media / "ale/otio").iterdir()):
        told = sidecars.read(path)
        assert not told.problem
        fps = float(told.values.get("sidecar_rate", 25))
        clips = list(otio.adapters.read_from_file(path, fps=fps, ale_name_column_key="Name"))
        assert len(told.rows) == len(clips) > 0, path.name
        for row, clip in zip(told.rows, clips, strict=True):
            extra = clip.metadata["ALE"]
            if clip.source_range and "timecode" in row.match:
                assert row.match["timecode"] == clip.source_range.start_time.to_timecode(
                    clip.source_range.start_time.rate
                )
            for ours, theirs in (("scene", "Scene"), ("take", "Take"), ("sound_roll", "Soundroll")):
                if extra.get(theirs, "").strip():
                    assert row.values[ours] == extra[theirs].strip()


def test_a_real_red_clip(shared_media):
    [row] = sidecars.read(shared_media / "sidecar/red/A001_C066_0303LZ_001.static.csv").rows
    assert row.match == {
        "file": "A001_C066_0303LZ_001.R3D",
        "clip_name": "A001_C066_0303LZ",
        "reel": "A001",
        "timecode": "23:17:21:08",
    }
    expected = {
        "camera": "A",
        "model": "RANGER MONSTRO 8K VV",
        "serial": "130-27E-4B5",
        "iso": 250,
        "white_balance": 5600,
        "shutter": "180",
        "aperture": "5.6",
        "focal_length": "40",
        "lens": "40mm T1.5 FF | 018",
        "rate": "24",
        "frames": 2,
        "width": 4096,
        "height": 2160,
        "timecode": "23:17:21:08",
        "timecode_rate": "24",
        "recorded": "2022-03-03 13:21:46",
    }
    assert {key: row.values.get(key) for key in expected} == expected
    assert "circled" not in row.values
    [frames] = sidecars.read(shared_media / "sidecar/red/A001_C066_0303LZ_001.frames.csv").rows
    assert frames.match == {"clip_name": "A001_C066_0303LZ", "reel": "A001", "timecode": "23:17:21:08"}


def test_a_real_canon_clip(shared_media):
    folder = shared_media / "sidecar/canon"
    [row] = sidecars.read(folder / "20221007_TNumber_CanonCameraMetadata_Static.csv").rows
    assert (row.match["clip_name"], row.match["reel"], row.values["width"]) == ("A001C001", "A001", 5952)
    [row] = sidecars.read(folder / "20221007_TNumber_CanonCameraMetadata_Frames.csv").rows
    expected = {
        "iso": 1600,
        "shutter": "180",
        "aperture": "4.5",
        "focal_length": "18",
        "white_balance": 5600,
        "recorded": "2022-01-01 00:01:46",
    }
    assert {key: row.values.get(key) for key in expected} == expected


def test_a_real_blackmagic_clip(shared_media):
    [row] = sidecars.read(shared_media / "sidecar/bmd/metadata.txt").rows
    assert row.match == {"clip_name": "A001_04190112_C102", "reel": "A001"}
    expected = {
        "camera": "A",
        "scene": "1",
        "take": "99",
        "circled": False,
        "rate": "24",
        "iso": 800,
        "white_balance": 6000,
        "t_stop": "2.3",
        "lens": "Cooke Anamorphic /i Prime Lens 50mm",
        "day_night": "day",
    }
    assert {key: row.values.get(key) for key in expected} == expected
    assert "aperture" not in row.values


def test_settings_of_a_braw(read):
    told = read(
        "A001_11221015_C003.sidecar", json.dumps({"iso": 400, "white_balance_kelvin": 5600, "post": [1]})
    )
    [row] = told.rows
    assert (told.format, row.match["clip_name"]) == ("bmd-json", "A001_11221015_C003")
    assert (row.values["iso"], row.values["white_balance"]) == (400, 5600)


def test_a_sound_report_with_its_preamble(read):
    told = read(
        "SoundReport.csv",
        'SOUND REPORT,"Nocturne"\nDate:,2026-11-22\n\nFile Name,Scene,Take,Circled,Start TC,Notes\n'
        'T01.WAV,12A,3,@,10:00:00:00,"plane, late"\nT02.WAV,12A,4,TRUE,10:05:00:00,\n',
    )
    assert [dict(row.match) for row in told.rows] == [
        {"file": "T01.WAV", "timecode": "10:00:00:00"},
        {"file": "T02.WAV", "timecode": "10:05:00:00"},
    ]
    assert (told.rows[0].values["note"], told.rows[0].values["circled"]) == ("plane, late", True)
    assert (told.rows[1].values["circled"], told.rows[1].values["take"]) == (True, "4")


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("23.97 ND", {"rate": "23.976", "timecode_rate": "23.976", "timecode": "12:39:59:00"}),
        ("25 ND", {"rate": "25", "timecode_rate": "25", "timecode": "12:39:59:00"}),
        ("29.97DF", {"rate": "29.97df", "timecode_rate": "29.97df", "timecode": "12:39:59;00"}),
        ("29.97-NDF", {"rate": "29.97", "timecode_rate": "29.97", "timecode": "12:39:59:00"}),
        ("ND", {"timecode": "12:39:59:00"}),
    ],
)
def test_rates_of_sound_reports(read, rate, expected):
    told = read("Report.csv", f"File Name,Scene,Frame Rate,Start TC\nA101_1.WAV,A101,{rate},12:39:59:00\n")
    [row] = told.rows
    assert {
        key: row.values.get(key) for key in ("rate", "timecode_rate", "timecode") if key in row.values
    } == expected


def test_a_row_for_every_frame_is_one_clip(read):
    """As ARRI's and Sony's tools list the lens; two takes of one name, minutes apart, stay two."""
    frames = ["16:47:04:22", "16:47:04:23", "16:47:05:00", "16:50:00:00", "16:50:00:01"]
    rows = [f"{code},D001C005_210716AG,7032.0100,{5 + number}" for number, code in enumerate(frames)]
    other = "16:50:00:02,D001C006_210716AG,7032.0100,9"
    told = read("D001.csv", "\n".join(["Timecode,Clip Name,Lens Model,Focus Distance (ft)", *rows, other]))
    assert [(row.match["clip_name"], row.match["timecode"]) for row in told.rows] == [
        ("D001C005_210716AG", "16:47:04:22"),
        ("D001C005_210716AG", "16:50:00:00"),
        ("D001C006_210716AG", "16:50:00:02"),
    ]


def test_takes_without_a_timecode_stay_apart(read):
    told = read("log.csv", "Clip Name,Scene,Take\nA001C001,1,1\nA001C001,1,2\n")
    assert [row.values["take"] for row in told.rows] == ["1", "2"]


def test_what_an_arri_writes_where_nobody_told_it(read):
    told = read(
        "B001C001_180327_R1ZA.mov.csv",
        "Master TC\tScene\tTake\tLook Name\tCamera Clip Name\tSystem Image Creation Date\tSystem Image Creation Time\n"
        "13:36:49:07\tno scene name\tn.a.\t--\tB001C001_180327_R1ZA\t2018/03/27\t12:36:51\n",
    )
    [row] = told.rows
    assert not row.values.keys() & {"scene", "take", "look"}
    assert (row.values["camera"], row.values["recorded"]) == ("B", "2018-03-27 12:36:51")


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "Date,Amount\n2026,5\n", "\0\0", "x" * 200_000])
def test_a_csv_of_something_else(read, content):
    assert not read("expenses.csv", content).rows


SONY = """<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20" lastUpdate="2025-10-21T10:30:35-06:00">
<Duration value="390"/><LtcChangeTable tcFps="30" halfStep="false">
<LtcChange frameCount="0" value="67212901" status="increment"/></LtcChangeTable>
<CreationDate value="2025-10-21T10:30:22-06:00"/>
<VideoFormat><VideoFrame videoCodec="AVC_3840_2160_HP@L51" captureFps="29.97p" formatFps="29.97p"/>
<VideoLayout pixel="3840" numOfVerticalLine="2160" aspectRatio="16:9"/></VideoFormat>
<AudioFormat numOfChannel="2"/><Device manufacturer="Sony" modelName="ILCE-6700" serialNo="4711"/>
<Lens modelName="E 18-135mm F3.5-5.6 OSS"/></NonRealTimeMeta>"""


def test_a_sony_clip(read):
    told = read("C0003M01.XML", SONY)
    [row] = told.rows
    assert told.format == "sony-xml"
    assert row.match == {"clip_name": "C0003", "timecode": "01:29:21;27"}
    expected = {
        "timecode": "01:29:21;27",
        "timecode_rate": "29.97df",
        "rate": "29.97",
        "frames": 390,
        "width": 3840,
        "height": 2160,
        "channels": 2,
        "make": "Sony",
        "model": "ILCE-6700",
        "serial": "4711",
        "lens": "E 18-135mm F3.5-5.6 OSS",
        "created_zone": "-06:00",
    }
    assert {key: row.values.get(key) for key in expected} == expected
    assert row.values["created"].startswith("2025-10-21 16:30:22")


def test_a_camera_with_a_recorder_bolted_to_it(read):
    """The device is then the recorder: what shot the picture stands beside it."""
    camera = '<Camera manufacturer="Sony" modelName="MPC-3610" serialNo="0010201"/><Lens '
    told = read("C0003M01.XML", SONY.replace("<Lens ", camera))
    assert (told.rows[0].values["model"], told.rows[0].values["serial"]) == ("MPC-3610", "0010201")


def test_a_sony_card(read):
    told = read(
        "MEDIAPRO.XML",
        '<MediaProfile xmlns="http://xmlns.sony.net/pro/metadata/mediaprofile"><Contents>'
        '<Material uri="./CLIP/C0001.MP4" fps="59.94p" dur="210" ch="2"/><Material uri="./CLIP/C0002.MP4" fps="25p"/>'
        "</Contents></MediaProfile>",
    )
    assert [row.match["file"] for row in told.rows] == ["C0001.MP4", "C0002.MP4"]
    assert (told.rows[0].values["rate"], told.rows[0].values["frames"]) == ("59.94", 210)


P2 = """<P2Main xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata:v3.1"><ClipContent>
<ClipName>0158Q5</ClipName><GlobalClipID>060A2B34</GlobalClipID><Duration>14472</Duration><EditUnit>1001/30000</EditUnit>
<Relation><Connection><Top><ClipName>0157E2</ClipName></Top></Connection></Relation>
<EssenceList><Video><FrameRate DropFrameFlag="true">59.94i</FrameRate><StartTimecode>00:28:57:21</StartTimecode>
<StartBinaryGroup>22112200</StartBinaryGroup></Video></EssenceList>
<ClipMetadata><UserClipName>Opening</UserClipName><Device><Manufacturer>Panasonic</Manufacturer>
<SerialNo.>4711</SerialNo.><ModelName>AJ-PX270</ModelName></Device>
<Shoot><StartDate>2026-11-22T10:30:05+01:00</StartDate><Location><Longitude>1.8</Longitude></Location></Shoot>
<Scenario><ProgramName>Nocturne</ProgramName><SceneNo.>12A</SceneNo.><TakeNo.>3</TakeNo.></Scenario>
<MemoList><Memo><Text>plane</Text></Memo></MemoList></ClipMetadata></ClipContent></P2Main>"""


def test_a_p2_clip(read):
    told = read("0158Q5.XML", P2)
    [row] = told.rows
    assert (told.format, row.match) == ("p2-xml", {"clip_name": "0158Q5", "timecode": "00:28:57;21"})
    expected = {
        "timecode_rate": "29.97df",
        "rate": "29.97",
        "frames": 14472,
        "scene": "12A",
        "take": "3",
        "project": "Nocturne",
        "note": "plane",
        "make": "Panasonic",
        "model": "AJ-PX270",
        "serial": "4711",
        "user_bits": "22112200",
        "span_first": "0157E2",
        "created_zone": "+01:00",
        "recorded": "2026-11-22 10:30:05",
    }
    assert {key: row.values.get(key) for key in expected} == expected
    assert "1.8" not in json.dumps(dict(row.values)).replace("01:00", "")


def test_a_canon_clip(read):
    told = read(
        "A012C001H200529BY_CANON.XML",
        '<VideoClip xmlns="http://www.canon.com/ns/VideoClip"><Device><Manufacturer>Canon</Manufacturer>'
        "<ModelName>EOS C300 Mark III</ModelName></Device><StartTimecode>10:20:30:04</StartTimecode></VideoClip>",
    )
    [row] = told.rows
    assert (told.format, row.match["clip_name"]) == ("canon-xml", "A012C001H200529BY_CANON")
    assert (row.values["model"], row.values["timecode"]) == ("EOS C300 Mark III", "10:20:30:04")


def test_half_a_document_says_half(read):
    told = read("0158Q5.XML", P2[: P2.index("<ClipMetadata>")])
    assert told.problem.startswith("broken XML: ")
    assert told.rows[0].values["timecode"] == "00:28:57;21"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.mhl", '<hashlist version="1.1"><hash><file>A</file></hash></hashlist>', "mhl"),
        (
            "a.mhl",
            '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path/></hash></hashes></hashlist>',
            "ascmhl",
        ),
        ("edit.xml", "<xmeml version='5'/>", ""),
        ("page.xml", "<note><scene>1</scene></note>", ""),
        ("notes.txt", "call me: tomorrow", ""),
        ("data.bin", "Heading", ""),
    ],
)
def test_what_else_stands_beside_clips(read, name, content, kind):
    told = read(name, content)
    assert (told.format, told.problem, list(told.rows)) == (kind, "", [])
    assert told.values.get("mhl_files", "1") == "1"


def test_findings_are_json_for_whoever_attaches_them(tmp_path):
    path = tmp_path / "C0003M01.XML"
    path.write_text(SONY)
    facts = look(str(path), "data")
    assert facts.values["sidecar_format"] == "sony-xml"
    [row] = json.loads(facts.values["sidecar"])
    assert row["match"] == {"clip_name": "C0003", "timecode": "01:29:21;27"}
    assert row["values"]["frames"] == 390


def test_all_real_sidecars_go_through(shared_media):
    for path in sorted(shared_media.rglob("*")):
        if path.is_file() and path.suffix.lower() in {".mhl", ".xml", ".xsd", ".txt", ".csv", ".ale"}:
            told = sidecars.read(path)
            assert not told.problem, path
            json.loads(told.findings().get("sidecar", "[]"))


def test_every_key_that_probe_writes_beside_recordings_is_documented(shared_media, tmp_path):
    path = tmp_path / "C0003M01.XML"
    path.write_text(SONY)
    known = METADATA_NAMES | PROBE.keys.keys()
    kinds = {".heic": "image", ".jpg": "image", ".dng": "image"}
    for one in [path, *shared_media.rglob("*")]:
        if one.is_file() and (
            one == path or one.parts[len(shared_media.parts)] in {"ale", "lut", "mhl", "sidecar", "stills"}
        ):
            written = look(str(one), kinds.get(one.suffix.lower(), "data")).values.keys()
            assert not written - known, one
