"""What a device says of itself, read out of its metadata by device type: the same for a hub and for who follows one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rushes.timecode import Rate
from rushes_masterlockit.formats.devices import device_id, device_text
from rushes_masterlockit.protocol.codes import DeviceType

#: Metadata of one device: by each type that it is.
MetaByType = Mapping[int, Mapping[str, Any]]


def one_line(name: str, longest: int) -> str:
    """A name on one line, of characters that can be seen, and no longer than that."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:longest]


def energy(meta: MetaByType) -> int | None:
    """Per cent; None where it is not known (-1) or not said."""
    levels = _common(meta, "energyLevel")
    return next((level for level in levels if type(level) is int and 0 <= level <= 100), None)


def parent(meta: MetaByType) -> str | None:
    """The id of the device it belongs to, 16 hex digits."""
    ids = (device_id(said) for said in _common(meta, "parentDeviceId") if isinstance(said, str))
    return next((device_text(id_) for id_ in ids if id_), None)


def generator_rate(meta: MetaByType) -> str:
    """The project's timecode rate as this generator says it; "" where it does not."""
    generator = meta.get(DeviceType.TIMECODE_GENERATOR, {})
    for name in ("vendorTyped", "vendor"):
        said = member(generator, name).get("projectFramerate")
        if isinstance(said, str):
            try:
                return Rate.parse(said).name
            except ValueError:
                continue
    return ""


def is_master(meta: MetaByType) -> bool:
    """Whether it is the hub's own generator."""
    generator = meta.get(DeviceType.TIMECODE_GENERATOR, {})
    return any(member(generator, name).get("masterClock") is True for name in ("device", "properties"))


#: Of a Lockit's generator, what people want to know: the member, its type, and the name of the fact.
_OF_GENERATORS: Sequence[tuple[str, type | tuple[type, ...], str]] = (
    ("lockitBatteryType", str, "battery_type"),
    ("externalPower", bool, "external_power"),
    ("acnChannel", (int, float), "channel"),
    ("generatorSource", str, "generator_source"),
)
_LONGEST_FACT = 80


def live(meta: MetaByType) -> dict[str, Any]:
    """What is true of it now, as `rushes.Device.facts`: `battery` in per cent, `master` for the hub's own generator.

    The protocol has no word for the strength of its radio.
    """
    vendor = member(meta.get(DeviceType.TIMECODE_GENERATOR, {}), "vendorTyped")
    said = {
        fact: one_line(value, _LONGEST_FACT) if isinstance(value, str) else value
        for name, type_, fact in _OF_GENERATORS
        if isinstance(value := vendor.get(name), type_)
    }
    facts = {"battery": energy(meta), **said, "timecode_rate": generator_rate(meta), "parent": parent(meta)}
    known = {name: fact for name, fact in facts.items() if fact not in (None, "")}
    return {**known, "master": True} if is_master(meta) else known


def aliases(meta: MetaByType) -> Iterator[str]:
    """What it calls itself, type by type."""
    return (said for said in _common(meta, "alias") if isinstance(said, str))


def member(meta: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; an empty one where there is none."""
    said = meta.get(name)
    return said if isinstance(said, Mapping) else {}


def _common(meta: MetaByType, name: str) -> Iterator[Any]:
    return (member(meta[type_], "common").get(name) for type_ in sorted(meta))
