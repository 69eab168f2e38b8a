"""A day as text, CSV and HTML: nothing of the set drives a terminal, a spreadsheet or a browser."""

from __future__ import annotations

import copy
import csv
import io
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from report_day import FAILED, HOSTILE, REPORT, clip
from rushes.report import as_csv, as_html, as_text, file_name


def with_name(name: str):
    report = copy.deepcopy(REPORT)
    report["clips"] = [clip(name=name, path=name, scene=name, note=name, card=name, sounds=[name])]
    report["pictures_without_sound"] = [name]
    return report


def test_text_tells_what_matters_first_in_80_columns():
    text = as_text(REPORT)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert lines[0].startswith("onset: shooting day 2026-11-22, made 2026-11-2")
    assert (
        text.index("Not delivered yet")
        < text.index("Missing")
        < text.index("Cards")
        < text.index("\nClips\n")
    )
    assert "Delivered: 1 of 2 clips, 1 of 2 deliveries (5.0 MB), 1 clip failed" in text
    assert "failed: refused by the service" in text
    assert "scene 12A, take 4 of A-Cam: no file came" in text
    assert "verified by md5" in " ".join(text.split())
    assert "10:00:00:00 - 10:05:00:00" in text


def test_all_that_is_not_delivered_is_told_what_a_person_must_look_at_first():
    report = copy.deepcopy(REPORT)
    going = [{**FAILED, "state": state, "reason": ""} for state in ("ready", "running")]
    report["clips"][:1] = [
        clip(path="made.mov", open=True, deliveries=[]),
        clip(path="queued.mov", open=True, deliveries=going[:1]),
        clip(path="sent.mov", open=True, deliveries=going),
        clip(path="there.mov"),
    ]
    report["clips"][-1] |= {"path": "failed.mov", "card": "Z001"}
    text = as_text(report)
    section = text[text.index("Not delivered yet") : text.index("Missing")].splitlines()[2:-1]
    assert [line.strip() for line in section] == [
        "Z001: failed.mov: failed: refused by the service",
        "A001: made.mov: in work",
        "A001: sent.mov: in work",
        "A001: queued.mov: queued",
    ]
    for line in section:
        assert line.strip() in as_html(report)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
def test_no_name_breaks_a_line_of_text(name):
    for line in as_text(with_name(name)).split("\n"):
        assert line.isprintable()
        assert cell_len(line) <= 80


@given(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
    | st.sampled_from(["=1+1", "@a", "-2", "＝1"])
)
def test_no_cell_is_a_formula_or_ends_early(name):
    data = as_csv(with_name(name))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    for row in rows:
        assert None not in row
        for value in row.values():
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
            assert "\n" not in value


def test_csv_has_a_row_for_each_delivery_and_for_what_is_missing():
    rows = list(csv.DictReader(io.StringIO(as_csv(REPORT).decode("utf-8-sig"), newline="")))
    assert [row["state"] for row in rows] == ["delivered", "failed", ""]
    assert (rows[0]["verified_by"], rows[0]["bytes"], rows[0]["circled"]) == ("md5", "1000000000", "1")
    assert rows[0]["delivered_at"][:4] == "2026"
    assert (rows[1]["why"], rows[1]["without_sound"], rows[1]["circled"]) == ("refused", "1", "")
    assert (rows[2]["kind"], rows[2]["why"]) == ("record", "no file came")


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"src", "href"} or name.startswith("on")]

    def handle_data(self, data):
        self.texts.append(data)


def test_html_needs_nothing_else_and_runs_nothing():
    page = as_html(REPORT)
    seen = Seen()
    seen.feed(page)
    assert not {"script", "img", "link", "iframe", "a"} & set(seen.tags)
    assert seen.links == []
    assert "default-src 'none'" in page
    assert any("<script>alert(1)</script>" in text for text in seen.texts)
    assert "\x1b" not in page
    assert "\u202e" not in page
    page.encode()


def test_a_day_without_anything_is_told_too():
    empty = {
        **REPORT,
        "cards": [],
        "clips": [],
        "records_without_media": [],
        "pictures_without_sound": [],
        "handovers": [],
    }
    empty["totals"] = dict.fromkeys(REPORT["totals"], 0)
    assert "Delivered: 0 of 0 clips" in as_text(empty)
    assert len(as_csv(empty).splitlines()) == 1
    assert "<table>" not in as_html(empty)


def test_a_reason_is_plain_and_told_once():
    """It is for who has neither a terminal nor a queue."""
    said = {"state": "parked", "reason": "not paired; run: pipeline frameio pair FILE"}
    stuck = REPORT["clips"][1]
    report = REPORT | {
        "clips": [
            stuck
            | {
                "deliveries": [stuck["deliveries"][0] | said],
                "problems": [{"job": "j2", "route": "dailies"} | said],
            }
        ]
    }
    clips = as_text(report).partition("\nClips\n")[2]
    assert clips.count("not paired") == 1
    for told in (as_text(report), as_html(report), as_csv(report).decode()):
        assert "failed" in told
        assert "parked" not in told
        assert "pipeline frameio" not in told
        assert "j2" not in told


def test_a_file_is_named_without_a_path():
    assert file_name({"pipeline": f"../{HOSTILE}", "day": "2026-11-22"}, "csv").count("/") == 0
    assert file_name(REPORT, "text") == "onset-2026-11-22.txt"
