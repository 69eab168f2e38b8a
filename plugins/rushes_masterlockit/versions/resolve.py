"""A clip and a version said in parallel to it: what it is made of now, and whether that says something new.

When our merge says what one side says, and whoever has the two alone finds the same because that side is newer, the
joined clock is enough. Else the merging side counts itself in (`new`): if the joined clock stood for one content here
and for another elsewhere, a listing of clocks would call them equal, and the two would never meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rushes_masterlockit.versions.clock import Order, compare, covers
from rushes_masterlockit.versions.conflict import Conflict
from rushes_masterlockit.versions.fields import updated
from rushes_masterlockit.versions.merge import merge, seniority
from rushes_masterlockit.versions.past import MOST_HEADS, Version, ancestor, extended, heads
from rushes_masterlockit.versions.same import same_content


@dataclass(frozen=True, slots=True)
class Resolved:
    """`data` but for its `version`; `new`: it says something that neither side said."""

    data: dict[str, Any]
    conflicts: list[Conflict]
    history: list[dict[str, Any]]
    new: bool


def resolve(
    current: Version, history: Sequence[Mapping[str, Any]], said: Version, *, deleted: bool
) -> Resolved:
    """`current` was merged with its `history` or said; `said` is parallel to it, or has its clock and says otherwise.
    Of a `deleted` clip only what it was made of counts: a tombstone says nothing about fields.
    """
    unseen = [head for head in heads(history) or [current] if not covers(said.clock, head.clock)]
    past = history
    if len(unseen) >= MOST_HEADS:
        unseen = [current]
    elif compare(said.clock, current.clock) is Order.EQUAL or not (
        unseen or deleted or same_content(said.data, current.data)
    ):
        # A clock used twice, or two merges of the same versions that came out different. They are on a par, and no
        # ancestor may take sides, for over there it would take the other one.
        unseen, past = [current], []
    merged, conflicts = _together([said, *unseen], past)
    return Resolved(
        merged,
        conflicts,
        extended(history, [said, *unseen] if unseen else [], [said, current]),
        not same_content(merged, said.data) if deleted else _is_new(merged, current, said),
    )


def _together(
    versions: Sequence[Version], history: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], list[Conflict]]:
    """All merged, from the most senior down: the order in which they came plays no part."""
    first, *others = sorted((version.data for version in versions), key=seniority, reverse=True)
    data, conflicts = dict(first), []
    for other in others:
        both_saw = ancestor(data["version"], other["version"], history)
        merged = merge(data, other, both_saw.data, exact=both_saw.exact)
        data = merged.data
        conflicts += merged.conflicts
    return data, conflicts


def _is_new(data: Mapping[str, Any], current: Version, said: Version) -> bool:
    sides = [
        (one, other) for one, other in ((current, said), (said, current)) if same_content(data, one.data)
    ]
    if len(sides) != 1:
        return not sides
    one, other = sides[0]
    if compare(one.clock, other.clock) is Order.EQUAL or updated(one.data) <= updated(other.data):
        return True
    return not same_content(merge(one.data, other.data, None).data, data)
