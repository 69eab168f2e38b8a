"""What a clip was: its past versions, newest first, the heads among them, and what two of them both had seen.

A merged clip was said by nobody: it is made of its heads, the parallel versions that were said, marked so in its
history, where they come first. A later version replaces those heads that it had seen and is merged with the rest, so
what it overwrote does not come back through the merge, and it does not matter in which order a hub heard the heads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rushes_masterlockit.versions.clock import Clock, covers, meet

MOST = 16
"""Past versions kept of a clip (reference section 5)."""
MOST_HEADS = 8
"""More parallel versions than this are merged for good, so that half of the history is left for ancestors."""


class Version(NamedTuple):
    """One version of a clip; `data` has its `version` member."""

    clock: Clock
    data: Mapping[str, Any]


class Ancestor(NamedTuple):
    """What two versions both had seen; `exact`: neither had seen anything of the other beyond it."""

    data: Mapping[str, Any] | None
    exact: bool


def heads(history: Sequence[Mapping[str, Any]]) -> list[Version]:
    """What the merged clip of this history is made of; none when it was said as it stands."""
    return [Version(past["clock"], past["data"]) for past in history if past.get("head")]


def superseded(history: Sequence[Mapping[str, Any]], last: Version) -> list[dict[str, Any]]:
    """The history of what replaces `last`."""
    return [{"clock": last.clock, "data": last.data}, *_unmarked(history)][:MOST]


def extended(
    history: Sequence[Mapping[str, Any]], marked: Iterable[Version], also: Iterable[Version]
) -> list[dict[str, Any]]:
    """The history of what is merged of the heads `marked`: these first, then `also`, then what was there, each once."""
    kept: list[dict[str, Any]] = [{"clock": head.clock, "data": head.data, "head": True} for head in marked]
    rest = [*({"clock": version.clock, "data": version.data} for version in also), *_unmarked(history)]
    for past in rest:
        if all(past["clock"] != other["clock"] for other in kept):
            kept.append(past)
    return kept[:MOST]


def _unmarked(history: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"clock": past["clock"], "data": past["data"]} if "head" in past else dict(past) for past in history
    ]


def ancestor(a: Clock, b: Clock, history: Sequence[Mapping[str, Any]]) -> Ancestor:
    """The newest version of the history that both had seen. Where two parallel ones qualify neither is taken: two hubs
    that took one each would hand their results to each other for ever.
    """
    parted = meet(a, b)
    seen = [past for past in history if covers(parted, past["clock"])]
    best = [past for past in seen if all(covers(past["clock"], other["clock"]) for other in seen)]
    if not best:
        return Ancestor(None, exact=False)
    return Ancestor(best[0]["data"], exact=covers(best[0]["clock"], parted))
