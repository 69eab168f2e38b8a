"""Export: a report, in the acknowledgement or as a file in the hub's own storage."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import trio

from rushes import NotFound, Permanent, Transient
from rushes_masterlockit import reports
from rushes_masterlockit.formats import Demand, FormatError, device_id, device_text, parse_demand, strict
from rushes_masterlockit.hub.answers import fitting
from rushes_masterlockit.protocol import Export, ExportType

if TYPE_CHECKING:
    from rushes_masterlockit.hub.house import House

#: Names that mean a device on Windows, with any extension: the storage may be shared with one.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.ASCII)

_MOST_NAME_BYTES = 200

#: Reports that are made at once: each holds a processor and all its clips.
_makers = trio.CapacityLimiter(1)


class Order(msgspec.Struct, frozen=True):
    """What an export configuration says. `folder` is None where the report goes into the acknowledgement."""

    demand: Demand
    header: Any
    folder: Path | None = None
    name: str = ""


async def export(house: House, asked: Export) -> bytes:
    """The data of the acknowledgement: the report, or nothing once it lies in the storage.

    FormatError for a configuration that cannot be read; RushesError for a storage that is none, a name that is no
    file's, a disk that is full.
    """
    order = read_order(house, asked.configuration)
    repository = house.repository
    ids = repository.ids(order.demand)
    bodies, rates = await repository.bodies(ids), repository.rates(ids)
    claps = await repository.notes("clap")
    names = {device_text(device): known.name for device, known in house.desk.known.items()}
    make = partial(_make, ExportType(asked.export_type), bodies, claps, order, (house.rate, rates), names)
    report = await trio.to_thread.run_sync(make, limiter=_makers, abandon_on_cancel=True)
    if order.folder is None:
        return fitting(report, house.options.max_message, "order it to a storage")
    try:
        await trio.to_thread.run_sync(store, order.folder, order.name, report)
    except OSError as error:
        raise Transient(
            f"{order.name} cannot be written ({error.strerror}); see the storage of the hub"
        ) from error
    return b""


def read_order(house: House, configuration: bytes) -> Order:
    """Raises as `export`."""
    said = strict(configuration)
    if not isinstance(said, dict):
        raise FormatError("an export configuration is a JSON object")
    wanted = said.get("demand")
    demand = parse_demand({} if wanted is None else wanted)
    target, name = said.get("targetDeviceId"), said.get("filename")
    if not isinstance(target, str | None) or not isinstance(name, str | None):
        raise FormatError("targetDeviceId and filename are strings")
    # Absent, empty, or zeros however they are written (A11).
    if target is None or not target.removeprefix("0x").strip("0-"):
        return Order(demand, said.get("headerData"))
    device = device_id(target)
    if device != house.storage_id or house.options.exports is None:
        raise NotFound(
            f"device {target!r} is no storage of this hub; its own is announced as a storage device"
        )
    if name is None:
        raise FormatError("a report for a storage has a filename")
    return Order(demand, said.get("headerData"), house.options.exports, checked_name(name))


def checked_name(name: str) -> str:
    """A file's name that stays in its folder on any system; Permanent else."""
    if (
        name != name.strip(" .")
        or not name
        or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name)
        or ".." in name
        or _RESERVED.fullmatch(name)
        or len(name.encode()) > _MOST_NAME_BYTES
    ):
        raise Permanent(f"{name[:60]!r} is no name for a file; give one without a folder")
    return name


def store(folder: Path, name: str, data: bytes) -> None:
    """Whole and durable under its name, or not there at all; a report of the same name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    # Of its own, and made here: two may write the same report at once, and what lies there already may be a link.
    temporary = folder / f".{name}.{secrets.token_hex(4)}.part"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / name)
    finally:
        temporary.unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(
    kind: ExportType,
    bodies: Sequence[bytes],
    claps: Sequence[Mapping[str, Any]],
    order: Order,
    counted: tuple[str, Mapping[str, str]],
    names: Mapping[str, str],
) -> bytes:
    """In a thread: a report of many clips takes seconds."""
    rate, rates = counted
    clips = [msgspec.json.decode(body) for body in bodies]
    # The log of slates is of the slates that are asked for; to any other report claps lend the names of people.
    wanted = replace(order.demand, clips=None)
    if kind is not ExportType.SLATE_LOG:
        wanted = replace(wanted, devices=None)
    _, meant = reports.select((), claps, reports.Filters(demand=wanted))
    now = datetime.now().astimezone()
    slates = reports.called(meant, names)
    return reports.make(kind, clips, slates, order.header, project_rate=rate, when=now, rates=rates)
