"""What the hub knows of a device, present or not, and how that is kept in the component's store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rushes_masterlockit.formats import device_text, merge_meta
from rushes_masterlockit.formats.about import one_line

#: The largest metadata of one device and type, as JSON: what is larger would be more than small clients can take
#: unasked (reference, section 7).
MOST_META = 32 * 1024

#: The longest name of a device, in characters.
MOST_NAME = 255


@dataclass(slots=True)
class Known:
    """One device. `alias` is what it calls itself, `given` what a person called it; `types` maps each type that
    it registered as to the metadata it told, merged. `gone_at` is when it was last there, in epoch seconds.
    """

    id: int
    alias: str = ""
    given: str = ""
    types: dict[int, dict[str, Any]] = field(default_factory=dict)
    gone_at: float = 0.0

    @property
    def name(self) -> str:
        """A person's word wins over the device's own, until the device is removed."""
        return self.given or self.alias or device_text(self.id)

    def hear(self, type_: int, told: Mapping[str, Any]) -> bool:
        """Merge partial metadata; False where it would become too large, and nothing changed."""
        merged = merge_meta(self.types.get(type_, {}), told)
        if len(json.dumps(merged)) > MOST_META:
            return False
        self.types[type_] = merged
        common = told.get("common")
        if isinstance(common, Mapping) and isinstance(alias := common.get("alias"), str) and alias:
            self.alias = one_line(alias, MOST_NAME)
        return True

    def metadata(self, type_: int, *, connected: bool) -> dict[str, Any]:
        """A whole DeviceMetaEvent: clients rely on `common` and `vendorTyped` being there."""
        whole: dict[str, Any] = {
            "common": {"energyLevel": -1, "parentDeviceId": None},
            "device": {},
            "vendor": {},
            "vendorTyped": {},
        }
        for part, value in self.types.get(type_, {}).items():
            if part in whole and not isinstance(value, Mapping):
                continue  # nobody could read it
            whole[part] = {**whole[part], **value} if part in whole else value
        whole["common"] |= {"alias": self.name, "connected": connected}
        return whole

    def document(self) -> dict[str, Any]:
        """What is kept of it: JSON values."""
        return {
            "alias": self.alias,
            "given": self.given,
            "types": {str(type_): told for type_, told in self.types.items()},
            "gone_at": self.gone_at,
        }

    @classmethod
    def read(cls, id_: str, kept: Mapping[str, Any]) -> Known:
        """What `document` wrote."""
        types = {int(type_): dict(told) for type_, told in kept["types"].items()}
        return cls(int(id_, 16), kept["alias"], kept["given"], types, kept["gone_at"])
