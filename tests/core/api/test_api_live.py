"""The status on the stream of events: one asking for all readers, when something changed, never too often."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import trio
import trio.testing

from api_rig import Reader
from rushes.api.app import build
from rushes.api.live import AT_LAST_S, DUTY, PERIOD_S, LiveStatus


@pytest.fixture
def app(control):
    return build(control, trio.Event())


async def changing(control, every_s: float) -> None:
    """Something else about the status, again and again."""
    for number in range(10**6):
        control.news = {"pid": number}
        await trio.sleep(every_s)


async def test_first_frame_at_once_then_only_what_changes(app, control, autojump_clock):
    reader = Reader(app, "live=1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.read)
        await trio.sleep(AT_LAST_S / 2)
        [(at, first)] = reader.live()
        assert at < 0.01
        assert first["pipeline"] == "onset"
        control.news = {"draining": True}
        changed = trio.current_time()
        await trio.sleep(1)
        reader.leave()
    [_, (at, second)] = reader.live()
    assert second == {**first, "draining": True, "now": second["now"]}
    assert at - changed < 0.1
    assert control.asked_status == 2


async def test_no_more_than_four_a_second(app, control, autojump_clock):
    reader = Reader(app, "live=1")
    with trio.move_on_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(reader.read)
            nursery.start_soon(changing, control, 0.01)
    times = [at for at, _ in reader.live()]
    assert 35 <= len(times) <= 41
    assert min(later - sooner for sooner, later in pairwise(times)) >= PERIOD_S - 0.001


async def test_no_more_than_a_tenth_of_the_time(app, control, autojump_clock):
    """A status that takes half a second is asked for every five."""
    control.status_s = 0.5
    readers = [Reader(app, "live=true") for _ in range(5)]
    with trio.move_on_after(50):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(changing, control, 0.1)
            for reader in readers:
                nursery.start_soon(reader.read)
    assert 9 <= control.asked_status <= 11
    assert control.asked_status * control.status_s <= 50 * DUTY + control.status_s
    assert len(readers[-1].live()) >= 9


async def test_one_asking_serves_all_readers(app, control, autojump_clock):
    readers = [Reader(app, "live=1") for _ in range(20)]
    async with trio.open_nursery() as nursery:
        for reader in readers:
            nursery.start_soon(reader.read)
        await trio.sleep(1)
        assert control.asked_status == 1
        control.news = {"pid": 8}
        await trio.sleep(1)
        assert control.asked_status == 2
        for reader in readers:
            reader.leave()
    assert {len(reader.live()) for reader in readers} == {2}
    assert {reader.live()[-1][1]["pid"] for reader in readers} == {8}


async def test_a_reader_that_leaves_while_it_asks_for_all_is_replaced(app, control, autojump_clock):
    control.status_s = 1.0
    first, second = Reader(app, "live=1"), Reader(app, "live=1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(first.read)
        await trio.sleep(0.5)
        nursery.start_soon(second.read)
        await trio.testing.wait_all_tasks_blocked()
        first.leave()
        await trio.sleep(30)
        second.leave()
    assert first.live() == []
    assert len(second.live()) == 1


async def test_a_change_is_not_lost_with_the_reader_that_saw_it_first(control, autojump_clock):
    live = LiveStatus(control)
    version, _ = await live.after(None)
    await trio.sleep(PERIOD_S)
    control.status_s = 0.2
    control.news = {"pid": 8}
    with trio.move_on_after(0.1) as first:
        await live.after(version)
    assert first.cancelled_caught
    assert control.asked_status == 2
    with trio.fail_after(3):
        _, data = await live.after(version)
    assert json.loads(data)["pid"] == 8


async def test_whoever_waits_behind_a_reader_that_leaves_gets_a_status_all_the_same(control, autojump_clock):
    control.status_s = 0.2
    live = LiveStatus(control)
    told = []

    async def wait():
        told.append((await live.after(None))[1])

    async with trio.open_nursery() as nursery:
        with trio.move_on_after(0.1):
            nursery.start_soon(wait)
            await live.after(None)
    assert json.loads(told[0])["pid"] == 7


@pytest.mark.parametrize("stays", [True, False])
async def test_a_reader_that_comes_late_gets_a_status_of_now(app, control, autojump_clock, stays):
    early, late = Reader(app, "live=1"), Reader(app, "live=1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(early.read)
        await trio.sleep(3)
        if not stays:
            early.leave()
        await trio.sleep(AT_LAST_S / 2)
        came = trio.current_time()
        nursery.start_soon(late.read)
        await trio.sleep(1)
        early.leave()
        late.leave()
    [(_, status)] = late.live()
    assert status["now"] == pytest.approx(came, abs=0.5)


async def test_nobody_reads_nothing_is_asked(app, control, autojump_clock):
    reader = Reader(app, "live=1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.read)
        await trio.sleep(1)
        reader.leave()
    asked = control.asked_status
    with trio.move_on_after(60):
        await changing(control, 1)
    assert control.asked_status == asked


async def test_what_time_alone_changes_comes_too(app, control, autojump_clock):
    """No mark tells that a wait has run out."""
    control.mark = lambda: 0
    reader = Reader(app, "live=1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.read)
        await trio.sleep(1)
        control.news = {"pid": 9}
        await trio.sleep(AT_LAST_S + 1)
        reader.leave()
    assert [status["pid"] for _, status in reader.live()] == [7, 9]


async def test_events_and_statuses_share_a_stream(app, control, autojump_clock):
    control.happen(2)
    reader = Reader(app, "after=1&live=1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.read)
        await trio.sleep(1)
        control.happen()
        await trio.sleep(1)
        reader.leave()
    heads = [frame.partition("data: ")[0] for _, frame in reader.frames]
    assert "event: live\n" in heads
    assert [head for head in heads if head.startswith("id: ")] == [
        "id: 2\nevent: clip.admitted\n",
        "id: 3\nevent: clip.admitted\n",
    ]


async def test_without_live_no_status(app, control, autojump_clock):
    control.happen()
    reader = Reader(app, "after=0")
    with trio.move_on_after(5):
        await reader.read()
    assert [frame for _, frame in reader.frames if "event: live" in frame] == []
    assert control.asked_status == 0


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "٣", "9" * 400, str(2**63)])
async def test_a_last_event_id_that_is_none(app, last, autojump_clock):
    reader = Reader(app, "live=1", last_event_id=last)
    await reader.read()
    assert reader.status == 422
