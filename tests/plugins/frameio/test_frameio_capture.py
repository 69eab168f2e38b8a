"""When a clip was recorded: a table of real-world cases, and what holds for every case."""

import math
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes import Clip, Kind, Role
from rushes_frameio.clip.capture import AGREE_S, FINEST_S, capture
from rushes_frameio.clip.clues import EARLIEST, LATEST

DAY = datetime(2026, 7, 14, tzinfo=UTC)


@contextmanager
def zone(name):
    """The machine's time zone, as a POSIX rule: BERLIN is UTC+2 in July."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        try:
            yield
        finally:
            patch.undo()
            time.tzset()


BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
UTC_ZONE = "UTC0"


def at(text):
    """Epoch seconds of a time of the day in UTC, "10:00:00"; a leading +n or -n counts days."""
    days, _, clock = text.rpartition(" ")
    hours, minutes, seconds = map(int, clock.split(":"))
    return (DAY + timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds)).timestamp()


def clip(written, *, kind=Kind.VIDEO, created=None, seen=None, meta=None, **fields):
    meta = dict(meta or {})
    if created is not None:
        meta["created"] = datetime.fromtimestamp(at(created), UTC)
    return Clip(
        volume="vol",
        path="A001C001.mov",
        kind=kind,
        mtime_ns=round(at(written) * 1e9),
        first_seen=0.0 if seen is None else at(seen),
        meta=meta,
        **fields,
    )


def shot(written, *, timecode=None, duration=600.0, **more):
    meta = {"duration": duration} if duration is not None else {}
    if timecode is not None:
        meta |= {"timecode": timecode, "timecode_rate": "25"}
    return clip(written, meta=meta, **more)


#: Name: zone, clip, then basis, start, certain.
CASES = {
    "free run: timecode of day agrees with the end of the file": (
        BERLIN,
        shot("08:10:03", timecode="10:00:00:00"),
        ("timecode", "08:00:00", True),
    ),
    "timecode is a clock's face: 36 s more would be counted at 23.976": (
        BERLIN,
        clip(
            "08:10:00",
            meta={"timecode": "10:00:00:00", "timecode_rate": "23.976", "duration": 600.0},
        ),
        ("timecode", "08:00:00", True),
    ),
    "drop frame": (
        UTC_ZONE,
        clip("08:10:00", meta={"timecode": "08:00:00;02", "timecode_rate": "29.97df", "duration": 600}),
        ("timecode", "08:00:00", True),
    ),
    "rec run: every card starts at 01:00:00:00": (
        BERLIN,
        shot("08:10:00", timecode="01:00:00:00", created="08:00:00"),
        ("creation time", "08:00:00", True),
    ),
    "rec run without anything else": (
        BERLIN,
        shot("08:10:00", timecode="01:00:00:00"),
        ("last write", "08:00:00", False),
    ),
    "a timecode 5 minutes off still is the same clock": (
        UTC_ZONE,
        shot("08:10:00", timecode="07:55:00:00", created="08:00:00"),
        ("timecode", "07:55:00", True),
    ),
    "a timecode more than 5 minutes off is not": (
        UTC_ZONE,
        shot("08:10:00", timecode="07:54:59:00", created="08:00:00"),
        ("creation time", "08:00:00", True),
    ),
    "recorded over midnight: begun on the day before": (
        UTC_ZONE,
        shot("+1 00:05:00", timecode="23:55:00:00"),
        ("timecode", "23:55:00", True),
    ),
    "timecode just past midnight, the file's clock just before": (
        UTC_ZONE,
        shot("23:59:58", timecode="00:00:02:00", duration=1.0),
        ("timecode", "23:59:58", True),  # never later than the last write
    ),
    "a timecode of zero is one": (
        UTC_ZONE,
        shot("00:10:00", timecode="00:00:00:00"),
        ("timecode", "00:00:00", True),
    ),
    "timecode of another day's clock is not asked for its date": (
        UTC_ZONE,
        shot("+3 08:10:00", timecode="08:00:00:00"),
        ("timecode", "+3 08:00:00", True),
    ),
    "copied hours later: the container remembers": (
        UTC_ZONE,
        shot("12:34:56", created="08:00:00", timecode="08:00:00:00"),
        ("creation time", "08:00:00", False),
    ),
    "a recorder that writes the creation time at the end": (
        UTC_ZONE,
        shot("08:10:01", created="08:10:00"),
        ("creation time", "08:00:00", True),
    ),
    "created after the last write is no creation time": (
        UTC_ZONE,
        shot("08:10:00", created="09:07:00"),
        ("last write", "08:00:00", False),
    ),
    "local time told as UTC, in the machine's zone": (
        BERLIN,
        shot("08:10:00", created="10:00:00"),
        ("creation time, told in local time", "08:00:00", True),
    ),
    "local time told as UTC, west of Greenwich": (
        NEW_YORK,
        shot("14:10:00", created="10:00:00"),
        ("creation time, told in local time", "14:00:00", True),
    ),
    "a card in local time east of Greenwich, the creation time in UTC": (
        BERLIN,
        shot("10:10:00", created="08:00:00"),
        ("creation time", "08:00:00", True),
    ),
    "whole quarters of an hour off in a zone that nobody knows": (
        UTC_ZONE,
        shot("14:10:00", created="10:00:02"),
        ("last write", "14:00:00", False),
    ),
    "Kathmandu is 5:45 ahead": (
        UTC_ZONE,
        shot("14:10:00", created="08:15:00"),
        ("last write", "14:00:00", False),
    ),
    "an hour and a half minute off is a copy": (
        UTC_ZONE,
        shot("09:10:30", created="08:00:00"),
        ("creation time", "08:00:00", False),
    ),
    "a FAT card in local time, found at once: written in two hours' time": (
        BERLIN,
        shot("10:10:00", timecode="10:00:00:00", seen="08:15:00"),
        ("timecode", "08:00:00", True),
    ),
    "camera and card in local time": (
        BERLIN,
        shot("10:10:00", created="10:00:00", seen="08:15:00"),
        ("creation time, told in local time", "08:00:00", True),
    ),
    "a camera an hour ahead: never later than seen": (
        UTC_ZONE,
        shot("09:10:00", created="09:00:00", seen="08:15:00"),
        ("creation time", "08:15:00", False),
    ),
    "a few seconds ahead are nothing": (
        UTC_ZONE,
        shot("08:15:04", created="08:15:04", duration=0.0, seen="08:15:00"),
        ("creation time", "08:15:00", True),
    ),
    "no clue but the last write, of a still": (
        UTC_ZONE,
        clip("08:10:00", kind=Kind.IMAGE),
        ("last write", "08:10:00", False),
    ),
    "came into being before our eyes, seen when it was complete": (
        UTC_ZONE,
        shot("08:10:00", seen="08:10:02", born=True),
        ("first sight", "08:10:00", True),
    ),
    "grew before our eyes": (
        UTC_ZONE,
        shot("08:10:00", seen="08:00:01", born=True),
        ("first sight", "08:00:01", True),
    ),
    "came faster than it lasts: a copy": (
        UTC_ZONE,
        shot("08:00:20", seen="08:00:01", born=True),
        ("first sight", "08:00:01", False),
    ),
    "copied with its times (cp -p) before our eyes": (
        UTC_ZONE,
        shot("07:10:00", seen="08:10:02", born=True),
        ("last write", "07:00:00", False),
    ),
    "not born: first sight tells nothing": (
        UTC_ZONE,
        shot("08:10:00", seen="08:10:02"),
        ("last write", "08:00:00", False),
    ),
    "under way, born": (
        UTC_ZONE,
        shot("08:00:30", seen="08:00:01", born=True, complete=False, duration=None),
        ("first sight", "08:00:01", True),
    ),
    "under way for long when first seen, its start told": (
        UTC_ZONE,
        shot("08:04:30", seen="08:00:01", complete=False, duration=None, created="08:00:00"),
        ("creation time", "08:00:00", True),
    ),
    "a sound recorder's bext date, in local time": (
        BERLIN,
        clip("08:10:00", kind=Kind.AUDIO, meta={"duration": 600.0, "recorded": "2026-07-14 10:00:00"}),
        ("creation time", "08:00:00", True),
    ),
    "a bext date with other marks between the digits": (
        UTC_ZONE,
        clip("12:10:31", kind=Kind.AUDIO, meta={"duration": 600.0, "recorded": "2026:07:14 10-00-00"}),
        ("creation time", "10:00:00", False),
    ),
    "a bext date that is none": (
        UTC_ZONE,
        clip("08:10:00", kind=Kind.AUDIO, meta={"duration": 600.0, "recorded": "2026-02-30 10:00:00"}),
        ("last write", "08:00:00", False),
    ),
    "a file of 1980, no clock was ever set": (
        UTC_ZONE,
        shot("-17000 00:00:00", seen="08:00:00"),
        ("first sight", "08:00:00", False),
    ),
    "a file of 1980 whose container knows better": (
        UTC_ZONE,
        shot("-17000 00:00:00", seen="08:00:00", created="07:00:00"),
        ("creation time", "07:00:00", False),
    ),
    "a creation time of 1904": (
        UTC_ZONE,
        shot("08:10:00", created="-44000 00:00:00"),
        ("last write", "08:00:00", False),
    ),
    "nonsense everywhere": (
        UTC_ZONE,
        clip(
            "08:10:00",
            meta={"timecode": "99:99:99:99", "duration": "nan", "created": "yesterday", "recorded": "?"},
        ),
        ("last write", "08:10:00", False),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_real_world(name):
    where, made, (basis, start, certain) = CASES[name]
    with zone(where):
        found = capture(made)
    assert (found.basis, found.certain) == (basis, certain)
    assert found.start == pytest.approx(at(start), abs=0.001)
    assert found.margin >= (FINEST_S if certain else AGREE_S)


def test_the_wall_clock_goes_back_in_autumn_and_the_timecode_with_it():
    """25 October 2026: 02:30 is shown twice in Berlin, at 00:30 and 01:30 UTC."""
    for hour in ("00", "01"):
        made = shot(f"+103 {hour}:40:00", timecode="02:30:00:00")
        with zone(BERLIN):
            found = capture(made)
        assert (found.basis, found.start) == ("timecode", at(f"+103 {hour}:30:00"))


def test_the_margin_is_how_far_the_clocks_are_apart():
    with zone(UTC_ZONE):
        assert capture(shot("08:11:40", timecode="08:00:00:00")).margin == 100
        assert capture(shot("08:10:00", timecode="08:00:00:00")).margin == FINEST_S
        assert capture(shot("08:11:40", created="08:00:00")).margin == 100


def test_an_unknown_zone_may_be_wrong_by_all_of_it():
    with zone(UTC_ZONE):
        assert capture(shot("14:10:00", created="10:00:00")).margin == AGREE_S + 4 * 3600


def test_without_any_date_it_may_be_any_time():
    assert capture(shot("-17000 00:00:00", seen="08:00:00")).margin == math.inf
    assert capture(Clip(volume="vol", path="x.mov")).margin == math.inf


def test_the_end_is_the_start_and_the_length_or_else_the_last_write():
    with zone(UTC_ZONE):
        assert capture(shot("12:00:07", created="08:00:00", duration=60)).end == at("08:01:00")
        assert capture(shot("08:03:00", created="08:00:00", duration=None)).end == at("08:03:00")


async def test_a_proxy_was_shot_when_its_original_was(stage):
    """Made an hour later, from a card that is written in the morning, through two transforms."""
    context = stage.context
    work = context.workspace()
    for name in ("proxy.mov", "burnt.mov"):
        (work / name).write_bytes(b"x")
    with zone(UTC_ZONE):
        original = shot("08:10:00", timecode="08:00:00:00", seen="08:20:00", id="c1")
        proxy = context.derive(original, work / "proxy.mov", role=Role.PROXY)
        burnt = context.derive(proxy, work / "burnt.mov", role=Role.PROXY)
        assert proxy.mtime_ns != original.mtime_ns
        assert capture(proxy) == capture(burnt) == capture(original)
        assert capture(original).basis == "timecode"
        grown = shot("08:10:00", seen="08:00:01", born=True, id="c2")
        assert capture(context.derive(grown, work / "proxy.mov", role=Role.PROXY)) == capture(grown)


def test_what_people_are_told():
    with zone(UTC_ZONE):
        assert (
            capture(shot("08:10:00", created="08:00:00")).told
            == "2026-07-14 08:00:00 UTC by its creation time"
        )
        assert capture(shot("08:10:00")).told == "2026-07-14 08:00:00 UTC by its last write (uncertain)"


def test_each_attempt_has_its_own_offset():
    with zone(UTC_ZONE):
        made = capture(shot("08:10:00", created="08:00:00"))
    assert made.offset(at("08:10:00")) == 600
    assert made.offset(at("09:10:00")) == 4200
    assert made.offset(at("07:00:00")) == 0  # our clock was set back meanwhile


moments = st.one_of(
    st.floats(min_value=-(2.0**33), max_value=2.0**35),
    st.floats(min_value=at("00:00:00"), max_value=at("+2 00:00:00")),
)
labels = st.one_of(
    st.builds("{:02}:{:02}:{:02}:{:02}".format, *(st.integers(0, most) for most in (25, 61, 61, 31))),
    st.text(),
)


@given(
    written=moments,
    seen=moments,
    created=st.none() | st.datetimes(timezones=st.none() | st.just(UTC)),
    duration=st.none() | st.floats() | st.floats(min_value=0, max_value=40000) | st.text(),
    timecode=st.none() | labels,
    recorded=st.none() | st.text() | st.datetimes().map(str),
    now=moments,
    kind=st.sampled_from(Kind),
    born=st.booleans(),
    complete=st.booleans(),
)
def test_whatever_a_clip_tells(
    written, seen, created, duration, timecode, recorded, now, kind, born, complete
):
    told = {"created": created, "duration": duration, "timecode": timecode, "recorded": recorded}
    made = Clip(
        volume="vol",
        path="x.mov",
        kind=kind,
        mtime_ns=round(written * 1e9),
        first_seen=seen,
        born=born,
        complete=complete,
        meta={name: value for name, value in told.items() if value is not None},
    )
    found = capture(made)
    assert found.offset(now) >= 0
    assert found.start <= found.end
    assert found.margin >= FINEST_S
    assert found.told
    if EARLIEST <= written <= LATEST:
        assert found.start <= written + 0.001, "never later than the last write"
    if EARLIEST <= seen <= LATEST:
        assert found.start <= seen, "never later than first seen"


def test_west_of_greenwich_a_fat_card_may_make_a_recording_look_hours_older():
    """Written at 14:00 UTC, 10:00 in New York: the card says 10:00, and Linux takes that for UTC."""
    with zone(NEW_YORK):
        made = capture(clip("10:00:00", kind=Kind.IMAGE, seen="14:05:00"))
        assert not made.certain
        assert made.start + made.margin >= at("14:00:00")
        told = capture(clip("10:00:00", kind=Kind.IMAGE, seen="10:05:00"))
        assert told.margin == AGREE_S  # then nobody could have seen it yet
