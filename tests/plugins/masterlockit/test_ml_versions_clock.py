"""Vector clocks: the vectors of reference section 9, and the laws of a lattice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.versions import Order, bump, compare, join
from rushes_masterlockit.versions.clock import covers, meet, rank

CLOCKS = st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 3))


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        ({"A": 1}, {"A": 1}, Order.EQUAL),
        ({"A": 1}, {"A": 1, "B": 1}, Order.BEFORE),
        ({"A": 1, "B": 1}, {"A": 1}, Order.AFTER),
        ({"A": 2}, {"A": 1, "B": 1}, Order.CONCURRENT),
        ({"A": 2, "B": 0}, {"A": 2}, Order.EQUAL),
        ({}, {"A": 1}, Order.BEFORE),
        ({}, {"A": 0}, Order.EQUAL),
    ],
)
def test_vectors(a: dict[str, int], b: dict[str, int], order: Order) -> None:
    assert compare(a, b) is order


def test_the_join_of_the_reference() -> None:
    assert join({"A": 2}, {"A": 1, "B": 1}) == {"A": 2, "B": 1}


@given(CLOCKS, CLOCKS)
def test_compare_is_what_the_counters_say(a: dict[str, int], b: dict[str, int]) -> None:
    ahead = any(a.get(device, 0) > b.get(device, 0) for device in "ABCD")
    behind = any(a.get(device, 0) < b.get(device, 0) for device in "ABCD")
    expected = {
        (False, False): Order.EQUAL,
        (True, False): Order.AFTER,
        (False, True): Order.BEFORE,
        (True, True): Order.CONCURRENT,
    }
    assert compare(a, b) is expected[ahead, behind]


@given(CLOCKS, CLOCKS, CLOCKS)
def test_join_is_the_least_that_has_seen_both_and_meet_the_greatest_that_both_have(
    a: dict[str, int], b: dict[str, int], other: dict[str, int]
) -> None:
    assert covers(join(a, b), a)
    assert covers(join(a, b), b)
    assert not (covers(other, a) and covers(other, b)) or covers(other, join(a, b))
    assert covers(a, meet(a, b))
    assert covers(b, meet(a, b))
    assert not (covers(a, other) and covers(b, other)) or covers(meet(a, b), other)
    assert compare(join(a, join(b, other)), join(join(other, a), b)) is Order.EQUAL


@given(CLOCKS, CLOCKS)
def test_rank_puts_later_above_earlier_and_tells_different_clocks_apart(
    a: dict[str, int], b: dict[str, int]
) -> None:
    order = compare(a, b)
    assert (rank(a) == rank(b)) == (order is Order.EQUAL)
    if order is Order.AFTER:
        assert rank(a) > rank(b)
    assert rank(join(a, b)) >= max(rank(a), rank(b))


def test_rank_of_parallel_edits_goes_by_the_largest_device_that_differs() -> None:
    assert rank({"B": 2}) > rank({"A": 1, "B": 1})
    assert rank({"A": 1, "B": 1}) > rank({"A": 2})


def test_bump_counts_one_more_edit_and_leaves_its_clock_alone() -> None:
    clock = {"A": 1}
    assert bump(clock, "B") == {"A": 1, "B": 1}
    assert bump(clock, "A") == {"A": 2}
    assert clock == {"A": 1}


def test_a_counter_that_is_used_up_is_told_in_one_line() -> None:
    with pytest.raises(ValueError, match="does not fit 64 bits"):
        bump({"A": 2**63 - 1}, "A")
