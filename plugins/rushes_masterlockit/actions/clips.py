"""The action `clips`: what there is, so that people find the clip they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import trio

from rushes import Context, Permanent, Tell
from rushes_masterlockit.actions.filters import filters_of
from rushes_masterlockit.actions.people import devices
from rushes_masterlockit.actions.reading import bodies_of, rate_of, repository_of
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.reports import Filters, clip_line, select

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource

#: So many are told where nobody says how many.
USUAL = 100

#: So much of an id is told at least.
_LEAST_ID = 8


async def clips(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    tell: Tell,
) -> Mapping[str, Any]:
    """With the filters of `filters_of`: `matched`, how many there are, and of the newest `limit` of them, the oldest
    first, `clips`: texts for people, `short` (a start of the id that no other has) and the `record` itself.
    """
    limit = arguments.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 10 and int(limit) > 0):
        raise Permanent(f"limit is a number from 1 on, not {limit[:40]!r}")
    repository = await repository_of(options, context, part)
    known = (await devices(options, context, part, {}, tell))["devices"]
    filters = filters_of(arguments, {str(device["name"]): str(device["id"]) for device in known})
    wanted = repository.ids(filters.demand or parse_demand(b"{}"))
    looking = _Looking(
        clips=await bodies_of(repository, context, part, wanted),
        everything=repository.ids(parse_demand(b"{}")),
        filters=filters,
        origins={id_: repository.device(id_) for id_ in wanted},
        names={str(device["id"]): str(device["name"]) for device in known},
        rate=rate_of(options, part, repository),
        rates=repository.rates(wanted),
        limit=int(limit),
    )
    return await trio.to_thread.run_sync(looking.look)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Looking:
    """All that is needed, so that it can be looked through in a thread."""

    clips: Sequence[bytes]
    everything: Sequence[str]
    filters: Filters
    origins: Mapping[str, str]
    names: Mapping[str, str]
    rate: str
    rates: Mapping[str, str]
    limit: int

    def look(self) -> Mapping[str, Any]:
        found, _ = select(map(msgspec.json.decode, self.clips), (), self.filters, self.origins)
        shown = found[-self.limit :]
        short = _starts(self.everything, {str(clip["id"]) for clip in shown})
        told = []
        for clip in shown:
            line = clip_line(clip, self.rates.get(str(clip["id"]), self.rate))
            origin = self.origins.get(str(clip["id"]), "")
            line["device"] = self.names.get(origin) or line["device"] or origin
            told.append({**line, "short": short[str(clip["id"])], "record": clip})
        return {"matched": len(found), "clips": told}


def _starts(everything: Sequence[str], wanted: set[str]) -> Mapping[str, str]:
    """Of each wanted id the shortest start, not shorter than `_LEAST_ID`, that no other id has."""
    ordered = sorted(everything)
    same: dict[str, int] = dict.fromkeys(ordered, 0)
    for one, next_ in pairwise(ordered):
        shared = _shared(one, next_)
        same[one], same[next_] = max(same[one], shared), shared
    return {id_: id_[: max(same.get(id_, 0) + 1, _LEAST_ID)] for id_ in wanted}


def _shared(one: str, other: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
