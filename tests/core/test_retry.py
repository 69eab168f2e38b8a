"""Backoff and `retry`, on trio's virtual clock."""

import random

import pytest
import trio

from rushes import Permanent, Transient
from rushes.retry import Backoff, retry

PLAIN = Backoff(first=1, cap=8, jitter=0)


class Failing:
    """Fails with each of `failures` in turn, then answers; keeps when it was tried."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.tried = []

    async def __call__(self):
        self.tried.append(trio.current_time())
        await trio.lowlevel.checkpoint()
        if self.failures:
            raise self.failures.pop(0)
        return "there"

    @property
    def waits(self):
        return [after - before for before, after in zip(self.tried, self.tried[1:], strict=False)]


def test_waits_double_up_to_the_cap():
    assert [PLAIN.wait(failures) for failures in range(1, 7)] == [1, 2, 4, 8, 8, 8]
    assert PLAIN.wait(10_000) == 8


def test_jitter_takes_a_share_off():
    waits = [Backoff(first=10, jitter=0.5).wait(1, random.Random(seed)) for seed in range(100)]
    assert 5 <= min(waits) < 6
    assert 9 < max(waits) <= 10


async def test_tries_until_it_works(autojump_clock):
    attempt = Failing(*[Transient("no")] * 5)
    assert await retry(attempt, backoff=PLAIN) == "there"
    assert attempt.waits == pytest.approx([1, 2, 4, 8, 8])


async def test_a_longer_wait_that_was_asked_for_is_kept(autojump_clock):
    attempt = Failing(Transient("busy", retry_after=30), Transient("busy", retry_after=0.1))
    await retry(attempt, backoff=PLAIN)
    assert attempt.waits == pytest.approx([30, 2])


async def test_the_last_failure_escapes(autojump_clock):
    attempt = Failing(*[Transient("no")] * 5)
    with pytest.raises(Transient, match="no"):
        await retry(attempt, attempts=3, backoff=PLAIN)
    assert len(attempt.tried) == 3


async def test_only_what_may_pass_is_tried_again(autojump_clock):
    attempt = Failing(Permanent("never"))
    with pytest.raises(Permanent, match="never"):
        await retry(attempt)
    assert len(attempt.tried) == 1
