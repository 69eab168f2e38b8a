"""Filters of a report: all that are given must hold, one of the texts within each."""

from __future__ import annotations

import pytest

from plugins.masterlockit.shooting_day import CAMERA_A, CAMERA_B, DATE, RECORDER, SLATE, shooting_day
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.reports import Filters, select


def chosen(filters, day=None):
    day = day or shooting_day()
    return select(day.clips, day.claps, filters, day.origins)


def slates(clips):
    return {clip["slate"]["number"] for clip in clips if "slate" in clip}


def test_no_filter_is_everything_in_its_order():
    day = shooting_day()
    assert select(iter(day.clips), iter(day.claps), Filters()) == (day.clips, day.claps)


@pytest.mark.parametrize(
    ("day", "found"), [("12", 0), ("12a", 74), ("12A", 74), (DATE, 74), ("2026-09-15", 0)]
)
def test_a_day_by_number_or_date(day, found):
    clips, claps = chosen(Filters(days=(day,)), shooting_day(additional="A"))
    assert (len(clips), len(claps)) == (found, 25 if found else 0)


def test_scenes_and_rolls():
    clips, claps = chosen(Filters(scenes=("14a", "28")))
    assert slates(clips) == {31, 32, 33, 36, 37}
    assert {clap["slateInfo"]["scene"] for clap in claps} == {"14A", "28"}
    clips, claps = chosen(Filters(rolls=("A031", "s012"), scenes=("27",)))
    assert {clip.get("camRoll") or clip["soundroll"] for clip in clips} == {"A031", "S012"}
    assert claps == []


def test_a_scene_of_an_episode():
    day = shooting_day()
    for place, clip in enumerate(day.clips):
        clip["episode"] = {"number": place % 2 + 1}
    clips, claps = chosen(Filters(scenes=("2/14A",)), day)
    assert {clip["episode"]["number"] for clip in clips} == {2}
    assert {clap["slateInfo"]["scene"] for clap in claps} == {"14A"}


def test_circled_takes_and_their_claps():
    clips, claps = chosen(Filters(circled=True))
    assert len(clips) == 25
    assert {(clap["slateInfo"]["slate"], clap["slateInfo"]["take"]) for clap in claps} == {
        (str(clip["slate"]["number"]), str(clip["take"]["number"])) for clip in clips
    }


def test_a_kind_is_of_clips_alone():
    clips, claps = chosen(Filters(kind="sound"))
    assert ({clip["type"] for clip in clips}, len(clips), len(claps)) == ({"sound"}, 26, 25)
    with pytest.raises(ValueError, match="'picture' is no kind of clip; write video or sound"):
        Filters(kind="picture")


def test_devices_by_who_recorded_or_edited():
    clips, claps = chosen(Filters(demand=parse_demand({"devices": [CAMERA_B, SLATE]})))
    assert ({clip["camera"]["name"] for clip in clips}, len(claps)) == ({"B"}, 25)
    day = shooting_day()
    clips, _ = select(day.clips, [], Filters(demand=parse_demand({"devices": [RECORDER]})))
    assert {clip["type"] for clip in clips} == {"sound"}


def test_a_span_of_timecode_over_midnight():
    demand = parse_demand(
        {"timecodeFrom": "23:00:00:00", "timecodeTo": "00:05:00:00", "devices": [CAMERA_A, SLATE]}
    )
    clips, claps = chosen(Filters(demand=demand))
    takes = [(clip["slate"]["number"], clip["take"]["number"]) for clip in clips]
    assert takes == [(36, 3), (36, 4), (37, 1), (37, 2)]
    assert [(clap["slateInfo"]["slate"], clap["slateInfo"]["take"]) for clap in claps] == [
        (str(slate), str(take)) for slate, take in takes
    ]
