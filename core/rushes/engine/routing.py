"""The routes as one query: which of them take each clip of a batch, with which priority, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rushes import rules
from rushes.config.pipeline import MOST_PRIORITY, Route
from rushes.engine.ids import job_id, key_of_job
from rushes.engine.turns import Turns
from rushes.ledger import Query
from rushes.ledger.schema import CLIPS


@dataclass(frozen=True, slots=True)
class Taken:
    """A route that takes a clip, and the priority of its job; that `waits` while what the route waits for is not so."""

    route: Route
    priority: int
    waits: bool


class Routing:
    """The routes of a file, put into SQL once; `first` is `match: first`, `turns` are those of their names."""

    def __init__(self, routes: Sequence[Route], turns: Turns | None = None, *, first: bool = False) -> None:
        self.routes = tuple(routes)
        self._turns = turns or Turns()
        self._keys = {self._turns.key(route.id) for route in routes}
        self._priced = [route for route in routes if isinstance(route.priority, str)]
        self._waiting = [route for route in routes if route.wait]
        # Of the forty columns of a clip, rules name a few: each one more costs DuckDB 0.1 ms.
        named = {"id"}.union(*(rules.referenced(rule) for route in routes for rule in _rules(route)))
        self._table = CLIPS.only(named)
        self._places = [CLIPS.names.index(name) for name in self._table.names]
        self._before, self._after = self._sql(first=first)

    def job_id(self, clip: str, revision: int, route: str) -> str:
        """Of the clip's job of one of these routes."""
        return job_id(clip, revision, route, self._turns.number(route))

    def has(self, job: str, route: str) -> bool:
        """Whether a job, by its id and its route's name, is of one of these routes; else its route is gone."""
        return key_of_job(job, route) in self._keys

    def taken(self, query: Query, rows: Sequence[Sequence[Any]]) -> Mapping[str, list[Taken]]:
        """By clip that any route takes, those routes, in the file's order; of clips by their rows."""
        if not self.routes or not rows:
            return {}
        clips, parameters = self._table.relation(
            [tuple(row[place] for place in self._places) for row in rows]
        )
        answers = query(f"{self._before}{clips}{self._after}", parameters)
        return {name: found for name, *answer in answers if (found := list(self._read(answer)))}

    def _sql(self, *, first: bool) -> tuple[str, str]:
        """The query, as what stands before the relation of the clips and what stands after it."""
        hits = rules.hits(self.routes)
        others = [rules.number(str(route.priority)) for route in self._priced]
        others += [rules.predicate(route.wait.rule) for route in self._waiting if route.wait]
        if not rules.order_matters(self.routes, first):
            return f"SELECT {', '.join(['id', *hits, *others])} FROM (", ") AS clips"  # noqa: S608 - rules are checked when read
        # Each rule is evaluated once, the choice is one over the answers.
        names = [f"answer{number}" for number in range(len(hits) + len(others))]
        answers = (f"{sql} AS {name}" for sql, name in zip([*hits, *others], names, strict=True))
        taken = rules.taken(self.routes, first, names[: len(hits)])
        outer = f"SELECT {', '.join(['id', *taken, *names[len(hits) :]])}"
        return f"{outer} FROM (SELECT {', '.join(['id', *answers])} FROM (", ") AS clips)"  # noqa: S608 - as above

    def _read(self, answer: Sequence[Any]) -> Iterator[Taken]:
        answers = iter(answer)
        taken = [(route, next(answers)) for route in self.routes]
        priorities = {route.id: priority_of(next(answers)) for route in self._priced}
        holds = {route.id: bool(next(answers)) for route in self._waiting}
        for route, took in taken:
            if took:
                own = route.priority if isinstance(route.priority, int) else priorities[route.id]
                yield Taken(route, own, not holds.get(route.id, True))


def priority_of(value: float | None) -> int:
    """What an expression gave, as a priority: 0 where that is no number (as of a division by zero), never beyond what
    a file may say.
    """
    if value is None or not isfinite(value):
        return 0
    return round(min(max(value, -MOST_PRIORITY), MOST_PRIORITY))


def _rules(route: Route) -> Iterator[str]:
    yield route.when
    if isinstance(route.priority, str):
        yield route.priority
    if route.wait:
        yield route.wait.rule
