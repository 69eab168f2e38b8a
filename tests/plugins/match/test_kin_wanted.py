"""What to look records up by finds every record that `records` would match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plugins.match.kin_rig import file, matched, record

from rushes import Record
from rushes_match.kin import File, records, wanted
from rushes_match.names import stem


def found_by(mine: File, said: Record) -> bool:
    """The promise of `Wanted`, spelled out as a query would."""
    keys = wanted(mine)
    names = {_plain(stem(str(said.data.get(name, "")))) for name in ("clipName", "fileName")}
    if names & keys.names:
        return True
    index = re.search(r"0*(\d+)$", str(said.data.get("clipName", "")))
    roll = _plain(str(said.data.get("camRoll", "")))
    if roll.startswith(tuple(keys.rolls)) and index and index[1] in keys.indexes:
        return True
    return _within(said.data.get("tcStartSeconds"), keys.starts) or _within(
        said.data.get("tcStopSeconds"), keys.ends
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _within(second: object, bounds: tuple[int, int] | None) -> bool:
    if bounds is None or not isinstance(second, int):
        return False
    first, last = bounds
    return first <= second <= last if first <= last else second >= first or second <= last


@pytest.mark.parametrize(
    "said",
    [
        {"clipName": "A001C003_260914_R1AB"},
        {"fileName": "A001_C003.mov"},
        {"clipName": "A001C003"},
        {"clipName": "C003", "camRoll": "A001"},
    ],
)
def test_names_are_found(said: dict[str, str]) -> None:
    mine = file("A001C003_260914_R1AB.mov", "10:00:00:00")
    one = record("r", **said)
    assert matched(records([mine], [one])) == {(mine.id, "r")}
    assert found_by(mine, one)


def test_a_time_around_midnight_goes_around() -> None:
    keys = wanted(file("MVI_0001.MOV", "23:59:59:00", 30))
    assert keys.starts is not None
    assert keys.starts[0] > keys.starts[1]
    assert _within(86399, keys.starts)
    assert _within(1, keys.starts)
    assert not _within(43200, keys.starts)


@given(
    st.sampled_from(["A001C003.mov", "A001C003_260914_R1AB.mov", "C0001.MP4", "T01_1.WAV", "MVI_0042.MOV"]),
    st.sampled_from(["A001C003", "A001_C003", "c0001.mp4", "T01", "T01_1", "", "C003", "MVI_0042"]),
    st.sampled_from(["", "A001", "a1", "A_001", "A001R1AB"]),
    st.sampled_from(["", "10:00:00:00", "23:59:59:00", "00:00:00:12"]),
    st.sampled_from(["", "10:00:00:00", "10:00:02:00", "23:59:59:10", "00:00:00:20"]),
)
def test_what_is_matched_is_found(name: str, told: str, roll: str, label: str, other: str) -> None:
    mine = file(name, label, device="a")
    kind = "sound" if name.endswith("WAV") else "video"
    one = record("r", other, kind=kind, device="a", clipName=told, camRoll=roll)
    if matched(records([mine], [one])):
        assert found_by(mine, one)
