"""A plugin for tests of whole runs: clips of one name are a couple, and records tell the scene of a name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from rushes import AnySpec, Clip, Context, Finding, Intake, Link, Options, Record, Spec, hookimpl


class ScriptOptions(Options):
    """`file` has a line for each name whose scene is told, `NAME SCENE`."""

    file: Path


class Script:
    """Tells each line once in its life: what the engine forgets of it is lost."""

    def __init__(self, options: ScriptOptions, context: Context) -> None:
        self._file = options.file
        self._context = context

    async def run(self, intake: Intake, /) -> None:
        told = await self._context.store.get("told", 0)
        while True:
            lines = self._file.read_text().splitlines()
            for line in lines[told:]:
                name, scene = line.split()
                record = Record(
                    id=name, source=self._context.id, kind="clip", device="script", clock={},
                    data={"scene": scene}, rate="24", rate_from="",
                )  # fmt: skip
                await intake.records([record])
                told += 1
                await self._context.store.set("told", told)
            await intake.caught_up()
            await trio.sleep(0.02)


class CouplesOptions(Options):
    """What the file `held` says is never finished: again, clips, records. `reached` then comes into being."""

    held: Path
    reached: Path


class Couples:
    """A clip is matched when another has its name; both are known by then, or the earlier one is named."""

    def __init__(self, options: CouplesOptions, context: Context) -> None:
        self._options = options
        self._query = context.catalog.query

    async def _pass(self, moment: str) -> None:
        if self._options.held.read_text() == moment:
            self._options.reached.touch()
            await trio.sleep_forever()

    async def annotate(self, clips: Sequence[Clip], /) -> Sequence[Finding]:
        if await self._query("SELECT 1 FROM findings WHERE clip = ?", [clips[0].id]):
            await self._pass("again")
        findings = []
        for clip in clips:
            scenes = await self._query("SELECT data->>'scene' FROM records WHERE id = ?", [clip.name])
            others = await self._partners(clip)
            values = {"matched": "matched" if others else "none"} | (
                {"scene": scenes[0][0]} if scenes else {}
            )
            links = [Link(clip=clip.id, other=other, kind="couple", score=1.0) for other in others]
            findings.append(Finding(clip=clip.id, values=values, links=links))
        return findings

    async def affected(self, clips: Sequence[Clip], records: Sequence[str], /) -> Collection[str]:
        await self._pass("records" if records else "clips")
        if records:
            clips_by_name = await self._query("SELECT id, name FROM clips")
            return [clip for clip, name in clips_by_name if name in records]
        told = {clip for (clip,) in await self._query("SELECT clip FROM links")} | {clip.id for clip in clips}
        return {other for clip in clips for other in await self._partners(clip)} - told

    async def _partners(self, clip: Clip) -> list[str]:
        rows = await self._query("SELECT id FROM clips WHERE name = ? AND id <> ?", [clip.name, clip.id])
        return [other for (other,) in rows]


@asynccontextmanager
async def open_script(options: ScriptOptions, context: Context) -> AsyncIterator[Script]:
    yield Script(options, context)


@asynccontextmanager
async def open_couples(options: CouplesOptions, context: Context) -> AsyncIterator[Couples]:
    yield Couples(options, context)


@hookimpl
def rushes_sources() -> Sequence[AnySpec]:
    return [Spec(name="script", summary="tells scenes", config=ScriptOptions, open=open_script)]


@hookimpl
def rushes_annotators() -> Sequence[AnySpec]:
    return [Spec(name="couples", summary="finds couples", config=CouplesOptions, open=open_couples)]
