"""Camera raw by its header, whatever it is called, and what the names of cameras say."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from datetime import datetime

import pytest

from rushes_media.look import look
from rushes_media.words import names


def red_tag(number, value):
    return struct.pack(">HH", 4 + len(value), number) + value


def r3d():
    """A REDCODE 2 header: one record of the picture's size, then the directory."""
    tags = b"".join(
        (
            red_tag(0x1000, b"01:00:00:00"),
            red_tag(0x1001, b"10:20:30:04"),
            red_tag(0x1006, b"102-ABC-123\0"),
            red_tag(0x1023, b"20221122"),
            red_tag(0x1024, b"103005"),
            red_tag(0x1056, b"A001_C003_1122AB_001.R3D\0"),
            red_tag(0x1070, b"40mm T1.5 FF\0"),
            red_tag(0x1071, b"KOMODO 6K\0"),
            red_tag(0x200D, struct.pack(">f", 5600)),
            red_tag(0x403B, struct.pack(">H", 800)),
            red_tag(0x406A, struct.pack(">H", 28)),
            red_tag(0x406B, struct.pack(">H", 40)),
            red_tag(0x107C, b"x" * 200),
        )
    )
    rdi = b"rdi\x01" + bytes(4) + struct.pack(">IIBBHHH", 6144, 3240, 0x11, 2, 1001, 0, 24000)
    body = bytes(8) + bytes(0x40 - 16) + b"\x01\0\0\x01" + rdi.ljust(0x18, b"\0")
    body += struct.pack(">H", len(tags)) + tags
    return (struct.pack(">I4s", 0x1000, b"RED2") + body).ljust(0x1000, b"\0")


RED = {
    "raw": "R3D",
    "container": "r3d",
    "width": 6144,
    "height": 3240,
    "rate": "23.976",
    "timecode": "10:20:30:04",
    "timecode_rate": "23.976",
    "timecode_from": "r3d",
    "lens": "40mm T1.5 FF",
    "model": "KOMODO 6K",
    "iso": 800,
    "aperture": "2.8",
    "focal_length": "40",
    "white_balance": 5600,
    "camera": "A",
    "reel": "A001",
    "clip_name": "A001_C003_1122AB",
    "clip_index": "3",
    "clip_day": "11-22",
    "segment": "1",
    "recorded": datetime(2022, 11, 22, 10, 30, 5),  # noqa: DTZ001
}


@pytest.mark.parametrize(("name", "kind"), [("A.R3D", "video"), ("renamed.mov", "video"), ("lost", "data")])
def test_an_r3d_under_any_name(tmp_path, name, kind):
    path = tmp_path / name
    path.write_bytes(r3d())
    facts = look(str(path), kind)
    assert not facts.problem
    wanted = RED if kind == "video" else {key: RED[key] for key in ("raw", "container", "timecode", "iso")}
    assert {key: facts.values.get(key) for key in wanted} == wanted


@pytest.mark.skipif(not shutil.which("exiftool"), reason="no exiftool on this machine")
def test_exiftool_reads_the_same_header(tmp_path):
    path = tmp_path / "A001_C003_1122AB_001.R3D"
    path.write_bytes(r3d())
    told = json.loads(subprocess.run(["exiftool", "-j", "-n", path], capture_output=True, check=True).stdout)[
        0
    ]
    assert (told["FileType"], told["ImageWidth"], told["ImageHeight"]) == ("R3D", 6144, 3240)
    assert float(told["FrameRate"]) == pytest.approx(23.976, abs=0.001)
    assert (told["StartTimecode"], told["ISO"], told["FNumber"], told["FocalLength"]) == (
        "10:20:30:04",
        800,
        2.8,
        40,
    )
    assert (told["ColorTemperature"], told["LensModel"], told["Model"]) == (5600, "40mm T1.5 FF", "KOMODO 6K")


def test_an_arriraw_frame(tmp_path):
    head = bytearray(4096)
    head[:8] = b"ARRI\x12\x34\x56\x78"
    head[20:28] = struct.pack("<II", 2880, 1620)
    head[668:680] = b"ALEXA Mini\0\0"
    path = tmp_path / "A001C003_221122_R1AB.0001234.ari"
    path.write_bytes(bytes(head) + b"\xa5" * 1000)
    facts = look(str(path), "video")
    expected = {
        "raw": "ARRIRAW",
        "width": 2880,
        "height": 1620,
        "model": "ALEXA Mini",
        "clip_name": "A001C003_221122_R1AB",
        "clip_day": "2022-11-22",
        "reel": "A001",
    }
    assert not facts.problem
    assert {key: facts.values.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("code", "kind"),
    [(b"brhq", "BRAW"), (b"brs2", "BRAW"), (b"aprn", "ProRes RAW"), (b"CRAW", "Canon RAW")],
)
def test_films_in_boxes_by_their_sample_description(shoot, code, kind, tmp_path):
    path = tmp_path / "A001_11221015_C003.mov"
    path.write_bytes(shoot("raw.mov", "25", "01:00:00:00").read_bytes().replace(b"avc1", code))
    facts = look(str(path), "video")
    assert not facts.problem
    assert (facts.values["raw"], facts.values["timecode"]) == (kind, "01:00:00:00")
    # What the file says of its reel stands; what its name says fills the rest.
    assert (facts.values["reel"], facts.values["camera"]) == ("A001", "A")
    assert facts.values["clip_name"] == "A001_11221015_C003"


def test_a_film_that_is_none_of_these_is_not_raw(camera):
    assert "raw" not in look(str(camera["25"]), "video").values


@pytest.mark.parametrize(
    ("name", "kind"), [("A.nev", "N-RAW"), ("A.rmf", "Canon RAW"), ("A.arx", "ARRIRAW"), ("A.braw", "BRAW")]
)
def test_by_name_alone_where_no_header_is_described(tmp_path, name, kind):
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 40)
    facts = look(str(path), "video")
    assert (facts.values["raw"], facts.problem) == (kind, "")


def test_a_card_that_wrote_zeros(tmp_path):
    path = tmp_path / "A001_C003_1122AB_001.R3D"
    path.write_bytes(bytes(100_000))
    assert look(str(path), "video").problem == "damaged: its first 4096 bytes are zero"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A001C003_221122_R1AB.mov", ("A001C003_221122_R1AB", 3, "A", "A001", "2022-11-22", None)),
        (
            "A_0076C001_230511_184122_h1CTJ.mxf",
            ("A_0076C001_230511_184122_h1CTJ", 1, "A", "A_0076", "2023-05-11", None),
        ),
        ("A001C003_221122_R1AB_000001.dng", ("A001C003_221122_R1AB", 3, "A", "A001", "2022-11-22", None)),
        ("B012_C115_0101ZZ_002.R3D", ("B012_C115_0101ZZ", 115, "B", "B012", "01-01", 2)),
        ("A001_02291015_C003.braw", ("A001_02291015_C003", 3, "A", "A001", "02-29", None)),
        ("A009C233_260209D4_CANON.MXF", ("A009C233_260209D4_CANON", 233, "A", "A009", "2026-02-09", None)),
        ("A012C001H200529BY_CANON.XML", ("A012C001H200529BY_CANON", 1, "A", "A012", "2020-05-29", None)),
        ("A003C013_170923CU_CANON_01.CRM", ("A003C013_170923CU_CANON", 13, "A", "A003", "2017-09-23", 1)),
        ("A001C003_221122AB.MXF", ("A001C003_221122AB", 3, "A", "A001", "2022-11-22", None)),
        (
            "A001C0003_20221122101530_0001.MOV",
            ("A001C0003_20221122101530_0001", 3, "A", "A001", "2022-11-22", None),
        ),
        ("A001C003.mov", ("A001C003", 3, "A", "A001", "", None)),
        ("A001C003_991322_R1AB.mov", ("A001C003_991322_R1AB", 3, "A", "A001", "", None)),
        ("GX020123.MP4", ("GX020123", 123, "", "", "", 2)),
        ("GOPR0123.MP4", ("GOPR0123", 123, "", "", "", None)),
        ("C0003.MP4", ("C0003", 3, "", "", "", None)),
        ("P1000123.MOV", ("P1000123", 123, "", "", "", None)),
        ("DJI_20221122101530_0003_D.MP4", ("DJI_20221122101530_0003_D", 3, "", "", "2022-11-22", None)),
        ("AA000301.MXF", ("AA0003", 3, "", "", "", 1)),
        ("0158Q5.MXF", ("0158Q5", 158, "", "", "", None)),
    ],
)
def test_names_of_cameras(name, expected):
    told = names.parse(name)
    assert (told.clip_name, told.index, told.camera, told.reel, told.day, told.segment) == expected


@pytest.mark.parametrize(
    "name", ["12A_T3.wav", "interview.mov", "ABC123.mov", "A001.mov", "Slate 12 Take 3.mov", ""]
)
def test_names_of_people(name):
    assert names.parse(name) is None
