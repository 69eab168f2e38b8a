"""What is known of a device, grown from partial events (A19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rushes_masterlockit.formats.plain import plain


def merge_meta(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`old` with what `new` says: objects member by member, anything else as a whole; null takes a member away.

    `properties.masterClock`, as the seed's prose has it, becomes `device.masterClock`. Nothing is shared with
    the arguments.
    """
    return _merged(_settled(old), _settled(new))


def write_meta(meta: Mapping[str, Any]) -> bytes:
    """As JSON for the wire, always with `common` and `vendorTyped`: a known client ignores metadata without."""
    return msgspec.json.encode({"common": {}, "vendorTyped": {}, **meta})


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    result = {name: plain(value) for name, value in old.items() if name not in new}
    for name, value in new.items():
        if isinstance(value, Mapping):
            below = old.get(name)
            result[name] = _merged(below if isinstance(below, Mapping) else {}, value)
        elif value is not None:
            result[name] = plain(value)
    return result


def _settled(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = meta.get("properties")
    if not isinstance(properties, Mapping) or "masterClock" not in properties:
        return meta
    rest = {name: value for name, value in properties.items() if name != "masterClock"}
    settled = {name: value for name, value in meta.items() if name != "properties"}
    if rest:
        settled["properties"] = rest
    device = meta.get("device")
    settled["device"] = {
        "masterClock": properties["masterClock"],
        **(device if isinstance(device, Mapping) else {}),
    }
    return settled
