"""A service that hangs: told within seconds, and gone as soon as it answers."""

import time
from contextlib import asynccontextmanager

import pytest
import trio

from rushes.testing import FakeReport
from rushes_frameio.reach.silence import HEARD_EVERY_S, LOOK_S, QUIET_S, Silence

SOON_S = QUIET_S + 2 * LOOK_S


class Connections:
    """To an upload host: `moves` while bytes do; `whole_for` is how long it has had all of a part."""

    def __init__(self):
        self.moves = False
        self.whole_for = 0.0

    def stirred(self):
        return self.moves

    def kept_waiting(self):
        return self.whole_for


class Told:
    def __init__(self):
        self.facts = {}
        self.times = 0
        self.doubts = []

    def show(self, **facts):
        self.times += 1
        self.facts.update(facts)

    def doubt(self):
        self.doubts.append(trio.current_time())

    @property
    def silent(self):
        return self.facts["silent_since"] is not None


@asynccontextmanager
async def watched():
    silence, hosts, told = Silence(), Connections(), Told()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(silence.watch, told.show, hosts, told.doubt)
        await trio.sleep(0.1)
        yield silence, hosts, told
        nursery.cancel_scope.cancel()


async def test_a_call_that_is_not_answered_is_told_and_an_answer_is_green_at_once(autojump_clock):
    async with watched() as (silence, _, told):
        silence.heard()
        await trio.sleep(60)
        assert not told.silent  # nothing is owed
        silence.calls.expect("identity")
        asked = time.time()
        await trio.sleep(QUIET_S - 2 * LOOK_S)
        assert not told.silent
        await trio.sleep(4 * LOOK_S)
        assert told.silent
        assert len(told.doubts) == 1
        # Since it was asked, not since it was heard last: virtual seconds are no real ones.
        assert abs(told.facts["silent_since"] - (asked - QUIET_S)) < 2 * SOON_S
        await trio.sleep(100)
        assert len(told.doubts) == 1
        silence.heard()
        assert not told.silent


async def test_a_call_that_broke_off_is_still_no_answer(autojump_clock):
    async with watched() as (silence, _, told):
        with silence.calls.owing():
            await trio.sleep(SOON_S)
        await trio.sleep(30)
        assert told.silent
        silence.heard()
        assert not told.silent


async def test_a_slow_upload_is_no_silence(autojump_clock):
    async with watched() as (silence, hosts, told):
        silence.calls.expect("create")
        silence.parts.expect("part")
        hosts.moves = True
        await trio.sleep(300)
        assert not told.silent
        assert told.doubts == []
        hosts.moves = False
        await trio.sleep(SOON_S)
        assert told.silent


async def test_an_upload_host_that_hangs_is_told_though_the_api_answers(autojump_clock):
    async with watched() as (silence, _, told):
        silence.parts.expect("part")
        for _ in range(20):
            await trio.sleep(SOON_S)
            silence.heard()
            assert told.silent
        assert len(told.doubts) == 1
        silence.parts.settle("part")
        await trio.sleep(2 * LOOK_S)
        assert not told.silent


async def test_a_host_that_has_all_of_a_part_owes_an_answer_whatever_its_kernel_takes(autojump_clock):
    async with watched() as (silence, hosts, told):
        silence.parts.expect("part")
        hosts.moves, hosts.whole_for = True, QUIET_S
        await trio.sleep(2 * LOOK_S)
        assert told.silent
        hosts.whole_for = 0.0
        await trio.sleep(2 * LOOK_S)
        assert not told.silent


async def test_a_silence_goes_on_when_the_upload_is_tried_again_and_ends_with_an_answer(autojump_clock):
    """The bytes of another try go into the same void: since when nothing gets through must not jump forward."""
    async with watched() as (silence, hosts, told):

        async def given_up():
            with silence.parts.owing():
                await trio.sleep(SOON_S)
                assert told.silent
            await trio.sleep(20)
            hosts.moves = True
            await trio.sleep(2 * LOOK_S)
            hosts.moves = False
            assert not told.silent

        await given_up()
        since = silence.parts.began
        await given_up()
        with silence.parts.owing() as answered:
            await trio.sleep(SOON_S)
            assert silence.since == silence.parts.began == since
            answered()
        hosts.moves = True
        await trio.sleep(2 * LOOK_S)
        hosts.moves = False
        assert not told.silent
        with silence.parts.owing():
            await trio.sleep(SOON_S)
            assert silence.since == silence.parts.began > since


async def test_what_is_heard_all_the_time_is_seldom_shown(autojump_clock):
    async with watched() as (silence, _, told):
        for _ in range(1000):
            silence.heard()
            await trio.sleep(0.1)
        assert 100 / HEARD_EVERY_S - 2 <= told.times <= 100 / HEARD_EVERY_S + 3
        assert told.facts["heard_at"]


@pytest.mark.timeout(60)
async def test_a_real_host_that_has_a_part_and_says_nothing(stage):
    """Real sockets and kernels: the host takes a whole part and does not answer, until it does."""
    clip = stage.clip(size=300_000)
    stage.sandbox.faults([{"match": "PUT /", "delay_s": 7.0}])
    async with stage.open() as sink, trio.open_nursery() as nursery:
        nursery.start_soon(sink.deliver, clip, None, FakeReport())
        began = trio.current_time()
        with trio.fail_after(20):
            while "silent_since" not in stage.context.facts:
                await trio.sleep(0.05)
        assert QUIET_S - 0.1 <= trio.current_time() - began < 6.5
        assert sink.connection.network.facts["sending"] is None
        assert abs(stage.context.facts["silent_since"] - time.time() + QUIET_S) < 2.5
        with trio.fail_after(5):
            while "silent_since" in stage.context.facts:
                await trio.sleep(0.05)
    assert len(await stage.assets("complete")) == 1
