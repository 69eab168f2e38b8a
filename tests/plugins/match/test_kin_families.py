"""Files that are one recording."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.timecode import FLICKS
from rushes_match.kin import File, families, parts

GIB = 2**30
SOUND_DEVICES = {"family_uid": "USSDVGR1112089007124001008206300", "channels": 1}
ZOOM = {"family_uid": "ZOOM F8    201902132240180180000", "family_files": "9", "channels": 1}


def sound(name: str, start: float | None = 100.0, length: float = 10.0, **meta: Any) -> File:
    return _file(name, "audio", start, length, meta)


def video(name: str, start: float | None = None, length: float = 10.0, size: int = 0, **meta: Any) -> File:
    return _file(name, "video", start, length, meta, size)


def _file(
    path: str, kind: str, start: float | None, length: float, meta: dict[str, Any], size: int = 0
) -> File:
    starts = None if start is None else round(start * FLICKS)
    return File(
        id=path,
        filename=path.rpartition("/")[2],
        path=path,
        volume="v",
        kind=kind,
        meta={"duration": length, **meta},
        starts=starts,
        ends=None if starts is None else starts + round(length * FLICKS),
        size=size,
    )


def test_mono_files_of_a_metacorder_are_one_take() -> None:
    files = [
        sound(f"Sr001-001-06_{n:02}.WAV", family_uid="1360855064", family_files="5", family_index=f"{n:02}")
        for n in range(1, 6)
    ]
    assert families(files) == {"Sr001-001-06_01.WAV": tuple(f"Sr001-001-06_{n:02}.WAV" for n in (2, 3, 4, 5))}


def test_mono_files_beside_their_poly_file_are_the_same_take_in_another_arrangement() -> None:
    files = [
        sound("A101_1_2.WAV", family_files="2", family_index="2", **SOUND_DEVICES),
        sound("A101_1_1.WAV", family_files="2", family_index="1", **SOUND_DEVICES),
        sound("A101_1.WAV", family_files="1", family_index="A", **SOUND_DEVICES | {"channels": 2}),
        sound("A101_2.WAV", 105, family_files="1", family_uid="USSDVGR1112089007124004008218600"),
    ]
    assert families(files) == {"A101_1.WAV": ("A101_1_1.WAV", "A101_1_2.WAV")}
    assert {part.kind for part in parts(files)["A101_1.WAV"]} == {"whole"}


def test_doubles_of_a_zoom_are_flagged() -> None:
    take = "Scene_1_2AG-T001"
    files = [
        sound(f"{take}_{name}.WAV", family_index=index, **ZOOM)
        for name, index in (("Tr1", "3"), ("Tr2", "4"), ("Tr1_D", "7"), ("Tr3", "5"), ("TrL_R", "A"))
    ]
    found = parts(files)
    assert [(part.id, part.kind) for part in found[f"{take}_Tr1.WAV"]] == [
        (f"{take}_Tr2.WAV", "track"),
        (f"{take}_Tr3.WAV", "track"),
        (f"{take}_TrL_R.WAV", "track"),
        (f"{take}_Tr1_D.WAV", "double"),
    ]


def test_without_ixml_the_names_of_a_zoom_are_enough() -> None:
    files = [sound(f"ZOOM0001_{name}.WAV") for name in ("Tr1", "Tr2", "LR")]
    assert families(files) == {"ZOOM0001_Tr1.WAV": ("ZOOM0001_Tr2.WAV", "ZOOM0001_LR.WAV")}


def test_numbered_mono_files_of_one_time_are_one_take_and_takes_that_follow_each_other_are_not() -> None:
    mono = [sound(f"A101_1_{n}.WAV", channels=1) for n in (1, 2)]
    takes = [sound(f"A102_{n}.WAV", 200 + n * 30, channels=1) for n in (1, 2, 3)]
    assert families(mono + takes) == {"A101_1_1.WAV": ("A101_1_2.WAV",)}


def test_takes_of_unequal_length_and_no_timecode_are_not_one() -> None:
    assert families([sound(f"T_{n}.WAV", None, 10 + n, channels=1) for n in (1, 2)]) == {}


def test_poly_files_with_numbers_are_takes() -> None:
    assert families([sound(f"A101_{n}.WAV", channels=8) for n in (1, 2)]) == {}


def test_a_family_id_that_comes_again_at_another_time_is_another_take() -> None:
    files = [sound(f"T{n}.WAV", 100.0 * n, family_uid="RECORDER") for n in (1, 2)]
    assert families(files) == {}


def test_a_family_id_of_zeros_is_none() -> None:
    assert families([sound(f"x{n}.WAV", family_uid="0000") for n in (1, 2)]) == {}


@pytest.mark.parametrize(
    "names",
    [
        ["GX010001.MP4", "GX020001.MP4", "GX030001.MP4"],
        ["GH010042.MP4", "GH020042.MP4"],
        ["GOPR0007.MP4", "GP010007.MP4", "GP020007.MP4"],
        ["A001_C066_0303LZ_001.R3D", "A001_C066_0303LZ_002.R3D"],
        ["A001C001_221122AB_CANON_01.MXF", "A001C001_221122AB_CANON_02.MXF"],
        ["A002C006_141024_R2EC.0000001.ari", "A002C006_141024_R2EC.0000002.ari"],
        ["shot_000001.dng", "shot_000002.dng"],
    ],
)
def test_names_that_count_chapters_are_proof(names: list[str]) -> None:
    assert families([video(name) for name in reversed(names)]) == {names[0]: tuple(names[1:])}


def test_chapters_of_another_card_or_another_file_are_other_recordings() -> None:
    files = [video("one/GX010001.MP4"), video("two/GX020001.MP4"), video("one/GX020002.MP4")]
    assert families(files) == {}


def test_a_counter_goes_on_where_a_full_file_ended() -> None:
    files = [
        video("DJI_0001.MP4", 0, 600, 4 * GIB - 5_000_000),
        video("DJI_0002.MP4", 600, 600, 4 * GIB - 9_000_000),
        video("DJI_0003.MP4", 1200, 100, GIB),
        video("DJI_0004.MP4", 1300, 100, GIB),
    ]
    assert families(files) == {"DJI_0001.MP4": ("DJI_0002.MP4", "DJI_0003.MP4")}


def test_clips_of_a_camera_whose_timecode_runs_while_it_records_are_clips() -> None:
    assert families([video(f"C{n:04}.MP4", n * 20.0, 20, 300_000_000) for n in range(1, 9)]) == {}


def test_a_recorder_that_splits_at_two_gigabytes_goes_on_past_midnight() -> None:
    files = [sound("T07_1.WAV", 86000, 400), sound("T07_2.WAV", 0, 90)]
    full = File(**{name: getattr(files[0], name) for name in File.__slots__} | {"size": 2**31 - 100})
    assert families([full, files[1]]) == {"T07_1.WAV": ("T07_2.WAV",)}


def test_sound_of_a_package_belongs_to_its_picture() -> None:
    umid = {"material_umid": "0x060A2B34"}
    files = [
        video("CONTENTS/VIDEO/0001AB.MXF", 10, **umid),
        sound("CONTENTS/AUDIO/0001AB01.MXF", 10, **umid),
        sound("CONTENTS/AUDIO/0001AB00.MXF", 10, **umid),
    ]
    picture = "CONTENTS/VIDEO/0001AB.MXF"
    assert families(files) == {picture: ("CONTENTS/AUDIO/0001AB00.MXF", "CONTENTS/AUDIO/0001AB01.MXF")}


_NAMES = st.sampled_from(
    [
        "GX010001.MP4",
        "GX020001.MP4",
        "GX010002.MP4",
        "GOPR0001.MP4",
        "GP010001.MP4",
        "A101_1.WAV",
        "A101_1_1.WAV",
        "A101_1_2.WAV",
        "Z_Tr1.WAV",
        "Z_Tr2.WAV",
        "Z_Tr1_D.WAV",
        "Z_LR.WAV",
        "DJI_0001.MP4",
        "DJI_0002.MP4",
        "DJI_0003.MP4",
        "A001C001.mov",
        "A001C002.mov",
        "A001_C001_0101AB_001.R3D",
        "A001_C001_0101AB_002.R3D",
        "x.000001.ari",
        "x.000002.ari",
    ]
)


@st.composite
def _folder(draw: st.DrawFn) -> list[File]:
    files = []
    for name in draw(st.lists(_NAMES, unique=True, max_size=12)):
        start = draw(st.sampled_from([None, 0.0, 10.0, 20.0, 86390.0]))
        length = draw(st.sampled_from([10.0, 20.0]))
        meta = {
            "channels": draw(st.sampled_from([1, 2])),
            "family_uid": draw(st.sampled_from(["", "0", "F1", "F2"])),
        }
        make = sound if name.endswith("WAV") else video
        file = make(name, start, length, **meta)
        size = draw(st.sampled_from([0, 10**9, 2**32 - 1]))
        files.append(File(**{slot: getattr(file, slot) for slot in File.__slots__} | {"size": size}))
    return files


@given(_folder(), st.integers())
def test_no_file_is_in_two_families_and_order_does_not_matter(files: list[File], seed: int) -> None:
    found = families(files)
    inside = [part for family in found.values() for part in family]
    assert len(inside) == len(set(inside))
    assert not found.keys() & set(inside)
    assert all(found.values())
    shuffled = list(files)
    Random(seed).shuffle(shuffled)
    assert families(shuffled) == found
