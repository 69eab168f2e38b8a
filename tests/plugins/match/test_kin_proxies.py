"""Proxies with their originals."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plugins.match.kin_rig import file, links, matched, states

from rushes_match.items import Decision
from rushes_match.kin import proxies


@pytest.mark.parametrize(
    ("original", "proxy"),
    [
        ("A001/A001C003_221122_R1AB.mxf", "Proxies/A001C003_221122_R1AB.mov"),
        ("Clip/C0001.MXF", "Sub/C0001S03.MP4"),
        ("M4ROOT/CLIP/C0001.MP4", "M4ROOT/SUB/C0001S03.MP4"),
        ("100GOPRO/GX010001.MP4", "100GOPRO/GL010001.LRV"),
        ("DJI_0042.MP4", "DJI_0042.LRF"),
        ("A001C003.mxf", "A001C003_proxy.mp4"),
        ("A001C003.mxf", "A001C003-Proxy_1080.mp4"),
    ],
)
def test_proxies_as_cameras_and_people_name_them(original: str, proxy: str) -> None:
    found = proxies([file(original, "10:00:00:00"), file(proxy, "10:00:00:00")])
    assert {(link.clip, link.other, link.kind, link.state) for link in links(found)} == {
        (proxy, original, "original", "matched"),
        (original, proxy, "proxy", "matched"),
    }
    assert found[proxy].values == {"proxy_of": original}
    assert found[original].values == {}


def test_a_counter_of_two_cards_is_decided_by_timecode_and_frames() -> None:
    files = [
        file("C0001.MXF", "10:00:00:00", 30, volume="one"),
        file("C0001.MXF", "11:00:00:00", 40, volume="two"),
        file("Proxy/C0001.mov", "11:00:00:00", 40, volume="nas", role="proxy"),
    ]
    found = proxies(files)
    assert matched(found) == {("nasProxy/C0001.mov", "twoC0001.MXF"), ("twoC0001.MXF", "nasProxy/C0001.mov")}


def test_a_proxy_that_fits_two_waits_for_a_person() -> None:
    files = [
        file("C0001.MXF", volume="one"),
        file("C0001.MXF", volume="two"),
        file("Proxy/C0001.mov", volume="nas", role="proxy"),
    ]
    found = proxies(files)
    assert states(found, "nasProxy/C0001.mov") == {"oneC0001.MXF": "ambiguous", "twoC0001.MXF": "ambiguous"}
    assert "proxy_of" not in found["nasProxy/C0001.mov"].values


def test_a_renamed_proxy_is_found_by_timecode_frames_and_camera() -> None:
    files = [
        file("A001C003.mxf", "10:00:00:00", 30),
        file("B001C003.mxf", "10:00:00:00", 30),
        file("rushes/take three.mov", "10:00:00:00", 30, role="proxy", camera="A"),
    ]
    assert ("rushes/take three.mov", "A001C003.mxf") in matched(proxies(files))


def test_a_smaller_picture_of_the_same_name_time_and_length_is_a_proxy() -> None:
    large = file("A001C003.mxf", "10:00:00:00", width=4096)
    small = file("edit/A001C003.mov", "10:00:00:00", width=1920)
    other = file("old/A001C003.mov", "10:00:00:00", 29, width=1920)
    assert matched(proxies([large, small, other])) == {(small.id, large.id), (large.id, small.id)}


def test_copies_are_no_proxies() -> None:
    files = [file("A001C003.mxf", "10:00:00:00", volume=volume, width=1920) for volume in ("one", "two")]
    assert proxies(files) == {}


def test_an_original_may_have_several_proxies_and_a_copy() -> None:
    files = [
        file("A001C003_221122_R1AB.mxf", "10:00:00:00", volume="one"),
        file("A001C003_221122_R1AB.mxf", "10:00:00:00", volume="two"),
        file("proxy/A001C003_221122_R1AB.mov", "10:00:00:00"),
        file("proxies/A001C003_221122_R1AB.mp4", "10:00:00:00"),
    ]
    found = proxies(files)
    assert {link.state for link in links(found)} == {"matched"}
    assert {found[files[n].id].values["proxy_of"] for n in (2, 3)} == {files[0].id}


def test_another_clip_is_nobodys_proxy_even_at_the_same_time() -> None:
    files = [file("A001C003.mxf", "10:00:00:00"), file("Proxy/B001C003.mov", "10:00:00:00")]
    assert proxies(files) == {}


def test_half_a_recording_under_a_counter_is_no_proxy() -> None:
    files = [file("C0001.MXF", "10:00:00:00", 30, volume="1"), file("Proxy/C0001.mov", "10:00:20:00", 10)]
    assert proxies(files) == {}


@given(st.integers())
def test_order_does_not_matter_and_no_proxy_has_two_originals(seed: int) -> None:
    random = Random(seed)
    files = [
        file(
            f"{random.choice(['Proxy', 'A001', ''])}/{random.choice(['C0001', 'A001C001', 'A001C002'])}.mov",
            random.choice(["", "10:00:00:00", "10:00:10:00"]),
            random.choice([10, 20]),
            id=f"f{n}",
            volume=f"v{n}",
            width=random.choice([1920, 4096]),
        )
        for n in range(8)
    ]
    found = proxies(files)
    random.shuffle(files)
    assert proxies(files) == found
    for clip, said in found.items():
        originals = {link.other for link in said.links if link.kind == "original" and link.state == "matched"}
        assert (said.values.get("proxy_of") in originals) == bool(originals)
        assert clip not in originals


COUNTED = [
    file("C0001.MXF", volume="one"),
    file("C0001.MXF", volume="two"),
    file("Proxy/C0001.mov", volume="nas", role="proxy"),
]


@pytest.mark.parametrize("turned", [False, True])
def test_a_person_says_whose_proxy_it_is_and_whose_not(turned: bool) -> None:
    proxy, one, two = "nasProxy/C0001.mov", "oneC0001.MXF", "twoC0001.MXF"

    def said(other: str, *, accept: bool, at: float) -> Decision:
        ends = (other, proxy) if turned else (proxy, other)
        return Decision(picture=ends[0], sound=ends[1], accept=accept, at=at)

    accepted = proxies(COUNTED, [said(two, accept=False, at=1), said(two, accept=True, at=2)])
    assert states(accepted, proxy) == {two: "matched", one: "lost"}
    assert accepted[proxy].values == {"proxy_of": two}
    assert states(accepted, two) == {proxy: "matched"}
    assert [link.evidence["by"] for link in accepted[two].links] == ["person"]
    rejected = proxies(COUNTED, [said(two, accept=False, at=1)])
    assert states(rejected, proxy) == {two: "rejected", one: "matched"}
    assert states(rejected, two) == {proxy: "rejected"}


def test_what_a_person_gives_beats_names_and_takes_nothing_from_other_proxies() -> None:
    own, lent, original = "A001C003_proxy.mp4", "Proxies/odd.mp4", "A001C003.mxf"
    files = [file(original, "10:00:00:00"), file(own, "10:00:00:00"), file(lent, "15:00:00:00", 5)]
    assert matched(proxies(files)) == {(own, original), (original, own)}
    found = proxies(files, [Decision(picture=lent, sound=original, accept=True)])
    assert matched(found) == {(own, original), (original, own), (lent, original), (original, lent)}


def test_of_two_that_nothing_marks_the_smaller_is_the_proxy() -> None:
    files = [file("big.mov", width=3840), file("small.mov", width=960)]
    found = proxies(files, [Decision(picture="big.mov", sound="small.mov", accept=True)])
    assert found["small.mov"].values == {"proxy_of": "big.mov"}
    assert found["big.mov"].values == {}


def test_a_decision_about_a_sound_or_somebody_absent_is_not_about_proxies() -> None:
    files = [file("A.mov"), file("A.wav")]
    decisions = [
        Decision(picture="A.mov", sound="A.wav", accept=True),
        Decision(picture="A.mov", sound="gone", accept=True),
        Decision(picture="A.mov", sound="A.mov", accept=True),
    ]
    assert proxies(files, decisions) == {}
