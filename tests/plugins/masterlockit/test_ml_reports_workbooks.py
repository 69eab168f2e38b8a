"""The three workbooks, opened by another library: what they say and how they are marked and printed."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from plugins.masterlockit.reports_rig import WHEN, fields, head_row, opened, report, table, with_clip
from plugins.masterlockit.shooting_day import HEADER, SLATE, TRACKS, shooting_day
from rushes import Permanent
from rushes_masterlockit.reports import KINDS, make, workbook

BOOKS = ("shot-log", "sound-report", "slate-log")


def takes(sheet):
    return [line for line in table(sheet) if len(line) > 1]


def bands(sheet):
    return [next(iter(line.values())) for line in table(sheet) if len(line) == 1]


def totals(sheet):
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    begin = max(place for place, row in enumerate(rows) if row and row[0] in {"Roll", "Camera, roll"})
    return {row[0]: row[1:] for row in rows[begin + 1 :] if len(row) > 1}


def test_a_shot_log_has_every_picture_under_its_scene_and_waste_below():
    sheet = opened("shot-log", shooting_day())
    assert [band.split("   ·   ") for band in bands(sheet)] == [
        [
            "Scene 14A",
            "INT / DAY",
            "Ferry house, Kitchen",
            "1 3/8 pages",
            "Anna finds the letter behind the stove.",
        ],
        ["Scene 27", "EXT / DAY", "Harbour", "6/8 pages", "The ferry comes in without its captain."],
        [
            "Scene 28",
            "EXT / NIGHT",
            "Jetty",
            "2 4/8 pages",
            "Anna and Nils wait for the light on the other shore. Neither says what both know.",
        ],
        ["Waste: 6 clips, not counted in takes and length"],
    ]
    lines = takes(sheet)
    assert len(lines) == 48
    assert lines[0] == {
        "Scene": "14A", "Slate": "31", "Take": "2", "Cam": "A", "Roll": "A031", "Clip": "A031C002_260914_R1M2",
        "TC in": "08:44:41:17", "TC out": "08:46:17:22", "Length": timedelta(seconds=96.2),
        "Sound": "14A-31-T02.WAV", "Lens": "Signature 35mm", "Stop": "T2.8", "Filter": "ND 0.9", "FPS": "25",
        "Shutter": "180°", "WB": "5600 K", "EI": "800", "Height": "1.2 m", "Dist.": "1.8 m",
    }  # fmt: skip
    assert [line["Take"] for line in lines if "PU" in line["Take"]] == ["4 PU", "4 PU", "3 PU", "3 PU"]
    assert {line["Sound"] for line in lines if line["Slate"] == "33"} == {"MOS"}
    *counts, length = totals(sheet)["Total"]
    assert (counts, round(length.total_seconds())) == ([48, 22, 9, 6], 76 * 60 + 27)
    assert "48 clips   ·   22 takes   ·   9 circled   ·   6 waste   ·   01:16:27" in [
        cell.value for cell in sheet[2]
    ]
    assert totals(sheet)["A  A033"][:4] == [1, 1, 1, 0]


def test_a_night_goes_on_past_midnight():
    lines = takes(opened("sound-report", shooting_day()))
    starts = [line["TC in"] for line in lines if line.get("Mark") != "waste"]
    evening = [start for start in starts if start > "06"]
    assert evening == sorted(evening)
    assert starts[len(evening) :] == sorted(set(starts) - set(evening))
    assert starts[-1].startswith("00:21:30")


def test_a_sound_report_has_every_recording_with_its_tracks_and_no_picture():
    sheet = opened("sound-report", shooting_day())
    lines = takes(sheet)
    assert len(lines) == 26
    assert lines[0] == {
        "Roll": "S012", "File": "14A-31-T02.WAV", "Scene": "14A", "Slate": "31", "Take": "2",
        "TC in": "08:44:37:14", "TC out": "08:46:20:05", "Length": timedelta(seconds=102, microseconds=640000),
        **{f"Tr {place}": name for place, name in enumerate(TRACKS, 1)},
    }  # fmt: skip
    wild = next(line for line in lines if "room tone" in line.get("Remarks", ""))
    assert "Tr 4" not in wild
    assert "Take" not in wild
    assert "11:48:45:12 plane" in wild["Remarks"]
    assert fields(sheet) == {
        "Production": "Der letzte Fährmann", "Production no.": "NDR 2026/117", "Day": "12", "Date": "2026-09-14",
        "Unit": "Main unit", "Location": "Ferry house, Harbour, Jetty", "Sound mixer": "Henrik Sørensen",
        "Boom operator": "Tom Rieger", "Recorder": "Cart Scorpio", "Roll": "S012", "Sample rate": "48 kHz",
        "Bit depth": "24 bit", "Track format": "BWF poly", "TC rate": "25 fps (project)",
        "Reference level": "-20 dBFS, 1 kHz", "Script supervisor": "Mara Öztürk",
    }  # fmt: skip
    assert totals(sheet)["Cart  S012"][:4] == [26, 20, 8, 3]
    assert sheet["A2"].value == "Day 12   ·   2026-09-14   ·   Main unit   ·   Roll S012"


def test_a_slate_log_has_a_row_for_each_clap():
    sheet = opened("slate-log", shooting_day())
    lines = takes(sheet)
    assert len(lines) == 25
    assert lines[0] == {
        "TC": "08:41:15:00", "Scene": "14A", "Slate": "31", "Take": "1", "Cam": "A B", "Roll": "B031", "FPS": "25",
        "D/N": "D", "I/E": "I", "Date": "2026-09-14", "Device": SLATE, "Heard (UTC)": "2026-09-14 06:41:15",
        "In clips": "A031C001_260914_R1M1, B031C001_260914_R2E1, 14A-31-T01",
    }  # fmt: skip
    assert [line["Slate"] for line in lines if line.get("MOS")] == ["33", "33"]
    assert fields(sheet)["Director"] == "Jonas Brandt"
    assert totals(sheet)["Total"] == [25, 3, 25, 2]


def test_two_claps_of_one_moment_are_two_rows():
    day = shooting_day()
    day.claps = [day.claps[0], dict(day.claps[0])]
    assert len(takes(opened("slate-log", day))) == 2


@pytest.mark.parametrize("kind", ["shot-log", "sound-report"])
def test_circled_and_waste_stand_out_in_form_and_in_words(kind):
    sheet = opened(kind, shooting_day())
    first = head_row(sheet) + 1
    column = {cell.value: cell.column for cell in sheet[head_row(sheet)]}
    circled = [row for row in sheet.iter_rows(min_row=first) if row[column["Mark"] - 1].value == "◯ circled"]
    assert len(circled) == {"shot-log": 17, "sound-report": 8}[kind]
    for row in circled:
        take = row[column["Take"] - 1]
        assert take.font.bold
        assert take.fill.fgColor.rgb == "FFFFEFA8"
        assert take.border.left.style == take.border.right.style == "medium"
    waste = [row for row in sheet.iter_rows(min_row=first) if row[column["Mark"] - 1].value == "waste"]
    assert len(waste) == {"shot-log": 6, "sound-report": 3}[kind]
    for row in waste:
        assert row[column["TC in"] - 1].font.strike
        assert not row[column["Mark"] - 1].font.strike
        assert not row[column["Remarks"] - 1].font.strike


@pytest.mark.parametrize("kind", BOOKS)
def test_it_prints_on_landscape_a4_with_its_titles_on_each_page(kind):
    sheet = opened(kind, shooting_day())
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
    row = head_row(sheet)
    assert sheet.print_title_rows == f"${row}:${row}"
    assert sheet.oddFooter.left.text.strip() == "Der letzte Fährmann   ·   Day 12   ·   2026-09-14"
    assert sheet.oddFooter.center.text.strip() == "Page &P of &N"
    assert sheet.freeze_panes == f"A{row + 1}"


@pytest.mark.parametrize("kind", BOOKS)
def test_every_text_of_a_column_fits_or_wraps(kind):
    sheet = opened(kind, shooting_day())
    for cells in sheet.iter_rows(min_row=head_row(sheet) + 1, max_row=head_row(sheet) + 20):
        for cell in cells:
            if isinstance(cell.value, str) and not cell.value.startswith("Scene "):
                width = sheet.column_dimensions[cell.column_letter].width
                assert len(cell.value) <= width * 1.35 or cell.alignment.wrap_text, cell.value


@pytest.mark.parametrize("kind", tuple(KINDS))
def test_the_same_day_gives_the_same_bytes(kind):
    assert report(kind, shooting_day()) == report(kind, shooting_day())


def test_the_file_is_of_its_moment():
    properties = load_workbook(io.BytesIO(report("shot-log", shooting_day()))).properties
    assert properties.created == WHEN.replace(tzinfo=None)


@pytest.mark.parametrize("kind", BOOKS)
def test_a_report_of_nothing_is_a_report(kind):
    sheet = load_workbook(io.BytesIO(make(KINDS[kind], [], [], None, project_rate="", when=WHEN))).worksheets[
        0
    ]
    assert table(sheet) == []
    assert totals(sheet)["Total"][0] == 0


@pytest.mark.parametrize("kind", BOOKS)
def test_nothing_of_the_set_becomes_a_formula_or_a_link(kind):
    texts = (
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "{=1}",
        "http://a.b",
        "mailto:a@b",
        "internal:'A'!A1",
    )
    day = shooting_day()
    day.clips = [
        {
            "id": text, "type": medium, "version": {}, "soundroll": text, "camRoll": text, "fileName": text,
            "take": {"number": 1, "comment": text}, "project": {"name": text}, "scene": {"content": text},
            "tracks": [{"name": text, "number": 1}],
        }
        for text in texts
        for medium in ("sound", "video")
    ]  # fmt: skip
    day.claps = [
        {"slateInfo": {"scene": text, "director": text}, "device": text, "seen": 0.0} for text in texts
    ]
    with zipfile.ZipFile(io.BytesIO(report(kind, day, dict(zip(texts, texts, strict=True))))) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f" not in xml.replace("<firstFooter", "")
        assert "hyperlink" not in xml
        assert not [name for name in archive.namelist() if "rels" in name and "sheet" in name]
    shown = {value for line in takes(opened(kind, day)) for value in line.values()}
    harmless = {"-1", "+1", "{=1}", "http://a.b", "mailto:a@b", "internal:'A'!A1"}
    assert {"'=1+1", "'@SUM(A1)"} | harmless <= shown
    assert not [value for value in shown if isinstance(value, str) and value.startswith(("=", "@"))]


def test_what_xml_forbids_is_shown_as_unreadable():
    sheet = opened("sound-report", with_clip({"fileName": "a\x00b\x1bc\ufffed", "comment": "_x0041_"}))
    line = takes(sheet)[0]
    assert line["File"] == "a\ufffdb\ufffdc\ufffdd"
    assert line["Remarks"] == "_x0041_"


def test_right_to_left_and_emoji_come_back():
    words = "שלום 👩‍🎤 Größe ﷽"
    assert (
        takes(opened("sound-report", with_clip({"fileName": "1.wav", "comment": words})))[0]["Remarks"]
        == words
    )


@pytest.mark.parametrize("letter", ["x", "🎬"])
def test_a_text_longer_than_a_cell_is_cut_with_a_mark(letter):
    said = takes(opened("sound-report", with_clip({"fileName": "1.wav", "comment": letter * 40_000})))[0][
        "Remarks"
    ]
    assert len(said.encode("utf-16-le")) // 2 <= 32_767
    assert said.endswith(f"{letter}…")


def test_an_ampersand_in_the_footer_is_one():
    sheet = opened("sound-report", with_clip({"project": {"name": "Tom & Jerry &P"}}), {})
    assert "Tom && Jerry &&P" in sheet.oddFooter.left.text


def test_a_long_production_does_not_break_the_footer():
    sheet = opened("sound-report", with_clip({"project": {"name": "&" * 400}}), {})
    assert sheet.oddFooter.center.text.strip() == "Page &P of &N"


def test_more_tracks_than_a_page_can_show_share_a_column():
    tracks = [{"name": f"Name {count}", "number": count, "isActive": True} for count in range(1, 13)]
    line = takes(opened("sound-report", with_clip({"tracks": tracks})))[0]
    assert line["Tr 8"] == "Name 8"
    assert line["More tracks"] == "9 Name 9, 10 Name 10, 11 Name 11, 12 Name 12"


def test_large_reports_say_the_same(monkeypatch):
    small = opened("shot-log", shooting_day())
    monkeypatch.setattr(workbook, "LARGE", 1)
    large = opened("shot-log", shooting_day())
    assert [[cell.value for cell in row] for row in large] == [[cell.value for cell in row] for row in small]
    assert re.fullmatch(r"A\d+", large.freeze_panes)


def test_more_than_a_sheet_holds_is_refused_with_a_remedy(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 40)
    with pytest.raises(Permanent, match="48 rows; a workbook holds 40: choose days, or take CSV"):
        report("shot-log", shooting_day())


def test_who_orders_a_report_may_say_what_its_head_says():
    header = {**HEADER, "location": "Studio 4", "tcRate": "24", "Wetter": "Nieselregen"}
    found = fields(opened("sound-report", shooting_day(), header))
    assert found["Location"] == "Studio 4"
    assert found["TC rate"] == "25 fps (project); header: 24"
    assert found["Wetter"] == "Nieselregen"
