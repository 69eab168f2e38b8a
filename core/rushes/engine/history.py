"""`pipeline plan --history`: other rules over all that the ledger has seen, compared with those it was last used with.

Everything is asked in one scan: what each clip hits is counted by pattern, and there are few patterns; the choice
between the routes is then made once a pattern and not once a clip.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from rushes import rules
from rushes.config.pipeline import Match, Route
from rushes.engine.last_rules import last_routes
from rushes.engine.views import Document, last_pipeline
from rushes.errors import ConfigError
from rushes.ledger import Query

#: Changes of which a clip is shown, those of most clips first.
MOST_EXAMPLES = 10

#: What rules are compared over: clips as planning sees them, but for those that are being recorded.
_CLIPS = "FROM clips WHERE parent = '' AND NOT superseded AND complete"

#: The clips of jobs that have begun or are over: other rules leave them where they are (see `board.unstarted`).
_BEGUN = (
    "SELECT j.clip FROM jobs j JOIN steps s ON s.job = j.id WHERE s.state <> 'withdrawn' AND ("
    "s.state NOT IN ('ready', 'waiting') OR s.maker <> '' OR s.attempts > 0 OR s.in_doubt > 0 OR s.head IS NOT NULL)"
)


def history(query: Query, told: Mapping[str, Any]) -> Document:
    """The rules of a `pipeline_document`, by route.

    `before` and `now` are numbers of clips, `gained` and `lost` those that only one of them has. `compared` is false
    where the ledger was never used with any rules: then nothing was taken before. Of the clips that `changed` so many
    are `staying`: they keep the jobs they have, for these have begun or are over. `moved` are the routes in both whose
    `steps` or `to` are others: where clips go that stay on their route.
    """
    last = last_pipeline(query)
    before, now = _Rules.of(last), _Rules.of(told)
    ways = _ways(query, before, now)
    routes = [_route(name, before, now, ways) for name in _names(before, now)]
    return {
        "compared": bool(last["file"]),
        "clips": sum(way.clips for way in ways),
        "bytes": sum(way.bytes for way in ways),
        "changed": sum(way.clips for way in ways if way.before != way.now),
        "staying": _staying(ways),
        "routes": routes,
        "moved": _moved(last, told),
        "unrouted": {
            "before": sum(way.clips for way in ways if not way.before),
            "now": sum(way.clips for way in ways if not way.now),
        },
        "examples": _examples(query, ways),
    }


def staying(query: Query, before: Mapping[str, Any], now: Mapping[str, Any]) -> int:
    """How many clips the second rules would have elsewhere than the first, but for the jobs that they have."""
    return _staying(_ways(query, _Rules.of(before), _Rules.of(now)))


def check_rules(told: Any) -> None:
    """Raise ConfigError unless this, which came from another process, has the rules of a `pipeline_document`."""
    try:
        routes, match = last_routes(told), told["match"]
        whens = [str(route.when) for route in routes]
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError("no rules; they are sent as the pipeline's document keeps them") from error
    if match not in get_args(Match):
        raise ConfigError(f"match: {match!r:.40} is neither of {', '.join(get_args(Match))}")
    for route, when in zip(routes, whens, strict=True):
        try:
            rules.check(when)
        except rules.RuleError as error:
            raise ConfigError(f"route '{route.id}': when: {error.message}") from error


@dataclass(frozen=True, slots=True)
class _Rules:
    """Routes, the SQL of what each hits, whether it is `match: first`."""

    routes: Sequence[Route]
    first: bool
    hits: Sequence[str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> _Rules:
        routes = last_routes(told)
        return cls(routes, told["match"] == "first", rules.hits(routes))

    def taken(self, names: Mapping[str, str]) -> list[str]:
        """By route, whether it takes a clip, in SQL over the names of what is hit."""
        return rules.taken(self.routes, self.first, [names[hit] for hit in self.hits])

    def chosen(self, answers: Iterable[bool]) -> tuple[str, ...]:
        return tuple(route.id for route, takes in zip(self.routes, answers, strict=True) if takes)

    def find(self, name: str) -> Route | None:
        return next((route for route in self.routes if route.id == name), None)


@dataclass(frozen=True, slots=True)
class _Way:
    """The routes that took so many clips, and those that take them now; how many have `begun`; one of these clips."""

    before: tuple[str, ...]
    now: tuple[str, ...]
    clips: int
    bytes: int
    begun: int
    example: str = field(compare=False)


def _ways(query: Query, before: _Rules, now: _Rules) -> list[_Way]:
    # A rule that is in both is evaluated once.
    hits = dict.fromkeys([*before.hits, *now.hits])
    names = {hit: f"hit{number}" for number, hit in enumerate(hits)}
    answers = "".join(f"{sql} AS {name}, " for sql, name in names.items())
    taken = "".join(f"{sql}, " for sql in (*before.taken(names), *now.taken(names)))
    patterns = (
        f"SELECT {''.join(f'{name}, ' for name in names.values())}"  # noqa: S608 - checked rules and our own names
        f"count(*) AS clips, sum(size)::BIGINT AS bytes, count(*) FILTER (begun) AS begun, any_value(id) AS example "
        f"FROM (SELECT {answers}size, id, id IN ({_BEGUN}) AS begun {_CLIPS}) GROUP BY ALL"
    )
    rows = query(f"SELECT {taken}clips, bytes, begun, example FROM ({patterns})")  # noqa: S608 - as above
    place = len(before.routes)
    ways = (
        _Way(before.chosen(answers[:place]), now.chosen(answers[place:]), clips, size or 0, begun, example)
        for *answers, clips, size, begun, example in rows
    )
    return [way for way in ways if way.clips]


def _staying(ways: Sequence[_Way]) -> int:
    return sum(way.begun for way in ways if way.before != way.now)


def _names(before: _Rules, now: _Rules) -> Collection[str]:
    """Those of now in their order, then those that are gone."""
    return dict.fromkeys(route.id for route in (*now.routes, *before.routes))


def _route(name: str, before: _Rules, now: _Rules, ways: Sequence[_Way]) -> Document:
    gained = [way for way in ways if name in way.now and name not in way.before]
    lost = [way for way in ways if name in way.before and name not in way.now]
    there, stays = before.find(name), now.find(name)
    return {
        "route": name,
        "added": there is None,
        "removed": stays is None,
        "before": sum(way.clips for way in ways if name in way.before),
        "now": sum(way.clips for way in ways if name in way.now),
        "gained": sum(way.clips for way in gained),
        "lost": sum(way.clips for way in lost),
        "gained_bytes": sum(way.bytes for way in gained),
        "lost_bytes": sum(way.bytes for way in lost),
    }


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Document]:
    then = {route["id"]: _goes(route) for route in before["routes"]}
    return [
        {"route": route["id"], "before": then[route["id"]], "now": _goes(route)}
        for route in now["routes"]
        if route["id"] in then and then[route["id"]] != _goes(route)
    ]


def _goes(route: Mapping[str, Any]) -> Document:
    return {key: route.get(key, []) for key in ("steps", "to")}


def _examples(query: Query, ways: Sequence[_Way]) -> list[Document]:
    """For each change one clip to which it happens; of the same change told by other rules only the first."""
    changes: dict[tuple[tuple[str, ...], tuple[str, ...]], list[_Way]] = {}
    for way in sorted(ways, key=lambda way: -way.clips):
        if way.before != way.now:
            changes.setdefault((way.before, way.now), []).append(way)
    most = sorted(changes.items(), key=lambda change: -sum(way.clips for way in change[1]))[:MOST_EXAMPLES]
    rows = query(
        f"SELECT id, card, path, size FROM clips WHERE id IN (SELECT unnest(?::VARCHAR[])) LIMIT {MOST_EXAMPLES}",  # noqa: S608 - a number
        [[same[0].example for _, same in most]],
    )
    clips = {
        name: {"clip": name, "card": card, "name": path, "size": size} for name, card, path, size in rows
    }
    return [
        clips[same[0].example]
        | {"before": list(before), "now": list(now), "clips": sum(way.clips for way in same)}
        for (before, now), same in most
    ]
