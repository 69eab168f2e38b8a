"""What a person asks of the set: its devices, their names, deletions, the timecode."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from unicodedata import category

from rushes import Context, NotFound, Permanent, Tell, Unavailable
from rushes.timecode import Rate, Timecode
from rushes_masterlockit.actions.finding import find_clip
from rushes_masterlockit.client import connected
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.formats import FormatError, device_id, parse_demand, seconds_frames
from rushes_masterlockit.identity import credentials_of, own_id

if TYPE_CHECKING:
    from rushes_masterlockit.door import Door
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource

_RECORDED = """
    SELECT device, count(*) FROM records WHERE source = ? AND kind IN ('video', 'sound') AND NOT deleted GROUP BY device
"""


async def devices(
    _options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    _arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`devices`: as `Door.devices`, with `clips`, how many it recorded; at rest what the ledger knows, none of them
    present.
    """
    rows = await context.catalog.query(_RECORDED, [context.id])
    recorded: Mapping[str, int] = dict(rows)
    known = (
        list(part.door.devices()) if part is not None and part.door is not None else await _at_rest(context)
    )
    return {"devices": [{**device, "clips": recorded.get(device["id"], 0)} for device in known]}


async def _at_rest(context: Context) -> Sequence[Mapping[str, Any]]:
    rows = await context.catalog.query(
        "SELECT id, name, type FROM devices WHERE source = ? ORDER BY name, id", [context.id]
    )
    return [
        {
            "id": id_,
            "name": name,
            "types": [type_],
            "present": False,
            "energy": None,
            "parent": None,
            "rate": None,
        }
        for id_, name, type_ in rows
    ]


async def rename(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Give `device` (id or name) the name `name`."""
    name = arguments.get("name", "").strip()
    if not name:
        raise Permanent("a device needs a name; give one")
    if any(category(letter) == "Cc" for letter in name):
        raise Permanent("a name has no control characters; give another")
    async with door_of(options, context, part) as door:
        device = _named(door, arguments.get("device", ""))
        await door.rename(device, name)
    return {"renamed": name}


async def remove(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Forget `device` (id or name); one that is connected comes back when it says so."""
    async with door_of(options, context, part) as door:
        await door.remove(_named(door, arguments.get("device", "")))
    return {"removed": arguments.get("device", "")}


async def delete(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Delete the clips that `demand` (a JSON ClipDemand) names from the hub's repository: `deleted` or None.

    `clips` of it may be as `find_clip` takes them; one that is not known here is asked of the hub as it is.
    """
    try:
        demand = parse_demand(arguments.get("demand", "{}").encode())
    except FormatError as error:
        raise Permanent(str(error)) from error
    if demand.empty:
        raise Permanent("nothing says which clips; name some, or a device, or a range of time")
    asked = json.loads(arguments["demand"])
    if demand.clips is not None:
        asked["clips"] = [await _known(context, clip) for clip in asked["clips"]]
    async with door_of(options, context, part) as door:
        return {"deleted": await door.delete(asked)}


async def cjam(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Set the set's generator to the label `timecode` and start continuous jam."""
    async with door_of(options, context, part) as door:
        rate = options.project_rate or door.rate
        try:
            timecode = Timecode.parse(arguments.get("timecode", ""), Rate.parse(rate) if rate else 60)
        except ValueError as error:
            raise Permanent(str(error)) from error
        await door.cjam(*seconds_frames(timecode))
    return {"timecode": str(timecode), "rate": rate}


@asynccontextmanager
async def door_of(
    options: MasterlockitOptions, context: Context, part: MasterlockitSource | None
) -> AsyncIterator[Door]:
    """The running source's, else a connection for this one request."""
    if part is not None and part.door is not None:
        yield part.door
        return
    credentials = refuse_resting_hub(options, context)
    async with connected(options, credentials, await own_id(context), context) as door:
        yield door


def refuse_resting_hub(options: MasterlockitOptions, context: Context) -> Credentials:
    """What a client needs to reach its hub. Raises Unavailable where this is the hub itself."""
    credentials = credentials_of(options, context)
    if options.listen is not None or credentials is None:
        raise Unavailable("this pipeline is the hub and does not run; start it with: pipeline run FILE")
    return credentials


async def _known(context: Context, clip: str) -> str:
    try:
        return await find_clip(context, clip)
    except NotFound:
        return clip


def _named(door: Door, said: str) -> int:
    """The device that a person means: its id, or its name where only one has it."""
    found = [str(device["id"]) for device in door.devices() if said in {device["id"], device["name"]}]
    if len(found) > 1:
        raise Permanent(f"{len(found)} devices are called {said}; give the id: {', '.join(found)}")
    if found:
        return int(found[0], 16)
    number = device_id(said)
    if number is None:
        raise NotFound(f"no device {said or 'is named'}; see: pipeline masterlockit devices FILE")
    return number
