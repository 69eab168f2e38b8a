"""Which lists are sets in disguise, and how two orders of them become one (reference section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rushes_masterlockit.versions.same import canonical

_SCALAR_SETS = frozenset({"presetComments", "filter", "sound_types", "sets"})
_KEYS: dict[str, tuple[str, ...]] = {
    "clipLogs": ("tcSeconds", "tcFrames", "comment"),
    "cast": ("firstname", "lastname"),
    "tracks": ("number",),
}


def keyed(name: str, *lists: Sequence[Any]) -> list[dict[str, Any]] | None:
    """Each list of the member `name` as elements by key (a text that people can read); None where it has to be taken
    as one value: an element lacks the members that tell it, or two elements of one list share them. Lists that the
    protocol does not name go by `uuid`.
    """
    elements = [element for each in lists for element in each]
    if name in _SCALAR_SETS:
        if any(isinstance(element, (dict, list)) for element in elements):
            return None
        return [{_text([element]): element for element in each} for each in lists]
    if not all(isinstance(element, dict) for element in elements):
        return None
    members = _KEYS.get(name, ("uuid",))
    found = [{_key(element, members): element for element in each} for each in lists]
    if any("" in by or len(by) != len(each) for by, each in zip(found, lists, strict=True)):
        return None
    return found


def _key(element: dict[str, Any], members: tuple[str, ...]) -> str:
    values = [None if value == "" else value for value in map(element.get, members)]
    return _text(values) if any(value is not None for value in values) else ""


def _text(values: list[Any]) -> str:
    return canonical(values)[1:-1].decode()


def woven(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """All keys once, in the order of `first`; one that only `second` has follows the one it follows there,
    and comes last where they share none.
    """
    order = list(first)
    held = set(first)
    place = 0 if held.intersection(second) else len(order)
    for key in second:
        if key in held:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            held.add(key)
            place += 1
    return order
