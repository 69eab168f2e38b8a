"""Which clips a person means: by day, scene, roll, kind, device, timecode, or one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rushes import NotFound, Permanent
from rushes_masterlockit.formats import device_id, parse_demand
from rushes_masterlockit.reports import Filters


def filters_of(arguments: Mapping[str, str], ids: Mapping[str, str]) -> Filters:
    """Of the arguments `day scene roll only device first last circled clips`, several of one kind with commas
    between; `ids` are those of devices by name. Raises Permanent for a filter that is none, NotFound for a device
    that nobody knows.
    """
    demand: dict[str, Any] = {
        "clips": _several(arguments, "clips"),
        "devices": [_device(device, ids) for device in _several(arguments, "device")],
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


def _device(said: str, ids: Mapping[str, str]) -> str:
    """The id of the device that a person means; one that is gone for good is known by its id alone."""
    if said in ids:
        return ids[said]
    if device_id(said) is None:
        raise NotFound(f"no device {said}; see: pipeline masterlockit devices FILE")
    return said


def _several(arguments: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in arguments.get(name, "").split(",") if part.strip())
