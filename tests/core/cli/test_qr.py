"""A link as a QR code on a terminal."""

from __future__ import annotations

import io
import sys

import pytest
import segno

from rushes.cli import qr

LINK = "https://192.0.2.7:8443/#/enter/6fTq0O2RZyV1k3mWc9nXbA"
HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def test_the_qr_code_is_the_links_own():
    """Read back module by module: the drawing loses and adds nothing."""
    lines = qr.qr_lines(LINK)
    rows = [[HALVES[each][half] for each in line] for line in lines for half in (0, 1)]
    expected = [[bool(module) for module in row] for row in segno.make(LINK, error="l").matrix]
    inner = [row[qr.BORDER : -qr.BORDER] for row in rows[qr.BORDER : qr.BORDER + len(expected)]]
    assert inner == expected
    drawn = sum(map(sum, rows))
    assert drawn == sum(map(sum, expected))
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("terminal", "columns", "lines", "encoding", "drawn"),
    [
        (True, 80, 40, "utf-8", True),
        (False, 80, 40, "utf-8", False),
        (True, 30, 40, "utf-8", False),
        (True, 80, 12, "utf-8", False),
        (True, 80, 40, "ascii", False),
    ],
)
def test_the_qr_code_is_drawn_where_it_fits(monkeypatch, terminal, columns, lines, encoding, drawn):
    class Screen(io.TextIOWrapper):
        def isatty(self):
            return terminal

    screen = Screen(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    qr.qr_on_terminal(LINK)
    screen.flush()
    assert bool(screen.buffer.getvalue()) is drawn
