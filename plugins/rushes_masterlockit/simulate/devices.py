"""The devices of a simulated set, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from rushes.timecode import Rate
from rushes_masterlockit.formats import device_text, fps_name
from rushes_masterlockit.protocol import DeviceType

A_CAM, B_CAM, RECORDER, TABLET, SLATE, LOCKIT, LENS = (
    "A-Cam",
    "B-Cam",
    "Recorder",
    "Tablet",
    "Slate",
    "Lockit",
    "A-Lens",
)

_TYPES = {
    A_CAM: DeviceType.CAMERA,
    B_CAM: DeviceType.CAMERA,
    RECORDER: DeviceType.SOUND_RECORDER,
    TABLET: DeviceType.SLATE_INFO,
    SLATE: DeviceType.SLATE,
    LOCKIT: DeviceType.TIMECODE_GENERATOR,
    LENS: DeviceType.LENS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SetDevice:
    """`meta` is what it tells of itself, as a DeviceMetaEvent has it."""

    name: str
    id: int
    type: DeviceType
    meta: Mapping[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """Its id as JSON has it."""
        return device_text(self.id)


def devices(random: Random, rate: Rate) -> Mapping[str, SetDevice]:
    """By name; the same ids whenever `random` begins with the same seed."""
    ids = {name: random.getrandbits(63) | 1 for name in _TYPES}
    return {
        name: SetDevice(name=name, id=ids[name], type=type_, meta=_meta(name, ids, random, rate))
        for name, type_ in _TYPES.items()
    }


def _meta(name: str, ids: Mapping[str, int], random: Random, rate: Rate) -> Mapping[str, Any]:
    parent = {LENS: A_CAM}.get(name)
    energy = -1 if name == LENS else random.randint(55, 100)
    return {
        "common": {
            "alias": name,
            "connected": True,
            "energyLevel": energy,
            "parentDeviceId": device_text(ids[parent]) if parent else None,
        },
        "device": {"masterClock": False} if name == LOCKIT else {},
        "vendor": {},
        "vendorTyped": _typed(name, random, rate),
    }


def _typed(name: str, random: Random, rate: Rate) -> Mapping[str, Any]:
    match name:
        case "Lockit":
            return {
                "acnChannel": random.randint(11, 26),
                "projectFramerate": fps_name(rate),
                "cjamEnabled": True,
                "isInHubMode": False,
                "externalPower": False,
                "usDiff": random.randint(-8, 8),
                "unitId": f"{random.getrandbits(24):06x}",
            }
        case "A-Lens":
            return {
                "manufacturerName": "Carl Zeiss AG",
                "serialNumber": str(random.randint(10_000_000, 99_999_999)),
                "lensTypeName": "CP.3 XD 50mm T2.1",
                "firmwareVersion": "1.22",
                "lensType": "prime",
                "unitType": "metric",
            }
        case _:
            return {}


def recording(all_: Mapping[str, SetDevice]) -> Sequence[SetDevice]:
    """Those that make files."""
    return [all_[name] for name in (A_CAM, B_CAM, RECORDER)]
