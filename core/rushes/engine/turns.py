"""Turns: which of the routes that ever had a name has it now (decision 71).

A name that is given to another route, while what it named goes on under another name, begins a new turn. What was
planned in its turns of before is of routes that are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rushes.engine.ids import route_key

#: Of a route's document.
_RULE, _GOES = ("when",), ("steps", "to")
_ALL = (*_RULE, *_GOES)


@dataclass(frozen=True, slots=True)
class Turns:
    """As of the rules that were adopted last: `routes` are their documents, by name.

    `numbers` are the turns of all names that are not in their first; `left` the documents of routes that went on under
    other names, by those that nobody has since.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    routes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def stored(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def key(self, name: str) -> str:
        """Of the route that has the name, or had it last."""
        return route_key(name, self.number(name))

    def number(self, name: str) -> int:
        return self.numbers.get(name, 0)

    def followed_by(self, routes: Iterable[Mapping[str, Any]]) -> Turns:
        """The turns under these routes, by their documents: the same ones once more change nothing."""
        now = {route["id"]: {key: route.get(key) for key in _ALL} for route in routes}
        moved = {name: then for name, then in self.routes.items() if self._moved(name, now)}
        left = {**self.left, **moved}
        given = [name for name, then in left.items() if name in now and now[name] != then]
        return Turns(
            {**self.numbers, **{name: self.number(name) + 1 for name in given}},
            now,
            {name: then for name, then in left.items() if name not in now},
        )

    def _moved(self, name: str, now: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether another route newly is all that this one was, which is that no more.

        Where both its rule and its ways are others, or it is gone, it is enough that another newly has either.
        """
        then, here = self.routes[name], now.get(name)
        if _same(here, then, _ALL):
            return False
        asked = [_ALL] if _same(here, then, _RULE) or _same(here, then, _GOES) else [_RULE, _GOES]
        return any(
            _same(route, then, keys) and not _same(self.routes.get(other), then, keys)
            for keys in asked
            for other, route in now.items()
            if other != name
        )


def _same(one: Mapping[str, Any] | None, other: Mapping[str, Any], keys: Iterable[str]) -> bool:
    return one is not None and all(one[key] == other[key] for key in keys)
