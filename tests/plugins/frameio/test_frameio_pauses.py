"""Pauses as this device learns of them, and which recordings a person has to judge."""

import math
import os
from datetime import UTC, datetime

import pytest
import trio
from hypothesis import example, given
from hypothesis import strategies as st

from rushes import Clip, Kind, NotYet, Order, Permanent
from rushes.testing import FakeReport
from rushes.testing.doubles import MemoryStore
from rushes_frameio.clip.capture import Capture
from rushes_frameio.clip.pauses import (
    MOST,
    RECENT_S,
    REMEMBER_S,
    Pause,
    Pauses,
    Sighting,
    doubt,
    pauses,
    squeeze,
)

DAY = 86400.0
NOON = datetime(2026, 7, 14, 12, tzinfo=UTC).timestamp()


def made(start, end=None, *, certain=True, margin=2.0):
    return Capture(
        start=start, end=start if end is None else end, basis="timecode", certain=certain, margin=margin
    )


def seen(*sightings):
    """The pauses that (moment, paused[, told]) tell of."""
    found = pauses(sorted(Sighting(*each) for each in sightings))
    return [(pause.since, pause.begin, pause.end, pause.until) for pause in found]


def test_told_by_the_socket_a_pause_is_exact():
    assert seen((0, False), (100, True, True), (160, True), (220, False, True)) == [(100, 100, 220, 220)]


def test_found_by_asking_its_ends_are_uncertain():
    assert seen((0, False), (60, True), (120, True), (180, False)) == [(0, 60, 120, 180)]


def test_an_open_pause_ends_nowhere():
    assert seen((0, False), (60, True)) == [(0, 60, math.inf, math.inf)]


def test_a_pause_that_was_there_first_began_nobody_knows_when():
    assert seen((60, True), (120, False)) == [(-math.inf, 60, 60, 120)]


def test_a_missed_beginning_is_somewhere_since_it_was_clear():
    assert seen((0, False), (60, False), (90, False, True)) == [(60, 90, 90, 90)]


def test_told_twice_is_told_once():
    told = [(0, False), (100, True, True), (101, True, True), (200, False, True)]
    assert seen(*told) == [(100, 100, 200, 200)]


@st.composite
def histories(draw):
    """True pauses, and sightings of them: each end told or missed, and what asking in between showed."""
    times = sorted(draw(st.lists(st.integers(1, 5000), min_size=2, max_size=8, unique=True)))
    truth = list(zip(times[::2], times[1::2], strict=False))
    sightings = [(0, False, False)]
    for begin, end in truth:
        if draw(st.booleans()):
            sightings += [(begin, True, True)] * draw(st.integers(1, 2))
        if draw(st.booleans()):
            sightings += [(end, False, True)] * draw(st.integers(1, 2))
    for moment in draw(st.lists(st.integers(1, 5000))):
        sightings.append((moment, any(begin <= moment < end for begin, end in truth), False))
    return truth, draw(st.permutations(sightings))


@given(histories())
@example(([(10, 20)], [(0, False, False), (20, False, True), (15, True, False)]))
@example(([(10, 20)], [(0, False, False), (20, False, True), (20, False, False)]))
async def test_in_any_order_a_pause_is_as_wide_as_it_was_or_wider(history):
    truth, sightings = history
    learned = Pauses(MemoryStore())
    for moment, paused, told in sightings:
        await learned.saw(paused, NOON + moment, told=told)
    known = learned.known
    for begin, end in truth:
        met = [
            each for each in sightings if (begin <= each[0] < end and each[1]) or each == (end, False, True)
        ]
        if met:
            outer = [pause for pause in known if pause.since <= NOON + end and pause.until >= NOON + begin]
            assert min(pause.since for pause in outer) <= NOON + begin
            assert max(pause.until for pause in outer) >= NOON + end
    for pause in known:
        assert pause.since <= pause.begin <= pause.end <= pause.until
    assert known == sorted(known, key=lambda pause: pause.begin)


@given(histories())
async def test_what_is_learned_survives_a_restart(history):
    _, sightings = history
    store = MemoryStore()
    before = Pauses(store)
    for moment, paused, told in sightings:
        await before.saw(paused, NOON + moment, told=told)
    after = Pauses(store)
    await after.load()
    assert after.known == before.known


@given(histories())
def test_forgetting_what_tells_nothing_forgets_no_pause(history):
    _, sightings = history
    every = sorted({Sighting(*each) for each in sightings})
    kept = squeeze(every, 5000 + RECENT_S + 1)
    assert list(pauses(kept)) == list(pauses(every))


async def test_a_month_of_sightings_stays_small():
    store = MemoryStore()
    learned = Pauses(store)
    for minute in range(1000):
        await learned.saw(100 <= minute < 130, NOON + minute * 60)
    assert learned.known == [
        Pause(since=NOON + 99 * 60, begin=NOON + 6000, end=NOON + 129 * 60, until=NOON + 7800)
    ]
    assert len(store.values["pauses"]) < 6000
    await learned.saw(False, NOON + REMEMBER_S + 200 * 60)
    assert learned.known == []


async def test_an_endless_flutter_is_bounded():
    flutter = [Sighting(NOON + n / 10, bool(n % 2)) for n in range(2 * MOST)]
    assert squeeze(flutter, NOON)[0].at == NOON + MOST / 10


EXACT = Pause(since=1000, begin=1000, end=2000, until=2000)
POLLED = Pause(since=940, begin=1000, end=2000, until=2060)
OPEN = Pause(since=1000, begin=1000, end=math.inf, until=math.inf)
UNKNOWN = Pause(since=-math.inf, begin=1000, end=1000, until=2000)


@pytest.mark.parametrize(
    ("pause", "clip", "doubtful"),
    [
        # Wholly before, inside, after.
        (EXACT, made(800, 900), False),
        (EXACT, made(1200, 1300), False),
        (EXACT, made(2100, 2200), False),
        # Over either end, or both.
        (EXACT, made(900, 1100), True),
        (EXACT, made(1900, 2100), True),
        (EXACT, made(900, 2100), True),
        # Near from outside by no more than the margin.
        (EXACT, made(990, 999), True),
        (EXACT, made(990, 997.9), False),
        (EXACT, made(2001, 2010), True),
        (EXACT, made(2002.1, 2010), False),
        # A moment after the beginning is the service's to refuse; a moment before the end it would let through.
        (EXACT, made(1001, 1010), False),
        (EXACT, made(1990, 1999), False),
        (EXACT, made(1999, 1999), True),
        # An uncertain time, near by its margin.
        (EXACT, made(1100, 1200, certain=False, margin=300), True),
        (EXACT, made(1400, 1500, certain=False, margin=300), False),
        (EXACT, made(600, 650, certain=False, margin=300), False),
        (EXACT, made(600, 701, certain=False, margin=300), True),
        (EXACT, made(2299, 2299, certain=False, margin=300), True),
        (EXACT, made(5000, 5000, certain=False, margin=math.inf), True),
        # A pause whose ends are uncertain.
        (POLLED, made(900, 950), True),
        (POLLED, made(800, 937), False),
        (POLLED, made(2050, 2050), True),
        (POLLED, made(1000, 2000), False),
        # One that goes on: media from before it goes up, media from inside is refused.
        (OPEN, made(100, 200), False),
        (OPEN, made(1500, 1600), False),
        (OPEN, made(900, 1600), True),
        # One that nobody saw begin.
        (UNKNOWN, made(100, 200), True),
        (UNKNOWN, made(2100, 2200), False),
    ],
)
def test_doubt(pause, clip, doubtful):
    assert doubt(pause, clip) is doubtful


intervals = st.tuples(st.floats(0, 4000), st.floats(0, 1000)).map(lambda each: (each[0], each[0] + each[1]))


@given(intervals, intervals, st.floats(-1, 1), st.booleans(), st.floats(2, 500))
def test_no_recording_that_overlaps_a_pause_is_sent_without_a_person_or_a_refusal(
    pause, true, wrong, certain, margin
):
    """However wrong its time is within its margin: the service judges by the start that we tell it."""
    begin, end = pause
    told = made(true[0] + wrong * margin, true[1] + wrong * margin, certain=certain, margin=margin)
    overlaps = true[0] < end and true[1] > begin
    refused = begin <= told.start < end
    if overlaps and not refused:
        assert doubt(Pause(since=begin, begin=begin, end=end, until=end), told)


async def test_people_are_told_why(stage):
    learned = Pauses(MemoryStore())
    await learned.saw(False, NOON)
    await learned.saw(True, NOON + 600, told=True)
    clip = Clip(volume="vol", path="A001C001.mov")
    with pytest.raises(NotYet) as held:
        learned.judge(clip, made(NOON + 500, NOON + 700), Order())
    assert str(held.value) == (
        "A001C001.mov: recorded 2026-07-14 12:08:20 UTC, over an end of a pause (from 2026-07-14 12:10:00 UTC "
        "until now); release it to send it"
    )
    assert held.value.until == ""
    await learned.saw(False, NOON + 1200)
    with pytest.raises(
        NotYet, match=r"by its timecode \(uncertain\), near a pause \(from .* to .*\); release"
    ):
        learned.judge(clip, made(NOON + 500, certain=False, margin=300), Order())
    learned.judge(clip, made(NOON + 500, NOON + 700), Order(consent=True))
    learned.judge(clip, made(NOON + 100, NOON + 200), Order())


@pytest.fixture
async def paused(stage):
    """A stage whose pause lasted from 600 to 300 seconds ago, known to the sandbox, and its sink."""
    sandbox, wall = stage.sandbox, stage.wall
    now = wall()
    wall.ahead -= 600
    sandbox.pause()
    wall.ahead += 300
    sandbox.resume()
    wall.ahead += 300
    async with stage.open() as sink:
        yield stage, sink, now


def recorded(stage, name, start, seconds):
    clip = stage.clip(
        name,
        size=1000,
        kind=Kind.VIDEO,
        meta={"created": datetime.fromtimestamp(start, UTC), "duration": seconds},
    )
    end = start + seconds
    os.utime(stage.context.volumes["vol"] / name, (end, end))
    stat = (stage.context.volumes["vol"] / name).stat()
    return Clip(**{field: getattr(clip, field) for field in clip.__slots__} | {"mtime_ns": stat.st_mtime_ns})


async def test_only_what_was_made_while_paused_parks(paused):
    stage, sink, now = paused
    with pytest.raises(Permanent, match="made while the project was paused"):
        await sink.deliver(recorded(stage, "inside.mov", now - 500, 60), None, FakeReport())
    await sink.deliver(recorded(stage, "before.mov", now - 700, 60), None, FakeReport())
    await sink.deliver(recorded(stage, "after.mov", now - 200, 60), None, FakeReport())
    assert sorted(asset["name"] for asset in await stage.assets()) == ["after.mov", "before.mov"]


async def test_what_overlaps_waits_for_a_person_and_leaves_no_asset(paused):
    stage, sink, now = paused
    learned = sink.connection.pauses
    await learned.saw(True, now - 600, told=True)
    await learned.saw(False, now - 300, told=True)
    over = recorded(stage, "over.mov", now - 630, 60)
    report = FakeReport()
    with pytest.raises(NotYet, match="over an end of a pause"):
        await sink.deliver(over, None, report)
    assert await stage.assets() == []
    assert report.in_doubt == 0
    stage.context.order = Order(route="dailies", consent=True)
    await sink.deliver(over, report.resume, report)
    assert [asset["name"] for asset in await stage.assets("complete")] == ["over.mov"]
    assert stage.context.notes[-1].startswith("captured ")


async def test_an_asset_that_exists_is_not_judged_again(paused):
    stage, sink, now = paused
    clip = recorded(stage, "over.mov", now - 630, 60)
    report = FakeReport()
    report.draining = True
    with trio.move_on_after(0.5):
        await sink.deliver(clip, None, report)
    assert report.head is not None
    await sink.connection.pauses.saw(True, now - 600, told=True)
    await sink.connection.pauses.saw(False, now - 300, told=True)
    report.draining = False
    await sink.deliver(clip, report.resume, report)
    assert len(await stage.assets("complete")) == 1
