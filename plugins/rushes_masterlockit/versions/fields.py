"""Field by field through two versions of a clip and, where it is known, what both had seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rushes_masterlockit.versions.clock import join
from rushes_masterlockit.versions.conflict import Conflict, decides
from rushes_masterlockit.versions.lists import keyed, woven
from rushes_masterlockit.versions.same import Nothing, same

ABSENT, UNKNOWN = Nothing.ABSENT, Nothing.UNKNOWN
# A timecode label is one thing in two members: seconds of one side with frames of the other were said by nobody.
_LABELS = {"tcStart": ("tcStartSeconds", "tcStartFrames"), "tcStop": ("tcStopSeconds", "tcStopFrames")}
_ONE_BY_ONE = frozenset({"version", *(member for members in _LABELS.values() for member in members)})
_TIMES: dict[str, Callable[[int, int], int]] = {"created": min, "updated": max}


def updated(data: Mapping[str, Any]) -> int:
    """When it was last changed, in ms; 0 where nobody said."""
    value = data.get("updated")
    return value if type(value) is int else 0


@dataclass(slots=True)
class Walk:
    """The senior side has its way where both changed a value; `exact` as in `merge`."""

    senior: Mapping[str, Any]
    junior: Mapping[str, Any]
    exact: bool
    conflicts: list[Conflict] = field(default_factory=list)

    def clip(self, ancestor: Mapping[str, Any] | None) -> dict[str, Any]:
        a, b = self.senior, self.junior
        merged: dict[str, Any] = {}
        for name in _names(a, b):
            if name not in _ONE_BY_ONE:
                o = UNKNOWN if ancestor is None else ancestor.get(name, ABSENT)
                _set(
                    merged,
                    name,
                    self._time(name, a, b, o)
                    if name in _TIMES
                    else self._value(name, name, a.get(name, ABSENT), b.get(name, ABSENT), o),
                )
        for path, members in _LABELS.items():
            o = UNKNOWN if ancestor is None else _part(ancestor, members)
            label = self._leaf(path, path, _part(a, members), _part(b, members), o)
            merged.update(label if isinstance(label, dict) else {})
        merged["version"] = join(a["version"], b["version"])
        return {name: merged[name] for name in _names(a, b) if name in merged}

    def _time(self, name: str, a: Mapping[str, Any], b: Mapping[str, Any], o: Any) -> Any:
        one, other = a.get(name, ABSENT), b.get(name, ABSENT)
        if type(one) is int and type(other) is int:
            return _TIMES[name](one, other)
        return self._value(name, name, one, other, o)

    def _value(self, name: str, path: str, a: Any, b: Any, o: Any) -> Any:
        if isinstance(a, dict) and isinstance(b, dict) and _one_thing(a, b):
            return self._members(path, a, b, o if isinstance(o, dict) and _one_thing(a, o) else UNKNOWN)
        if isinstance(a, list) and isinstance(b, list) and not same(a, b):
            sides = keyed(name, a, b)
            if sides is not None:
                before = keyed(name, o) if isinstance(o, list) else [{}] if o is ABSENT else None
                return self._elements(path, sides[0], sides[1], UNKNOWN if before is None else before[0])
        return self._leaf(name, path, a, b, o)

    def _members(self, path: str, a: dict[str, Any], b: dict[str, Any], o: Any) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for name in _names(a, b):
            past = UNKNOWN if o is UNKNOWN else o.get(name, ABSENT)
            _set(
                merged,
                name,
                self._value(name, f"{path}.{name}", a.get(name, ABSENT), b.get(name, ABSENT), past),
            )
        return merged

    def _elements(self, path: str, a: dict[str, Any], b: dict[str, Any], o: Any) -> list[Any]:
        """A list as a set: what one side removed and the other left alone is gone, what either added is there."""
        moved = o is not UNKNOWN and list(a) == list(o)  # Only the junior can have changed the order then.
        merged: dict[str, Any] = {}
        for key in woven(list(b), list(a)) if moved else woven(list(a), list(b)):
            past = UNKNOWN if o is UNKNOWN else o.get(key, ABSENT)
            _set(merged, key, self._value("", f"{path}[{key}]", a.get(key, ABSENT), b.get(key, ABSENT), past))
        return list(merged.values())

    def _leaf(self, name: str, path: str, a: Any, b: Any, o: Any) -> Any:
        if same(a, b):
            return a
        if o is not UNKNOWN and same(o, b):
            return self._stands(name, path, a, b, self.junior, quietly=self.exact)
        if o is not UNKNOWN and same(o, a):
            return self._stands(name, path, b, a, self.senior, quietly=self.exact)
        if a is ABSENT:  # Removed by nobody we know of, or removed here and edited there.
            return self._stands(name, path, b, a, self.senior, quietly=o in (ABSENT, UNKNOWN))
        return self._stands(name, path, a, b, self.junior, quietly=b is ABSENT and o in (ABSENT, UNKNOWN))

    def _stands(
        self, name: str, path: str, kept: Any, lost: Any, loser: Mapping[str, Any], *, quietly: bool
    ) -> Any:
        if not quietly:
            shown, gone = (None if value is ABSENT else value for value in (kept, lost))
            clock = dict(loser["version"])
            self.conflicts.append(
                Conflict(path, shown, gone, updated(loser), clock, decides(name, shown, gone))
            )
        return kept


def _names(a: Iterable[str], b: Iterable[str]) -> list[str]:
    return [*dict.fromkeys((*a, *b))]


def _set(merged: dict[str, Any], name: str, value: Any) -> None:
    if value is not ABSENT:
        merged[name] = value


def _part(data: Mapping[str, Any], members: tuple[str, ...]) -> Any:
    return {member: data[member] for member in members if member in data} or ABSENT


def _one_thing(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether two objects in one place are about the same scene, take, camera ..., so that they can be mixed."""
    uuid = a.get("uuid") or None
    if not same(uuid, b.get("uuid") or None):
        return False
    return uuid is not None or all(same(a.get(m), b.get(m)) for m in ("number", "additional"))
