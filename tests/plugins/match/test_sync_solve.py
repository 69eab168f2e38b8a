"""The solver on single stories of a set, and on made-up productions by the dozen."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes.timecode import FLICKS, RATES
from rushes_match.items import Decision, Item, Offset, Pair, Side, Solution
from rushes_match.sync import solve

RATE = {rate.name: rate for rate in RATES}
EPOCH = 1_789_948_800.0


def item(
    name: str,
    begin: float | None,
    lasts: float | None = 40.0,
    *,
    stream: str = "",
    rate: str = "25",
    day: int = 0,
    wall: float | None = 0.0,
    scene: str = "",
    take: str = "",
    mos: bool = False,
    claps: tuple[float, ...] = (),
) -> Item:
    """A picture (p…) or sound (s…) that begins at seconds since midnight; `wall` is its wall clock's lead."""
    side: Side = "picture" if name.startswith("p") else "sound"
    start = None if begin is None else int(begin * FLICKS)
    return Item(
        id=name,
        side=side,
        stream=stream or ("A" if side == "picture" else "MIX"),
        roll="A001" if side == "picture" else "D1",
        start=None if start is None else start % (86400 * FLICKS),
        label=None if start is None else start % (86400 * FLICKS),
        length=None if lasts is None else int(lasts * FLICKS),
        rate=RATE[rate],
        wall=None if wall is None else EPOCH + day * 86400 + (begin or 0.0) + wall,
        wall_from="created",
        name=name,
        scene=scene,
        take=take,
        mos=mos,
        claps=tuple(int(clap * FLICKS) for clap in claps),
    )


def takes(count: int, *, ahead: float = 0.0, seed: int = 1, **more: object) -> list[Item]:
    """Sounds with one picture each, whose clock is `ahead` seconds."""
    rng = random.Random(seed)
    made: list[Item] = []
    now = 32000.0
    for number in range(count):
        lasts = rng.uniform(15, 90)
        made.append(item(f"s{number}", now, lasts + 6))
        made.append(item(f"p{number}", now + 3 + rng.uniform(-1, 1) + ahead, lasts, **more))  # type: ignore[arg-type]
        now += lasts + rng.uniform(30, 120)
    return made


def matched(solution: Solution) -> set[tuple[str, str]]:
    return {(pair.picture, pair.sound) for pair in solution.pairs if pair.state == "matched"}


def pair(solution: Solution, picture: str, sound: str) -> Pair:
    return next(one for one in solution.pairs if (one.picture, one.sound) == (picture, sound))


def own(count: int) -> set[tuple[str, str]]:
    return {(f"p{number}", f"s{number}") for number in range(count)}


def test_jammed_clocks_pair_by_overlap_and_tell_it_in_frames() -> None:
    solution = solve([item("s1", 36000.0, 60), item("p1", 36004.0, 50)])
    found = pair(solution, "p1", "s1")
    assert found.state == "matched"
    assert found.evidence["overlap_frames"] == 50 * 25
    assert found.evidence["offset_frames"] == 0
    assert found.evidence["offset_from"] == "jammed"


def test_a_neighbour_that_touches_by_a_frame_is_a_loser_with_a_why() -> None:
    made = takes(6)
    made.append(item("s9", 50000.0, 30))
    made.append(item("p9", 50002.0, 28.04))
    made.append(item("s10", 50030.02, 30))
    made.append(item("p10", 50033.0, 25))
    solution = solve(made)
    assert matched(solution) == own(6) | {("p9", "s9"), ("p10", "s10")}
    loser = pair(solution, "p9", "s10")
    assert loser.state == "lost"
    assert loser.evidence["why"] == "touches it at the end"


def test_a_camera_that_did_not_cut_has_both_sounds_and_a_sound_all_its_pictures() -> None:
    made = [*takes(5), item("s20", 50000, 40), item("s21", 50060, 45), item("p20", 50003, 100)]
    made += [
        item("s30", 51000, 200),
        item("p30", 51004, 60),
        item("p31", 51090, 80),
        item("p32", 51010, 180, stream="B"),
    ]
    expected = own(5) | {("p20", "s20"), ("p20", "s21"), ("p30", "s30"), ("p31", "s30"), ("p32", "s30")}
    assert matched(solve(made)) == expected


def test_midnight_lies_within_a_take_and_between_takes() -> None:
    made = []
    for number, begin in enumerate((86100.0, 86200.0, 86380.0, 86500.0, 86620.0)):
        made += [item(f"s{number}", begin, 60), item(f"p{number}", begin + 3, 50)]
    assert matched(solve(made)) == own(5)
    undated = [replace(one, wall=None) for one in made]
    assert matched(solve(undated)) == own(5)


@pytest.mark.parametrize("ahead", [3600.0, -7200.0, 1234.5, -26000.0])
def test_a_clock_that_is_wrong_by_a_constant_is_learned(ahead: float) -> None:
    solution = solve(takes(14, ahead=ahead, wall=-ahead))
    assert matched(solution) == own(14)
    assert solution.offsets[0].origin == "learned"
    assert solution.offsets[0].flicks / FLICKS == pytest.approx(ahead, abs=6)


def test_an_empty_battery_in_the_middle_of_the_day_is_a_step_of_the_offset() -> None:
    made = takes(24)
    for at, one in enumerate(made):
        if one.side == "picture" and int(one.id[1:]) >= 12:
            assert one.start is not None
            made[at] = replace(one, start=one.start - 20000 * FLICKS, label=None)
    solution = solve(made)
    assert matched(solution) == own(24)
    assert len({round(one.flicks / FLICKS, -2) for one in solution.offsets}) == 2


def test_days_that_repeat_the_same_timecode_stay_apart() -> None:
    today, tomorrow = (
        takes(8),
        [replace(one, id=f"{one.id}'", wall=(one.wall or 0) + 86400) for one in takes(8)],
    )
    assert matched(solve([*today, *tomorrow])) == own(8) | {(f"p{n}'", f"s{n}'") for n in range(8)}


def test_a_wrong_year_on_the_camera_does_not_matter() -> None:
    solution = solve(takes(12, wall=-4000 * 86400.0))
    assert matched(solution) == own(12)
    assert solution.pairs[0].evidence["offset_days"] == -4000
    assert abs(solution.pairs[0].evidence["offset_frames"]) < 25 * 5


def test_mixed_rates_jammed_by_label_are_learned_not_assumed() -> None:
    made = []
    for one in takes(14):
        # Jammed at 08:00:00:00 by label, counting real time from there.
        late = replace(one, rate=RATE["23.976"], start=(one.start or 0) + int(28.8 * FLICKS))
        made.append(late if one.side == "picture" else one)
    assert matched(solve(made)) == own(14)


def test_another_unit_with_the_same_time_of_day_is_not_ours() -> None:
    ours, theirs = takes(12, seed=3), takes(12, seed=4)
    other = [replace(one, id=f"{one.id}'", stream=f"{one.stream}2", scene="200", take="1") for one in theirs]
    ours = [replace(one, scene="10", take="2") for one in ours]
    found = matched(solve([*ours, *other]))
    assert found == own(12) | {(f"p{n}'", f"s{n}'") for n in range(12)}


def test_a_picture_without_sound_and_a_wild_track_stay_alone() -> None:
    made = [
        *takes(8),
        item("p50", 60000, 30, mos=True),
        item("s51", 60200, 30, scene="12 WILD"),
        item("s52", 60010, 15),
    ]
    assert matched(solve(made)) == own(8)


def test_without_a_clock_names_that_are_unique_decide_and_others_wait() -> None:
    made = takes(6)
    made += [
        item("s20", 50000, 40, scene="12A", take="3"),
        item("p20", None, 38, wall=None, scene="012a", take="T3"),
    ]
    made += [item("s21", 51000, 40, scene="7", take="1"), item("s22", 52000, 41, scene="7", take="1")]
    made += [item("p21", None, 38, wall=None, scene="7", take="1")]
    solution = solve(made)
    assert matched(solution) == own(6) | {("p20", "s20")}
    assert {pair(solution, "p21", sound).state for sound in ("s21", "s22")} == {"ambiguous"}


def test_the_mixers_wrong_take_loses_against_sure_clocks() -> None:
    made = takes(10)
    made = [replace(one, scene="5", take=one.id[1:]) for one in made]
    at = next(index for index, one in enumerate(made) if one.id == "s4")
    made[at] = replace(made[at], take="9")
    assert matched(solve(made)) == own(10)


def test_timecode_that_runs_only_while_recording_is_no_clock() -> None:
    made, running = [], 3600.0
    for one in takes(10):
        if one.side == "sound":
            made.append(one)
            continue
        made.append(replace(one, start=int(running * FLICKS), label=None))
        running += (one.length or 0) / FLICKS
    assert matched(solve(made)) == own(10)


def test_claps_tell_the_offset_to_the_frame() -> None:
    made = []
    for one in takes(6, ahead=0.48):
        begin = (one.start or 0) / FLICKS
        clap = 5.0 if one.side == "sound" else 0.0
        made.append(replace(one, claps=(int((begin + clap) * FLICKS),)))
    for at, one in enumerate(made):
        if one.side == "picture":
            sound = next(other for other in made if other.id == f"s{one.id[1:]}")
            made[at] = replace(one, claps=(sound.claps[0] + 12 * FLICKS // 25,))
    solution = solve(made)
    assert matched(solution) == own(6)
    assert {one.evidence["offset_frames"] for one in solution.pairs if one.state == "matched"} == {12}
    assert {one.evidence["offset_from"] for one in solution.pairs if one.state == "matched"} == {"clap"}


def test_an_offset_by_hand_beats_what_is_learned() -> None:
    solution = solve(takes(6), hand={"a": 50})
    first = next(one for one in solution.pairs if one.state == "matched")
    assert first.evidence["offset_frames"] == 50
    assert first.evidence["offset_from"] == "hand"


def test_a_decision_wins_over_everything_and_the_last_word_counts() -> None:
    made = takes(4)
    said = [
        Decision(picture="p1", sound="s1", accept=False, at=2.0),
        Decision(picture="p1", sound="s1", accept=True, at=1.0),
        Decision(picture="p1", sound="s3", accept=True, at=1.0),
        Decision(picture="p1", sound="nothing", accept=True),
    ]
    solution = solve(made, decisions=said)
    assert pair(solution, "p1", "s1").state == "rejected"
    assert pair(solution, "p1", "s3").state == "matched"
    assert pair(solution, "p1", "s3").evidence["by"] == "person"
    assert matched(solution) == (own(4) - {("p1", "s1")}) | {("p1", "s3")}


def test_items_that_lack_nearly_everything_are_no_error() -> None:
    bare = [Item(id="p1", side="picture", stream=""), Item(id="s1", side="sound", stream="")]
    assert solve(bare).pairs == []
    assert solve([]).pairs == []


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), hours=st.integers(-30, 30))
def test_neither_order_nor_the_hour_of_the_day_matters(seed: int, hours: int) -> None:
    made = takes(7, seed=seed)
    expected = solve(made)
    mixed = list(made)
    random.Random(seed).shuffle(mixed)
    assert solve(mixed) == expected
    moved = [
        replace(
            one,
            start=((one.start or 0) + hours * 3600 * FLICKS) % (86400 * FLICKS),
            label=((one.start or 0) + hours * 3600 * FLICKS) % (86400 * FLICKS),
            wall=(one.wall or 0.0) + hours * 3600.0,
        )
        for one in made
    ]
    assert matched(solve(moved)) == matched(expected) == own(7)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), ahead=st.sampled_from([0.0, 3600.0, -5000.0]), pick=st.integers(0, 15))
def test_a_few_in_focus_are_matched_as_in_the_whole(seed: int, ahead: float, pick: int) -> None:
    made = takes(8, seed=seed, ahead=ahead, wall=-ahead)
    whole = solve(made)
    wanted = made[pick].id
    part = solve(made, focus={wanted}, learned=whole.offsets)
    assert matched(part) == {one for one in matched(whole) if wanted in one}
    assert all(wanted in (one.picture, one.sound) for one in part.pairs)


def test_in_focus_an_offset_that_is_known_spares_the_search() -> None:
    known = Offset(picture="A", sound="MIX", at=int((EPOCH + 30000) * FLICKS), flicks=500 * FLICKS, pairs=9)
    made = [item("s1", 40000, 40), item("p1", 40503, 35, wall=-500.0)]
    assert matched(solve(made, focus={"p1"}, learned=[known])) == {("p1", "s1")}
    assert matched(solve(made, focus={"p1"})) == set()


@pytest.mark.parametrize(
    ("rolls", "cuts", "before", "after"),
    [((1, 4), (1, 6), 12, 8), ((2, 10), (0.5, 2), 59, 35), ((0, 1), (3, 12), 87, 60)],
)
def test_a_learned_clock_is_bounded_by_sounds_that_hold_their_pictures(rolls, cuts, before, after) -> None:
    """Middles alone would be `before` frames off, by half of how much people's habits differ."""
    habits, made, now = random.Random(1), [], 32_000.0
    for number in range(30):
        begins = now + habits.uniform(*rolls)
        lasts, tail = habits.uniform(15, 90), habits.uniform(*cuts)
        made += [
            item(f"s{number}", now, begins + lasts + tail - now),
            item(f"p{number}", begins + 5_000, lasts),
        ]
        now = begins + lasts + tail + habits.uniform(30, 120)
    [offset] = solve(made).offsets
    assert offset.origin == "learned"
    assert abs(offset.flicks / FLICKS - 5_000) * 25 <= after < before


def test_a_learned_clock_of_takes_that_do_not_hold_one_another_is_in_their_middle() -> None:
    habits, made, now = random.Random(1), [], 32_000.0
    for number in range(30):
        begins, lasts = now + habits.uniform(-4, 4), habits.uniform(15, 90)
        made += [item(f"s{number}", now, lasts), item(f"p{number}", begins + 5_000, lasts + now - begins)]
        now += lasts + habits.uniform(30, 120)
    middles = sorted(
        (made[at + 1].start + made[at + 1].length / 2 - made[at].start - made[at].length / 2) / FLICKS
        for at in range(0, 60, 2)
    )  # type: ignore[operator]
    [offset] = solve(made).offsets
    assert middles[0] <= offset.flicks / FLICKS <= middles[-1]
    assert abs(offset.flicks / FLICKS - (middles[14] + middles[15]) / 2) < 0.2
