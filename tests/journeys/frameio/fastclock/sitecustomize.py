"""Every Python that has this on its path lives FAST_CLOCK_RATE times as fast: trio's clock and time.time().

Both ends of a journey get it, with one FAST_CLOCK_BASE, so that what takes minutes between them takes seconds here.
"""

import os
import time

import trio
import trio.testing

RATE = float(os.environ["FAST_CLOCK_RATE"])
BASE = float(os.environ["FAST_CLOCK_BASE"])

_time, _run = time.time, trio.run


def _fast_time():
    return BASE + (_time() - BASE) * RATE


def _fast_run(*arguments, clock=None, **options):
    return _run(*arguments, clock=clock or trio.testing.MockClock(rate=RATE), **options)


time.time, trio.run = _fast_time, _fast_run
