"""Files with the sidecars that name them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.plugins.match.kin_rig import file, links, matched, states

from rushes_match.items import Decision
from rushes_match.kin import File, sidecars


def sidecar(name: str, *rows: dict[str, Any], volume: str = "v", card: str = "", **values: Any) -> File:
    """A sidecar with these rows, or with one that names nothing and says `values`."""
    told = list(rows) or [{"match": {}, "values": values}]
    return file(name, kind="data", role="sidecar", volume=volume, card=card, sidecar=json.dumps(told))


def row(values: dict[str, Any], **match: str) -> dict[str, Any]:
    return {"match": match, "values": values}


def test_a_row_of_an_ale_is_found_by_its_tape_name() -> None:
    files = [file("A007/A007C001_140720_R2E4.mov"), file("A007/A007C002_140720_R2E4.mov")]
    ale = sidecar(
        "day.ale",
        row({"scene": "19A", "take": "1xa"}, clip_name="A007C001_140720_R2E4"),
        row({"scene": "19A", "take": "2xa"}, file="A007C002_140720_R2E4.mxf"),
    )
    found = sidecars(files, [ale])
    assert matched(found) == {(one.id, "day.ale") for one in files}
    assert [found[one.id].values["take"] for one in files] == ["1xa", "2xa"]
    assert found[files[0].id].links[0].kind == "sidecar"


def test_a_row_with_reel_and_timecode_names_a_clip() -> None:
    files = [
        file("A007/one.mov", "13:18:25:15", reel="A007"),
        file("A007/two.mov", "13:21:53:15", reel="A007"),
        file("B002/three.mov", "13:18:25:15", reel="B002"),
    ]
    ale = sidecar("day.ale", row({"scene": "19A"}, reel="A007", timecode="13:18:25:15"))
    assert matched(sidecars(files, [ale])) == {("A007/one.mov", "day.ale")}


def test_camera_sidecars_belong_to_the_clip_beside_them() -> None:
    files = [file("CLIP/C0001.MP4", volume=volume) for volume in ("one", "two")]
    found = sidecars(
        files,
        [sidecar("CLIP/C0001M01.XML", volume=volume, lens=f"lens {volume}") for volume in ("one", "two")],
    )
    assert [found[one.id].values for one in files] == [{"lens": "lens one"}, {"lens": "lens two"}]
    assert len(matched(found)) == 2


def test_real_names_of_red_and_canon() -> None:
    red = file("A001_C066_0303LZ_001.R3D")
    found = sidecars(
        [red],
        [
            sidecar("A001_C066_0303LZ_001.static.csv", row({"iso": 800}, clip_name="A001_C066_0303LZ")),
            sidecar("A001_C066_0303LZ_001.frames.csv", lens="75"),
        ],
    )
    assert found[red.id].values == {"iso": 800, "lens": "75"}
    canon = file("20221007_TNumber.MXF")
    said = sidecar("20221007_TNumber_CanonCameraMetadata_Static.csv", shutter="180°")
    assert sidecars([canon], [said])[canon.id].values == {"shutter": "180°"}


def test_a_row_that_is_called_as_its_sidecar_is_about_the_clip_beside_it() -> None:
    name = "20221007_TNumber_CanonCameraMetadata_Frames"
    mine = file("20221007_TNumber.MXF")
    assert sidecars([mine], [sidecar(f"{name}.csv", row({"iso": 1600}, clip_name=name))])[mine.id].values == {
        "iso": 1600
    }


def test_a_counter_of_two_cards_in_a_report_of_the_day_waits_for_a_person() -> None:
    files = [file("C0001.MP4", volume=volume) for volume in ("one", "two")]
    report = sidecar(
        "day.csv", row({"scene": "1"}, clip_name="C0001"), row({"scene": "2"}, clip_name="C0001")
    )
    found = sidecars(files, [report])
    assert {link.state for link in links(found)} <= {"ambiguous"}
    assert not any(said.values for said in found.values())


def test_the_nearest_sidecar_has_the_last_word() -> None:
    mine = file("A001/A001C003_221122_R1AB.mov", volume="card")
    near = sidecar("A001/A001C003_221122_R1AB.xml", volume="card", iso=800, note="camera")
    far = sidecar(
        "report.ale", row({"iso": 400, "scene": "3"}, clip_name="A001C003_221122_R1AB"), volume="nas"
    )
    for said in ([near, far], [far, near]):
        found = sidecars([mine], said)[mine.id]
        assert found.values == {"iso": 800, "note": "camera", "scene": "3"}
        assert [link.other for link in found.links] == [near.id, far.id]


def test_a_sidecar_of_nothing_that_is_there_says_nothing() -> None:
    assert sidecars([file("A001C001.mov")], [sidecar("A001C002.xml", iso=800)]) == {}


def test_a_damaged_sidecar_says_nothing() -> None:
    for text in ("", "{", "[1, null]", '{"match": 1}', '[{"match": [], "values": []}]'):
        said = file("A001C001.xml", kind="data", role="sidecar", sidecar=text)
        found = sidecars([file("A001C001.mov")], [said])
        assert not any(one.values for one in found.values())


@given(st.integers())
def test_order_does_not_matter(seed: int) -> None:
    random = Random(seed)
    names = ["C0001", "C0002", "A001C001", "A001C001_260914_R1AB"]
    files = [file(f"{random.choice(names)}.MP4", id=f"f{n}", volume=f"v{n % 3}") for n in range(6)]
    said = [
        sidecar(f"s{n}.ale", *(row({"scene": str(k)}, clip_name=random.choice(names)) for k in range(3)))
        for n in range(3)
    ]
    found = sidecars(files, said)
    random.shuffle(files)
    random.shuffle(said)
    assert sidecars(files, said) == found
    assert all(len(states(found, one)) == len(found[one].links) for one in found)


def test_a_person_gives_a_sidecar_to_a_clip_or_takes_it_away() -> None:
    mine, other = file("A001/A001C003_221122_R1AB.mov"), file("A001/B001C003_221122_R1AB.mov")
    near = sidecar("A001/A001C003_221122_R1AB.xml", iso=800)
    assert found_values([mine, other], near) == [{"iso": 800}, {}]
    taken = Decision(picture=mine.id, sound=near.id, accept=False, at=1)
    assert found_values([mine, other], near, taken) == [{}, {}]
    assert states(sidecars([mine, other], [near], [taken]), mine.id) == {near.id: "rejected"}
    given = Decision(picture=near.id, sound=other.id, accept=True, at=2)
    assert found_values([mine, other], near, taken, given) == [{}, {"iso": 800}]
    [link] = sidecars([mine, other], [near], [given])[other.id].links
    assert (link.state, link.evidence["by"], link.score) == ("matched", "person", 1.0)


def test_of_several_rows_the_best_one_counts_and_none_where_none_fits() -> None:
    clip, odd = file("C0001.MP4"), file("odd.MP4")
    report = sidecar(
        "day.csv", row({"scene": "1"}, clip_name="C0001"), row({"scene": "2"}, clip_name="C0002")
    )
    given = [Decision(picture=one.id, sound=report.id, accept=True) for one in (clip, odd)]
    assert found_values([clip, odd], report, *given) == [{"scene": "1"}, {}]
    assert matched(sidecars([clip, odd], [report], given)) == {(clip.id, report.id), (odd.id, report.id)}


def found_values(files: list[File], one: File, *decisions: Decision) -> list[dict[str, Any]]:
    found = sidecars(files, [one], decisions)
    return [dict(found[each.id].values) if each.id in found else {} for each in files]
