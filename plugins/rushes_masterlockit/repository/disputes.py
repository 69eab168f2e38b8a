"""What was said of a clip beside what stands, until a person has looked at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Disputes:
    """The conflicts of every clip that has some, with a name that people know the clip by."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, Sequence[Mapping[str, Any]]]] = {}
        self._editorial: dict[str, int] = {}

    def put(self, identity: str, data: Mapping[str, Any], conflicts: Sequence[Mapping[str, Any]]) -> None:
        """Replaces the conflicts of that clip."""
        self._editorial.pop(identity, None)
        if editorial := sum(conflict["editorial"] for conflict in conflicts):
            self._editorial[identity] = editorial
        if conflicts:
            name = next(
                (said for key in ("clipName", "fileName") if isinstance(said := data.get(key), str)), identity
            )
            self._of[identity] = (name or identity, conflicts)
        else:
            self._of.pop(identity, None)

    @property
    def editorial(self) -> int:
        """How many conflicts are of what an editor goes by: circled, print, waste."""
        return sum(self._editorial.values())

    def ids(self) -> list[str]:
        """Of the clips that have conflicts."""
        return list(self._of)

    def all(self) -> list[dict[str, Any]]:
        """Each conflict (path, kept, lost, at, clock, editorial), with `clip`, its id, and `name`."""
        return [
            {"clip": identity, "name": name, **conflict}
            for identity, (name, conflicts) in self._of.items()
            for conflict in conflicts
        ]
