"""Labels as seconds and frames, the names of rates, and whose word a clip's rate is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes.timecode import RATES, Rate, Timecode
from rushes_masterlockit.formats import clip_rate, fps_name, label, seconds_frames

SEED_NAMES = [
    "FPS_23_98", "FPS_24", "FPS_25", "FPS_29_97", "FPS_29_97_DROP", "FPS_30", "FPS_30_DROP", "FPS_47_95", "FPS_48",
    "FPS_50", "FPS_59_94", "FPS_59_94_DROP", "FPS_60", "FPS_60_DROP",
]  # fmt: skip


ANY_RATE = st.sampled_from(RATES)


@given(ANY_RATE, st.data())
def test_every_timecode_has_a_label_and_every_label_its_timecode(rate: Rate, data: st.DataObject):
    timecode = Timecode(data.draw(st.integers(0, rate.frames_per_day - 1)), rate)
    seconds, frames = seconds_frames(timecode)
    again = label(seconds, frames, rate)
    assert (again.frames, again.rate) == (timecode.frames, rate)
    minutes = seconds // 60
    assert timecode.frames == seconds * rate.nominal + frames - rate.dropped * (minutes - minutes // 10)


@pytest.mark.parametrize(
    ("rate", "seconds", "frames", "count"),
    [
        ("29.97df", 59, 29, 1799), ("29.97df", 60, 2, 1800), ("29.97df", 599, 29, 17981), ("29.97df", 600, 0, 17982),
        ("29.97df", 3600, 0, 107892), ("29.97df", 86399, 29, 2589407), ("59.94df", 60, 4, 3600),
        ("59.94df", 3600, 0, 215784), ("23.976", 3600, 0, 86400),
    ],
)  # fmt: skip
def test_the_vectors_of_the_reference(rate: str, seconds: int, frames: int, count: int):
    assert label(seconds, frames, Rate.parse(rate)).frames == count
    assert seconds_frames(Timecode(count, Rate.parse(rate))) == (seconds, frames)


@pytest.mark.parametrize(
    ("rate", "seconds", "frames"),
    [("25", 0, 25), ("25", 86400, 0), ("25", 10**9, 0), ("25", -1, 0), ("25", 0, -1), ("29.97df", 60, 0),
     ("29.97df", 60, 1), ("59.94df", 60, 3), ("60", 0, 60), ("25", 0, 1000)],
)  # fmt: skip
def test_impossible_labels_are_refused(rate: str, seconds: int, frames: int):
    with pytest.raises(ValueError, match=r"\S"):
        label(seconds, frames, Rate.parse(rate))


@given(ANY_RATE, st.integers(0, 86399), st.integers(0, 59))
def test_a_label_is_refused_exactly_where_no_clock_shows_it(rate: Rate, seconds: int, frames: int):
    minute, second = divmod(seconds, 60)
    exists = frames < rate.nominal and not (second == 0 and minute % 10 and frames < rate.dropped)
    if exists:
        assert seconds_frames(label(seconds, frames, rate)) == (seconds, frames)
    else:
        with pytest.raises(ValueError, match=r"\S"):
            label(seconds, frames, rate)


def test_every_rate_has_the_name_of_the_seed():
    assert [fps_name(rate) for rate in RATES] == SEED_NAMES
    assert [Rate.parse(name) for name in SEED_NAMES] == list(RATES)


@pytest.mark.parametrize(("alias", "name"), [("FPS_23_976", "23.976"), ("FPS_47_952", "47.952")])
def test_aliases_are_read(alias: str, name: str):
    assert Rate.parse(alias).name == name


@pytest.mark.parametrize(
    ("clip", "project", "rate"),
    [
        ({"fps": "25"}, "FPS_29_97_DROP", ("29.97df", "project")),
        ({"fps": "29.97 DF"}, "", ("29.97df", "clip")),
        ({"fps": 25}, "", ("25", "clip")),
        ({"fps": 23.98}, "", ("23.976", "clip")),
        ({"fps": "FPS_24"}, "unknown", ("24", "clip")),
        ({"sensorFPS": "48"}, "", ("", "")),
        ({"sensorFPS": "48", "fps": "24"}, "", ("24", "clip")),
        ({"fps": "fast"}, "", ("", "")),
        ({"fps": None}, "", ("", "")),
        ({"fps": True}, "", ("", "")),
        ({"fps": [25]}, "", ("", "")),
        ({"fps": "2" * 100_000}, "", ("", "")),
        ({}, "", ("", "")),
        ({}, "50", ("50", "project")),
    ],
)
def test_the_rate_of_a_clip_is_the_projects_then_its_own(clip: dict, project: str, rate: tuple[str, str]):
    assert clip_rate(clip, project) == rate
