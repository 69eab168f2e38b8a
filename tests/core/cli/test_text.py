"""Facts as text."""

from __future__ import annotations

import re
import time

import pytest

from rushes.cli.text import columns, count, printable, said, size, span


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [
        (None, "-"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_449, "99.4 kB"),
        (123_456, "123 kB"),
        (999_600, "1.0 MB"),
        (7_340_032, "7.3 MB"),
        (1_250_000_000, "1.2 GB"),
        (10**15, "1000 TB"),
    ],
)
def test_size(bytes_, text):
    assert size(bytes_) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
        (90000, "1 d 01 h"),
        (-3, "0 s"),
    ],
)
def test_span(seconds, text):
    assert span(seconds) == text


def test_printable():
    assert printable("Ünï – 日本.mov") == "Ünï – 日本.mov"
    assert printable("a\x1b[2J\n\udc80\u202e") == "a\\x1b[2J\\n\\udc80\\u202e"


def test_columns():
    assert columns(("A", "N"), [("x", "1"), ("long", "22")], right=(1,)) == [
        "A      N",
        "x      1",
        "long  22",
    ]


def test_count():
    assert (count(1, "clip"), count(0, "clip")) == ("1 clip", "0 clips")


def test_facts_in_a_line():
    facts = {
        "connected": True,
        "paused": False,
        "expires_at": time.time() + 9,
        "heard_at": time.time() - 2,
        "silent_since": time.time() - 2,
        "channels": {"A": "connected"},
        "attention": "soon",
    }
    told = said(facts)
    told_as = (
        r"silent since \d\d:\d\d:\d\d, connected, not paused, expires \d\d:\d\d:\d\d, heard 2\.\d s ago,"
        r" channels \(A connected\)"
    )
    assert re.fullmatch(told_as, told), told
