"""Precision and recall on productions made up by seed, with clocks and names going wrong."""

from __future__ import annotations

import pytest

from rushes_match.sync import solve

from .sync_set import make


@pytest.mark.parametrize(("level", "recall"), [(0.0, 0.995), (0.1, 0.99), (0.3, 0.98)])
def test_productions_reach_the_bar(level: float, recall: float) -> None:
    right = wrong = missed = 0
    for seed in range(24):
        made = make(seed, level)
        found = {(pair.picture, pair.sound) for pair in solve(made.items).pairs if pair.state == "matched"}
        right += len(found & made.truth)
        wrong += len(found - made.truth)
        missed += len(made.truth - found)
    assert right / (right + wrong) >= 0.995
    assert right / (right + missed) >= recall


def test_focus_agrees_with_the_whole_where_clocks_go_wrong() -> None:
    for seed in range(8):
        made = make(seed, 0.1)
        whole = solve(made.items)
        for one in made.items[:4]:
            part = solve(made.items, focus={one.id}, learned=whole.offsets)
            assert {(pair.picture, pair.sound) for pair in part.pairs if pair.state == "matched"} == {
                (pair.picture, pair.sound)
                for pair in whole.pairs
                if pair.state == "matched" and one.id in (pair.picture, pair.sound)
            }
