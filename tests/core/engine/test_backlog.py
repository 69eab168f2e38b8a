"""The lines before the annotators, by themselves: what is owed to a clip, and the rows that a crash leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes import Clip, Kind
from rushes.engine.again import MOST_ROUNDS, Again
from rushes.engine.backlog import ALL, Backlog
from rushes.ledger.write import Put

ANNOTATORS = ("probe", "match", "hash")


def clip(name, *, revision=1, volume="card", complete=True):
    return Clip(
        id=name, volume=volume, path=f"{name}.mov", kind=Kind.VIDEO, size=1, mtime_ns=0, revision=revision,
        complete=complete,
    )  # fmt: skip


def rows(changes):
    """By clip the annotator that its row tells, None where the row goes."""
    return {
        (change.row if isinstance(change, Put) else change.key)[0]: (
            change.row[1] if isinstance(change, Put) else None
        )
        for change in changes
    }


def test_rounds_come_one_after_the_other_and_a_clip_keeps_the_earlier_of_each():
    again = Again()
    again.add("a", 1, 2)
    again.add("b", 2, 1)
    again.add("a", 0, 3)
    again.add("b", 2, 2)
    assert again.begin("a") == 0
    first, second = again.take(10), again.take(10)
    assert (first.round, first.begins, second.round, second.begins) == (1, {"b": 2}, 2, {"a": 0})
    assert not again
    assert again.begin("a") is None


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(1, MOST_ROUNDS))),
    st.integers(1, 3),
)
def test_whatever_is_added_comes_out_once_with_its_earliest_round_and_annotator(added, most):
    again, wanted = Again(), {}
    for name, begin, round_ in added:
        again.add(name, begin, round_)
        before = wanted.get(name, (MOST_ROUNDS, 2))
        wanted[name] = (min(before[0], round_), min(before[1], begin))
    out = {}
    while again:
        turn = again.take(most)
        assert 0 < len(turn.begins) <= most
        assert not out.keys() & turn.begins.keys()
        out |= {name: (turn.round, begin) for name, begin in turn.begins.items()}
    assert out == wanted


def test_a_clip_that_is_named_is_in_the_ledger_and_goes_when_it_is_settled():
    backlog = Backlog(ANNOTATORS)
    assert rows(backlog.name(["a"], 1, 1)) == {"a": "match"}
    assert rows(backlog.name(["a"], 2, 1)) == {}  # that one is asked too
    assert rows(backlog.name(["a"], 0, 1)) == {"a": "probe"}
    backlog.hold(backlog.again.take(5).begins)
    backlog.hold({})
    assert rows(backlog.settle(["a"])) == {"a": None}


def test_a_clip_that_nobody_was_asked_about_yet_need_not_be_named():
    backlog = Backlog(ANNOTATORS)
    backlog.admit([clip("a")])
    assert backlog.name(["a"], 1, 1) == []
    assert not backlog.again
    [taken] = backlog.take_new(5)
    backlog.put_aside([taken], None)
    assert (backlog.name(["a"], 1, 1), bool(backlog.again)) == ([], False)
    backlog.volume_back("card")
    assert backlog.take_new(5) == [clip("a")]


def test_a_clip_named_while_it_is_in_hand_keeps_its_row_until_it_is_settled():
    backlog = Backlog(ANNOTATORS)
    backlog.admit([clip("a")])
    backlog.take_new(5)
    assert backlog.name(["a"], 1, 1) == []  # the ledger's row says that everybody is to be asked
    backlog.hold({})
    assert rows(backlog.settle(["a"])) == {"a": "match"}


def test_a_new_revision_that_came_meanwhile_keeps_its_row():
    backlog = Backlog(ANNOTATORS)
    backlog.name(["a"], 1, 1)
    backlog.hold(backlog.again.take(5).begins)
    backlog.admit([clip("a", revision=2)])
    backlog.hold({})
    assert rows(backlog.settle(["a"])) == {"a": ""}
    backlog.admit([clip("a", revision=1)])
    assert [each.revision for each in backlog.take_new(5)] == [2]


def test_what_waits_for_a_card_is_owed_to_the_annotator_that_needs_it():
    backlog = Backlog(ANNOTATORS)
    backlog.name(["a"], 1, 1)
    backlog.hold(backlog.again.take(5).begins)
    backlog.put_aside([clip("a")], 2)
    backlog.hold({})
    assert rows(backlog.settle(["a"])) == {"a": "hash"}
    assert backlog.absent_cards == {"card": "card"}
    assert rows(backlog.name(["a"], 1, 1)) == {"a": "match"}  # that one does not need the card
    backlog.hold(backlog.again.take(5).begins)
    backlog.hold({})
    assert rows(backlog.settle(["a"])) == {"a": "hash"}
    backlog.volume_back("card")
    assert backlog.again.take(5).begins == {"a": 2}


def test_a_new_revision_is_for_everybody():
    backlog = Backlog(ANNOTATORS)
    backlog.name(["a"], 1, 1)
    backlog.put_aside([clip("b")], 2)
    backlog.admit([clip("a", revision=2), clip("b", revision=2)])
    backlog.volume_back("card")
    assert not backlog.again
    assert [each.revision for each in backlog.take_new(5)] == [2, 2]


@pytest.mark.parametrize(("annotator", "begin"), [("probe", ALL), ("hash", 2), ("removed", len(ANNOTATORS))])
def test_the_next_run_begins_where_the_last_one_was_to(annotator, begin):
    backlog = Backlog(ANNOTATORS)
    backlog.take_up([("a", annotator)])
    assert backlog.again.take(5).begins == {"a": begin}
