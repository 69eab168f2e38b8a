"""Two parallel versions of a clip become one: reference section 5, rule by rule, and its algebra."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.versions import Conflict, Order, compare, join, merge
from rushes_masterlockit.versions.same import canonical

A, B = "000000000000000a", "000000000000000b"


def clip(version: dict[str, int], **members: Any) -> dict[str, Any]:
    return {"id": "clip-1", "type": "video", "version": version, **members}


def sides(
    left: dict[str, Any], right: dict[str, Any], ancestor: dict[str, Any] | None = None
) -> tuple[dict[str, Any], list[Conflict]]:
    """What `left` and `right`, parallel edits of `ancestor`, become; checked from both sides."""
    past = None if ancestor is None else clip({A: 1}, **ancestor)
    a, b = clip({A: 2}, **left), clip({A: 1, B: 1}, **right)
    one, other = merge(a, b, past), merge(b, a, past)
    assert canonical(one.data) == canonical(other.data)
    assert one.conflicts == other.conflicts
    assert one.data["version"] == {A: 2, B: 1}
    data = {name: value for name, value in one.data.items() if name not in {"id", "type", "version"}}
    return data, one.conflicts


def told(conflicts: list[Conflict]) -> list[tuple[str, Any, Any]]:
    return [(conflict.path, conflict.kept, conflict.lost) for conflict in conflicts]


def test_edits_of_different_fields_are_both_taken() -> None:
    data, conflicts = sides(
        {"camRoll": "A002", "lens": "32"},
        {"camRoll": "A001", "lens": "50"},
        {"camRoll": "A001", "lens": "32"},
    )
    assert data == {"camRoll": "A002", "lens": "50"}
    assert conflicts == []


def test_the_same_edit_on_both_sides_is_no_conflict() -> None:
    assert sides({"lens": "50"}, {"lens": "50"}, {"lens": "32"}) == ({"lens": "50"}, [])


def test_the_later_update_wins_and_the_other_value_is_kept_as_a_conflict() -> None:
    data, conflicts = sides(
        {"lens": "40", "updated": 9}, {"lens": "50", "updated": 8}, {"lens": "32", "updated": 1}
    )
    assert data == {"lens": "40", "updated": 9}
    assert conflicts == [Conflict("lens", "40", "50", 8, {A: 1, B: 1}, editorial=False)]


def test_at_the_same_time_the_larger_device_wins() -> None:
    data, conflicts = sides({"lens": "99"}, {"lens": "50"}, {"lens": "32"})
    assert data == {"lens": "50"}
    assert conflicts == [Conflict("lens", "50", "99", 0, {A: 2}, editorial=False)]


def test_one_clock_for_two_contents_goes_by_their_text() -> None:
    one, other = clip({A: 1}, lens="50"), clip({A: 1}, lens="99")
    assert merge(one, other, None).data == merge(other, one, None).data == other


def test_without_an_ancestor_every_field_that_differs_goes_to_policy_and_none_is_dropped() -> None:
    data, conflicts = sides(
        {"lens": "40", "camRoll": "A1", "height": "2 m", "updated": 5},
        {"lens": "50", "camRoll": "A2", "angle": 3.5},
    )
    assert data == {"lens": "40", "camRoll": "A1", "height": "2 m", "updated": 5, "angle": 3.5}
    assert told(conflicts) == [("lens", "40", "50"), ("camRoll", "A1", "A2")]


def test_created_is_the_smallest_and_updated_the_largest() -> None:
    assert sides({"created": 5, "updated": 7}, {"created": 4, "updated": 6}) == (
        {"created": 4, "updated": 7},
        [],
    )
    assert sides({"updated": 7}, {"created": 4}) == ({"updated": 7, "created": 4}, [])


@pytest.mark.parametrize("member", ["id", "type"])
def test_versions_of_different_clips_are_refused(member: str) -> None:
    with pytest.raises(ValueError, match=f"its {member} is"):
        merge(clip({A: 1}), {**clip({B: 1}), member: "sound"}, None)


def test_a_removed_member_goes_only_against_an_ancestor() -> None:
    assert sides({}, {"lens": "32"}, {"lens": "32"}) == ({}, [])
    assert sides({}, {"lens": "32"}) == ({"lens": "32"}, [])


def test_an_edit_stands_against_a_removal_and_says_so() -> None:
    data, conflicts = sides({"updated": 9}, {"lens": "50"}, {"lens": "32"})
    assert data == {"updated": 9, "lens": "50"}
    assert conflicts == [Conflict("lens", "50", None, 9, {A: 2}, editorial=False)]


def test_null_and_numbers_of_other_types_are_values_of_their_own() -> None:
    assert sides({"lens": None}, {"lens": "32"}, {"lens": "32"}) == ({"lens": None}, [])
    data, conflicts = sides({"isMOS": 1}, {"isMOS": True})
    assert data == {"isMOS": True}
    assert data["isMOS"] is True
    assert told(conflicts) == [("isMOS", True, 1)]


TAKE = {"uuid": "t1", "number": 3, "printState": 0}


def test_a_scene_or_take_is_merged_member_by_member_when_it_is_the_same_one() -> None:
    data, conflicts = sides(
        {"take": {**TAKE, "printState": 1}}, {"take": {**TAKE, "comment": "wind"}}, {"take": TAKE}
    )
    assert data == {"take": {**TAKE, "printState": 1, "comment": "wind"}}
    assert conflicts == []


def test_another_take_is_taken_whole() -> None:
    other = {"uuid": "t2", "number": 4, "comment": "pickup", "printState": 2}
    data, conflicts = sides({"take": {**TAKE, "printState": 1}}, {"take": other}, {"take": TAKE})
    assert data == {"take": other}
    assert conflicts == [Conflict("take", other, {**TAKE, "printState": 1}, 0, {A: 2}, editorial=True)]


def test_takes_without_uuid_are_told_apart_by_number() -> None:
    data, _ = sides({"take": {"number": 3, "printState": 1}}, {"take": {"number": 3, "comment": "x"}})
    assert data == {"take": {"number": 3, "printState": 1, "comment": "x"}}
    data, _ = sides({"take": {"number": 3, "printState": 1}}, {"take": {"number": 4}})
    assert data == {"take": {"number": 4}}


@pytest.mark.parametrize(
    ("member", "name"), [("circle", "circle"), ("isWaste", "isWaste"), ("take", "take.printState")]
)
def test_what_decides_about_takes_needs_review(member: str, name: str) -> None:
    def said(value: int) -> dict[str, Any]:
        return {member: {"number": 1, "printState": value} if member == "take" else bool(value)}

    _, conflicts = sides(said(1), said(0), None)
    assert [(conflict.path, conflict.editorial) for conflict in conflicts] == [(name, True)]


def test_a_timecode_label_is_never_mixed_of_two() -> None:
    past = {"tcStartSeconds": 10, "tcStartFrames": 1}
    data, conflicts = sides(
        {"tcStartSeconds": 11, "tcStartFrames": 1}, {"tcStartSeconds": 10, "tcStartFrames": 5}, past
    )
    assert data == {"tcStartSeconds": 10, "tcStartFrames": 5}
    assert told(conflicts) == [("tcStart", data, {"tcStartSeconds": 11, "tcStartFrames": 1})]
    data, conflicts = sides({"tcStartSeconds": 11, "tcStartFrames": 1}, {**past, "tcStopSeconds": 20}, past)
    assert data == {"tcStartSeconds": 11, "tcStartFrames": 1, "tcStopSeconds": 20}
    assert conflicts == []


@pytest.mark.parametrize(
    ("member", "past", "left", "right", "merged"),
    [
        ("filter", ["a", "b"], ["a"], ["a", "b", "c"], ["a", "c"]),
        ("sound_types", ["a"], ["b", "a"], ["a", "c"], ["b", "a", "c"]),
        (
            "tracks",
            [{"number": 1, "name": "boom"}, {"number": 2, "name": "lav"}],
            [{"number": 1, "name": "boom"}, {"number": 2, "name": "lav", "isActive": True}],
            [{"number": 2, "name": "Anna"}],
            [{"number": 2, "name": "Anna", "isActive": True}],
        ),
        (
            "cast",
            [{"firstname": "Anna", "lastname": "B"}],
            [{"firstname": "Anna", "lastname": "B"}, {"firstname": "Carl", "lastname": "B"}],
            [{"firstname": "Dora"}],
            [{"firstname": "Dora"}, {"firstname": "Carl", "lastname": "B"}],
        ),
        (
            "clipLogs",
            [],
            [{"tcSeconds": 1, "tcFrames": 2, "comment": "x", "presetComments": ["p"]}],
            [{"tcSeconds": 1, "tcFrames": 2, "comment": "x", "presetComments": ["q"]}, {"tcSeconds": 3}],
            [{"tcSeconds": 1, "tcFrames": 2, "comment": "x", "presetComments": ["q", "p"]}, {"tcSeconds": 3}],
        ),
        (
            "scriptParagraphs",
            [{"uuid": "p", "elements": [{"uuid": "e", "content": "1"}]}],
            [{"uuid": "p", "elements": [{"uuid": "e", "content": "2"}]}],
            [{"uuid": "p", "element": "SCENE", "elements": [{"uuid": "e", "content": "1"}, {"uuid": "f"}]}],
            [{"uuid": "p", "element": "SCENE", "elements": [{"uuid": "e", "content": "2"}, {"uuid": "f"}]}],
        ),
    ],
)
def test_lists_are_keyed_unions(member: str, past: Any, left: Any, right: Any, merged: Any) -> None:
    data, conflicts = sides({member: left}, {member: right}, {member: past})
    assert data == {member: merged}
    assert conflicts == []


def test_lists_inside_of_references_too() -> None:
    scene = {"uuid": "s", "sets": ["attic"], "scenesIncluded": [{"uuid": "i", "comment": "", "sets": []}]}
    left = {**scene, "sets": ["attic", "yard"]}
    right = {**scene, "scenesIncluded": [{"uuid": "i", "comment": "rain", "sets": ["sea"]}, {"uuid": "j"}]}
    data, _ = sides(
        {"clipLabel": {"scene": left}}, {"clipLabel": {"scene": right}}, {"clipLabel": {"scene": scene}}
    )
    assert data == {"clipLabel": {"scene": {**right, "sets": ["attic", "yard"]}}}


@pytest.mark.parametrize(
    ("member", "left", "right"),
    [
        ("tracks", [{"number": 1}, {"number": 1, "name": "twice"}], [{"number": 2}]),
        ("tracks", [{"name": "no number"}], [{"number": 2}]),
        ("filter", [["nested"]], ["a"]),
        ("vendorList", [1, 2], [2, 3]),
        ("markedLines", [{"startIndex": 1}], [{"startIndex": 2}]),
    ],
)
def test_lists_without_keys_are_one_value(member: str, left: Any, right: Any) -> None:
    data, conflicts = sides({member: left}, {member: right})
    assert data == {member: right}
    assert told(conflicts) == [(member, right, left)]


def test_a_conflict_inside_of_a_list_names_its_element() -> None:
    _, conflicts = sides({"tracks": [{"number": 2, "name": "x"}]}, {"tracks": [{"number": 2, "name": "y"}]})
    assert told(conflicts) == [("tracks[2].name", "y", "x")]


def test_an_order_that_one_side_changed_stands() -> None:
    assert sides({"filter": ["a", "b", "x"]}, {"filter": ["b", "a"]}, {"filter": ["a", "b"]})[0] == {
        "filter": ["b", "x", "a"]
    }


def test_an_ancestor_that_is_not_the_last_thing_both_saw_makes_doubts_heard() -> None:
    past, left, right = clip({A: 1}, lens="32"), clip({A: 3}, lens="40"), clip({A: 2, B: 1}, lens="32")
    merged = merge(left, right, past, exact=False)
    assert merged.data["lens"] == "40"
    assert told(merged.conflicts) == [("lens", "40", "32")]


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["", "x", "y"]))
TAKES = st.fixed_dictionaries(
    {}, optional={"uuid": st.sampled_from("uv"), "number": st.integers(1, 2), "printState": SCALARS}
)
TRACKS = st.lists(
    st.fixed_dictionaries({"number": st.integers(1, 3)}, optional={"name": SCALARS}), max_size=3
)
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "lens": SCALARS,
        "circle": SCALARS,
        "updated": st.integers(0, 3),
        "created": st.integers(0, 3),
        "take": st.one_of(TAKES, SCALARS),
        "filter": st.one_of(st.lists(st.sampled_from("abc"), max_size=3), SCALARS),
        "tracks": st.one_of(TRACKS, SCALARS),
        "tcStartSeconds": st.integers(0, 1),
        "tcStartFrames": st.integers(0, 1),
    },
)
VERSIONS = st.dictionaries(st.sampled_from("ABC"), st.integers(1, 3))
CLIPS = st.builds(lambda version, content: clip(version, **content), VERSIONS, CONTENTS)


@given(CLIPS, CLIPS, st.none() | CLIPS, st.booleans())
def test_merging_is_commutative(
    left: dict[str, Any], right: dict[str, Any], past: dict[str, Any] | None, exact: bool
) -> None:
    texts = [canonical(value) for value in (left, right, past)]
    one, other = merge(left, right, past, exact=exact), merge(right, left, past, exact=exact)
    assert canonical(one.data) == canonical(other.data)
    assert one.conflicts == other.conflicts
    swapped = {"left": "right", "right": "left"}
    assert one.same_as == swapped.get(other.same_as, other.same_as)
    assert compare(one.data["version"], join(left["version"], right["version"])) is Order.EQUAL
    assert texts == [canonical(value) for value in (left, right, past)]


@given(CLIPS, CLIPS, st.none() | CLIPS)
def test_merging_is_idempotent(
    left: dict[str, Any], right: dict[str, Any], past: dict[str, Any] | None
) -> None:
    own = merge(left, left, past)
    assert (own.data, own.conflicts, own.same_as) == (left, [], "both")
    merged = merge(left, right, past).data
    assert canonical(merge(merged, merged, past).data) == canonical(merged)


def values(value: Any, path: str = "") -> set[tuple[str, bytes]]:
    """Every scalar a clip says, by the members that lead to it."""
    if isinstance(value, dict):
        return {leaf for name, below in value.items() for leaf in values(below, f"{path}.{name}")}
    if isinstance(value, list):
        return {leaf for below in value for leaf in values(below, path)}
    return {(path, canonical(value))}


@given(CLIPS, CLIPS)
def test_nothing_is_lost_silently(left: dict[str, Any], right: dict[str, Any]) -> None:
    merged = merge(left, right, None)
    heard = {text for _, text in values(merged.data)}
    for conflict in merged.conflicts:
        heard |= {text for _, text in values([conflict.kept, conflict.lost])}
    for said in (left, right):
        content = {name: said[name] for name in said if name not in {"version", "created", "updated"}}
        assert {text for _, text in values(content)} <= heard
