"""A plugin for tests of whole runs: what it does goes wrong when a clip's name says so."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from rushes import AnySpec, Clip, Context, Finding, Options, Receipt, Report, Resume, Spec, hookimpl


class DeadlyOptions(Options):
    """`starts` is a file that gets a line for each delivery that was started."""

    starts: Path


class DeadlySink:
    """Takes the whole process with it when a clip's name begins with KILLS."""

    def __init__(self, options: DeadlyOptions) -> None:
        self._starts = options.starts

    async def deliver(self, clip: Clip, _resume: Resume | None, _report: Report, /) -> Receipt:
        with self._starts.open("a") as file:
            file.write(f"{clip.filename}\n")
        if clip.filename.startswith("KILLS"):
            os._exit(70)
        await trio.lowlevel.checkpoint()
        return Receipt(where="nowhere", id=clip.id, size=clip.size, sent=0)


@asynccontextmanager
async def open_deadly(options: DeadlyOptions, _context: Context) -> AsyncIterator[DeadlySink]:
    yield DeadlySink(options)


class GateOptions(Options):
    """`shut` is a file; while it is there, nothing goes through."""

    shut: Path


class Gate:
    """Says nothing about clips, late."""

    def __init__(self, options: GateOptions) -> None:
        self._shut = options.shut

    async def annotate(self, clips: Sequence[Clip], /) -> Sequence[Finding]:
        while self._shut.exists():
            await trio.sleep(0.05)
        return [Finding(clip=clip.id) for clip in clips]


@asynccontextmanager
async def open_gate(options: GateOptions, _context: Context) -> AsyncIterator[Gate]:
    yield Gate(options)


@hookimpl
def rushes_sinks() -> Sequence[AnySpec]:
    return [Spec(name="deadly", summary="kills the process", config=DeadlyOptions, open=open_deadly)]


@hookimpl
def rushes_annotators() -> Sequence[AnySpec]:
    return [Spec(name="gate", summary="holds clips up", config=GateOptions, open=open_gate)]
