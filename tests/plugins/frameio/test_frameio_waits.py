"""How long servers ask to be left alone, and rate limits kept before they are broken."""

import math
from email.utils import formatdate

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes.testing import FakeReport
from rushes_frameio.calls.allowance import Allowance
from rushes_frameio.refusal.waits import LONGEST_S, clock_ahead, told_wait

NOW = 1_800_000_000.0
EMPTY = {"x-ratelimit-remaining": "0", "x-ratelimit-window": "1500"}


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("rushes_frameio.refusal.waits.time.time", lambda: NOW)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "999999"}, LONGEST_S),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0),
        # Our clock is an hour behind the server's.
        (
            {
                "retry-after": formatdate(NOW + 3630, usegmt=True),
                "date": formatdate(NOW + 3600, usegmt=True),
            },
            30,
        ),
        (EMPTY, 1.5),
        ({**EMPTY, "retry-after": "7"}, 7),
        ({**EMPTY, "x-ratelimit-remaining": "1"}, None),
        ({"x-ratelimit-remaining": "0"}, None),
        ({**EMPTY, "x-ratelimit-window": "a while"}, None),
    ],
)
def test_what_is_told(headers, wait):
    assert told_wait(headers) == wait


@given(st.dictionaries(st.sampled_from(["retry-after", "date", *EMPTY]), st.text()))
def test_no_header_breaks_it(headers):
    wait = told_wait(headers)
    assert wait is None or (0 <= wait <= LONGEST_S and math.isfinite(wait))


def test_how_far_the_clock_is_off():
    assert clock_ahead({"date": formatdate(NOW - 90, usegmt=True)}) == 90
    assert clock_ahead({"date": "today"}) is None
    assert clock_ahead({}) is None


async def test_calls_wait_for_the_window_and_others_do_not(autojump_clock):
    allowance, start = Allowance(), trio.current_time()
    create, parts = ("POST", "/v2/devices/assets"), ("POST", "/v2/devices/assets/17/realtime_upload/parts")
    await allowance.wait(*create)
    allowance.saw(*create, 200, {**EMPTY, "x-ratelimit-remaining": "1"})
    await allowance.wait(*create)
    assert trio.current_time() == start
    allowance.saw(*create, 200, EMPTY)
    await allowance.wait(*parts)
    assert trio.current_time() == start
    await allowance.wait(*create)
    assert trio.current_time() - start == pytest.approx(1.5)
    allowance.saw(*parts, 429, {"retry-after": "3"})
    await allowance.wait("POST", "/v2/devices/assets/18/realtime_upload/parts")
    assert trio.current_time() - start == pytest.approx(4.5)
    allowance.saw(*create, 503, {"retry-after": "3"})  # this call's own affair
    allowance.saw(*parts, 429, {"retry-after": "3000"})
    await allowance.wait(*create)
    await allowance.wait(*parts)
    assert trio.current_time() - start == pytest.approx(64.5)


async def test_many_small_clips_never_break_the_limit_of_creates(stage):
    async with stage.open() as sink:
        for number in range(7):
            await sink.deliver(stage.clip(f"{number}.wav", size=100), None, FakeReport())
    creates = [each["status"] for each in stage.sandbox.log() if each["path"] == "/v2/devices/assets"]
    assert creates == [200] * 7
