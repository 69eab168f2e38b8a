"""Clips as CSV and JSON: complete, readable by others, harmless."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from plugins.masterlockit.reports_rig import report, with_clip
from plugins.masterlockit.shooting_day import shooting_day
from rushes_masterlockit.reports import KINDS, make
from rushes_masterlockit.reports.as_csv import COLUMNS


def rows(day, rate="25"):
    data = report("csv", day, rate=rate)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_clip_is_a_row_of_documented_columns():
    day = shooting_day()
    table = rows(day)
    assert {row["id"] for row in table} == {clip["id"] for clip in day.clips}
    assert tuple(table[0]) == tuple(name for name, _, _ in COLUMNS)
    assert len({name for name, _, _ in COLUMNS}) == len(COLUMNS)


def test_a_recording_says_all_it_has():
    row = next(row for row in rows(shooting_day(additional="A")) if row["file"] == "14A-31-T04.WAV")
    assert {name: row[name] for name in ("type", "day", "date", "scene", "slate", "take", "circled", "waste")} == {
        "type": "sound", "day": "12A", "date": "2026-09-14", "scene": "14A", "slate": "31", "take": "4",
        "circled": "1", "waste": "0",
    }  # fmt: skip
    assert (row["tc_start"], row["tc_stop"]) == ("08:54:24:23", "08:56:09:09")
    assert (row["rate"], row["rate_from"], row["frames"], row["length"]) == (
        "25",
        "project",
        "2611",
        "00:01:44",
    )
    assert row["tracks"] == "1 Mix L, 2 Mix R, 3 Boom 1, 4 Anna, 5 Nils, 6 Plant"
    assert (row["pages"], row["mos"], row["created"]) == ("1 3/8", "", "2026-09-14T06:54:24Z")


def test_without_a_project_rate_each_clip_has_its_own_or_none():
    table = rows(shooting_day("FPS_25"), rate="")
    sound = next(row for row in table if row["type"] == "sound")
    video = next(row for row in table if row["type"] == "video")
    assert (sound["rate"], sound["rate_from"]) == ("25", "clip")
    assert (video["rate"], video["rate_from"], video["frames"]) == ("", "", "")
    assert video["sensor_fps"] == "25.000"
    assert video["tc_start"] == "08:41:12:04"


@pytest.mark.parametrize("hostile", ["=1+1", "+49 30", "-20 dB", "@home", "\tx", "\rx", "＝1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(hostile):
    (row,) = rows(with_clip({"fileName": f"{hostile}.wav", "comment": hostile, "id": hostile}))
    for cell in (row["file"], row["id"], row["comment"]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert row["id"] == "'" + hostile.replace("\r", " ")


def test_a_number_is_a_number():
    (row,) = rows(
        with_clip({"type": "video", "camera": {"number": -3}, "take": {"number": 7, "printState": -1}})
    )
    assert (row["print_state"], row["take"]) == ("-1", "7")


def test_a_comment_of_several_lines_is_one_row():
    data = report("csv", with_clip({"comment": "one\r\ntwo\nthree"}))
    assert data.count(b"\r\n") == 2
    assert b"one two three" in data


def test_json_keeps_what_nobody_knows():
    day = with_clip({"futureMember": {"deep": [1, 2.5, None, "ü"]}})
    assert json.loads(report("json", day)) == day.clips
    assert json.loads(report("json", shooting_day())) == shooting_day().clips
    assert json.loads(report("json", type(day)())) == []


def test_a_clip_is_counted_at_the_rate_that_the_project_had_when_it_was_said():
    day = shooting_day("25")
    first, second = day.clips[:2]
    data = make(
        KINDS["csv"],
        [first, second],
        (),
        {},
        project_rate="24",
        when=datetime(2026, 11, 22, tzinfo=UTC),
        rates={first["id"]: "25"},
    )
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {row["id"]: row["rate"] for row in table} == {
        first["id"]: "25",
        second["id"]: "24",
    }
