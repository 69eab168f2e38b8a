"""Stills that a real ffmpeg made and exiftool labelled, read back; exiftool is the judge where it is there."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO

import pytest

from rushes_media import stills
from rushes_media.look import look
from rushes_media.stills.exif import seconds, turned
from rushes_media.stills.photo import packed

needs_exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="no exiftool on this machine")


def exiftool(*arguments):
    return subprocess.run(
        ["exiftool", *map(str, arguments)], capture_output=True, check=True, text=True
    ).stdout


def told_by_exiftool(path):
    """Without the duplicates that its own sample has of cameras and editors."""
    return json.loads(exiftool("-j", "-n", "-EXIF:all", "-File:all", "-Meta:all", "-QuickTime:all", path))[0]


@pytest.fixture(scope="module")
def still(ffmpeg, tmp_path_factory):
    def make(name, *options):
        source = ("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", 1)
        return ffmpeg(*source, *options, tmp_path_factory.mktemp("still") / name)

    return make


LABELS = (
    *("-Make=SONY", "-Model=ILCE-7SM3", "-LensModel=FE 50mm F1.2 GM", "-ISO=640", "-ExposureTime=1/50"),
    *("-FNumber=2.8", "-FocalLength=50", "-FocalLengthIn35mmFormat=50", "-ExifIFD:WhiteBalance#=1"),
    *("-DateTimeOriginal=2026:11:22 10:30:05", "-OffsetTimeOriginal=+01:00", "-SubSecTimeOriginal=25"),
    *("-Orientation#=6", "-Software=v2.10", "-SerialNumber=4711", "-ColorSpace#=1", "-Artist=Jane Doe"),
    *("-GPSLatitude=51.1", "-GPSLatitudeRef=N", "-GPSLongitude=1.8", "-GPSLongitudeRef=W"),
)
EXPECTED = {
    "make": "SONY",
    "model": "ILCE-7SM3",
    "lens": "FE 50mm F1.2 GM",
    "iso": 640,
    "shutter": "1/50",
    "aperture": "2.8",
    "focal_length": "50",
    "focal_length_35": "50",
    "white_balance_mode": "manual",
    "rotation": 90,
    "software": "v2.10",
    "serial": "4711",
    "width": 64,
    "height": 48,
    "created": datetime(2026, 11, 22, 9, 30, 5, 250_000, tzinfo=UTC),
    "created_zone": "+01:00",
    "recorded": datetime(2026, 11, 22, 10, 30, 5, 250_000),  # noqa: DTZ001
}


@needs_exiftool
@pytest.mark.parametrize("name", ["A.jpg", "A.tif", "A.png"])
def test_what_a_camera_wrote_in_every_container(still, name):
    path = still(name)
    exiftool("-overwrite_original", *LABELS, path)
    facts = look(str(path), "image")
    assert not facts.problem
    assert {key: facts.values.get(key) for key in EXPECTED} == EXPECTED
    assert facts.values["colour_profile"] == "sRGB"
    assert (facts.values["colour_space"], facts.values["transfer"]) == ("bt709", "iec61966-2-1")


@needs_exiftool
def test_places_and_people_are_private(still):
    path = still("private.jpg")
    exiftool("-overwrite_original", *LABELS, "-XMP-dc:Creator=Jane Doe", path)
    said = json.dumps(dict(look(str(path), "image").values), default=str)
    assert "Jane" not in said
    assert "51" not in said.replace("48", "")


@needs_exiftool
def test_a_heif_says_its_own_turn_and_its_exif_the_rest(shared_media, tmp_path):
    path = tmp_path / "IMG_0123.heic"
    path.write_bytes((shared_media / "stills/Stonehenge.heic").read_bytes())
    exiftool("-overwrite_original", *LABELS, path)
    values = look(str(path), "image").values
    # Its boxes say it is not turned: EXIF's orientation counts only where they do not (ISO 23008-12).
    expected = {**EXPECTED, "width": 300, "height": 200, "rotation": 0}
    assert {key: values.get(key) for key in expected} == expected
    assert (values["clip_name"], values["clip_index"]) == ("IMG_0123", "123")


@needs_exiftool
def test_the_real_stills_as_exiftool_reads_them(shared_media):
    for path in sorted((shared_media / "stills").iterdir()):
        values, told = look(str(path), "image").values, told_by_exiftool(path)
        assert (values["width"], values["height"]) == (told["ImageWidth"], told["ImageHeight"]), path.name
        for ours, theirs in (("make", "Make"), ("model", "Model"), ("iso", "ISO"), ("software", "Software")):
            assert values.get(ours) == told.get(theirs), (path.name, ours)
        for ours, theirs in (("aperture", "FNumber"), ("focal_length", "FocalLength")):
            assert ours not in values or float(values[ours]) == pytest.approx(told[theirs], abs=0.01)
        if "ExposureTime" in told and "shutter" in values and path.name != "ExifTool.jpg":
            assert float(Fraction(values["shutter"])) == pytest.approx(told["ExposureTime"], rel=0.02)
        recorded = told.get("DateTimeOriginal") or told.get("CreateDate")
        assert ("recorded" in values) == (recorded is not None)
        if recorded:
            assert f"{values['recorded']:%Y:%m:%d %H:%M:%S}" == recorded[:19]


def test_a_zone_that_only_xmp_tells(shared_media):
    values = look(str(shared_media / "stills/DNG.dng"), "image").values
    assert values["created"] == datetime(2005, 8, 3, 22, 59, 18, tzinfo=UTC)
    assert (values["created_zone"], values["raw"], values["firmware"]) == ("-04:00", "DNG", "1.0.2")


@needs_exiftool
def test_a_dng_of_a_cinema_camera(still):
    path = still("A001C003_221122_R1AB_000001.tif")
    cinema = path.with_suffix(".dng")
    exiftool("-DNGVersion=1.4.0.0", "-ReelName=A001R1AB", "-o", cinema, path)
    values = look(str(cinema), "image").values
    assert (values["raw"], values["container"], values["reel"]) == ("CinemaDNG", "dng", "A001R1AB")
    assert (values["camera"], values["clip_name"]) == ("A", "A001C003_221122_R1AB")


def tiff(*entries):
    """A TIFF of one directory; values of up to four bytes stand in it."""
    table = b"".join(
        struct.pack("<HHI", tag, kind, len(value) // {1: 1, 2: 1, 3: 2, 4: 4}[kind]) + value.ljust(4, b"\0")
        for tag, kind, value in sorted(entries)
    )
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4)


def read(content, extension="jpg"):
    return stills.read(BytesIO(content), len(content), content[:4096], extension)


def test_the_full_picture_is_the_size():
    told = read(tiff((0x100, 4, struct.pack("<I", 4096)), (0x101, 4, struct.pack("<I", 3072))), "tif")
    assert (told.values["width"], told.values["height"], told.problem) == (4096, 3072, "")


@pytest.mark.parametrize(
    ("orientation", "degrees", "mirrored"),
    [
        *((1, 0, False), (2, 0, True), (3, 180, False), (4, 180, True)),
        *((5, 270, True), (6, 90, False), (7, 90, True), (8, 270, False)),
    ],
)
def test_orientations(orientation, degrees, mirrored):
    expected = {"rotation": degrees} | ({"mirrored": "true"} if mirrored else {})
    assert turned(orientation) == expected
    assert turned(9) == turned(None) == {}


@pytest.mark.parametrize(
    ("time", "written"),
    [(Fraction(1, 400), "1/400"), (Fraction(10, 13000), "1/1300"), (0.5, "1/2"), (2, "2/1"), (1.3, "13/10")],
)
def test_exposure_times(time, written):
    assert seconds(time) == written


def test_packed_timecode_has_its_drop_flag():
    assert packed(bytes([0x29, 0x59, 0x59, 0x00])) == "00:59:59:29"
    assert packed(bytes([0x42, 0x00, 0x01, 0x01])) == "01:01:00;02"


@pytest.mark.parametrize("name", ["A.dpx", "A.exr"])
def test_frames_of_the_lab_as_exiftool_reads_them(still, name):
    path = still(name)
    facts = look(str(path), "image")
    assert not facts.problem
    assert (facts.values["container"], facts.values["width"], facts.values["height"]) == (name[2:], 64, 48)
    if shutil.which("exiftool"):
        told = told_by_exiftool(path)
        assert (told["ImageWidth"], told["ImageHeight"]) == (64, 48)
        if name == "A.dpx":
            assert facts.values["bit_depth"] == told["BitDepth"]


def test_a_dpx_tells_its_timecode(still):
    content = bytearray(still("T.dpx").read_bytes())
    order = ">" if content[:4] == b"SDPX" else "<"
    content[1920:1928] = struct.pack(f"{order}II", 0x01595942 | 0x40, 0x22112200)
    content[1940:1944] = struct.pack(f"{order}f", 30000 / 1001)
    content[1728:1732] = struct.pack(f"{order}f", 172.8)
    content[1764:1770] = b"12A/3\0"
    content[136:160] = b"2026:11:22:10:30:05Z".ljust(24, b"\0")
    values = read(bytes(content), "dpx").values
    expected = {
        "timecode": "01:59:59;02",
        "timecode_rate": "29.97df",
        "timecode_from": "dpx",
        "rate": "29.97",
        "user_bits": "22112200",
        "shutter": "172.8",
        "slate": "12A/3",
        "created": datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC),
    }
    assert {key: values.get(key) for key in expected} == expected


def attribute(name, kind, value):
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value


def test_an_exr_tells_its_camera():
    content = b"\x76\x2f\x31\x01\x02\0\0\0" + b"".join(
        (
            attribute("displayWindow", "box2i", struct.pack("<4i", 0, 0, 4447, 3095)),
            attribute("channels", "chlist", b"R\0" + struct.pack("<iiii", 1, 0, 1, 1) + b"\0"),
            attribute("timeCode", "timecode", struct.pack("<II", 0x10203004, 0)),
            attribute("framesPerSecond", "rational", struct.pack("<iI", 24000, 1001)),
            attribute("isoSpeed", "float", struct.pack("<f", 800)),
            attribute("expTime", "float", struct.pack("<f", 1 / 48)),
            attribute("reelName", "string", b"A001R1AB"),
            attribute("cameraModel", "string", b"ALEXA 35"),
            attribute("capDate", "string", b"2026:11:22 10:30:05"),
            attribute("utcOffset", "float", struct.pack("<f", -3600)),
            b"\0",
        )
    )
    told = read(content, "exr")
    expected = {
        "width": 4448,
        "height": 3096,
        "bit_depth": 16,
        "timecode": "10:20:30:04",
        "timecode_rate": "23.976",
        "iso": 800,
        "shutter": "1/48",
        "reel": "A001R1AB",
        "model": "ALEXA 35",
        "created": datetime(2026, 11, 22, 9, 30, 5, tzinfo=UTC),
        "created_zone": "+01:00",
    }
    assert told.problem == ""
    assert {key: told.values.get(key) for key in expected} == expected


@pytest.mark.parametrize("name", ["C.jpg", "C.png", "C.tif", "C.dpx"])
def test_what_can_be_read_of_a_cut_picture(still, name, tmp_path):
    whole = still(name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(whole[: len(whole) * 3 // 4])
    facts = look(str(cut), "image")
    assert facts.problem.startswith("truncated: ")
    assert facts.values["container"] == {"jpg": "jpeg", "tif": "tiff"}.get(name[2:], name[2:])


def test_film_behind_a_photo_is_no_damage(still):
    content = still("motion.jpg").read_bytes() + bytes(200_000)
    assert read(content).problem == ""


@pytest.mark.parametrize("extension", ["jpg", "tif", "dng", "heic", "exr"])
def test_another_file_under_the_name_of_a_picture(extension):
    assert read(b"\x01\x02\x03\x04" * 100, extension).problem == (
        f"not a picture: its header is not that of a .{extension}"
    )


def test_what_a_picture_is_does_not_depend_on_its_name(still):
    assert read(still("N.png").read_bytes(), "jpg").values["container"] == "png"
    assert read(b"whatever", "x3f") == stills.Still()


@needs_exiftool
def test_a_tiff_with_its_exif_in_the_first_directory(still):
    """As TIFF/EP has it, and editors that write no directory of its own."""
    path = still("A.tif")
    exiftool(
        "-overwrite_original", "-IFD0:ExposureTime=1/160", "-IFD0:DateTimeOriginal=2006:02:14 22:00:58", path
    )
    values = look(str(path), "image").values
    assert values["shutter"] == "1/160"
    assert values["recorded"] == datetime(2006, 2, 14, 22, 0, 58)  # noqa: DTZ001


def test_an_avc_picture_in_boxes(shared_media, tmp_path):
    content = (shared_media / "stills/example.heic").read_bytes()
    path = tmp_path / "A.heif"
    path.write_bytes(content[:8] + b"avci" + content[12:])
    assert look(str(path), "image").values["container"] == "heif"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("A.raf", b"FUJIFILMCCD-", "not a picture: its header is not that of a .raf"),
        ("A.heif", struct.pack(">I4s4s", 16, b"ftyp", b"mif9") + bytes(40), "not readable as a picture: "),
    ],
)
def test_a_picture_that_nobody_reads_says_so(tmp_path, name, content, problem):
    path = tmp_path / name
    path.write_bytes(content)
    assert look(str(path), "image").problem.startswith(problem)


def test_the_thumbnail_of_a_phase_one_is_not_its_picture(tmp_path):
    entries = struct.pack("<HHHII", 2, 0x0100, 4, 1, 320) + struct.pack("<HHIII", 0x0101, 4, 1, 240, 0)
    path = tmp_path / "A.iiq"
    path.write_bytes(b"II*\0" + struct.pack("<I", 16) + b"IIII" + bytes(4) + entries)
    values = look(str(path), "image").values
    assert (values["raw"], values["container"]) == ("IIQ", "iiq")
    assert not values.keys() & {"width", "height"}
