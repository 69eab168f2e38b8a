"""The set's devices as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes.timecode import Rate
from rushes_masterlockit.formats import TYPE_NAMES, device_key, device_text
from rushes_masterlockit.hub.desk import Desk
from rushes_masterlockit.hub.known import Known
from rushes_masterlockit.protocol import DeviceType


def devices(desk: Desk) -> list[Mapping[str, Any]]:
    """Every known device as `Door.devices`, those that are there first, then by name."""
    told = [_device(desk, known) for known in desk.known.values()]
    return sorted(told, key=lambda device: (not device["present"], device["name"].casefold(), device["id"]))


def _device(desk: Desk, known: Known) -> Mapping[str, Any]:
    there = desk.types(known.id)
    energy, parent = known.common("energyLevel"), known.common("parentDeviceId")
    return {
        "id": device_text(known.id),
        "name": known.name,
        "types": [TYPE_NAMES[type_] for type_ in sorted(there or known.types)],
        "present": bool(there),
        "energy": energy if isinstance(energy, int) and 0 <= energy <= 100 else None,
        "parent": device_key(parent) if isinstance(parent, str) and parent else None,
        "rate": _rate(known),
    }


def _rate(known: Known) -> str | None:
    """The rate of a generator, as it tells it."""
    typed = known.types.get(DeviceType.TIMECODE_GENERATOR, {}).get("vendorTyped")
    told = typed.get("projectFramerate") if isinstance(typed, Mapping) else None
    try:
        return Rate.parse(told).name if isinstance(told, str) else None
    except ValueError:
        return None
