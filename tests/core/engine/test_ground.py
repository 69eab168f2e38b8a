"""Room on disks and a clock that is right: what a person is told, and what not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import trio

from engine_rig import FunctionSink, ListSource, component, simple
from rushes import Options
from rushes.engine.ground import TOLD_FOR_S, Ground

pytestmark = pytest.mark.timeout(60)
GB = 10**9


class DiskOptions(Options):
    path: Path


def ground(tmp_path, *, free=500 * GB, total=1000 * GB, facts=(), clock=trio.current_time):
    made = simple(tmp_path, ListSource(), FunctionSink())
    (tmp_path / "state").mkdir()
    return Ground(made, clock, lambda: facts, usage=lambda _folder: (total, free))


async def looked(each, nursery):
    nursery.start_soon(each.watch)
    while not each.looks:
        await trio.sleep(0.01)


async def look_again(each):
    """Whole looks: one that is being done may have read the clock before."""
    seen = each.looks
    while each.looks < seen + 2:
        await trio.sleep(10)


@pytest.mark.parametrize(
    ("total", "free", "reason"),
    [
        (1000 * GB, 11 * GB, ""),
        (1000 * GB, 9 * GB, "9.0 GB of 1000.0 GB are free"),
        (20 * GB, 2 * GB, ""),
        (20 * GB, GB // 20, "50 MB of 20.0 GB are free"),
    ],
)
async def test_little_room_is_told_of_in_time(tmp_path, nursery, total, free, reason):
    each = ground(tmp_path, total=total, free=free)
    await looked(each, nursery)
    assert [note["reason"] for note in each.attention()] == [reason] * bool(reason)
    for note in each.attention():
        assert (note["kind"], note["subject"]) == ("disk", str(tmp_path / "state"))
        assert note["remedy"].startswith("free some space")


async def test_the_folder_of_a_sink_is_looked_at_and_one_that_is_gone_is_left_to_the_sink(tmp_path, nursery):
    (tmp_path / "raid").mkdir()
    made = simple(tmp_path, ListSource(), FunctionSink())
    options = {"raid": DiskOptions(path=tmp_path / "raid"), "gone": DiskOptions(path=tmp_path / "gone")}
    sinks = [
        replace(component("sink", name, FunctionSink()), options=value) for name, value in options.items()
    ]
    pipeline = replace(made, state=tmp_path / "nowhere", sinks=tuple(sinks))
    each = Ground(pipeline, trio.current_time, tuple, usage=lambda _folder: (1000 * GB, GB))
    await looked(each, nursery)
    assert [(note["component"], note["subject"]) for note in each.attention()] == [
        ("raid", str(tmp_path / "raid"))
    ]


async def test_a_clock_that_is_set_is_told_for_a_while(tmp_path, nursery, autojump_clock):
    # A look is taken in a thread, of which a clock that jumps knows nothing.
    autojump_clock.autojump_threshold = 0.02
    ahead = 0.0
    each = ground(tmp_path, clock=lambda: trio.current_time() + ahead)
    await looked(each, nursery)
    await look_again(each)
    assert each.attention() == []
    ahead = -7200.0
    await look_again(each)
    [note] = each.attention()
    assert note["kind"] == "clock"
    assert "set back by 2 h 0 min" in note["reason"]
    await trio.sleep(TOLD_FOR_S)
    assert each.attention() == []


@pytest.mark.parametrize(
    ("skew", "words"),
    [(3.0, None), (-40, "is 40 s behind that of cloud"), (400.0, "is 6 min ahead of that of cloud")],
)
async def test_a_clock_that_differs_from_the_networks_is_told(tmp_path, skew, words):
    each = ground(tmp_path, facts=[("cloud", {"clock_skew_s": skew}), ("other", {})])
    assert [note["reason"] for note in each.attention()] == [words] * bool(words)
