"""ALE and CSV, read as other programs read them."""

from __future__ import annotations

import csv
import io

import pytest

from rushes.timecode import FLICKS, Rate
from rushes_match.export.as_ale import COLUMNS as ALE_COLUMNS
from rushes_match.export.as_ale import as_ale
from rushes_match.export.as_csv import COLUMNS, as_csv
from rushes_match.export.files import made

from .export_rig import SECOND, Truth

HOSTILE = [
    "=1+1",
    "+49 30",
    "-20 dB",
    "@home",
    "＝1",
    "\t=x",
    "two\r\nlines",
    'say "no"',
    "a\tb",
    "\u2028x",
    "\ud800",
]


def typical() -> Truth:
    truth = Truth()
    ahead = 3600 * SECOND + 4 * FLICKS // 25
    picture = truth.picture(
        "A001C001", "25", (36_000 + 3600) * 25 + 4, 500, ahead=ahead, reel="A001", scene="12A", slate="112", take="3",
        circled=True, channels=2, width=1920, height=1080, note="plane",
    )  # fmt: skip
    sound = truth.sound(
        "T001", 35_995 * 48_000, 48_000 * 60, reel="SR1", tracks="Mix, Boom", timecode="09:59:55:00"
    )
    truth.bind(picture, sound, ahead=ahead, origin="hand")
    return truth


def rows(truth: Truth) -> dict[str, dict[str, str]]:
    data = as_csv(truth.day())
    assert data.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    return {row["id"]: row for row in table}


def logs(truth: Truth) -> dict[str, list[dict[str, str]]]:
    """Rows by rate, read by hand."""
    found = {}
    for rate, data in as_ale(truth.day()).items():
        text = data.decode()
        assert "\n" not in text.replace("\r\n", "")
        head, _, body = text.partition("\r\n\r\nColumn\r\n")
        names, _, lines = body.partition("\r\n\r\nData\r\n")
        assert head.startswith("Heading\r\nFIELD_DELIM\tTABS\r\n")
        assert f"\r\nFPS\t{rate.name}" in head
        found[rate.name] = [
            dict(zip(names.split("\t"), line.split("\t"), strict=True)) for line in lines.split("\r\n")[:-1]
        ]
    return found


def test_an_ale_says_what_an_editor_looks_for():
    [picture, sound] = sorted(logs(typical())["25"], key=lambda row: row["Name"])
    assert tuple(picture) == tuple(name for name, _ in ALE_COLUMNS)
    wanted = {
        "Name": "A001C001", "Tracks": "VA1A2", "Start": "11:00:00:04", "End": "11:00:20:04", "Duration": "00:00:20:00",
        "Tape": "A001", "Scene": "12A", "Slate": "112", "Take": "3", "Circled": "Yes", "Comments": "plane",
        "Camroll": "A001", "Soundroll": "SR1", "Sound TC": "10:00:00:00", "Sound File": "T001.wav", "Camera": "A",
        "Image Size": "1920 x 1080", "Shoot Date": "2026-11-22", "Source File": "A001C001.mov",
    }  # fmt: skip
    assert {name: picture[name] for name in wanted} == wanted
    wanted = {
        "Name": "T001", "Tracks": "A1A2", "Start": "09:59:55:00", "End": "10:00:55:00", "Soundroll": "SR1",
        "Sound TC": "09:59:55:00", "Camroll": "", "Track Names": "Mix, Boom",
    }  # fmt: skip
    assert {name: sound[name] for name in wanted} == wanted


def test_each_rate_has_an_ale_and_drop_frame_none_of_its_own():
    truth = Truth()
    for number, rate in enumerate(("23.976", "29.97", "29.97df", "25")):
        truth.picture(f"p{number}", rate, 107_892, 48)
    found = logs(truth)
    assert {rate: len(lines) for rate, lines in found.items()} == {"23.976": 1, "29.97": 2, "25": 1}
    assert {row["Start"] for row in found["29.97"]} == {"00:59:56:12", "01:00:00;00"}
    names = {name for name, _ in made(truth.day(), ["ale"])}
    assert names == {f"2026-11-22_{rate}.ale" for rate in ("23.976", "25", "29.97")}


def test_an_ale_is_read_back_by_the_otio_adapter():
    ale = pytest.importorskip("otio_ale_adapter.ale")
    truth = Truth()
    spots = {
        "23.976": 86_400,
        "24": 91,
        "25": 90_025,
        "29.97df": 107_892,
        "29.97": 107_893,
        "50": 180_007,
    }
    for number, (rate, frame) in enumerate(spots.items()):
        truth.picture(f"p{number}", rate, frame, 1801, scene="1", take=str(number))
    kept = [
        ale.read_from_string(data.decode()) for data in as_ale(truth.day()).values()
    ]  # clips die with theirs
    seen = {clip.name: clip for found in kept for clip in found}
    for number, (rate, frame) in enumerate(spots.items()):
        clip = seen[f"p{number}"]
        assert clip.source_range.start_time.value == frame
        assert clip.source_range.duration.value == 1801
        assert clip.source_range.start_time.rate == pytest.approx(float(Rate.parse(rate).exact), abs=1e-9)
        assert clip.metadata["ALE"]["Take"] == str(number)


def test_a_clip_without_timecode_is_in_no_ale_and_in_the_csv():
    truth = Truth()
    truth.picture("p", "25", 0, 10, starts=None)
    assert as_ale(truth.day()) == {}
    assert set(rows(truth)) == {"p"}


def test_every_file_is_a_row_of_documented_columns():
    table = rows(typical())
    assert tuple(table["A001C001"]) == tuple(name for name, _, _ in COLUMNS)
    assert len({name for name, _, _ in COLUMNS}) == len(COLUMNS)
    wanted = {
        "type": "picture", "file": "A001C001.mov", "scene": "12A", "circled": "1", "with": "T001.wav", "synced": "1",
        "offset_frames": str(3600 * 25 + 4), "offset_from": "hand", "overlap_frames": "500",
        "starts_after_sound": "5.0",
        "seconds": "20.0", "candidates": "", "waste": "",
    }  # fmt: skip
    assert {name: table["A001C001"][name] for name in wanted} == wanted
    assert (table["T001"]["type"], table["T001"]["with"]) == ("sound", "A001C001.mov")


def test_what_waits_for_a_person_is_a_candidate_and_no_match():
    truth = typical()
    other = truth.sound("T002", 36_000 * 48_000, 48_000 * 60)
    truth.bind(truth.shots[0], other, state="ambiguous")
    truth.bind(truth.shots[0], truth.sound("T003", 36_000 * 48_000, 48_000 * 60), state="lost")
    row = rows(truth)["A001C001"]
    assert (row["with"], row["candidates"]) == ("T001.wav", "T002.wav")
    assert rows(truth)["T002"]["candidates"] == "A001C001.mov"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_breaks_a_list_or_is_a_formula(hostile):
    truth = typical()
    truth.shots[0].meta["note"] = truth.shots[0].meta["scene"] = hostile
    row = rows(truth)["A001C001"]
    assert not row["note"].startswith(tuple("=+-@＝\t\r\n"))
    assert not set("\r\n\t\u2028") & set(row["note"])
    assert [len(lines) for lines in logs(truth).values()] == [2]
