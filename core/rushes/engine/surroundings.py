"""What is around a running pipeline, as documents: networks of its sinks, devices on set, timecodes that run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rushes.engine.devices import PresentDevices
from rushes.engine.host import Host
from rushes.engine.views.document import Document
from rushes.ledger import Query

#: The facts by which a sink tells of its network; one that tells the first has one.
_OF_NETWORK = ("network", "interface", "kind", "address", "health", "sending", "rate", "cap", "online")
_OF_TIMECODE = ("timecode", "timecode_from", "heard_at")
_DEVICES = "SELECT id, source, type, name FROM devices ORDER BY name, id, source"


def networks(hosts: Iterable[Host]) -> list[Document]:
    """One for each sink that tells of its network."""
    return [
        {
            "component": host.component.id,
            "connected": bool(host.context.facts.get("connected")),
            "reason": host.reason or str(host.context.facts.get("connection") or ""),
            **_chosen(host.context.facts, _OF_NETWORK),
        }
        for host in hosts
        if host.component.kind == "sink" and _OF_NETWORK[0] in host.context.facts
    ]


def timecodes(hosts: Iterable[Host]) -> list[Document]:
    """One for each component that hears one; `heard_at` is None for one that it counts itself."""
    return [
        {
            "component": host.component.id,
            "heard_at": None,
            **_chosen(host.context.facts, _OF_TIMECODE),
            **({"rate": rate} if (rate := host.context.facts.get("timecode_rate")) else {}),
        }
        for host in hosts
        if host.context.facts.get("timecode")
    ]


def devices(query: Query, present: PresentDevices) -> list[Document]:
    """Every device that was ever told of; facts of those that are present."""
    found: dict[tuple[str, str], Document] = {
        (source, id_): {
            "id": id_, "source": source, "type": type_, "name": name, "present": False, "facts": {},
        }
        for id_, source, type_, name in query(_DEVICES)
    }  # fmt: skip
    for key, device in present.all.items():
        channel = device.facts.get("channel")
        found[key] = {
            "id": device.id, "source": device.source, "type": device.type, "name": device.name, "present": True,
            **({"channel": str(channel)} if channel is not None else {}),
            "facts": {name: fact for name, fact in device.facts.items() if name != "channel"},
        }  # fmt: skip
    return list(found.values())


def _chosen(facts: Mapping[str, Any], names: Iterable[str]) -> Document:
    return {name: facts[name] for name in names if name in facts}
