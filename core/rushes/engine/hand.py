"""How a clip that a person sends goes to its sink: as the routes there bring theirs."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from rushes.config.nearest import did_you_mean
from rushes.config.pipeline import Route
from rushes.engine.option_values import option_values
from rushes.errors import NotFound, RushesError


def wishes_by_hand(sink: str, routes: Collection[Route], like: str) -> dict[str, dict[str, Any]]:
    """What a job to that sink wishes of it, as a folder: what the routes that go there do, or the one called `like`.

    Empty where none wishes anything. Raises NotFound for a route that does not go there, RushesError where routes
    wish different things and none is named.
    """
    there = {route.id: route for route in routes if sink in route.to}
    if like:
        if like not in there:
            raise NotFound(f"no route {like} goes to {sink}; {did_you_mean(like, there)}")
        there = {like: there[like]}
    wished = {
        name: option_values(route.wishes[sink]) if sink in route.wishes else {}
        for name, route in there.items()
    }
    different = {json.dumps(wishes, sort_keys=True): name for name, wishes in reversed(wished.items())}
    if len(different) > 1:
        names = ", ".join(sorted(different.values(), key=list(there).index))
        raise RushesError(
            f"the routes {names} go to {sink} with different options, as a folder; name one with --route"
        )
    wishes = next(iter(wished.values()), {})
    return {sink: wishes} if wishes else {}
