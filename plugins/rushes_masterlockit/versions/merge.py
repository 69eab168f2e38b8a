"""Two parallel versions of a clip become one, field by field (reference section 5).

What only one side changed since the ancestor stands; what both changed is settled by policy: the side with the larger
`updated`, then the larger clock (by the largest device text that differs), then the larger JSON text. That orders
versions, not sides, so every hub settles alike, and a version that loses a field loses all that are disputed: a merged
clip is no patchwork of chance. What is there stands against what is not: a removal counts only against an ancestor,
and never against an edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rushes_masterlockit.versions.clock import join, rank
from rushes_masterlockit.versions.conflict import Conflict
from rushes_masterlockit.versions.fields import Walk, updated
from rushes_masterlockit.versions.same import canonical, same_content


@dataclass(frozen=True, slots=True)
class Merged:
    """`data` has its `version` (the join), `created` (the smallest) and `updated` (the largest); `same_as` tells
    which side it says the same as, its version aside.
    """

    data: dict[str, Any]
    conflicts: list[Conflict]
    same_as: Literal["left", "right", "both", ""]


def agree(left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """ValueError unless both are versions of one clip."""
    for member in ("id", "type"):
        if left[member] != right[member]:
            raise ValueError(
                f"clip {left['id']}: its {member} is '{left[member]}' here and '{right[member]}' there; "
                "give the other one an id of its own"
            )


def seniority(data: Mapping[str, Any]) -> tuple[int, list[tuple[str, int]], bytes]:
    """The total order that policy follows: of two versions the larger has its way."""
    return updated(data), rank(data["version"]), canonical(data)


def merge(
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    ancestor: Mapping[str, Any] | None,
    *,
    exact: bool = True,
) -> Merged:
    """One clip of two; the same whichever is called left. ValueError where `id` or `type` differ.

    `ancestor` is what both had seen, None where that is not known; `exact` false says that both had seen something
    later too, so that a value that only one side seems to have changed is noted as a conflict as well.
    """
    agree(left, right)
    if same_content(left, right):
        return Merged({**left, "version": join(left["version"], right["version"])}, [], "both")
    junior, senior = sorted((left, right), key=seniority)
    walk = Walk(senior, junior, exact)
    data = walk.clip(ancestor)
    same_as: Literal["left", "right", ""] = (
        "left" if same_content(data, left) else "right" if same_content(data, right) else ""
    )
    return Merged(data, walk.conflicts, same_as)
