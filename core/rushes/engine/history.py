"""`pipeline plan --history`: other rules over all that the ledger has seen, compared with those it was last used with.

How it is counted is told in `foresight`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args

from rushes import rules
from rushes.config.pipeline import Match
from rushes.engine.foresight import Rules, Way, count_jobs, count_staying, find_rules, find_ways
from rushes.engine.foretold import MOST_EXAMPLES, find_leaving, tell_clips
from rushes.engine.last_rules import last_routes
from rushes.engine.views import Document, last_pipeline
from rushes.errors import ConfigError
from rushes.ledger import Query


def history(query: Query, told: Mapping[str, Any]) -> Document:
    """The rules of a `pipeline_document`, by route.

    `before` and `now` are numbers of clips, `gained` and `lost` those that only one of them has. `compared` is false
    where the ledger was never used with any rules: then nothing was taken before. Of the clips that `changed` so many
    are `staying`: none of their jobs is opened or withdrawn, for something of them has begun. `moved` are the routes
    in both whose `steps` or `to` are others: where clips go that stay on their route. Of a name that is `reused`, which
    what it named goes on without (see `turns`), nothing is `moved`: that is another route.

    `jobs` is what a reload, or the next start, would make of jobs: of those that `changed` some may come out as they
    were, where only a wait or a computed priority is another, or where a job of a route that is gone goes the same way.
    So many clips are `leaving`: they lose a job that has not begun and with it the only one to a sink. `left` is one of
    them for each such change, with its `sinks`.
    """
    last = last_pipeline(query)
    before, now = find_rules(query, last, told)
    ways = find_ways(query, before, now)
    routes = [_route(name, before, now, ways) for name in _names(before, now)]
    return {
        "compared": bool(last["file"]),
        "clips": sum(way.clips for way in ways),
        "bytes": sum(way.bytes for way in ways),
        "changed": sum(way.clips for way in ways if way.changed),
        "staying": count_staying(ways, before, now),
        "jobs": count_jobs(ways, before, now),
        **find_leaving(query, ways, before, now),
        "routes": routes,
        "moved": [route for route in _moved(last, told) if not _reused(route["route"], before, now)],
        "unrouted": {
            "before": sum(way.clips for way in ways if not way.before),
            "now": sum(way.clips for way in ways if not way.now),
        },
        "examples": _examples(query, ways),
    }


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


def _names(before: Rules, now: Rules) -> Collection[str]:
    """Those of now in their order, then those that are gone."""
    return dict.fromkeys(route.id for route in (*now.routes, *before.routes))


def _route(name: str, before: Rules, now: Rules, ways: Sequence[Way]) -> Document:
    gained = [way for way in ways if name in way.now and name not in way.before]
    lost = [way for way in ways if name in way.before and name not in way.now]
    there, stays = before.find(name), now.find(name)
    return {
        "route": name,
        "added": there is None,
        "removed": stays is None,
        "reused": there is not None and stays is not None and _reused(name, before, now),
        "before": sum(way.clips for way in ways if name in way.before),
        "now": sum(way.clips for way in ways if name in way.now),
        "gained": sum(way.clips for way in gained),
        "lost": sum(way.clips for way in lost),
        "gained_bytes": sum(way.bytes for way in gained),
        "lost_bytes": sum(way.bytes for way in lost),
    }


def _reused(name: str, before: Rules, now: Rules) -> bool:
    return before.turns.key(name) != now.turns.key(name)


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Document]:
    then = {route["id"]: _goes(route) for route in before["routes"]}
    return [
        {"route": route["id"], "before": then[route["id"]], "now": _goes(route)}
        for route in now["routes"]
        if route["id"] in then and then[route["id"]] != _goes(route)
    ]


def _goes(route: Mapping[str, Any]) -> Document:
    return {key: route.get(key, []) for key in ("steps", "to")}


def _examples(query: Query, ways: Sequence[Way]) -> list[Document]:
    """For each change one clip to which it happens; of the same change told by other rules only the first."""
    changes: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Way]] = {}
    for way in sorted(ways, key=lambda way: -way.clips):
        if way.changed:
            changes.setdefault((way.before, way.now), []).append(way)
    most = sorted(changes.items(), key=lambda change: -sum(way.clips for way in change[1]))[:MOST_EXAMPLES]
    clips = tell_clips(query, [same[0].example for _, same in most])
    return [
        clips[same[0].example]
        | {"before": list(before), "now": list(now), "clips": sum(way.clips for way in same)}
        for (before, now), same in most
    ]
