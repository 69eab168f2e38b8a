"""One device of the set: what it says of itself, fit for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rushes.timecode import Rate
from rushes_masterlockit.formats import device_id, device_text
from rushes_masterlockit.protocol import DeviceType

LONGEST_NAME = 80


@dataclass(eq=False)
class Known:
    """A device that was told of; `types` in the order in which they came, `meta` is by device type, `there` the
    types that are present.
    """

    id: int
    types: list[int] = field(default_factory=list)
    there: set[int] = field(default_factory=set)
    meta: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    #: The connection in which each type was last told of.
    told_in: dict[int, int] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """What it calls itself, fit for one line; "" where nobody said."""
        for type_ in sorted(self.meta):
            said = self._common(type_).get("alias")
            if isinstance(said, str):
                line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
                if line:
                    return line[:LONGEST_NAME]
        return ""

    @property
    def energy(self) -> int | None:
        """Per cent; None where it is not known (-1) or not said."""
        levels = (self._common(type_).get("energyLevel") for type_ in sorted(self.meta))
        return next((level for level in levels if type(level) is int and 0 <= level <= 100), None)

    @property
    def parent(self) -> str | None:
        """The id of the device it belongs to."""
        for type_ in sorted(self.meta):
            said = self._common(type_).get("parentDeviceId")
            parent = device_id(said) if isinstance(said, str) else None
            if parent:
                return device_text(parent)
        return None

    @property
    def master(self) -> bool:
        """Whether it is the hub's own generator."""
        generator = self.meta.get(DeviceType.TIMECODE_GENERATOR, {})
        return any(member(generator, name).get("masterClock") is True for name in ("device", "properties"))

    @property
    def rate(self) -> str:
        """The project's timecode rate as this generator says it; "" where it does not."""
        generator = self.meta.get(DeviceType.TIMECODE_GENERATOR, {})
        for name in ("vendorTyped", "vendor"):
            said = member(generator, name).get("projectFramerate")
            if isinstance(said, str):
                try:
                    return Rate.parse(said).name
                except ValueError:
                    continue
        return ""

    def _common(self, type_: int) -> Mapping[str, Any]:
        return member(self.meta[type_], "common")


def member(meta: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    said = meta.get(name)
    return said if isinstance(said, Mapping) else {}
