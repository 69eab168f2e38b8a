"""The action `export`: a report of what the repository holds."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import trio

from rushes import Context, Permanent, Tell
from rushes_masterlockit.actions.filters import filters_of
from rushes_masterlockit.actions.people import devices
from rushes_masterlockit.actions.reading import bodies_of, rate_of, repository_of
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.reports import KINDS, Filters, called, file_name, make, select

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource


async def export(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    tell: Tell,
) -> Mapping[str, Any]:
    """Of `kind` (a name of `reports.KINDS`), with the filters of `filters_of` and `header`, a JSON object of texts.

    Returns `name`, `data` (base64), `clips`, `claps`. Raises Permanent for a kind, a filter or a header that is none.
    """
    kind = arguments.get("kind", "")
    if kind not in KINDS:
        raise Permanent(f"no kind {kind[:40]!r}; there are {', '.join(KINDS)}")
    header = _header(arguments.get("header", "{}"))
    repository = await repository_of(options, context, part)
    known = (await devices(options, context, part, {}, tell))["devices"]
    ids = {str(device["name"]): str(device["id"]) for device in known}
    filters = filters_of(arguments, ids)
    wanted = repository.ids(filters.demand or parse_demand(b"{}"))
    order = _Order(
        kind=kind,
        clips=await bodies_of(repository, context, part, wanted),
        claps=await repository.notes("clap"),
        filters=filters,
        origins={id_: repository.device(id_) for id_ in wanted},
        header=header,
        rate=rate_of(options, part, repository),
        rates=repository.rates(wanted),
        names={str(device["id"]): str(device["name"]) for device in known},
    )
    return await trio.to_thread.run_sync(order.report)


def _header(text: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Permanent('header is a JSON object of texts, such as {"Production": "Nocturne"}') from error


@dataclass(frozen=True, kw_only=True, slots=True)
class _Order:
    """All that a report needs, so that it can be made in a thread."""

    kind: str
    clips: Sequence[bytes]
    claps: Sequence[Mapping[str, Any]]
    filters: Filters
    origins: Mapping[str, str]
    header: Mapping[str, str]
    rate: str
    rates: Mapping[str, str]
    names: Mapping[str, str]

    def report(self) -> Mapping[str, Any]:
        clips, claps = select(map(msgspec.json.decode, self.clips), self.claps, self.filters, self.origins)
        kind = KINDS[self.kind]
        slates = called(claps, self.names)
        data = make(
            kind,
            clips,
            slates,
            self.header,
            project_rate=self.rate,
            when=datetime.now(UTC).astimezone(),
            rates=self.rates,
        )
        name = file_name(kind, clips, self.header)
        return {
            "name": name,
            "data": base64.b64encode(data).decode(),
            "clips": len(clips),
            "claps": len(claps),
        }
