"""What is told of other rules before they are followed: numbers, and a clip or two that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rushes.engine.foresight import Rules, Way, count_jobs, count_staying, fate_of, find_rules, find_ways
from rushes.ledger import Query

#: Changes of which a clip is shown, those of most clips first.
MOST_EXAMPLES = 10


def find_leaving(query: Query, ways: Sequence[Way], before: Rules, now: Rules) -> dict[str, Any]:
    """How many clips are `leaving`; `left` is one of them for each such change, with the `sinks` it will not see."""
    fates = ((way, fate_of(way, before, now).left) for way in ways)
    found = sorted(((way, left) for way, left in fates if left), key=lambda each: -each[0].clips)
    clips = tell_clips(query, [way.example for way, _ in found[:MOST_EXAMPLES]])
    return {
        "leaving": sum(way.clips for way, _ in found),
        "left": [
            clips[way.example] | {"sinks": sorted(left), "clips": way.clips}
            for way, left in found[:MOST_EXAMPLES]
        ],
    }


def foreseen(query: Query, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The `jobs`, `staying`, `leaving` and `left` of `history`, of any two rules."""
    then, after = find_rules(query, before, now)
    ways = find_ways(query, then, after)
    return {
        "jobs": count_jobs(ways, then, after),
        "staying": count_staying(ways, then, after),
        **find_leaving(query, ways, then, after),
    }


def tell_clips(query: Query, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By id what is shown of clips, of so many at most as there are examples."""
    rows = query(
        f"SELECT id, card, path, size FROM clips WHERE id IN (SELECT unnest(?::VARCHAR[])) LIMIT {MOST_EXAMPLES}",  # noqa: S608 - a number
        [names],
    )
    return {name: {"clip": name, "card": card, "name": path, "size": size} for name, card, path, size in rows}
