"""Where clips, slates and claps outlive us: the ledger's table `records`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from rushes import Catalog, Intake, Record, Unavailable
from rushes_masterlockit.repository.index import RateFrom
from rushes_masterlockit.versions import Stored

#: What is no clip: said once, never edited.
NOTES = ("slate", "clap")

#: About so many bodies are read at once at a start.
_PART = 50_000

_CLIP = "source = ? AND kind NOT IN ('slate', 'clap')"
_COUNT = f"SELECT count(*) FROM records WHERE {_CLIP}"  # noqa: S608 - our own constants
#: Of each clip a `Head`: the ledger takes them out of all clips in a fraction of the time that handing these out
#: would take.
_HEADS = f"""
    SELECT kind, encode(clock), device, rate, rate_from, deleted, encode(json_group_array(json_extract(data, [
        '$.id', '$.tcStartSeconds', '$.tcStartFrames', '$.tcStopSeconds', '$.tcStopFrames', '$.created'
    ])))
    FROM records WHERE {_CLIP} GROUP BY ALL
"""  # noqa: S608 - our own constants
_LIVE_BODIES = f"""
    SELECT id, encode(data) FROM records WHERE {_CLIP} AND NOT deleted AND hash(id) % ? = ?
"""  # noqa: S608 - our own constants
_DISPUTED = f"SELECT id FROM records WHERE {_CLIP} AND conflicts <> '[]'"  # noqa: S608 - our own constants
_CHOSEN = "source = ? AND id IN (SELECT unnest(?::VARCHAR[]))"
_FETCH = f"""
    SELECT id, encode(clock), encode(data), deleted, encode(history), encode(conflicts)
    FROM records WHERE {_CHOSEN}
"""  # noqa: S608 - our own constants
_BODIES = f"SELECT id, encode(data) FROM records WHERE {_CHOSEN}"  # noqa: S608 - our own constants
_NOTES = "SELECT id, device, encode(data), seen FROM records WHERE source = ? AND kind = ? ORDER BY seen, id"
_NOTE_IDS = "SELECT id FROM records WHERE source = ? AND kind IN ('slate', 'clap')"


class Head(Struct, array_like=True, gc=False, frozen=True):
    """What is a clip's own of all that the index holds; whoever wrote the other members may have written anything."""

    id: str
    start_seconds: Any
    start_frames: Any
    stop_seconds: Any
    stop_frames: Any
    created: Any


class Alike(Struct, gc=False, frozen=True):
    """Clips of which all else is the same: most were edited by one device, once."""

    kind: Literal["video", "sound"]
    clock: dict[str, int]
    device: str
    rate: str
    rate_from: RateFrom
    deleted: bool
    heads: list[Head]


class Note(Struct, gc=False, frozen=True):
    """A slate info or a clap, with who said it and when (seconds since the epoch)."""

    id: str
    device: str
    data: dict[str, Any]
    seen: float


_heads = msgspec.json.Decoder(list[Head]).decode
_clock = msgspec.json.Decoder(dict[str, int]).decode
_object = msgspec.json.Decoder(dict[str, Any]).decode
_objects = msgspec.json.Decoder(list[dict[str, Any]]).decode


class Archive(Protocol):
    """Every call raises RushesError with one line for people."""

    @property
    def source(self) -> str:
        """Whose records they are."""

    async def heads(self) -> Sequence[Alike]:
        """Of every clip, tombstones too, in no order."""

    def live_bodies(self) -> AsyncIterator[Sequence[tuple[str, bytes]]]:
        """Id and JSON of every clip that is not deleted, in parts and in no order."""

    async def disputed(self) -> Sequence[str]:
        """The ids of clips with conflicts."""

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

    async def heads(self) -> Sequence[Alike]:
        return [
            Alike(kind, _clock(clock), device, rate, rate_from, deleted, _heads(heads))
            for kind, clock, device, rate, rate_from, deleted, heads in await self._catalog.query(
                _HEADS, [self._source]
            )
        ]

    async def live_bodies(self) -> AsyncIterator[Sequence[tuple[str, bytes]]]:
        [(count,)] = await self._catalog.query(_COUNT, [self._source])
        parts = count // _PART + 1
        for part in range(parts):
            yield await self._catalog.query(_LIVE_BODIES, [self._source, parts, part])

    async def disputed(self) -> Sequence[str]:
        return [identity for (identity,) in await self._catalog.query(_DISPUTED, [self._source])]

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
