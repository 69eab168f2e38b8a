"""What was said beside what stands: kept until a person has looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from rushes_masterlockit.versions.same import same

EDITORIAL = frozenset({"circle", "printState", "isWaste"})


class Conflict(msgspec.Struct, frozen=True):
    """One disagreement of two versions.

    `path` is as in "take.printState" and "tracks[2].name" ("tcStart", "tcStop" for the two members of a label);
    a value is null where that side had removed the member. `at` is the `updated` of the side that lost, in ms (0:
    it had none), `clock` its version. `editorial`: it decides which takes are used.
    """

    path: str
    kept: Any
    lost: Any
    at: int
    clock: dict[str, int]
    editorial: bool


def decides(name: str, kept: Any, lost: Any) -> bool:
    """Whether the member `name` tells which takes are used, or holds a member that does and differs."""
    if name in EDITORIAL:
        return True
    one, other = (value if isinstance(value, dict) else {} for value in (kept, lost))
    return any(not same(one.get(member), other.get(member)) for member in EDITORIAL)


def remember(known: Sequence[Mapping[str, Any]], new: Iterable[Conflict]) -> list[dict[str, Any]]:
    """The conflicts of a clip after a merge, oldest first: what was lost is noted once however often it is said, and
    what had lost earlier and stands now is no longer lost.
    """
    noted = [dict(conflict) for conflict in known]
    for conflict in new:
        noted = [old for old in noted if old["path"] != conflict.path or not same(old["lost"], conflict.kept)]
        if not any(old["path"] == conflict.path and same(old["lost"], conflict.lost) for old in noted):
            noted.append(msgspec.structs.asdict(conflict))
    return noted
