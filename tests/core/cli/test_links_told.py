"""How `explain` tells people what a clip matched."""

from __future__ import annotations

import pytest

from rushes.cli.links import evidence, link_lines


def link(name, state="matched", **changes):
    document = {
        "other": "c9", "kind": "sound", "annotator": "match", "score": 0.98, "state": state, "evidence": {},
        "name": name, "card": "SOUND1", "folder": "", "recorder": "",
    }  # fmt: skip
    return document | changes


def test_nothing_is_told_of_a_clip_without_links():
    assert list(link_lines([])) == []


def test_what_counts_comes_first_then_what_waits_then_what_lost_and_why():
    told = link_lines(
        [
            link(
                "T04.WAV", "lost", score=0.2, evidence={"why": "ends before it begins", "overlap_frames": 0}
            ),
            link("T02.WAV", "ambiguous", score=0.61, evidence={"why": "the clocks are not sure"}),
            link("T02.WAV", "ambiguous", score=0.6, folder="261122", recorder="MixPre"),
            link("T03.WAV", "rejected", score=0, evidence={"by": "person"}),
            link("scene 12A, take 3", kind="record", other="r1", card=""),
            link("", kind="part", score=1.0, card=""),
            link("T01.WAV"),
        ]
    )
    assert list(told) == [
        "matches",
        "  record scene 12A, take 3 (0.98)",
        "  part c9 (1.00)",
        "  sound T01.WAV on SOUND1 (0.98)",
        "waits for you: pipeline match FILE list",
        "  sound T02.WAV on SOUND1 (0.61): the clocks are not sure",
        "  sound T02.WAV on SOUND1/261122, MixPre (0.60)",
        "rejected by a person",
        "  sound T03.WAV on SOUND1 (0.00)",
        "    by a person",
        "passed over",
        "  sound T04.WAV on SOUND1 (0.20): ends before it begins",
        "    overlap 0 frames",
    ]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({}, ""),
        ({"why": "told elsewhere", "scene": "missing", "note": None}, ""),
        ({"overlap_frames": 240, "overlap_share": 1.0}, "overlap 240 frames (100% of the shorter)"),
        (
            {"offset_frames": 2, "offset_from": "clap", "drift_ppm": 3.25},
            "offset +2 frames (clap), drift 3.25 ppm",
        ),
        ({"offset_frames": -1, "drift_ppm": 0.0}, "offset -1 frames"),
        ({"offset_from": "names", "wall_seconds": 3}, "offset from names, wall clocks 3 s apart"),
        (
            {"scene": "same", "slate": "same", "roll": "same", "take": "differs"},
            "same scene, slate and roll, other take",
        ),
        ({"take": "same"}, "same take"),
        ({"by": "name", "seconds_apart": 0.04}, "by name, seconds apart 0.04"),
        ({"by": "person"}, "by a person"),
        ({"sure": True, "reels": ["A1", "A2"], "more": {"a": 1}}, "sure yes, reels A1 + A2, more (a 1)"),
        ({"scene": "near"}, "scene near"),
    ],
)
def test_evidence_is_a_line(told, text):
    before = dict(told)
    assert evidence(told) == text
    assert told == before
