"""A plugin for tests of whole runs: sub-devices are on the set as a file says, and clips are those of one of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from rushes import AnySpec, Clip, Context, Device, Finding, Intake, Options, Spec, hookimpl


class CrewOptions(Options):
    """`present` is a file with the names of the cameras that are there, as a JSON list."""

    present: Path


class Crew:
    """Cameras come and go."""

    def __init__(self, options: CrewOptions, context: Context) -> None:
        self._file = options.present
        self._id = context.id

    async def run(self, intake: Intake, /) -> None:
        told: list[str] | None = None
        await intake.caught_up()
        while True:
            there = json.loads(self._file.read_text())
            if there != told:
                gone = [self._camera(name, present=False) for name in told or () if name not in there]
                await intake.devices([*gone, *(self._camera(name) for name in there)])
                told = there
            await trio.sleep(0.05)

    def _camera(self, name: str, *, present: bool = True) -> Device:
        return Device(id=f"camera-{name}", source=self._id, type="camera", name=name, present=present)


@asynccontextmanager
async def open_crew(options: CrewOptions, context: Context) -> AsyncIterator[Crew]:
    yield Crew(options, context)


class Label:
    """A clip is its camera's whose name its own begins with; X is none."""

    async def annotate(self, clips: Sequence[Clip], /) -> Sequence[Finding]:
        await trio.lowlevel.checkpoint()
        names = {clip.id: clip.filename[0] for clip in clips if clip.filename[0] != "X"}
        return [
            Finding(clip=clip.id, values={"device": names[clip.id]} if clip.id in names else {})
            for clip in clips
        ]


@asynccontextmanager
async def open_label(_options: Options, _context: Context) -> AsyncIterator[Label]:
    yield Label()


@hookimpl
def rushes_sources() -> Sequence[AnySpec]:
    return [Spec(name="crew", summary="tells who is there", config=CrewOptions, open=open_crew)]


@hookimpl
def rushes_annotators() -> Sequence[AnySpec]:
    return [Spec(name="label", summary="names the camera", config=Options, open=open_label)]
