"""What becomes of a clip when somebody says it, edits it here, or deletes it."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.versions import Stored, Verdict, absorb, bury, edit
from rushes_masterlockit.versions.same import canonical

A, B, C, HUB = "000000000000000a", "000000000000000b", "000000000000000c", "00000000000000ff"


def clip(version: dict[str, int], **members: Any) -> dict[str, Any]:
    return {"id": "clip-1", "type": "sound", "version": version, **members}


def heard(*said: dict[str, Any], delete_vs_edit: Any = "edit") -> tuple[Stored, list[Verdict]]:
    stored, verdicts = None, []
    for data in said:
        stored, verdict = absorb(stored, data, HUB, delete_vs_edit=delete_vs_edit)
        assert stored.data["version"] == stored.clock
        verdicts.append(verdict)
    assert stored is not None
    return stored, verdicts


def test_new_newer_older_and_the_same() -> None:
    first, second = clip({A: 1}, lens="32"), clip({A: 2}, lens="40")
    stored, verdicts = heard(first, second, first, copy.deepcopy(second))
    assert verdicts == [Verdict.NEW, Verdict.REPLACED, Verdict.KNOWN, Verdict.KNOWN]
    assert stored == Stored({A: 2}, second, history=[{"clock": {A: 1}, "data": first}])
    assert absorb(stored, first, HUB)[0] is stored


def test_parallel_edits_are_merged_and_dominate_both() -> None:
    past, left, right = (
        clip({A: 1}, lens="32", fps="25"),
        clip({A: 2}, lens="40", fps="25"),
        clip({A: 1, B: 1}, lens="32", fps="24"),
    )
    stored, verdicts = heard(past, left, right)
    assert verdicts[-1] is Verdict.MERGED
    assert stored.data == clip({A: 2, B: 1, HUB: 1}, lens="40", fps="24")
    assert stored.conflicts == []
    assert [(past["clock"], past.get("head", False)) for past in stored.history] == [
        ({A: 1, B: 1}, True),
        ({A: 2}, True),
        ({A: 1}, False),
    ]


def test_who_said_the_same_needs_no_new_version() -> None:
    stored, verdicts = heard(clip({A: 1}, lens="32"), clip({B: 1}, lens="32"))
    assert (stored.clock, verdicts[-1]) == ({A: 1, B: 1}, Verdict.MERGED)


@pytest.mark.parametrize("newer_first", [False, True])
def test_a_merge_that_says_what_its_newer_side_says_needs_no_new_version(newer_first: bool) -> None:
    said = [clip({A: 1}, lens="32", updated=1), clip({B: 1}, lens="40", updated=2)]
    stored, _ = heard(*(reversed(said) if newer_first else said))
    assert stored.data == clip({A: 1, B: 1}, lens="40", updated=2)
    assert [(conflict["kept"], conflict["lost"], conflict["at"]) for conflict in stored.conflicts] == [
        ("40", "32", 1)
    ]


def test_what_only_an_ancestor_could_tell_is_a_new_version() -> None:
    """Another hub, which has not heard the ancestor, would take the later side under the same clock."""
    stored, _ = heard(
        clip({A: 1}, lens="32"), clip({A: 2}, lens="40", updated=5), clip({A: 1, B: 1}, lens="32", updated=5)
    )
    assert stored.data == clip({A: 2, B: 1, HUB: 1}, lens="40", updated=5)


def test_one_clock_for_two_contents_is_resolved_and_kept_as_a_conflict() -> None:
    stored, verdicts = heard(clip({A: 1}, circle=True), clip({A: 1}, circle=False))
    assert verdicts[-1] is Verdict.MERGED
    assert stored.data == clip({A: 1, HUB: 1}, circle=True)
    assert [(c["path"], c["kept"], c["lost"], c["editorial"]) for c in stored.conflicts] == [
        ("circle", True, False, True)
    ]
    assert absorb(stored, clip({A: 1}, circle=False), HUB) == (stored, Verdict.KNOWN)


def test_what_a_version_had_seen_does_not_come_back_through_a_merge() -> None:
    """B hears of A's first version and not of our merge; its removal of `lens` counts all the same."""
    stored, _ = heard(
        clip({A: 1}, lens="32", updated=9), clip({C: 1}, fps="25"), clip({A: 1, B: 1}, lens="40", updated=1)
    )
    assert stored.data["lens"] == "40"
    assert stored.data["fps"] == "25"
    assert stored.conflicts == []


def test_a_device_that_counts_only_itself_is_merged_by_what_it_changed() -> None:
    stored, _ = heard(
        clip({A: 1}, lens="32", fps="25"),
        clip({A: 1, B: 1}, lens="32", fps="24"),
        clip({A: 2}, lens="40", fps="25"),
        clip({A: 3}, lens="50", fps="25"),
    )
    assert (stored.data["lens"], stored.data["fps"], stored.conflicts) == ("50", "24", [])


@pytest.mark.parametrize("member", ["id", "type"])
def test_another_type_is_refused(member: str) -> None:
    stored, _ = heard(clip({A: 1}))
    with pytest.raises(ValueError, match=f"its {member} is"):
        absorb(stored, {**clip({A: 2}), member: "video"}, HUB)


def test_history_holds_the_last_sixteen_newest_first() -> None:
    stored, _ = heard(*(clip({A: count}) for count in range(1, 30)))
    assert [past["clock"][A] for past in stored.history] == list(range(28, 12, -1))


def test_many_parallel_versions_are_merged_within_bounds() -> None:
    said = [clip({f"{number:016x}": 1}, filter=[f"f{number}"]) for number in range(40)]
    stored, _ = heard(*said)
    assert sorted(stored.data["filter"]) == sorted(f"f{number}" for number in range(40))
    assert len(stored.history) == 16


def test_conflicts_stay_until_a_person_settles_them_and_are_noted_once() -> None:
    lost = clip({B: 1}, circle=False, updated=1)
    stored, _ = heard(clip({A: 1}, circle=True, updated=2), lost, lost, clip({C: 1}, circle=False, updated=1))
    assert len(stored.conflicts) == 1
    stored, verdict = absorb(stored, clip({**stored.clock, A: 2}, circle=True, comment="x"), HUB)
    assert (verdict, len(stored.conflicts)) == (Verdict.REPLACED, 1)
    settled = msgspec.structs.replace(stored, conflicts=[])
    assert absorb(settled, lost, HUB) == (settled, Verdict.KNOWN)


def test_what_had_lost_and_stands_now_is_no_longer_lost() -> None:
    stored, _ = heard(
        clip({A: 1}, lens="32", updated=2),
        clip({B: 1}, lens="40", updated=1),
        clip({B: 2}, lens="40", updated=3),
    )
    assert stored.data["lens"] == "40"
    assert [(conflict["kept"], conflict["lost"]) for conflict in stored.conflicts] == [("40", "32")]


CHAINS = st.lists(
    st.lists(
        st.dictionaries(st.sampled_from(["lens", "circle", "updated"]), st.integers(1, 3), max_size=3),
        min_size=1,
        max_size=2,
    ),
    min_size=2,
    max_size=3,
)


@given(CHAINS, st.booleans(), st.data())
def test_the_order_in_which_a_hub_hears_does_not_matter(
    chains: list[list[dict[str, int]]], from_one: bool, data: st.DataObject
) -> None:
    """Associative and commutative where it counts: several devices edit on their own, a hub hears them in any order."""
    base = [clip({HUB: 1}, lens=0)] if from_one else []
    said = []
    for device, chain in zip((A, B, C), chains, strict=False):
        state = dict(base[0]) if base else clip({})
        for count, changes in enumerate(chain, 1):
            state = {**state, **changes, "version": {**state["version"], device: count}}
            said.append(state)
    one = data.draw(st.permutations(said))
    other = data.draw(st.permutations(said))
    results = [heard(*base, *order)[0] for order in (one, other, [*one, *other])]
    contents = {canonical({**stored.data, "version": None}) for stored in results}
    assert len(contents) == 1


def test_a_deleted_clip_stays_deleted_for_whoever_says_it_again() -> None:
    said = clip({A: 1}, lens="32")
    buried = bury(heard(said)[0], HUB)
    assert (buried.clock, buried.deleted) == ({A: 1, HUB: 1}, True)
    assert buried.data == {**said, "version": buried.clock}
    assert absorb(buried, said, HUB) == (buried, Verdict.BURIED)
    assert bury(buried, HUB) is buried


def test_a_parallel_edit_brings_a_deleted_clip_back() -> None:
    buried = bury(heard(clip({A: 1}, lens="32", fps="25"))[0], HUB)
    stored, verdict = absorb(buried, clip({A: 2}, lens="40"), HUB)
    assert verdict is Verdict.REVIVED
    assert not stored.deleted
    assert stored.data == clip({A: 2, HUB: 1}, lens="40")
    assert absorb(stored, clip({A: 2}, lens="40"), HUB) == (stored, Verdict.KNOWN)


def test_what_was_deleted_and_what_was_said_in_parallel_are_merged() -> None:
    buried = bury(heard(clip({A: 1}, lens="32"))[0], HUB)
    stored, verdict = absorb(buried, clip({B: 1}, fps="25"), HUB)
    assert verdict is Verdict.REVIVED
    assert stored.data == clip({A: 1, B: 1, HUB: 2}, lens="32", fps="25")


def test_a_parallel_edit_is_buried_where_deletions_stand_and_is_not_forgotten() -> None:
    buried = bury(heard(clip({A: 1}, lens="32"))[0], HUB)
    said = clip({B: 1}, fps="25")
    kept, verdict = absorb(buried, said, HUB, delete_vs_edit="delete")
    assert (verdict, kept.deleted, kept.clock) == (Verdict.BURIED, True, {A: 1, B: 1, HUB: 1})
    assert absorb(kept, said, HUB, delete_vs_edit="delete") == (kept, Verdict.BURIED)
    stored, verdict = absorb(kept, clip({C: 1}), HUB)
    assert verdict is Verdict.REVIVED
    assert {name: stored.data[name] for name in ("lens", "fps")} == {"lens": "32", "fps": "25"}


def test_who_had_seen_the_deletion_may_bring_the_clip_back() -> None:
    buried = bury(heard(clip({A: 1}))[0], HUB)
    stored, verdict = absorb(buried, clip({**buried.clock, A: 2}), HUB, delete_vs_edit="delete")
    assert (verdict, stored.deleted) == (Verdict.REVIVED, False)


def test_an_edit_here_is_a_patch_with_one_more_count() -> None:
    stored, _ = heard(clip({A: 1}, take={"number": 1, "comment": "x"}, lens="32", updated=50))
    edited = edit(stored, {"take": {"printState": 1, "comment": None}, "lens": None, "updated": 7}, HUB)
    assert edited.clock == {A: 1, HUB: 1}
    assert edited.data == clip({A: 1, HUB: 1}, take={"number": 1, "printState": 1}, updated=51)
    assert edited.history == [{"clock": {A: 1}, "data": stored.data}]
    assert stored.data["take"] == {"number": 1, "comment": "x"}


def test_an_edit_here_may_start_a_clip_or_bring_one_back() -> None:
    stored = edit(None, {"id": "clip-1", "type": "sound", "lens": "32"}, HUB)
    assert stored == Stored({HUB: 1}, clip({HUB: 1}, lens="32"))
    revived = edit(bury(stored, HUB), {"lens": "40"}, HUB)
    assert (revived.deleted, revived.clock) == (False, {HUB: 3})
    with pytest.raises(ValueError, match="a new clip needs its type"):
        edit(None, {"id": "clip-1"}, HUB)
    with pytest.raises(ValueError, match="its type is"):
        edit(stored, {"type": "video"}, HUB)


@given(st.permutations([{A: 2}, {A: 1, B: 1}, {A: 1, C: 1}, {A: 1}]))
def test_what_it_is_given_stays_as_it_was(order: list[dict[str, int]]) -> None:
    said = [
        clip(version, filter=[str(version)], take={"number": 1, "comment": str(version)}) for version in order
    ]
    texts = [canonical(data) for data in said]
    stored, states = None, []
    for data in said:
        stored, _ = absorb(stored, data, HUB)
        states.append((stored, canonical(msgspec.to_builtins(stored))))
    assert [canonical(data) for data in said] == texts
