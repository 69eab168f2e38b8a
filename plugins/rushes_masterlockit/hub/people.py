"""The set's devices as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes_masterlockit.formats import TYPE_NAMES, about, device_text
from rushes_masterlockit.hub.desk import Desk
from rushes_masterlockit.hub.known import Known


def devices(desk: Desk) -> list[Mapping[str, Any]]:
    """Every known device as `Door.devices`, those that are there first, then by name."""
    told = [_device(desk, known) for known in desk.known.values()]
    return sorted(told, key=lambda device: (not device["present"], device["name"].casefold(), device["id"]))


def _device(desk: Desk, known: Known) -> Mapping[str, Any]:
    there = desk.types(known.id)
    return {
        "id": device_text(known.id),
        "name": known.name,
        "types": [TYPE_NAMES[type_] for type_ in sorted(there or known.types)],
        "present": bool(there),
        "energy": about.energy(known.types),
        "parent": about.parent(known.types),
        "rate": about.generator_rate(known.types) or None,
    }


def agreed_rate(desk: Desk, without: int) -> str:
    """The one rate that every known generator but `without` tells, else ""."""
    told = (about.generator_rate(known.types) for known in desk.known.values() if known.id != without)
    rates = set(filter(None, told))
    return rates.pop() if len(rates) == 1 else ""
