"""A clip as a hub or a client keeps it: what it says, what it said, and what was said beside it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal

import msgspec

from rushes_masterlockit.versions.clock import Order, bump, compare, join
from rushes_masterlockit.versions.conflict import remember
from rushes_masterlockit.versions.fields import updated
from rushes_masterlockit.versions.merge import agree
from rushes_masterlockit.versions.past import Version, extended, superseded
from rushes_masterlockit.versions.resolve import resolve
from rushes_masterlockit.versions.same import same_content


class Stored(msgspec.Struct, frozen=True):
    """`data` is the clip with `version` equal to `clock`; of a `deleted` one, what it said last, under the clock of
    the deletion. `history` holds past versions, newest first, at most 16, as {"clock", "data"} and, for those that
    `data` is merged of, "head": true. `conflicts` are `Conflict`s as dicts, oldest first, until a person clears them.
    """

    clock: dict[str, int]
    data: dict[str, Any]
    deleted: bool = False
    history: list[dict[str, Any]] = msgspec.field(default_factory=list)
    conflicts: list[dict[str, Any]] = msgspec.field(default_factory=list)


class Verdict(Enum):
    """What became of a version that somebody said."""

    NEW = "new"
    KNOWN = "known"
    REPLACED = "replaced"
    MERGED = "merged"
    REVIVED = "revived"
    BURIED = "buried"


def absorb(
    stored: Stored | None,
    incoming: Mapping[str, Any],
    own: str,
    *,
    delete_vs_edit: Literal["edit", "delete"] = "edit",
) -> tuple[Stored, Verdict]:
    """The clip after somebody said `incoming`, a clip with `id`, `type` and `version`, and what became of it.

    KNOWN and BURIED may return `stored` itself. REVIVED: a deleted clip lives again, because `incoming` had seen the
    deletion or, by `delete_vs_edit`, was parallel to it. ValueError where `id` or `type` differ from what is stored.
    `own` is the device text of who merges; its counter grows when the merge says something new.
    """
    clock = dict(incoming["version"])
    if stored is None:
        return Stored(clock, dict(incoming)), Verdict.NEW
    agree(stored.data, incoming)
    order = compare(clock, stored.clock)
    if order is Order.BEFORE or (order is Order.EQUAL and same_content(stored.data, incoming)):
        return stored, Verdict.BURIED if stored.deleted else Verdict.KNOWN
    if order is Order.AFTER:
        verdict = Verdict.REVIVED if stored.deleted else Verdict.REPLACED
        return _replaced(stored, clock, dict(incoming)), verdict
    said = Version(clock, incoming)
    if stored.deleted and delete_vs_edit == "delete":
        return _kept_buried(stored, said), Verdict.BURIED
    resolved = resolve(_version(stored), stored.history, said, deleted=stored.deleted)
    clock = join(stored.clock, clock)
    if resolved.new:
        clock = bump(clock, own)
    conflicts = remember(stored.conflicts, resolved.conflicts)
    merged = Stored(clock, {**resolved.data, "version": clock}, False, resolved.history, conflicts)
    return merged, Verdict.REVIVED if stored.deleted else Verdict.MERGED


def edit(stored: Stored | None, changes: Mapping[str, Any], own: str) -> Stored:
    """A local edit: `changes` is a merge patch (objects are merged, null removes); a deleted clip lives again.

    `updated` never steps back behind what it replaces, whatever this machine's clock says. ValueError where the patch
    changes `id` or `type`, or where a new clip lacks them.
    """
    if stored is None:
        missing = [member for member in ("id", "type") if not isinstance(changes.get(member), str)]
        if missing:
            raise ValueError(f"a new clip needs its {' and '.join(missing)}")
        return _edited(None, _patched({}, changes), own)
    data = _patched(stored.data, changes)
    agree(stored.data, {"id": None, "type": None, **data})
    if "updated" in stored.data or "updated" in data:
        data["updated"] = max(updated(data), updated(stored.data) + 1)
    return _edited(stored, data, own)


def bury(stored: Stored, own: str) -> Stored:
    """The clip deleted by `own`: a tombstone with a clock of its own, so that an older copy does not bring it back."""
    if stored.deleted:
        return stored
    clock = bump(stored.clock, own)
    history = extended(stored.history, [_version(stored)], [])
    return Stored(clock, {**stored.data, "version": clock}, True, history, stored.conflicts)


def _version(stored: Stored) -> Version:
    return Version(stored.clock, stored.data)


def _replaced(stored: Stored, clock: dict[str, int], data: dict[str, Any]) -> Stored:
    return Stored(clock, data, False, superseded(stored.history, _version(stored)), stored.conflicts)


def _edited(stored: Stored | None, data: dict[str, Any], own: str) -> Stored:
    clock = bump({} if stored is None else stored.clock, own)
    data["version"] = clock
    return Stored(clock, data) if stored is None else _replaced(stored, clock, data)


def _kept_buried(stored: Stored, said: Version) -> Stored:
    clock = join(stored.clock, said.clock)
    buried = [past for past in stored.history if past.get("head")]
    heads = [said, *(Version(past["clock"], past["data"]) for past in buried)]
    history = extended(stored.history, heads, [])
    return Stored(clock, {**stored.data, "version": clock}, True, history, stored.conflicts)


def _patched(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    patched = dict(data)
    for name, value in changes.items():
        if value is None:
            patched.pop(name, None)
        elif isinstance(value, Mapping):
            below = patched.get(name)
            patched[name] = _patched(below if isinstance(below, dict) else {}, value)
        else:
            patched[name] = value
    return patched
