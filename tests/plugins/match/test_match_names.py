"""Names brought to one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_match import names


@pytest.mark.parametrize(
    ("name", "weight", "camera", "reel", "index"),
    [
        ("A002C006_141024_R2EC.mov", "unique", "A", "A002", "6"),
        ("A001_C066_0303LZ_001.R3D", "unique", "A", "A001", "66"),
        ("A007C001_140720_R2E4", "unique", "A", "A007", "1"),
        ("A001C001_221122AB_CANON_01.MXF", "unique", "A", "A001", "1"),
        ("A001C003H221122AB_CANON.MXF", "unique", "A", "A001", "3"),
        ("B_0001C012_221122_093000_a1B2C.mxf", "unique", "B", "B001", "12"),
        ("A001_11220930_C003.braw", "unique", "A", "A001", "3"),
        ("A_0076C001_230511_184122_h1CTJ.mxf", "unique", "A", "A076", "1"),
        ("A118_C029_1102JR_001.R3D", "unique", "A", "A118", "29"),
        ("A001_04190112_C102", "unique", "A", "A001", "102"),
        ("20221007_TNumber", "take", "", "", ""),
        ("MAH00123.MP4", "generic", "", "", ""),
        ("a003C014.mov", "roll", "A", "A003", "14"),
        ("C0001.MP4", "generic", "", "", ""),
        ("GX010001.MP4", "generic", "", "", ""),
        ("GOPR0123.MP4", "generic", "", "", ""),
        ("DJI_0042.MP4", "generic", "", "", ""),
        ("00003.MTS", "generic", "", "", ""),
        ("ZOOM0001.WAV", "generic", "", "", ""),
        ("karma.mp4", "take", "", "", ""),
        ("A101_1.WAV", "take", "", "", ""),
        ("Sr001-001-06_01.WAV", "take", "", "", ""),
        ("Scene_1_2AG-T001_TrL_R.WAV", "take", "", "", ""),
        ("14A-31-T01.WAV", "take", "", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_a_clip_name_tells_its_camera_reel_and_index(
    name: str, weight: str, camera: str, reel: str, index: str
) -> None:
    assert names.parsed(name) == names.Parsed(weight, camera, reel, index)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A001C003_221122_R1AB.mxf", "a001c003_221122_r1ab"),
        ("Scene 1-T1.WAV", "scene_1_t1"),
        ("D:\\CLIPS\\A001C003.MOV", "A001C003"),
        ("/mnt/card/A001C003.mov", "A001C003.MXF"),
        ("14A.2.1.WAV", "14A-2-1"),
    ],
)
def test_spellings_of_one_name_have_one_normal_form(one: str, other: str) -> None:
    assert names.normal(one) == names.normal(other) != ""


def test_a_dot_in_a_take_name_is_no_extension() -> None:
    assert names.normal("14A.T01") == "14a_t01"


def test_separators_tell_takes_apart_but_do_not_hide_a_clip() -> None:
    assert names.normal("14-21") != names.normal("142-1")
    assert names.squashed("A001_C003") == names.squashed("A001C003")


@pytest.mark.parametrize("reel", ["A001", "a1", "A_0001", "A001R2EC", "A001_0303LZ", "A001C003_221122_R1AB"])
def test_spellings_of_one_reel(reel: str) -> None:
    assert names.reel_key(reel) == "A001"


def test_reels_of_real_cards() -> None:
    assert [names.reel_key(reel) for reel in ("A_0076_1CTJ", "A020E2XZ", "A002R2EC", "A118")] == [
        "A076",
        "A020",
        "A002",
        "A118",
    ]


def test_a_reel_that_is_no_camera_roll_is_itself() -> None:
    assert (names.reel_key("18Y12M31"), names.reel_key("WINFO"), names.reel_key("")) == (
        "18Y12M31",
        "WINFO",
        "",
    )


@pytest.mark.parametrize(
    ("spelling", "key"),
    [("C003", "3"), ("003", "3"), ("Clip 12", "12"), ("clip_0007", "7"), ("T01", ""), ("", "")],
)
def test_the_index_of_a_clip(spelling: str, key: str) -> None:
    assert names.index_key(spelling) == key


@pytest.mark.parametrize("camera", ["A", "a", "A-Cam", "Camera A", "CAM A", "A cam"])
def test_spellings_of_one_camera(camera: str) -> None:
    assert names.camera_key(camera) == "A"


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("14A", "14A"),
        ("Sc. 014 a", "14A"),
        ("Scene_1_2AG", "1-2AG"),
        ("14-2", "14-2"),
        ("142", "142"),
        ("001", "1"),
        ("A101", "A101"),
        ("Ä 7", "Ä7"),
        ("", ""),
    ],
)
def test_spellings_of_scenes(spelling: str, key: str) -> None:
    assert names.scene_key(spelling) == key


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("1", ("1", False)),
        ("T001", ("1", False)),
        ("Take 06", ("6", False)),
        ("3 PU", ("3", True)),
        ("3pu", ("3", True)),
        ("PU3", ("3", True)),
        ("2 pick-up", ("2", True)),
        ("4 pick", ("4", True)),
        ("pup 5", ("5", True)),
        ("1xa", ("1XA", False)),
        ("10", ("10", False)),
        ("", ("", False)),
    ],
)
def test_spellings_of_takes(spelling: str, key: tuple[str, bool]) -> None:
    assert names.take_key(spelling) == key


@given(st.text(max_size=40))
def test_every_text_has_forms_and_a_form_is_its_own_form(text: str) -> None:
    normal = names.normal(text)
    assert names.normal(normal + ".mov") == normal
    assert names.squashed(text) == names.squashed(normal)
    assert names.scene_key(names.scene_key(text)) == names.scene_key(text)
    assert names.reel_key(text) == names.reel_key(text.upper().lower()) or not text.isascii()
    parsed = names.parsed(text)
    assert bool(parsed.reel) == bool(parsed.index)
    assert bool(parsed.weight) == bool(normal)


@given(
    st.sampled_from("ABCDEFG"),
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from(["", "_221122_R1AB", "_221122AB", "_1122LZ_001"]),
    st.sampled_from(["", ".mov", ".MXF", ".R3D"]),
)
def test_what_cameras_write_is_read_back(
    camera: str, reel: int, index: int, tail: str, extension: str
) -> None:
    name = f"{camera}{reel:03}C{index:03}{tail}{extension}"
    parsed = names.parsed(name)
    assert (parsed.camera, parsed.reel, parsed.index) == (camera, f"{camera}{reel:03}", str(index))
    assert parsed.weight == ("unique" if tail else "roll")
