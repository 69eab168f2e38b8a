"""How many parts fly, whose turn it is, how fast: against simulated links in virtual time, and a real socket."""

import random
import threading
import time
from collections import Counter
from functools import partial

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes_frameio.sending import flow as flow_module
from rushes_frameio.sending.climb import Climb
from rushes_frameio.sending.flow import TICK_S, Flow, affordable
from rushes_frameio.sending.pace import BURST_S, LEAST_PIECE, Pace

MB = 1e6


class Link:
    """A bottleneck of `total` bytes a second, `each` per connection; connections beyond `most` bring losses."""

    def __init__(self, total, each, *, noise=0.0, seed=1):
        self.total, self.each, self.noise, self.dice = total, each, noise, random.Random(seed)

    def rate(self, flying):
        return min(self.total, flying * self.each) * (1 + self.noise * self.dice.uniform(-1, 1))


def climbed(link, *, most=16, seconds=120.0, start=4, climb=None):
    """The limit at each tick after that many seconds of a link used in full."""
    climb = climb or Climb(most, start)
    limits, now = [], 0.0
    while now < seconds:
        now += TICK_S
        climb.observe(now, int(link.rate(climb.limit) * TICK_S), climb.limit)
        limits.append(climb.limit)
    return limits


def share(link, limits):
    """The share of the link's best rate, over the limits."""
    best = min(link.total, 16 * link.each)
    return sum(min(link.total, limit * link.each) for limit in limits) / len(limits) / best


@pytest.mark.parametrize("noise", [0.0, 0.05], ids=["calm", "noisy"])
@pytest.mark.parametrize("total", [2 * MB, 6.25 * MB, 25 * MB, 125 * MB])
@pytest.mark.parametrize("each", [0.5 * MB, 2 * MB, 8 * MB, 200 * MB])
def test_the_best_of_a_link_is_found(total, each, noise):
    link = Link(total, each, noise=noise)
    limits = climbed(link)
    assert share(link, limits[len(limits) // 4 :]) >= 0.9
    assert share(link, limits[: int(20 / TICK_S)]) >= 0.6


@pytest.mark.parametrize(
    ("total", "each", "enough"), [(8 * MB, 8 * MB, 1), (6 * MB, 2 * MB, 3), (9 * MB, 1 * MB, 9)]
)
def test_no_more_are_used_than_bring_something(total, each, enough):
    limits = climbed(Link(total, each), seconds=600)
    late = limits[len(limits) // 2 :]
    assert sum(late) / len(late) <= enough * 1.3 + 0.5


@given(
    most=st.integers(1, 64),
    start=st.integers(1, 64),
    steps=st.lists(st.sampled_from(["tick", "idle", "lost", "busy"]), max_size=300),
)
def test_it_stays_between_one_and_the_most(most, start, steps):
    climb, now = Climb(most, start), 0.0
    for step in steps:
        now += 0.5
        match step:
            case "tick":
                climb.observe(now, 1000, climb.limit)
            case "idle":
                climb.observe(now, 0, 0)
            case "lost":
                climb.lost(now)
            case "busy":
                climb.busy(now)
        assert 1 <= climb.limit <= most


def test_a_loss_takes_a_quarter_a_busy_host_half_and_one_event_counts_once():
    climb = Climb(16, 16)
    for _ in range(16):
        climb.lost(100.0)
    assert climb.limit == 12
    climb.busy(103.0)
    climb.busy(103.5)
    assert climb.limit == 6


def test_after_a_loss_it_grows_again():
    climb = Climb(16, 16)
    climb.busy(0.0)
    assert climb.limit == 8
    assert climbed(Link(100 * MB, 1 * MB), climb=climb, seconds=60)[-1] == 16


def test_an_outage_and_its_end():
    climb, now = Climb(16, 12), 0.0
    for _ in range(120):
        now += 0.5
        climb.lost(now)
        climb.observe(now, 0, climb.limit)
    assert climb.limit == 1
    link = Link(100 * MB, 1 * MB)
    while climb.limit < 12:
        now += TICK_S
        climb.observe(now, int(link.rate(climb.limit) * TICK_S), climb.limit)
    assert now - 60 < 40


def test_what_is_not_used_in_full_is_no_measurement():
    climb, now = Climb(16, 4), 0.0
    for _ in range(400):
        now += TICK_S
        climb.observe(now, 10**6, 3)
    assert climb.limit == 4


def test_random_resets_do_not_cost_the_link():
    """A connection is cut every five seconds: half of the parallel ones are enough for this link."""
    link, climb, now, dice, rates = Link(6.25 * MB, 2 * MB), Climb(16, 4), 0.0, random.Random(3), []
    while now < 120:
        now += TICK_S
        if dice.random() < TICK_S / 5:
            climb.lost(now)
        climb.observe(now, int(link.rate(climb.limit) * TICK_S), climb.limit)
        rates.append(min(link.total, climb.limit * link.each))
    assert sum(rates) / len(rates) >= 0.6 * link.total


async def send_parts(flow, link, clip, sizes, done):
    """Parts of one clip, as a courier sends them: each moves its share of the link until it is there."""

    async def part(size):
        async with flow.slot(clip):
            left = size
            while left > 0:
                await trio.sleep(0.1)
                step = link.rate(flow.flying) / flow.flying * 0.1
                left -= step
                flow.moved(int(step))
        done.append((trio.current_time(), clip, size))

    async with trio.open_nursery() as nursery:
        for size in sizes:
            nursery.start_soon(part, size)


class Clip:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


async def test_an_upload_finds_its_number_in_virtual_time(autojump_clock, nursery):
    moved = []
    flow, link, done = Flow(16, on_moved=moved.append), Link(24 * MB, 2 * MB), []
    nursery.start_soon(flow.run)
    with trio.move_on_after(60):
        await send_parts(flow, link, Clip("long"), [8 * MB] * 1000, done)
    assert 24 * MB * 0.85 <= flow.rate <= 24 * MB * 1.02
    assert 10 <= flow.limit <= 16
    assert sum(moved) >= 60 * 24 * MB * 0.7
    nursery.cancel_scope.cancel()


async def test_a_small_clip_beside_a_huge_one_gets_its_turn(autojump_clock):
    flow, link, done = Flow(4), Link(4 * MB, 1 * MB), []
    huge, small = Clip("huge"), Clip("small")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send_parts, flow, link, huge, [10 * MB] * 64, done)
        await trio.sleep(15)
        nursery.start_soon(send_parts, flow, link, small, [10 * MB] * 2, done)
        while small not in [clip for _, clip, _ in done]:
            await trio.sleep(1)
        assert trio.current_time() < 15 + 10 + 15
        nursery.cancel_scope.cancel()


async def test_clips_share_the_slots_alike(autojump_clock):
    flow, link, done = Flow(4), Link(4 * MB, 1 * MB), []
    clips = [Clip("a"), Clip("b")]
    with trio.move_on_after(100):
        async with trio.open_nursery() as nursery:
            for clip in clips:
                nursery.start_soon(send_parts, flow, link, clip, [1 * MB] * 1000, done)
    shares = Counter(clip for _, clip, _ in done)
    assert abs(shares[clips[0]] - shares[clips[1]]) <= 4


async def test_with_one_slot_they_take_turns(autojump_clock):
    flow, order = Flow(1), []
    clips = [Clip("a"), Clip("b"), Clip("c")]

    async def part(clip):
        async with flow.slot(clip):
            order.append(clip.name)
            await trio.sleep(1)

    async with trio.open_nursery() as nursery:
        for clip in clips:
            for _ in range(4):
                nursery.start_soon(part, clip)
    assert all(sorted(order[n : n + 3]) == ["a", "b", "c"] for n in range(0, 12, 3))


async def test_what_waits_to_begin_never_stops_what_has_begun(autojump_clock):
    """A draining pipeline lets no part begin; one that has begun must still get its slot to be tried again."""
    flow, clip = Flow(2), Clip("a")
    for _ in range(2):
        pass
    asked = []

    async def blocked():
        asked.append(1)
        await trio.sleep_forever()

    async def new():
        async with flow.slot(clip, blocked):
            raise AssertionError

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(new)
        await trio.sleep(1)
        assert len(asked) == 2  # no more are asked for than could fly
        with trio.fail_after(1):
            async with flow.slot(clip), flow.slot(clip):
                assert flow.flying == 2
        nursery.cancel_scope.cancel()
    assert flow.flying == 0


async def test_a_slot_that_is_cancelled_at_any_moment_is_free_again(autojump_clock):
    flow = Flow(2)

    async def part(clip, at):
        with trio.move_on_after(at):
            async with flow.slot(clip, partial(trio.sleep, 0.3)):
                await trio.sleep(0.3)

    async with trio.open_nursery() as nursery:
        for number in range(40):
            nursery.start_soon(part, Clip(str(number)), number / 10)
    with trio.fail_after(1):
        async with flow.slot(Clip("x")), flow.slot(Clip("y")):
            assert flow.flying == 2


async def test_a_slot_that_is_granted_and_cancelled_in_one_tick_is_free_again():
    flow = Flow(1)
    scope = trio.CancelScope()

    async def second():
        with scope:
            async with flow.slot(Clip("b")):
                raise AssertionError

    async with trio.open_nursery() as nursery:
        async with flow.slot(Clip("a")):
            nursery.start_soon(second)
            await trio.testing.wait_all_tasks_blocked()
            scope.cancel()
    with trio.fail_after(20):
        async with flow.slot(Clip("c")):
            pass


def test_memory_bounds_the_number(monkeypatch):
    assert affordable() >= 1
    monkeypatch.setattr(flow_module.os, "sysconf", {"SC_PHYS_PAGES": 2**17, "SC_PAGE_SIZE": 4096}.get)
    assert affordable() == 6
    assert Flow(64).most == 6
    monkeypatch.setattr(flow_module.os, "sysconf", {"SC_PHYS_PAGES": 1, "SC_PAGE_SIZE": 4096}.get)
    assert Flow(64).most == 1


class Clock:
    """Time that only moves when somebody waits; no thread."""

    def __init__(self, monkeypatch, pace):
        self.now = 100.0
        monkeypatch.setattr("rushes_frameio.sending.pace.time", self)
        pace.rate = pace.rate  # counts from now on
        monkeypatch.setattr(pace._changed, "wait", self.wait)

    def monotonic(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


@pytest.mark.parametrize("rate", [20_000, 1 * MB, 125 * MB])
def test_the_cap_is_kept_without_bursts(monkeypatch, rate):
    pace = Pace(rate)
    clock = Clock(monkeypatch, pace)
    sent = []
    while clock.now < 110:
        piece = pace.piece(256 * 1024)
        pace.take(piece, lambda: False)
        sent.append((clock.now, piece))
        clock.now += piece / 2e9  # the wire itself
    total = sum(size for _, size in sent)
    assert rate * 10 * 0.97 <= total <= rate * 10 * 1.01 + 2 * max(LEAST_PIECE, rate * BURST_S)
    bins = Counter(int((at - 100) / 0.01) for at, _ in sent)
    piece = sent[0][1]
    assert max(bins.values()) * piece <= rate * 0.01 + max(LEAST_PIECE, rate * BURST_S) + 2 * piece


def test_who_came_first_goes_first():
    pace, order, threads = Pace(1.0), [], []
    pace.take(10, lambda: bool(order.append("first")))  # leaves a debt

    def take(name):
        pace.take(10, lambda: False)
        order.append(name)

    for name in ("second", "third", "fourth"):
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
        while len(pace._turns) < len(threads):
            time.sleep(0.001)
    pace.rate = None
    for thread in threads:
        thread.join(5)
    assert order == ["first", "second", "third", "fourth"]


def test_an_interrupted_wait_ends_soon_and_leaves_the_others_their_turn():
    pace, stopped, ended = Pace(1.0), threading.Event(), []
    pace.take(1000, lambda: False)
    first = threading.Thread(target=lambda: (pace.take(10, stopped.is_set), ended.append(time.monotonic())))
    second = threading.Thread(target=lambda: pace.take(10, lambda: False))
    first.start()
    second.start()
    now = time.monotonic()
    stopped.set()
    first.join(5)
    assert ended[0] - now < 0.2
    pace.rate = None
    second.join(5)
    assert not second.is_alive()
