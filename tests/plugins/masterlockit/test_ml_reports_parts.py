"""The parts of reports, each for itself: times, numbers, order, head, and clips full of nonsense."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.masterlockit.reports_rig import WHEN, fields, opened, report, table, with_clip
from plugins.masterlockit.shooting_day import shooting_day
from rushes.timecode import RATES, Timecode
from rushes_masterlockit.reports import KINDS, file_name, make
from rushes_masterlockit.reports.cells import MOST_TEXT, clean, harmless
from rushes_masterlockit.reports.fitting import spans
from rushes_masterlockit.reports.head import given as given_header
from rushes_masterlockit.reports.numbering import eighths, numbered, order
from rushes_masterlockit.reports.times import clock, span_of


def clip(start, stop, **more):
    (seconds, frames), (until, rest) = start, stop
    return {
        "tcStartSeconds": seconds, "tcStartFrames": frames, "tcStopSeconds": until, "tcStopFrames": rest, **more,
    }  # fmt: skip


@given(st.sampled_from(RATES), st.data())
def test_a_length_is_the_frames_from_start_to_stop_over_midnight(rate, data):
    first, last = (data.draw(st.integers(0, rate.frames_per_day - 1)) for _ in range(2))
    start, stop = Timecode(first, rate), Timecode(last, rate)

    def label(timecode):
        hours, minutes, seconds, frames = map(int, str(timecode).replace(";", ":").split(":"))
        return hours * 3600 + minutes * 60 + seconds, frames

    span = span_of(clip(label(start), label(stop)), rate.name)
    assert (span.start, span.stop, span.wrong) == (str(start), str(stop), False)
    assert span.frames == (last - first) % rate.frames_per_day
    assert span.seconds == span.frames / rate.exact


def test_the_rate_is_the_projects_then_the_clips_never_the_sensors():
    drop = clip((60, 2), (120, 2), fps="FPS_29_97_DROP", sensorFPS="50")
    assert (span_of(drop, "").start, span_of(drop, "").rate_from) == ("00:01:00;02", "clip")
    assert (span_of(drop, "25").start, span_of(drop, "25").rate_from) == ("00:01:00:02", "project")
    unknown = span_of(clip((60, 2), (120, 2), sensorFPS="50"), "")
    assert (unknown.start, unknown.rate, unknown.frames, unknown.seconds) == (
        "00:01:00:02",
        "",
        None,
        Fraction(60),
    )


def test_a_label_that_cannot_be_is_printed_and_told():
    span = span_of(clip((60, 0), (70, 0)), "29.97df")
    assert (span.start, span.wrong, span.seconds) == ("00:01:00;00", True, 10)
    line = table(opened("sound-report", with_clip(clip((60, 0), (70, 0))), rate="29.97df"))[0]
    assert line["Remarks"] == "timecode impossible at 29.97df"


def test_a_report_tells_that_nobody_told_the_rate():
    sheet = opened("shot-log", shooting_day(), rate="")
    assert fields(sheet)["TC rate"] == "rate unknown"
    assert (
        fields(opened("sound-report", shooting_day("FPS_29_97_DROP"), rate=""))["TC rate"]
        == "29.97 fps DF (clips)"
    )


def test_several_rates_are_told_row_by_row():
    day = with_clip(clip((60, 2), (90, 0), fps="25"))
    day.clips.append(day.clips[0] | {"id": "2", "fps": "24"})
    sheet = opened("sound-report", day, rate="")
    assert fields(sheet)["TC rate"] == "25 fps (clips), 24 fps (clips)"
    assert [line["Remarks"] for line in table(sheet)] == ["timecode at 25", "timecode at 24"]


@pytest.mark.parametrize(
    ("pages", "written"), [(11, "1 3/8"), (8, "1"), (4, "4/8"), (12, "1 4/8"), (0, ""), (-1, ""), ("x", "")]
)
def test_page_eighths(pages, written):
    assert eighths({"pages": pages}) == written


def test_numbers_with_additions():
    assert numbered({"number": 14, "additional": "A"}) == "14A"
    assert numbered({"number": 14, "additional": "2"}) == "14-2"
    assert numbered({"additional": "X"}) == "X"
    assert numbered(None) == ""
    assert sorted(["100", "14A", "2", "14", "14B", ""], key=order) == ["", "2", "14", "14A", "14B", "100"]


def test_a_series_tells_its_episodes():
    more = {"episode": {"number": 3, "name": "Low Tide"}, "scene": {"number": 5}, "take": {"number": 1}}
    line = table(opened("sound-report", with_clip(more)))[0]
    assert (line["Ep."], line["Scene"]) == ("3", "5")


def test_a_label_stands_in_for_what_the_clip_lacks():
    label = {"scene": {"number": 9}, "slate": {"number": 2}, "comment": "from the label"}
    line = table(opened("sound-report", with_clip({"clipLabel": label})))[0]
    assert (line["Scene"], line["Slate"], line["Remarks"]) == ("9", "2", "from the label")


def test_a_print_state_that_nobody_explains_is_printed():
    line = table(opened("sound-report", with_clip({"take": {"number": 1, "printState": 3}})))[0]
    assert (line["Remarks"], "Mark" in line) == ("print state 3", False)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, {}),
        ("Regen ab Mittag", {"Note": "Regen ab Mittag"}),
        (
            {"sound_mixer": "A", "Timecode Rate": 25, "boomOperator": None},
            {"Sound mixer": "A", "TC rate": "25"},
        ),
        ({"crew": {"dataManager": "B"}, "ok": True}, {"Data manager": "B", "Ok": "yes"}),
        ([{"title": "ARD", "number": "7"}, "x", ["y"]], {"ARD": "7", "Note": "x, y"}),
        ({"mixer": "A", "soundmixer": "B"}, {"Sound mixer": "A, B"}),
        (1.5, {"Note": "1.5"}),
    ],
)
def test_header_data_has_any_shape(header, said):
    assert given_header(header) == said


def test_a_header_without_end_has_an_end():
    assert len(given_header({f"member {count}": "x" for count in range(10_000)})) < 100
    report("shot-log", shooting_day(), {f"member {count}": "x" * 5000 for count in range(10_000)})


def test_a_file_name_is_never_a_path():
    day = shooting_day()
    assert file_name(KINDS["sound-report"], day.clips, None) == "Der-letzte-Fährmann_Day-12_sound-report.xlsx"
    assert file_name(KINDS["csv"], [], {"production": "../..\\a:b\x00"}) == "a-b_csv.csv"
    assert file_name(KINDS["json"], [], None) == "json.json"
    long = file_name(KINDS["slate-log"], [], {"production": "ü" * 5000})
    assert len(long.encode()) < 255
    assert long.endswith("_slate-log.xlsx")


@given(st.text())
def test_any_text_is_clean_and_harmless(text):
    said = clean(text)
    assert len(said.encode("utf-16-le")) <= MOST_TEXT * 2
    assert clean(said) == said
    assert not harmless(text).startswith(tuple("=+-@\t\r\n"))
    assert "\n" not in harmless(text)


def test_a_length_is_told_to_the_nearest_second():
    assert [clock(Fraction(n, 2)) for n in (0, 1, 119, 7199, 360_000)] == [
        "00:00:00", "00:00:01", "00:01:00", "01:00:00", "50:00:00",
    ]  # fmt: skip


@given(
    st.lists(st.floats(4, 60), min_size=1, max_size=25), st.lists(st.floats(1, 30), min_size=1, max_size=12)
)
def test_runs_follow_each_other_and_end_with_the_last_column(widths, shares):
    runs = spans(widths, shares)
    assert runs[0][0] == 0
    assert all(first <= last for first, last in runs)
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(runs))
    assert runs[-1][1] == len(widths) - 1
    assert len(runs) == min(len(widths), len(shares))


MEMBERS = (
    "project", "projectDay", "scene", "slate", "take", "episode", "camera", "soundRecorder", "tracks", "sound_types",
    "clipLogs", "filter", "clipLabel", "tcStartSeconds", "tcStartFrames", "tcStopSeconds", "tcStopFrames", "fps",
    "created", "circle", "isWaste", "comment", "fileName", "samplingrate", "bitdepth", "lens", "sensorFPS",
)  # fmt: skip
NONSENSE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("number", "name", "pages", "isPickup", "additional", "seconds")),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.dictionaries(st.sampled_from(MEMBERS), NONSENSE, max_size=8), max_size=3),
    st.lists(
        st.dictionaries(st.sampled_from(("timecode", "slateInfo", "device", "seen")), NONSENSE), max_size=2
    ),
    NONSENSE,
    st.sampled_from(("", "25", "29.97df")),
)
def test_no_clip_is_so_strange_that_there_is_no_report(clips, claps, header, rate):
    told = [
        {"id": str(place), "type": ("sound", "video")[place % 2], "version": {"a": 1}, **more}
        for place, more in enumerate(clips)
    ]
    for kind in KINDS.values():
        assert make(kind, told, claps, header, project_rate=rate, when=WHEN)
        assert file_name(kind, told, header)
