"""What a file at a known path is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rushes import Clip, Role
from rushes.engine.identity import Sameness, compare

HOUR_NS = 3600 * 10**9
SEEN_AT = 1_800_000_000.0
KNOWN = Clip(
    volume="v",
    path="A001C001.mov",
    size=10**6,
    mtime_ns=int((SEEN_AT - 500) * 1e9),
    head="h",
    tail="t",
    first_seen=SEEN_AT,
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Sameness.SAME),
        ({"inode": 7}, Sameness.SAME),
        ({"mtime_ns": KNOWN.mtime_ns + 2 * HOUR_NS}, Sameness.MOVED_IN_TIME),
        ({"mtime_ns": KNOWN.mtime_ns - 14 * HOUR_NS}, Sameness.MOVED_IN_TIME),
        ({"mtime_ns": KNOWN.mtime_ns + 15 * HOUR_NS}, Sameness.CHANGED),
        ({"mtime_ns": KNOWN.mtime_ns - 12_345}, Sameness.MOVED_IN_TIME),
        ({"mtime_ns": int((SEEN_AT + 1) * 1e9)}, Sameness.CHANGED),
        ({"tail": "other"}, Sameness.CHANGED),
        ({"size": 2 * 10**6, "tail": "other"}, Sameness.CHANGED),
        ({"head": "other"}, Sameness.OTHER),
        ({"head": "other", "tail": "other", "size": 5}, Sameness.OTHER),
    ],
)
def test_a_complete_clip(changes, expected):
    assert compare(KNOWN, replace(KNOWN, **changes)) is expected


@pytest.mark.parametrize("role", [Role.SIDECAR, Role.REPORT, Role.LUT])
def test_what_is_written_whole_each_time_is_the_same_clip_with_other_bytes(role):
    """An ALE that grows with the day: its column of sizes is in the first line."""
    known = replace(KNOWN, role=role)
    assert compare(known, replace(known, head="other", tail="other", size=2 * 10**6)) is Sameness.CHANGED


def test_a_touched_file_that_is_hashed_wholly_is_the_same():
    small = replace(KNOWN, size=100_000)
    touched = replace(small, mtime_ns=int((SEEN_AT + 1) * 1e9))
    assert compare(small, touched) is Sameness.MOVED_IN_TIME


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 2 * 10**6, "complete": True}, Sameness.GROWN),
        ({"size": 10, "complete": True}, Sameness.OTHER),
        ({"size": 2 * 10**6, "head": "other"}, Sameness.OTHER),
        ({"size": 2 * 10**6, "inode": 7, "complete": False, "head": "", "tail": ""}, Sameness.GROWN),
        ({"size": 10, "inode": 7, "complete": False, "head": "", "tail": ""}, Sameness.OTHER),
        ({"size": 2 * 10**6, "inode": 7, "born": True}, Sameness.OTHER),
        ({"size": 2 * 10**6, "inode": 0, "born": True}, Sameness.GROWN),
    ],
)
def test_a_growing_clip(changes, expected):
    known = replace(KNOWN, inode=5, complete=False, tail="")
    assert compare(known, replace(KNOWN, **changes)) is expected


@pytest.mark.parametrize("complete", [True, False])
def test_the_same_file_is_the_same_recording_though_it_became_shorter_and_its_header_was_rewritten(complete):
    known = replace(KNOWN, inode=7, complete=False, tail="")
    assert compare(known, replace(known, size=10, head="other", complete=complete)) is Sameness.GROWN
