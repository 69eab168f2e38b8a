"""The status screen at exact sizes: it fits, nothing drives the terminal, what matters most is there."""

from __future__ import annotations

import copy
import io
import pty
from functools import partial

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console

from rushes.cli import output
from rushes.cli.live import LiveScreen
from rushes.cli.screen import screen

HOSTILE = "クリップ\x1b[2J\u202egpj." * 9
STATUS = {
    "pipeline": "onset", "file": "onset.yaml", "running": True, "draining": False, "since": 1.7e9, "pid": 7,
    "components": [], "route_waits": [], "switches": {"paused": [], "auto": {}}, "current": [], "attention": [],
    "counts": {
        "clips": 0, "jobs": {}, "files_remaining": 0, "unmade": 0, "bytes_remaining": 0, "rate": 0.0, "eta_s": None,
    },
}  # fmt: skip


def hard():
    document = copy.deepcopy(STATUS) | {"pipeline": HOSTILE}
    document["components"] = [
        {"id": f"{kind}{n}{HOSTILE}", "use": "x", "kind": kind, "state": state, "reason": HOSTILE * (state != "open"),
         "facts": {"project": HOSTILE, "connected": True}, "actions": []}
        for n, state in enumerate(["open", "unavailable", "opening"]) for kind in ("source", "annotator", "sink")
    ]  # fmt: skip
    document["counts"] = {
        "clips": 50_000, "jobs": {"parked": 3000, "waiting": 12, "running": 30, "done": 40_000},
        "files_remaining": 3042, "unmade": 12, "bytes_remaining": 10**13, "rate": 5e7, "eta_s": 2e5,
    }  # fmt: skip
    document["attention"] = [
        {"subject": f"A001: {n}{HOSTILE}.mov", "reason": HOSTILE, "remedy": f"pipeline queue FILE retry j{n}",
         "kind": "parked", "jobs": [f"j{n}"], "clip": "", "component": "", "verbs": ["retry", "cancel"], "things": 1,
         "by_itself": False}
        for n in range(100)
    ]  # fmt: skip
    document["attention"].append(
        {"subject": "jobs", "reason": "2900 more are parked", "remedy": "pipeline queue FILE list --state parked",
         "kind": "parked", "jobs": [], "clip": "", "component": "", "verbs": [], "things": 2900,
         "by_itself": False}
    )  # fmt: skip
    document["current"] = [
        {"job": "j", "step": "s", "clip": "c", "name": f"{n}{HOSTILE}.mov", "component": HOSTILE, "verb": "deliver",
         "done": 9e9, "total": 5e9, "rate": 1e9, "growing": n % 2 == 0, "eta_s": 9e6}
        for n in range(30)
    ]  # fmt: skip
    document["devices"] = [
        {"id": f"d{n}", "source": "set", "type": "cam", "name": f"{n} {HOSTILE}", "present": n > 0,
         "facts": {"battery": n, "timecode": "10:00:00:00"}}
        for n in range(40)
    ]  # fmt: skip
    document["route_waits"] = [
        {"reason": f"waiting for {HOSTILE}", "jobs": 3, "until": 1.8e9, "last": 1.8e9}
    ] * 5
    return document


def drawn(document, width: int, height: int) -> list[str]:
    """What stands on a terminal of that size, row by row; it has not scrolled."""
    out = io.StringIO()
    console = Console(width=width, height=height, file=out, force_terminal=True)
    console.print(screen(document, "the last row", width=width, height=height), end="")
    terminal = pyte.HistoryScreen(width, height, history=1000)
    pyte.Stream(terminal).feed(out.getvalue().rstrip("\n").replace("\n", "\r\n"))
    assert not terminal.history.top
    return [row.rstrip() for row in terminal.display]


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 12), (20, 5), (10, 2)])
@pytest.mark.parametrize("document", [STATUS, hard()], ids=["nothing", "hard"])
def test_it_fits(document, size):
    width, height = size
    console = Console(width=width, height=height, file=io.StringIO(), record=True)
    console.print(screen(document, "the last row", width=width, height=height))
    lines = console.export_text().splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width and line.isprintable() for line in lines)
    assert lines[-1].startswith("the")
    if document is not STATUS and height > 5:
        assert len(lines) == height
    drawn(document, width, height)


def test_24_rows_tell_the_same_facts_as_200_columns():
    for width, height in ((80, 24), (200, 60)):
        text = "\n".join(drawn(hard(), width, height))
        assert "3000 parked" in text
        assert "3042 files to go (10.0 TB and 12 still to be made), 50.0 MB/s, 2 d 07 h left" in text
        assert "retry or cancel" in text
        assert "more: pipeline queue onset.yaml list --state parked,waiting" in text
        assert "✗ " in text
        assert "battery" in text
        assert "gone" in text
        assert "recording" in text
        assert "104 d 04 h" in text


def test_what_is_left_out_is_counted():
    lines = drawn(hard(), 80, 24)
    told = sum(1 for line in lines if line.startswith("! "))
    assert f"  and {3000 - told} more: pipeline queue onset.yaml list --state parked,waiting" in lines
    devices = sum(line.count("battery") + line.count("gone") for line in lines)
    assert any(line.startswith(f"  and {40 - devices} more: pipeline masterlockit") for line in lines)


def test_a_short_list_is_whole_and_has_no_count():
    document = copy.deepcopy(STATUS)
    document["attention"] = hard()["attention"][:2]
    assert not any(" more: " in line for line in drawn(document, 80, 24))


def test_what_goes_on_by_itself_is_told_where_it_stands_and_needs_nobody():
    document = copy.deepcopy(STATUS)
    away = {
        "id": "frameio",
        "use": "frameio",
        "kind": "sink",
        "state": "unavailable",
        "facts": {},
        "actions": [],
    }
    document["components"] = [{**away, "reason": "no network"}]
    document["attention"] = [
        {
            "subject": "frameio",
            "reason": "no network",
            "remedy": "",
            "verbs": [],
            "things": 1,
            "by_itself": True,
        }
    ]
    lines = drawn(document, 80, 24)
    assert [line for line in lines if "no network" in line] == ["✗ frameio        unavailable: no network"]


def real():
    """As a set's screen is: long names and reasons, few of them."""
    document = copy.deepcopy(STATUS)
    stuck = {"remedy": "", "verbs": [], "things": 1, "by_itself": False}
    refused = "frameio answered 422 Invalid Arguments: the name is taken"
    document["attention"] = [
        stuck
        | {
            "subject": "A001: A001C001_261123_R1AB.mov",
            "reason": refused,
            "verbs": ["retry", "cancel"],
            "remedy": "pipeline queue FILE retry j1, or cancel j1",
        },
        stuck
        | {
            "subject": "B001: B001C001_261123_R2CD.mov",
            "reason": "2 sounds may belong to it",
            "remedy": "pipeline match FILE list",
        },
    ]
    document["current"] = [
        {"job": "j", "step": "s", "clip": "c", "name": f"A001C00{n}_261123_R1AB.mov", "component": "frameio",
         "verb": "deliver", "done": 1e6, "total": 2e7, "rate": 2e4, "growing": False, "eta_s": 764.0}
        for n in (2, 3)
    ]  # fmt: skip
    facts = {"connected": True, "project": "Nocturne", "user": "Sandy Box", "online": True, "health": "fair",
             "network": "wlan0, wireless", "silent_since": 1.7e9}  # fmt: skip
    document["components"] = [
        {"id": name, "use": name, "kind": "sink", "state": "open", "reason": "", "facts": told, "actions": []}
        for name, told in (("raid", {}), ("frameio", facts))
    ]  # fmt: skip
    return document


@pytest.mark.parametrize(("width", "height"), [(60, 20), (80, 24), (132, 43)])
def test_where_there_is_room_nothing_is_cut(width, height):
    lines = drawn(real(), width, height)
    text = " ".join(" ".join(lines).split())
    assert "! A001C001_261123_R1AB.mov" in text
    assert "the name is taken → pipeline queue onset.yaml retry j1, or cancel j1" in text
    assert "2 sounds may belong to it → pipeline match onset.yaml list" in text
    for number in (2, 3):
        assert f"A001C00{number}" in text
    assert text.count("12 min 44 s") == 2
    # That nothing answers is told first, and of the sink it stands at.
    assert next(line for line in lines if line.startswith(("●", "◌"))).startswith("◌ frameio")
    assert "silent since 2023-11-14" in text
    assert "network wlan0, wireless" in text


def test_where_there_is_none_the_reason_is_on_the_line_of_its_clip():
    lines = drawn(real(), 80, 10)
    assert [line[2:10] for line in lines if line.startswith("! ")] == ["A001C001", "B001C001"]


def test_without_colour_nothing_is_lost(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    Console(width=80, height=24, file=out, force_terminal=True, color_system="truecolor").print(
        screen(hard(), width=80, height=24)
    )
    assert "\x1b[3" not in out.getvalue()
    assert "✗ " in out.getvalue()


@pytest.mark.parametrize(("term", "draws"), [("dumb", False), ("", False), ("xterm-256color", True)])
def test_a_dumb_terminal_gets_lines(monkeypatch, term, draws):
    monkeypatch.setenv("TERM", term)
    _, end = pty.openpty()
    with open(end, "w") as terminal:  # noqa: PTH123 - a file descriptor
        monkeypatch.setattr("sys.stdout", terminal)
        assert output.draws() is draws
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert not output.draws()


def test_a_run_screen_is_drawn_anew_when_the_terminal_changes():
    out = io.StringIO()
    console = Console(width=80, height=24, file=out, force_terminal=True)
    live = LiveScreen("onset.yaml", console)
    live._guard(live._live.start)
    terminal = pyte.HistoryScreen(80, 24, history=1000)
    stream = pyte.Stream(terminal)

    def draw(document, width, height):
        console.width, console.height = width, height
        terminal.resize(height, width)
        live._guard(partial(live._refresh, document))
        stream.feed(out.getvalue().replace("\n", "\r\n"))
        out.truncate(out.seek(0))
        return [row.rstrip() for row in terminal.display]

    for width, height in ((80, 24), (60, 16), (120, 40), (80, 24)):
        for _ in range(3):
            rows = draw(hard(), width, height)
            assert sum("3042 files to go" in row for row in rows) == 1
            assert rows[0].startswith("クリップ")
            assert not terminal.history.top
    assert "0 clips" in "\n".join(draw(STATUS, 80, 24))
    live.close()
