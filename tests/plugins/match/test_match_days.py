"""Shooting days with known truth: what `match` finds, and what it leaves to a person."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from rushes.timecode import FLICKS, Rate
from rushes_match.items import Decision, Item, Pair, Solution
from rushes_match.sync import solve

from .day_maker import Day
from .day_scenarios import BLIND, SCENARIOS, scenario
from .day_score import score, total

PRECISION, RECALL = 0.995, 0.98
SEEDS, MIXTURES = range(100, 102), range(30)
RATE = Rate.parse("25")
MORNING = 1_762_160_400.0


def test_all_scenarios_reach_the_bar_together():
    found = total(
        score(day, solve(day.items)) for day in (scenario(name, seed) for name in SCENARIOS for seed in SEEDS)
    )
    assert found.told > 7000
    assert found.precision >= PRECISION
    assert found.recall >= RECALL


def test_mixtures_of_troubles_reach_the_bar():
    found = total(score(day, solve(day.items)) for day in (scenario("mixture", seed) for seed in MIXTURES))
    assert found.told > 4000
    assert found.precision >= PRECISION
    assert found.recall >= RECALL


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_scenario_falls_far_behind(name: str):
    found = score(day := scenario(name, 7), solve(day.items))
    assert found.precision >= 0.97, found.false
    assert found.recall >= 0.9, found.missed


@pytest.mark.parametrize("name", BLIND)
def test_a_day_that_tells_nothing_is_not_guessed(name: str):
    day = scenario(name, 1)
    assert day.true
    assert not [pair for pair in solve(day.items).pairs if pair.state == "matched"]


@pytest.mark.parametrize("name", ["mixture", "jam lost at a battery change", "23.976 with 24"])
def test_the_order_of_items_changes_nothing(name: str):
    day = scenario(name, 3)
    shuffled = list(day.items)
    Random(1).shuffle(shuffled)
    first, second = solve(day.items), solve(shuffled)
    assert list(first.pairs) == list(second.pairs)
    assert list(first.offsets) == list(second.offsets)


def test_what_the_day_learned_finds_one_late_clip_alone():
    day = scenario("never jammed", 2)
    whole = solve(day.items)
    late = next(
        item.id for item in day.items if item.stream == "B" and any(one == item.id for one, _ in day.told)
    )
    known = solve([item for item in day.items if item.id != late])
    one = solve(day.items, focus={late}, learned=known.offsets)
    assert (
        _matched(one, late)
        == _matched(whole, late)
        == {sound for picture, sound in day.told if picture == late}
    )


def test_a_person_who_rejects_and_accepts_is_obeyed():
    day = scenario("plain", 5)
    picture, sound = min(day.told)
    wild = next(item.id for item in day.items if item.side == "sound" and item.take.startswith("WT"))
    decisions = [
        Decision(picture=picture, sound=sound, accept=False),
        Decision(picture=picture, sound=wild, accept=True),
    ]
    states = {(pair.picture, pair.sound): pair for pair in solve(day.items, decisions=decisions).pairs}
    assert states[picture, sound].state == "rejected"
    assert states[picture, wild].state == "matched"
    assert states[picture, wild].evidence["by"] == "person"


def _matched(solution, picture: str) -> set[str]:
    return {pair.sound for pair in solution.pairs if pair.state == "matched" and pair.picture == picture}


# Days small enough to write down, of which a fair reader cannot know the answer.


def _item(name: str, side: str, at: float | None, seconds: float = 30, **told) -> Item:
    start = None if at is None else int(at * 25) * FLICKS // 25
    return Item(
        id=name, side=side, stream="A" if side == "picture" else "mixer", roll="1", start=start, label=start,
        length=int(seconds * FLICKS), rate=None if at is None else RATE, **told,
    )  # fmt: skip


def _states(items: list[Item]) -> dict[tuple[str, str], str]:
    return {(pair.picture, pair.sound): pair.state for pair in solve(items).pairs}


def test_two_takes_of_one_name_wait_for_a_person():
    """The mixer forgot to count; the picture has nothing but its names."""
    items = [
        _item("p", "picture", None, scene="12", take="3"),
        _item("s1", "sound", 36000, scene="12", take="3"),
        _item("s2", "sound", 36300, scene="12", take="3"),
        _item("s3", "sound", 36600, scene="12", take="4"),
    ]
    states = _states(items)
    assert states["p", "s1"] == states["p", "s2"] == "ambiguous"
    assert states.get(("p", "s3")) != "matched"


def test_who_was_given_a_sound_is_asked_of_another_only_if_it_ran_at_the_same_time():
    """A second recorder's file of that minute may be of the picture as well; another take cannot be."""
    items = [
        _item("p", "picture", None, scene="12", take="3"),
        _item("s1", "sound", 36000, scene="12", take="3"),
        _item("s2", "sound", 36300, scene="12", take="3"),
        replace(_item("b1", "sound", 36002, scene="12", take="3"), stream="backup"),
        replace(_item("b2", "sound", 36302, scene="12", take="3"), stream="backup"),
    ]
    before = _states(items)
    assert {before["p", name] for name in ("s1", "s2", "b1", "b2")} == {"ambiguous"}
    said = [Decision(picture="p", sound="s2", accept=True)]
    pairs = {pair.sound: pair for pair in solve(items, decisions=said).pairs}
    assert {name: pair.state for name, pair in pairs.items()} == {
        "s1": "lost", "s2": "matched", "b1": "lost", "b2": "ambiguous",
    }  # fmt: skip
    assert pairs["s1"].evidence["why"] == "a person chose another"


def test_the_same_timecode_on_two_days_waits_for_a_person():
    """The picture does not tell its day; both days' sound was there at ten."""
    items = [
        _item("p", "picture", 36000),
        _item("monday", "sound", 35998, 36, wall=MORNING, scene="12", take="3"),
        _item("tuesday", "sound", 35997, 35, wall=MORNING + 86400, scene="20", take="1"),
    ]
    assert _states(items)["p", "monday"] == _states(items)["p", "tuesday"] == "ambiguous"


def test_a_name_tells_the_day():
    items = [
        _item("p", "picture", 36000, scene="20", take="1"),
        _item("monday", "sound", 35998, 36, wall=MORNING, scene="12", take="3"),
        _item("tuesday", "sound", 35997, 35, wall=MORNING + 86400, scene="20", take="1"),
    ]
    assert _states(items)["p", "tuesday"] == "matched"
    assert _states(items).get(("p", "monday")) != "matched"


def test_takes_at_even_intervals_fit_a_strange_clock_in_many_ways():
    """Thirty sounds, one a minute; ten pictures, one a minute, of a camera nobody jammed and that has no date."""
    sounds = [_item(f"s{n}", "sound", 36000 + 60 * n, 30) for n in range(30)]
    pictures = [_item(f"p{n}", "picture", 5000 + 60 * n, 28) for n in range(10)]
    assert "matched" not in _states(sounds + pictures).values()


def test_clips_without_any_clock_or_name_find_nothing():
    items = [_item("p", "picture", None), _item("s", "sound", None), _item("t", "sound", 36000)]
    assert "matched" not in _states(items).values()


def test_a_single_clip_with_a_strange_clock_is_not_forced_on_a_sound():
    items = [
        _item("p", "picture", 1000, wall=None),
        *(_item(f"s{n}", "sound", 36000 + 200 * n) for n in range(5)),
    ]
    assert "matched" not in _states(items).values()


def test_neighbours_that_touch_are_no_pair():
    items = [
        _item("p1", "picture", 36000, 30),
        _item("s1", "sound", 35998, 32.08),
        _item("p2", "picture", 36040, 30),
        _item("s2", "sound", 36030.04 - 0.12, 42),
    ]
    states = _states(items)
    assert states["p1", "s1"] == states["p2", "s2"] == "matched"
    assert states.get(("p1", "s2")) != "matched"


def test_a_take_without_sound_takes_no_neighbours_sound():
    items = [
        _item("p", "picture", 36000, 30, mos=True, scene="12", take="1"),
        _item("s", "sound", 36031, 30, scene="12", take="2"),
    ]
    assert "matched" not in _states(items).values()


def test_midnight_lies_inside_a_take():
    items = [
        _item("p", "picture", 86390, 40, wall=MORNING),
        _item("s", "sound", 86395, 40, wall=MORNING + 5),
        _item("p2", "picture", 3, 20, wall=MORNING + 13),
    ]
    states = _states(items)
    assert states["p", "s"] == "matched"
    assert states["p2", "s"] == "matched"


def test_an_offset_set_by_hand_beats_what_is_learned():
    """Camera A is 50 s ahead by a person's word; what overlaps as it stands does not."""
    items = [
        _item("p", "picture", 36050, 30, camera="A"),
        _item("true", "sound", 35999, 32),
        _item("false", "sound", 36049, 32),
    ]
    states = {(p.picture, p.sound): p for p in solve(items, hand={"A": 50 * 25}).pairs}
    assert states["p", "true"].state == "matched"
    assert states["p", "true"].evidence["offset_from"] == "hand"
    assert "p" not in {p for (p, s), pair in states.items() if s == "false" and pair.state == "matched"}


def test_the_judge_knows_its_own_truth():
    """A perfect answer scores one, a guess of everything does not; a flagged pair is neither right nor wrong."""
    day = scenario("plain", 1)
    assert _score_of(day, dict.fromkeys(day.true, "matched")).recall == 1
    assert _score_of(day, dict.fromkeys(day.true, "matched")).precision == 1
    everything = {
        (p.id, s.id): "matched"
        for p in day.items
        for s in day.items
        if (p.side, s.side) == ("picture", "sound")
    }
    assert _score_of(day, everything).precision < 0.1
    flagged = _score_of(day, dict.fromkeys(day.true, "ambiguous"))
    assert (flagged.recall, flagged.precision, flagged.flagged) == (0, 1, len(day.true))


def _score_of(day: Day, states):
    pairs = [Pair(picture=p, sound=s, state=state, score=1) for (p, s), state in states.items()]
    return score(day, Solution(pairs=pairs))
