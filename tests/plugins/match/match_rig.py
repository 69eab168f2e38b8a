"""A set for tests of the annotator: clips and records told in a few words, and a pipeline that matches them."""

from __future__ import annotations

import json
import math
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import trio

from engine_rig import FunctionSink, engine_of, pipeline, route, running
from engine_rig import component as double
from rushes import Clip, Device, Kind, Record, Role
from rushes.config.pipeline import Component
from rushes.ledger import MEMORY
from rushes.timecode import Timecode
from rushes_match import rushes_annotators

DAY = datetime(2026, 11, 22)  # noqa: DTZ001 - as the ledger holds times
RATE = "25"


def picture(name: str, timecode: str, seconds: float = 20, *, off: int = 0, **meta: Any) -> Clip:
    """A camera's file; its wall clock and its timecode are one clock, `off` by days."""
    told = {"timecode": timecode, "timecode_rate": RATE, "rate": RATE, "frames": round(seconds * 25)}
    return _clip(name, Kind.VIDEO, Role.ORIGINAL, "A001", {**told, "created": _at(timecode, off), **meta})


def sound(name: str, timecode: str, seconds: float = 30, **meta: Any) -> Clip:
    """A recorder's."""
    begins = Timecode.parse(timecode, RATE)
    told = {
        "timecode": timecode,
        "timecode_rate": RATE,
        "sample_rate": 48_000,
        "start_sample": begins.to_samples(48_000),
        "duration": float(seconds),
        "channels": 2,
    }
    return _clip(name, Kind.AUDIO, Role.SOUND, "SOUND1", {**told, "recorded": _at(timecode, 0), **meta})


def sidecar(name: str, *rows: dict[str, Any]) -> Clip:
    """A sidecar as `probe` reads it: each row names a clip and tells of it."""
    return _clip(name, Kind.DATA, Role.SIDECAR, "REPORTS", {"sidecar": json.dumps(rows)})


def record(id_: str, file_name: str, **data: Any) -> Record:
    """What a device said of a recording on the first day."""
    told = {
        "id": id_,
        "type": "video",
        "clipName": file_name.rpartition(".")[0],
        "fileName": file_name,
        "projectDay": {"number": 1, "date": "2026-11-22"},
        "version": {"0102030405060708": 1},
        **data,
    }
    return Record(
        id=id_, source="set", kind=told["type"], device="0102030405060708", data=told, rate=RATE, seen=1.0
    )


def _at(timecode: str, day: int) -> datetime:
    return DAY + timedelta(days=day, seconds=math.floor(Timecode.parse(timecode, RATE).seconds))


def _clip(name: str, kind: Kind, role: Role, card: str, meta: dict[str, Any]) -> Clip:
    told = meta.get("created") or meta.get("recorded") or DAY
    return Clip(
        volume=f"test:{card}", card=card, path=name, kind=kind, role=role, size=1000,
        mtime_ns=int(told.replace(tzinfo=UTC).timestamp() * 1e9), head=name.encode().hex(), tail="00",
        completed_by="closed", meta=meta,
    )  # fmt: skip


class Feed:
    """A source that admits what it is given, when it is given it."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[Any](math.inf)

    async def run(self, intake: Any) -> None:
        await intake.caught_up()
        async for facts in self._receive:
            if isinstance(facts[0], Device):
                await intake.devices(facts)
            elif isinstance(facts[0], Record):
                await intake.records(facts)
            else:
                await intake.clips(facts)

    def give(self, *facts: Clip | Record | Device) -> None:
        """One batch."""
        self._send.send_nowait(facts)


def match(**options: Any) -> Component:
    [spec] = rushes_annotators()
    return Component(
        id="match",
        use="match",
        kind="annotator",
        spec=spec,
        options=spec.config(**options),
        slots=1,
        where="test:1",
    )


class Set:
    """A running pipeline with a feed."""

    def __init__(self, engine: Any, feed: Feed, sink: FunctionSink) -> None:
        self.engine, self.feed, self.sink = engine, feed, sink

    async def give(self, *facts: Clip | Record) -> None:
        """Admit one batch, and return once all that follows from it is in the ledger."""
        before = await self._admitted()
        self.feed.give(*facts)
        while await self._admitted() == before:
            await trio.sleep(0.01)
        await self.settle()

    async def devices(self, *present: tuple[str, str]) -> None:
        """These are on the set's network: ids and names."""
        self.feed.give(*(Device(id=id_, source="set", type="camera", name=name) for id_, name in present))
        await self.until("SELECT count(*) FROM devices")

    async def _admitted(self) -> int:
        [(count,)] = await self.engine._ledger.query(
            "SELECT count(*) FROM events WHERE kind LIKE '%.admitted'"
        )
        return count

    async def settle(self) -> None:
        """Return once every clip is annotated as often as it must be."""
        left = "SELECT (SELECT count(*) FROM backlog) + (SELECT count(*) FROM record_backlog)"
        while not self.engine._preparation.idle or (await self.query(left))[0][0]:
            await trio.sleep(0.01)

    async def until(self, sql: str) -> None:
        """Return once a count is not 0 and all is settled."""
        while not (await self.query(sql))[0][0]:
            await trio.sleep(0.01)
        await self.settle()

    async def planned(self) -> set[str]:
        """Names of the clips that have a job which was not withdrawn."""
        rows = await self.query(
            "SELECT DISTINCT c.name FROM jobs j JOIN clips c ON c.id = j.clip JOIN steps s ON s.job = j.id "
            "WHERE s.state <> 'withdrawn'"
        )
        return {name for (name,) in rows}

    async def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return await self.engine._ledger.query(sql, list(parameters))

    async def links(self, state: str = "matched") -> set[tuple[str, str, str]]:
        """Names of clip and other, and the kind; of a record its id."""
        rows = await self.query(
            "SELECT c.name, coalesce(o.name, l.other), l.kind FROM links l JOIN clips c ON c.id = l.clip "
            "LEFT JOIN clips o ON o.id = l.other WHERE l.state = ? AND NOT c.superseded",
            state,
        )
        return {tuple(row) for row in rows}

    async def told(self, name: str, *columns: str) -> tuple[Any, ...]:
        """Columns of the clip of that name."""
        [row] = await self.query(
            f"SELECT {', '.join(columns)} FROM clips WHERE name = ? AND NOT superseded", name
        )
        return row if len(columns) > 1 else row[0]

    async def decisions(self, count: int) -> None:
        """Return once so many are remembered."""
        kept = "SELECT coalesce(max(json_array_length(value)), 0) FROM store WHERE key = 'decisions'"
        while (await self.query(kept))[0][0] < count:
            await trio.sleep(0.01)

    async def act(self, action: str, **arguments: str) -> Any:
        async def tell(_facts: Any) -> None:
            await trio.lowlevel.checkpoint()

        answer = await self.engine.act("match", action, arguments, tell)
        await self.settle()
        return answer


def pipeline_of(
    tmp_path: Any, feed: Any, sink: Any, *, when: str = "matched = 'matched'", **options: Any
) -> Any:
    return pipeline(
        tmp_path,
        sources=[double("source", "set", feed)],
        prepare=[match(**options)],
        sinks=[double("sink", "sink", sink, slots=4)],
        routes=[route("matched", when=when)],
    )


@asynccontextmanager
async def on_set(
    tmp_path: Any, *, ledger: Any = MEMORY, clock: Any = trio.current_time, **options: Any
) -> Any:
    """A pipeline that delivers what was matched."""
    feed, sink = Feed(), FunctionSink()
    made = pipeline_of(tmp_path, feed, sink, **options)
    async with engine_of(made, ledger=ledger, clock=clock) as engine, running(engine):
        yield Set(engine, feed, sink)
