"""A client with a repository in memory, and what it told the engine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from rushes import Device, Record
from rushes.testing import FakeIntake, StandIn
from rushes_masterlockit.client import Client
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.repository import Alike, Head, Note, Repository
from rushes_masterlockit.versions import Stored

from .scripted_hub import KEY, SECRET, Hub

OWN = 0x0102030405060708
OWN_TEXT = "0102030405060708"


class Shelf:
    """An archive in memory. `commits` holds the ids of each write; while `gate` is set, writes wait for it."""

    source = "set"

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.commits: list[list[str]] = []
        self.gate: trio.Event | None = None

    async def heads(self) -> Sequence[Alike]:
        await trio.lowlevel.checkpoint()
        return [
            Alike(
                r.kind, dict(r.clock), r.device, r.rate, r.rate_from, r.deleted,
                [Head(r.id, None, None, None, None, r.data.get("created"))],
            )
            for r in self.records.values()
            if r.kind in {"video", "sound"}
        ]  # fmt: skip

    async def live_bodies(self) -> AsyncIterator[Sequence[tuple[str, bytes]]]:
        await trio.lowlevel.checkpoint()
        yield [(r.id, json.dumps(r.data).encode()) for r in self.records.values() if not r.deleted]

    async def disputed(self) -> Sequence[str]:
        await trio.lowlevel.checkpoint()
        return [r.id for r in self.records.values() if r.conflicts]

    async def note_ids(self) -> Sequence[str]:
        await trio.lowlevel.checkpoint()
        return [r.id for r in self.records.values() if r.kind in {"slate", "clap"}]

    async def notes(self, kind: str) -> Sequence[Note]:
        await trio.lowlevel.checkpoint()
        return [Note(r.id, r.device, dict(r.data), r.seen) for r in self.records.values() if r.kind == kind]

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Stored]:
        await trio.lowlevel.checkpoint()
        held = (self.records[id_] for id_ in ids if id_ in self.records)
        return {
            r.id: Stored(
                dict(r.clock),
                dict(r.data),
                r.deleted,
                list(map(dict, r.history)),
                list(map(dict, r.conflicts)),
            )
            for r in held
        }

    async def bodies(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        await trio.lowlevel.checkpoint()
        return {id_: json.dumps(self.records[id_].data).encode() for id_ in ids if id_ in self.records}

    async def write(self, records: Sequence[Record]) -> None:
        await trio.lowlevel.checkpoint()
        if self.gate is not None:
            await self.gate.wait()
        self.commits.append([record.id for record in records])
        self.records.update((record.id, record) for record in records)


@dataclass(eq=False)
class Rig:
    client: Client
    repository: Repository
    shelf: Shelf
    context: StandIn
    intake: FakeIntake
    task: trio.CancelScope = field(default_factory=trio.CancelScope)

    @property
    def facts(self) -> dict[str, Any]:
        return self.context.facts

    def present(self) -> dict[str, str]:
        """Name to type of the devices that the engine takes to be there."""
        newest = {device.id: device for device in self.intake.seen_devices}
        return {device.name: device.type for device in newest.values() if device.present}


def options_for(hub: Hub, **options: Any) -> MasterlockitOptions:
    return MasterlockitOptions(host="127.0.0.1", port=hub.port, alias="Cart", **options)


@asynccontextmanager
async def following(
    hub: Hub,
    folder: Path,
    *,
    shelf: Shelf | None = None,
    secret: bytes = SECRET,
    wait: bool = True,
    there: Sequence[Device] = (),
    store: Any = None,
    **options: Any,
) -> AsyncIterator[Rig]:
    """A client that follows the hub; with `wait`, once its first sync is done. `there` are the devices that the
    engine takes to be there, `store` is that of an earlier process.
    """
    context = StandIn(folder, None, "set")  # type: ignore[arg-type] - a client runs no commands
    context.devices.set(*there)
    context.store = store or context.store
    intake = FakeIntake()
    shelf = shelf or Shelf()
    chosen = options_for(hub, **options)
    rig: Rig | None = None
    repository = Repository(
        shelf, OWN_TEXT, bodies=False, rate=lambda: rig.client.rate if rig else "", now=lambda: 1325376000.0
    )
    await repository.load()
    client = Client(
        chosen, Credentials(KEY, secret), repository, own=OWN, context=context, tell_devices=intake.devices
    )
    rig = Rig(client, repository, shelf, context, intake)
    async with trio.open_nursery() as nursery:
        await nursery.start(repository.run)

        async def run() -> None:
            with rig.task:
                await client.run(intake.caught_up)

        nursery.start_soon(run)
        if wait:
            await intake.caught.wait()
        yield rig
        nursery.cancel_scope.cancel()


async def eventually(condition: Any, what: str = "") -> None:
    """Return once `condition()` is true; on trio's clock, so that a test which waits in vain fails."""
    with trio.move_on_after(20):
        while not condition():
            await trio.sleep(0.01)
        return
    raise AssertionError(f"never came about: {what or condition}")
