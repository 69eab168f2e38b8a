"""Timelines, read back with opentimelineio and judged by what really was."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes.timecode import FLICKS, RATES, Rate, Timecode

from .export_rig import SECOND, Truth, at, clips, read

NAMES = [rate.name for rate in RATES]
FRAME = FLICKS // 25


def in_sync(truth: Truth, timeline, picture: str, sound: str, slack: float = 0.0) -> int:
    """Judge every stretch of the sound under the picture; how many there are."""
    [seen] = clips(timeline)[picture]
    clock = next(shot.clock for shot in truth.shots if shot.id == sound)
    first = next(shot.starts for shot in truth.shots if shot.id == sound) / FLICKS
    count = 0
    for heard in clips(timeline, "Audio").get(sound, ()):
        begin, end = at(heard), at(heard) + heard.duration().to_seconds()
        if end <= at(seen) or begin >= at(seen) + seen.duration().to_seconds():
            continue
        count += 1
        # What the sound's head lies at, seen from the picture's head, on the timeline and in truth.
        laid = begin - (heard.source_range.start_time.to_seconds() - first) - at(seen)
        was = (truth.began[sound] - truth.began[picture]) / FLICKS
        assert abs(laid - was) <= 1.01 / clock + slack
    return count


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(NAMES),
    clock=st.sampled_from([44_100, 48_000, 96_000]),
    hour=st.integers(0, 23),
    ahead=st.integers(-40_000_000_000, 40_000_000_000),
    lead=st.integers(-480_000, 480_000),
    takes=st.integers(1, 6),
)
def test_sound_lies_under_its_picture_at_any_rate_and_offset(rate, clock, hour, ahead, lead, takes):
    truth = Truth()
    counts = Rate.parse(rate)
    for take in range(takes):
        frame = (hour * 3600 + take * 97) * counts.nominal + take + 7
        picture = truth.picture(
            f"p{take}", rate, frame % counts.frames_per_day, 20 * counts.nominal, ahead=ahead
        )
        sample = (truth.began[f"p{take}"] * clock // FLICKS + lead) % (86400 * clock)
        sound = truth.sound(f"s{take}", sample, 30 * clock, clock=clock)
        # The same day for both, as seen from the picture.
        begin = truth.began[f"p{take}"]
        truth.began[f"s{take}"] += (
            round((begin - truth.began[f"s{take}"]) / (86400 * FLICKS)) * 86400 * FLICKS
        )
        truth.bind(picture, sound, ahead=ahead, origin="learned")
    day = truth.day()
    assert len(day.syncs) == takes
    [timeline] = read(day)
    for take in range(takes):
        [seen] = clips(timeline)[f"p{take}"]
        shot = truth.shots[take * 2]
        assert (seen.source_range.start_time.value, seen.source_range.duration.value) == (
            round(shot.starts * counts.exact / FLICKS),
            shot.frames,
        )
        assert seen.source_range.start_time.rate == float(counts.exact)
        assert in_sync(truth, timeline, f"p{take}", f"s{take}") == 1
        [heard] = clips(timeline, "Audio")[f"s{take}"]
        assert at(heard) >= at(seen) - 0.5 / clock
        reference = heard.media_reference.available_range
        assert reference.start_time <= heard.source_range.start_time
        assert heard.source_range.end_time_exclusive() <= reference.end_time_exclusive()
    frame = 1 / float(counts.exact)
    for one, other in zip(range(takes), range(1, takes), strict=False):
        apart = (truth.began[f"p{other}"] - truth.began[f"p{one}"]) / FLICKS
        laid = at(clips(timeline)[f"p{other}"][0]) - at(clips(timeline)[f"p{one}"][0])
        assert abs(laid - apart) <= frame * 1.001  # half a frame each, never more


def test_many_gaps_add_up_to_nothing():
    truth = Truth()
    for take in range(300):
        picture = truth.picture(f"p{take}", "23.976", 24 * 60 * 7 + take * 1013, 501, ahead=12_345_678)
        sound = truth.sound(f"s{take}", truth.began[f"p{take}"] * 48_000 // FLICKS - 1234, 48_000 * 25)
        truth.bind(picture, sound, ahead=12_345_678, origin="clap")
    [timeline] = read(truth.day())
    for take in range(300):
        assert in_sync(truth, timeline, f"p{take}", f"s{take}") == 1
    [last] = clips(timeline)["p299"]
    assert round(last.range_in_parent().start_time.value) == 299 * 1013


def test_two_cameras_share_one_sound_and_lie_over_each_other():
    truth = Truth()
    a = truth.picture("a", "25", 36_000 * 25, 500)
    late = 3 * 3600 * SECOND + 10 * FRAME
    b = truth.picture("b", "25", 36_000 * 25 + 100 + 3 * 3600 * 25 + 10, 700, ahead=late, camera="B")
    sound = truth.sound("s", 36_000 * 48_000 - 48_000, 48_000 * 60)
    truth.bind(a, sound)
    truth.bind(b, sound, ahead=late, origin="hand")
    [timeline] = read(truth.day())
    assert [track.name for track in timeline.tracks] == ["A", "B", "recorder"]
    [one], [other] = clips(timeline)["a"], clips(timeline)["b"]
    assert at(other) - at(one) == 4
    assert other.source_range.start_time.to_timecode() == "13:00:04:10"
    [heard] = clips(timeline, "Audio")["s"]
    assert heard.duration().to_seconds() == (100 + 700) / 25
    assert in_sync(truth, timeline, "a", "s") == in_sync(truth, timeline, "b", "s") == 1


def test_a_camera_off_the_grid_of_another_is_within_half_a_frame():
    truth = Truth()
    a = truth.picture("a", "25", 36_000 * 25, 500)
    ahead = FRAME // 3
    b = truth.picture("b", "25", 36_000 * 25, 500, ahead=ahead, camera="B")
    sound = truth.sound("s", 36_000 * 48_000 - 48_000, 48_000 * 60)
    truth.bind(a, sound)
    truth.bind(b, sound, ahead=ahead, origin="clap")
    [timeline] = read(truth.day())
    assert in_sync(truth, timeline, "a", "s") == 1
    assert in_sync(truth, timeline, "b", "s", slack=0.5 / 25) == 1


def test_an_unsynced_picture_stands_as_its_camera_does():
    truth = Truth()
    ahead = 7200 * SECOND
    one = truth.picture("one", "25", (36_000 + 7200) * 25, 500, ahead=ahead)
    truth.picture("mos", "25", (36_100 + 7200) * 25, 500, ahead=ahead)
    truth.bind(one, truth.sound("s", 36_000 * 48_000, 48_000 * 30), ahead=ahead, origin="learned")
    [timeline] = read(truth.day())
    assert timeline.global_start_time.to_timecode() == "10:00:00:00"
    assert at(clips(timeline)["mos"][0]) == 100


@pytest.mark.parametrize("rate", ["25", "23.976", "29.97df", "29.97", "59.94df"])
def test_the_night_follows_the_evening(rate):
    truth = Truth()
    counts = Rate.parse(rate)
    day = counts.frames_per_day
    for take, frame in enumerate(
        (day - 600 * counts.nominal, day - 10 * counts.nominal, day + 300 * counts.nominal)
    ):
        picture = truth.picture(f"p{take}", rate, frame % day, 40 * counts.nominal)
        sample = frame * FLICKS / counts.exact * 48_000 / FLICKS
        truth.began[picture.id] = int(frame * FLICKS / counts.exact)
        sound = truth.sound(f"s{take}", int(sample) - 24_000, 48_000 * 60, rate=rate)
        # The recorder's clock ends with its labels.
        turn = int(day * FLICKS / counts.exact)
        shot = truth.shots[-1]
        truth.shots[-1] = type(shot)(
            **{name: getattr(shot, name) for name in shot.__dataclass_fields__}
            | {"starts": truth.began[sound.id] % turn, "wall": truth.began[sound.id] / FLICKS}
        )
        truth.shots[-2] = type(picture)(
            **{name: getattr(picture, name) for name in picture.__dataclass_fields__}
            | {"wall": truth.began[picture.id] / FLICKS}
        )
        truth.bind(picture, truth.shots[-1])
    [timeline] = read(truth.day())
    seen = clips(timeline)
    frame = 1 / float(counts.exact)
    assert [round(at(seen[f"p{take}"][0]) / frame) for take in range(3)] == [
        0, 590 * counts.nominal, 900 * counts.nominal
    ]  # fmt: skip
    for take in range(3):
        assert in_sync(truth, timeline, f"p{take}", f"s{take}") == 1
    assert timeline.metadata["rushes"]["start"] == str(
        Timecode.from_frames(day - 600 * counts.nominal, counts)
    )


def test_a_sound_that_begins_within_its_picture_begins_at_its_own_sample():
    truth = Truth()
    picture = truth.picture("p", "24", 36_000 * 24, 240)
    truth.bind(picture, truth.sound("s", 36_000 * 48_000 + 100_001, 48_000 * 3))
    [timeline] = read(truth.day())
    [heard] = clips(timeline, "Audio")["s"]
    assert heard.range_in_parent().start_time == otio.opentime.RationalTime(100_001, 48_000)
    assert heard.duration().value == 144_000


def test_what_waits_for_a_person_is_loose_and_told():
    truth = Truth()
    picture = truth.picture("p", "25", 36_000 * 25, 500)
    sound = truth.sound("s", 36_000 * 48_000, 48_000 * 30)
    truth.bind(picture, sound, state="ambiguous")
    [timeline] = read(truth.day())
    assert [track.name for track in timeline.tracks] == ["A", "recorder (no picture)"]
    [marker] = clips(timeline)["p"][0].markers
    assert marker.name == "sound waits for a person: s.wav"
    assert clips(timeline, "Audio")["s"][0].duration().to_seconds() == 30


def test_a_pair_that_no_clock_explains_is_not_synced():
    truth = Truth()
    picture = truth.picture("p", "25", 36_000 * 25, 500)
    named, wrong = (
        truth.sound("named", 50_000 * 48_000, 48_000),
        truth.sound("wrong", 36_000 * 48_000, 480_000),
    )
    truth.bind(picture, named, origin="names")
    truth.bonds[-1].evidence.pop("offset_frames")
    truth.bind(picture, wrong, overlap_frames=100)  # 250 by timecode: another clock counted
    day = truth.day()
    assert day.syncs == ()
    [timeline] = read(day)
    assert timeline.tracks[1].name == "recorder (no picture)"


@pytest.mark.parametrize(("origin", "about"), [("jammed", False), ("clap", False), ("learned", True)])
def test_clocks_learned_of_takes_alone_are_not_called_exact(origin, about):
    truth = Truth()
    picture = truth.picture("p", "25", 36_000 * 25, 500)
    truth.bind(picture, truth.sound("s", 36_000 * 48_000, 960_000), origin=origin)
    assert [sync.about for sync in truth.day().syncs] == [about]


def test_each_rate_has_a_timeline_and_shared_sound_is_in_both():
    truth = Truth()
    a = truth.picture("a", "25", 36_000 * 25, 500)
    truth.picture("a2", "25", 37_000 * 25, 500)
    b = truth.picture("b", "50", 36_000 * 50, 1000, camera="B")
    sound = truth.sound("s", 36_000 * 48_000, 48_000 * 30)
    truth.sound("wild", 39_000 * 48_000, 48_000 * 30)
    truth.bind(a, sound)
    truth.bind(b, sound)
    main, fast = read(truth.day())
    assert (set(clips(main)), set(clips(main, "Audio"))) == ({"a", "a2"}, {"s", "wild"})
    assert (set(clips(fast)), set(clips(fast, "Audio"))) == ({"b"}, {"s"})
    assert fast.global_start_time == otio.opentime.RationalTime(36_000 * 50, 50)


def test_chapters_go_on_and_copies_are_left_out():
    truth = Truth()
    lead = truth.picture("c1", "25", 36_000 * 25, 250)
    truth.picture("c2", "25", 36_000 * 25, 250, lead="c1", part="chapter")  # its timecode begins anew
    sound = truth.sound("s", 36_000 * 48_000, 48_000 * 30)
    truth.sound("copy", 36_000 * 48_000, 48_000 * 30, lead="s", part="double")
    truth.bind(lead, sound)
    truth.bonds[-1].evidence["overlap_frames"] = 500
    [timeline] = read(truth.day())
    assert at(clips(timeline)["c2"][0]) == 10
    assert set(clips(timeline, "Audio")) == {"s"}
    assert clips(timeline, "Audio")["s"][0].duration().to_seconds() == 20


def test_what_has_no_timecode_lies_behind_everything():
    truth = Truth()
    truth.picture("p", "25", 36_000 * 25, 500)
    truth.picture("none", "25", 0, 100, starts=None)
    truth.sound("deaf", 0, 48_000, starts=None)
    truth.picture("endless", "25", 40_000 * 25, 100, length=None)
    [timeline] = read(truth.day())
    assert set(clips(timeline)) == {"p", "none"}
    assert [at(clips(timeline)["none"][0]), at(clips(timeline, "Audio")["deaf"][0])] == [20, 25]


def test_a_camera_that_was_twice_at_once_has_two_tracks():
    truth = Truth()
    truth.picture("one", "25", 36_000 * 25, 500)
    truth.picture("two", "25", 36_000 * 25 + 10, 500)
    [timeline] = read(truth.day())
    assert [track.name for track in timeline.tracks] == ["A", "A 2"]


def test_media_references_name_original_and_proxy():
    truth = Truth()
    truth.picture(
        "p", "29.97df", 107_892, 500, url="file:///card/A001/p.mov", proxy="file:///px/p.mov", circled=True
    )
    [timeline] = read(truth.day())
    [clip] = clips(timeline)["p"]
    assert clip.active_media_reference_key == "DEFAULT_MEDIA"
    references = clip.media_references()
    assert {key: one.target_url for key, one in references.items()} == {
        "DEFAULT_MEDIA": "file:///card/A001/p.mov", "proxy": "file:///px/p.mov",
    }  # fmt: skip
    for one in references.values():
        assert one.available_range.start_time.value == 107_892
        assert one.available_range.start_time.rate == float(Fraction(30_000, 1001))
    assert (clip.metadata["rushes"]["start"], clip.metadata["rushes"]["circled"]) == ("01:00:00;00", True)
    assert [marker.name for marker in clip.markers] == ["circled"]


def test_nothing_makes_no_timeline():
    assert read(Truth().day()) == []


@pytest.mark.parametrize(("origin", "about"), [("jammed", False), ("learned", True)])
def test_what_lies_about_right_is_marked(origin, about):
    truth = Truth()
    picture = truth.picture("p", "25", 36_000 * 25, 500)
    alone = truth.picture("alone", "25", 37_000 * 25, 500)
    truth.bind(picture, truth.sound("s", 36_000 * 48_000, 960_000), origin=origin)
    [timeline] = read(truth.day())
    [seen], [heard] = clips(timeline)["p"], clips(timeline, "Audio")["s"]
    assert [(marker.name, marker.color) for marker in seen.markers] == (
        [("sync is about right: check it", otio.schema.MarkerColor.ORANGE)] if about else []
    )
    assert [clip.metadata["rushes"].get("sync") for clip in (seen, heard)] == ["about" if about else None] * 2
    assert not clips(timeline)[alone.id][0].markers
