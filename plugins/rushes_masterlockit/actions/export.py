"""The action `export`: a report of what the repository holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import trio

from rushes import Context, Permanent, Tell
from rushes_masterlockit.actions.people import devices
from rushes_masterlockit.actions.reading import repository_of
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.reports import KINDS, Filters, file_name, make, select

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
    """Of `kind` (a name of `reports.KINDS`), with the filters `day scene roll only device first last circled clips`
    (several of one kind with commas between) and `header`, a JSON object. Returns `name`, `data` (base64), `clips`,
    `claps`. Raises Permanent for a filter that is none.
    """
    repository = await repository_of(options, context, part)
    known = (await devices(options, context, part, {}, tell))["devices"]
    ids = {str(device["name"]): str(device["id"]) for device in known}
    filters = _filters(arguments, ids)
    wanted = repository.ids(filters.demand or parse_demand(b"{}"))
    order = _Order(
        kind=arguments["kind"],
        clips=await repository.bodies(wanted),
        claps=await repository.notes("clap"),
        filters=filters,
        origins={id_: repository.device(id_) for id_ in wanted},
        header=json.loads(arguments.get("header", "{}")),
        rate=options.project_rate or (part.door.rate if part is not None and part.door is not None else ""),
    )
    return await trio.to_thread.run_sync(order.report)


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

    def report(self) -> Mapping[str, Any]:
        clips, claps = select(map(msgspec.json.decode, self.clips), self.claps, self.filters, self.origins)
        kind = KINDS[self.kind]
        data = make(
            kind, clips, claps, self.header, project_rate=self.rate, when=datetime.now(UTC).astimezone()
        )
        name = file_name(kind, clips, self.header)
        return {
            "name": name,
            "data": base64.b64encode(data).decode(),
            "clips": len(clips),
            "claps": len(claps),
        }


def _filters(arguments: Mapping[str, str], ids: Mapping[str, str]) -> Filters:
    """What a person said; a device may be called by its name."""
    demand: dict[str, Any] = {
        "clips": _several(arguments, "clips"),
        "devices": [ids.get(device, device) for device in _several(arguments, "device")],
        "timecodeFrom": arguments.get("first"),
        "timecodeTo": arguments.get("last"),
    }
    asked = {name: value for name, value in demand.items() if value}
    try:
        return Filters(
            days=_several(arguments, "day"),
            scenes=_several(arguments, "scene"),
            rolls=_several(arguments, "roll"),
            circled="circled" in arguments,
            kind=arguments.get("only", ""),  # type: ignore[arg-type]
            demand=parse_demand(json.dumps(asked).encode()) if asked else None,
        )
    except ValueError as error:
        raise Permanent(str(error)) from error


def _several(arguments: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in arguments.get(name, "").split(",") if part.strip())
