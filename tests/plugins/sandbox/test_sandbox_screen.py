"""The demo's table: readable on a terminal of any width."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from rushes_sandbox.evidence import Delivered
from rushes_sandbox.screen import show
from rushes_sandbox.verdict import Verdict

FILMED = Delivered(
    name="A001C003_261122_R5F5.mov",
    route="set",
    device="A-Cam",
    take="14A-1-3",
    circled=True,
    record_timecode="10:33:26:08",
    timecode="10:33:26:08",
    channel="A-Cam",
    size=900_000,
    parts=7,
    resent=1_900_000,
    sha256="0ba5e0d0" * 8,
)
WRONG = Delivered(name="C001C002_261122_R1AB.mov", route="dailies", problem="sent twice: " + "why " * 20)


def drawn(width, clips=(FILMED,)):
    out = StringIO()
    verdict = Verdict(clips=clips, parked=(), placeholders=0, problems=())
    show(Console(file=out, width=width, highlight=False), verdict, (), 1.0)
    return out.getvalue()


@pytest.mark.parametrize("width", [66, 80, 100, 140])
def test_nothing_is_cut(width):
    text = drawn(width)
    assert "…" not in text
    for told in ("A001C003_261122_R5F5.mov", "14A-1-③", "10:33:26:08", "✓ 0ba5e0d0"):
        assert told in text
    assert max(map(len, text.splitlines())) <= width


def test_a_broad_terminal_tells_all():
    head = next(line for line in drawn(140).splitlines() if line.startswith("clip"))
    assert " ".join(head.split()) == "clip take sound record file channel size parts re-sent verified"


def test_a_narrow_one_keeps_both_timecodes():
    assert drawn(80).count("10:33:26:08") == 2


@pytest.mark.parametrize("width", [80, 140])
def test_a_problem_is_told_whole(width):
    assert drawn(width, (WRONG,)).count("why") == 20
