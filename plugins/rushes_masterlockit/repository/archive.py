"""Where clips, slates and claps outlive us: the ledger's table `records`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from rushes import Catalog, Intake, Record, Unavailable
from rushes_masterlockit.repository.index import RateFrom
from rushes_masterlockit.versions import Stored

#: What is no clip: said once, never edited.
NOTES = ("slate", "clap")

#: About so many clips are read at once at a start.
_PART = 50_000

_CLIP = "source = ? AND kind NOT IN ('slate', 'clap')"
_COUNT = f"SELECT count(*) FROM records WHERE {_CLIP}"  # noqa: S608 - our own constants
_LOAD = f"""
    SELECT device, encode(data), rate, rate_from, deleted, encode(nullif(conflicts, '[]'))
    FROM records WHERE {_CLIP} AND hash(id) % ? = ?
"""  # noqa: S608 - our own constants
_CHOSEN = "source = ? AND id IN (SELECT unnest(?::VARCHAR[]))"
_FETCH = f"""
    SELECT id, encode(clock), encode(data), deleted, encode(history), encode(conflicts)
    FROM records WHERE {_CHOSEN}
"""  # noqa: S608 - our own constants
_BODIES = f"SELECT id, encode(data) FROM records WHERE {_CHOSEN}"  # noqa: S608 - our own constants
_NOTES = "SELECT id, device, encode(data), seen FROM records WHERE source = ? AND kind = ? ORDER BY seen, id"
_NOTE_IDS = "SELECT id FROM records WHERE source = ? AND kind IN ('slate', 'clap')"

_clock = msgspec.json.Decoder(dict[str, int]).decode
_object = msgspec.json.Decoder(dict[str, Any]).decode
_objects = msgspec.json.Decoder(list[dict[str, Any]]).decode


class Row(Struct, gc=False, frozen=True):
    """A clip as it lies in the archive, without its past; `data` is its JSON."""

    device: str
    data: bytes
    rate: str
    rate_from: RateFrom
    deleted: bool
    conflicts: list[dict[str, Any]]


class Note(Struct, gc=False, frozen=True):
    """A slate info or a clap, with who said it and when (seconds since the epoch)."""

    id: str
    device: str
    data: dict[str, Any]
    seen: float


class Archive(Protocol):
    """Every call raises RushesError with one line for people."""

    @property
    def source(self) -> str:
        """Whose records they are."""

    def load(self) -> AsyncIterator[Sequence[Row]]:
        """Every clip, tombstones too, in parts and in no order."""

    async def note_ids(self) -> Sequence[str]:
        """Of every slate info and clap."""

    async def notes(self, kind: str) -> Sequence[Note]:
        """The oldest first."""

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Stored]:
        """What is held of these clips, their past too."""

    async def bodies(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        """These clips as JSON."""

    async def write(self, records: Sequence[Record]) -> None:
        """All of them are durable when this returns, or none is."""


class LedgerArchive:
    """The records of one source. Without an intake it can only be read: nothing runs that writes."""

    def __init__(self, catalog: Catalog, intake: Intake | None, source: str) -> None:
        self._source = source
        self._catalog = catalog
        self._intake = intake

    @property
    def source(self) -> str:
        return self._source

    async def load(self) -> AsyncIterator[Sequence[Row]]:
        [(count,)] = await self._catalog.query(_COUNT, [self._source])
        parts = count // _PART + 1
        for part in range(parts):
            rows = await self._catalog.query(_LOAD, [self._source, parts, part])
            yield [
                Row(device, data, rate, rate_from, deleted, _objects(conflicts) if conflicts else [])
                for device, data, rate, rate_from, deleted, conflicts in rows
            ]

    async def note_ids(self) -> Sequence[str]:
        return [identity for (identity,) in await self._catalog.query(_NOTE_IDS, [self._source])]

    async def notes(self, kind: str) -> Sequence[Note]:
        rows = await self._catalog.query(_NOTES, [self._source, kind])
        return [Note(identity, device, _object(data), seen) for identity, device, data, seen in rows]

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Stored]:
        rows = await self._catalog.query(_FETCH, [self._source, list(ids)]) if ids else []
        return {
            identity: Stored(
                clock=_clock(clock), data=_object(data), deleted=deleted,
                history=_objects(history), conflicts=_objects(conflicts),
            )
            for identity, clock, data, deleted, history, conflicts in rows
        }  # fmt: skip

    async def bodies(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        rows = await self._catalog.query(_BODIES, [self._source, list(ids)]) if ids else []
        return dict(rows)

    async def write(self, records: Sequence[Record]) -> None:
        if self._intake is None:
            raise Unavailable(f"{self._source}: nothing runs that writes; start it with: pipeline run FILE")
        await self._intake.records(records)
