"""Ways: what a route makes of a clip and which sink gets it, whatever the route is called (decision 62)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rushes.config.pipeline import Component, Route
from rushes.engine.ids import by_hand
from rushes.engine.option_values import option_values

#: What each step is, the sink, and the route's wishes to it: what is alike is the same file in the same place.
Way = tuple[tuple[str, ...], str, str]


@dataclass(frozen=True, slots=True)
class Ways:
    """`steps`: what the steps of any rules ever were, by id; kept in the ledger, since jobs name them by ids alone."""

    steps: Mapping[str, str] = field(default_factory=dict)

    def with_steps_of(self, routes: Iterable[Route]) -> Ways:
        """With the steps of these routes, as they are now."""
        return Ways({**self.steps, **{step.id: _meaning(step) for route in routes for step in route.steps}})

    def of_route(self, route: Route) -> dict[str, Way]:
        """By sink, in order; of a route whose steps are told."""
        wishes = {sink: option_values(said) for sink, said in route.wishes.items()}
        return self._ways([step.id for step in route.steps], route.to, wishes)

    def of_job(
        self, route: str, steps: Sequence[str], sinks: Sequence[str], wishes: str | None
    ) -> frozenset[Way]:
        """By the columns of its row. What a person sent by hand went no route's way."""
        if not steps and [route] == [by_hand(sink) for sink in sinks]:
            return frozenset()
        return frozenset(self._ways(steps, sinks, json.loads(wishes) if wishes else {}).values())

    def _ways(self, steps: Sequence[str], sinks: Sequence[str], wishes: Mapping[str, Any]) -> dict[str, Way]:
        made = tuple(self.steps.get(step, step) for step in steps)
        return {sink: (made, sink, json.dumps(wishes.get(sink) or {}, sort_keys=True)) for sink in sinks}


def _meaning(step: Component) -> str:
    """What tells it from other steps: its use, and its options but for the defaults."""
    try:
        return json.dumps([step.use, option_values(step.options, changed_only=True)], sort_keys=True)
    except Exception:  # noqa: BLE001 - how an option is written is a plugin's code: then the step is like no other
        return step.id
