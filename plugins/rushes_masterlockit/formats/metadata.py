"""What a device tells of itself; `merge_meta` makes one of its partial events."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from rushes_masterlockit.formats.form import Form, Maybe
from rushes_masterlockit.formats.happenings import TimeCode


class CommonMeta(Form, frozen=True, kw_only=True):
    """`energy_level` in per cent, -1 unknown."""

    alias: Maybe[str] = UNSET
    connected: Maybe[bool] = UNSET
    energy_level: Maybe[int] = UNSET
    parent_device_id: Maybe[str | None] = UNSET


class GeneratorDevice(Form, frozen=True, kw_only=True):
    """`device` of a timecode generator: whether it is the hub's own."""

    master_clock: Maybe[bool] = UNSET


class StorageDevice(Form, frozen=True, kw_only=True):
    """`device` of a storage: which clips it holds or wants."""

    type: Maybe[list[str]] = UNSET
    clips: Maybe[list[str]] = UNSET
    devices: Maybe[list[str]] = UNSET
    rolls: Maybe[list[str]] = UNSET
    project_days: Maybe[list[str]] = UNSET
    timecode_from: Maybe[TimeCode] = UNSET
    timecode_to: Maybe[TimeCode] = UNSET
    creation_from: Maybe[int] = UNSET
    creation_to: Maybe[int] = UNSET


class LockitVendor(Form, frozen=True, kw_only=True):
    """`vendorTyped` of a Lockit; the brackets of the seed mean types, not arrays.

    `project_framerate` is a name that `Rate.parse` reads, `us_diff` microseconds to the master of a C-Jam.
    """

    lockit_battery_type: Maybe[str] = UNSET
    acn_channel: Maybe[float] = UNSET
    is_in_hub_mode: Maybe[bool] = UNSET
    project_framerate: Maybe[str] = UNSET
    userbits: Maybe[str] = UNSET
    external_power: Maybe[bool] = UNSET
    unit_id: Maybe[str] = UNSET
    generator_source: Maybe[str] = UNSET
    tune_pwm: Maybe[str] = msgspec.field(name="tunePWM", default=UNSET)
    lockit_type: Maybe[str] = UNSET
    cjam_enabled: Maybe[bool] = UNSET
    us_diff: Maybe[float] = UNSET


class LensVendor(Form, frozen=True, kw_only=True):
    """`vendorTyped` of a lens (not in the seed; reference 3.4)."""

    manufacturer_name: Maybe[str] = UNSET
    serial_number: Maybe[str] = UNSET
    lens_type_name: Maybe[str] = UNSET
    firmware_version: Maybe[str] = UNSET
    lens_type: Maybe[str] = UNSET
    unit_type: Maybe[str] = UNSET


class DeviceMeta(Form, frozen=True, kw_only=True):
    """The three blocks stay objects: which format reads them depends on the device's type and vendor."""

    common: Maybe[CommonMeta] = UNSET
    device: Maybe[dict[str, Any]] = UNSET
    vendor: Maybe[dict[str, Any]] = UNSET
    vendor_typed: Maybe[dict[str, Any]] = UNSET
