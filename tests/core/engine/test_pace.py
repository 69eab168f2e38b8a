"""Batches of annotators: few clips while they are slow, many where many wait that are quick."""

from __future__ import annotations

import gc

import pytest
import trio

from engine_rig import FunctionAnnotator, FunctionSink, ListSource, card, component, engine_of, simple
from rushes.engine import cycles, pace
from rushes.engine.pace import LEAST, MOST, MOST_AGAIN, Pace

pytestmark = pytest.mark.timeout(60)


class Slow(FunctionAnnotator):
    def __init__(self, seconds):
        super().__init__(lambda _clip: {})
        self._seconds = seconds

    async def annotate(self, clips):
        await trio.sleep(self._seconds)
        return await super().annotate(clips)


@pytest.mark.parametrize(
    ("seconds", "sizes"),
    [(0.0, [2, 8, 8, 2]), (0.5, [2] * 10), (2.0, [2] * 10)],
    ids=["quick", "neither", "slow"],
)
async def test_batches_grow_where_many_wait_and_the_annotators_are_quick(
    tmp_path, autojump_clock, monkeypatch, seconds, sizes
):
    monkeypatch.setattr(pace, "LEAST", 2)
    monkeypatch.setattr(pace, "MOST", 8)
    annotator = Slow(seconds)
    clips = card(tmp_path / "A", *(f"{number:02}.mov" for number in range(20)))
    prepare = [component("annotator", "probe", annotator)]
    async with engine_of(simple(tmp_path, ListSource(clips), FunctionSink(), prepare=prepare)) as engine:
        await engine.run(once=True)
    assert [len(batch) for batch in annotator.batches] == sizes
    assert sorted(name for batch in annotator.batches for name in batch) == [clip.path for clip in clips]


def test_what_is_annotated_again_makes_larger_batches_than_what_is_new():
    here = Pace(again=True)
    for _ in range(8):
        here.took(here.most, 0.01)
    assert here.most == MOST_AGAIN > MOST


def test_a_few_clips_tell_nothing_of_many_and_slow_ones_bring_small_batches_back():
    here = Pace()
    here.took(LEAST - 1, 0.01)
    assert here.most == LEAST
    here.took(LEAST, 0.01)
    here.took(here.most, 0.01)
    here.took(here.most, 0.01)
    assert here.most == MOST
    here.took(MOST, 0.5)
    assert here.most == MOST
    for _ in range(3):
        here.took(here.most, 5.0)
    assert here.most == LEAST


async def test_an_engine_leaves_pythons_search_for_garbage_as_it_was(tmp_path, autojump_clock):
    usual = gc.get_threshold()
    async with engine_of(simple(tmp_path, ListSource([]), FunctionSink())):
        assert gc.get_threshold()[0] == cycles.SEARCH_AFTER
    assert gc.get_threshold() == usual
