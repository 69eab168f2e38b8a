"""The judge's days through the engine, where streams, days and clocks are read from clips, not handed over."""

from __future__ import annotations

import pytest

from .day_road import solved_by_engine
from .day_scenarios import scenario
from .day_score import score


@pytest.mark.parametrize(
    ("name", "seed"),
    [("plain", 1), ("never jammed", 1), ("23.976 with 24", 1), ("night", 1), ("days with the same timecode", 1),
     ("mixture", 1), ("mixture", 5)],
)  # fmt: skip
async def test_a_day_through_the_engine_reaches_the_bar(tmp_path, name: str, seed: int):
    day = scenario(name, seed)
    solution, one_sided = await solved_by_engine(tmp_path, day)
    found = score(day, solution)
    assert one_sided == 0
    assert found.precision >= 0.99, found.false
    assert found.recall >= 0.96, found.missed


async def test_the_order_in_which_cards_arrive_changes_nothing(tmp_path):
    day = scenario("wrong walls", 2)
    forth = score(day, (await solved_by_engine(tmp_path / "forth", day))[0])
    back = score(day, (await solved_by_engine(tmp_path / "back", day, backwards=True))[0])
    assert (forth.false, forth.missed) == (back.false, back.missed)
    assert forth.recall >= 0.98
