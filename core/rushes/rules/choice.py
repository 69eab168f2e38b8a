"""Which routes take a clip: the one place where `else`, `final` and `match: first` have their meaning.

Routes are gone through in the file's order. A route hits where its rule is true (unknown is no hit). It takes what
it hits, unless it is an `else` and a route before it took the clip. A route that is `final` ends the walk with
what it takes; under `match: first` every route does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rushes.rules.conditions import predicate


class RuleLike(Protocol):
    """What the choice needs to know of a route."""

    @property
    def id(self) -> str: ...
    @property
    def when(self) -> str: ...
    @property
    def final(self) -> bool: ...
    @property
    def otherwise(self) -> bool: ...


def chosen(routes: Sequence[RuleLike], first: bool) -> list[str]:
    """By route, in their order, whether it takes a clip: SQL over the columns of `clips`, TRUE or FALSE, never NULL.

    `first` is `match: first`. Each expression stands alone and so repeats the rules before it; over many clips,
    evaluate `hits` in a subquery and `taken` over their names.
    """
    return taken(routes, first, hits(routes))


def hits(routes: Sequence[RuleLike]) -> list[str]:
    """By route, whether its rule holds, whatever the others do: SQL, TRUE or FALSE, never NULL."""
    return [f"coalesce({predicate(route.when)}, false)" for route in routes]


def taken(routes: Sequence[RuleLike], first: bool, hit: Sequence[str]) -> list[str]:
    """By route, whether it takes a clip, out of `hit`: a SQL boolean for each route, as a column's name.

    Nothing refers to what another route takes, only to what it hits, for the first route that hits always takes:
    a route before took the clip exactly where one before hit it.
    """
    found: list[str] = []
    ends: list[str] = []
    for index, (route, own) in enumerate(zip(routes, hit, strict=True)):
        before = hit[:index]
        alone = [own, *(f"NOT {other}" for other in before)]
        found.append(_all(alone if first or route.otherwise else [own, *(f"NOT {end}" for end in ends)]))
        if route.final:
            ends.append(_all(alone) if route.otherwise else own)
    return found


def order_matters(routes: Sequence[RuleLike], first: bool) -> bool:
    """Whether what a route takes depends on the routes before it; else every route takes what it hits."""
    return first or any(route.final or route.otherwise for route in routes)


def _all(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' AND '.join(terms)})"
