"""Recordings that grow while the engine works, and components that follow them."""

from __future__ import annotations

from pathlib import Path

import trio

from engine_rig import clip_of, component, pipeline, route
from rushes import Receipt, Role


class Recorder:
    """A source with files that a test writes: each `write` is admitted as growing, `finish` as complete."""

    def __init__(self, folder: Path, *, catches_up=True):
        self.folder = folder
        self.catches_up = catches_up
        self.answers = []
        self._ready = trio.Event()
        self._intake = None
        folder.mkdir(parents=True, exist_ok=True)

    async def run(self, intake):
        self._intake = intake
        self._ready.set()
        if self.catches_up:
            await intake.caught_up()
        await trio.sleep_forever()

    async def _admit(self, clip):
        await self._ready.wait()
        [answer] = await self._intake.clips([clip])
        self.answers.append(answer.value)
        if not self.catches_up:
            await self._intake.caught_up()

    async def write(self, name, data=b"picture", *, admit=True):
        with (self.folder / name).open("ab") as file:
            file.write(data)
        if admit:
            await self.seen(name)

    async def seen(self, name, **changes):
        await self._admit(
            clip_of(
                self.folder / name,
                **{"complete": False, "completed_by": "", "head": "", "tail": ""} | changes,
            )
        )

    async def finish(self, name, data=b"", **changes):
        await self.write(name, data, admit=False)
        await self._admit(clip_of(self.folder / name, **changes))


class FollowingSink:
    """Follows every clip to its end, keeps what it saw of each, and sends its bytes as it has them."""

    def __init__(self):
        self.context = None
        self.seen = {}
        self.received = {}
        self.started = []
        self.pace_s = 0.0

    async def deliver(self, clip, resume, report):
        self.started.append((clip.filename, clip.complete, resume is not None))
        if resume is None:
            await report.begin({"asset": clip.id})
        seen = self.seen.setdefault(clip.filename, [])
        bytes_there = b""
        async for newest in self.context.follow(clip):
            seen.append((newest.size, newest.complete))
            with self.context.open(newest) as file:
                bytes_there = file.read(newest.size)
                self.context.verify(newest, file)
            self.context.progress(len(bytes_there), newest.size)
            await trio.sleep(self.pace_s)
        self.received[clip.filename] = bytes_there
        return Receipt(where="memory", id=clip.id, size=newest.size, sent=newest.size)


class CopyingTransform:
    """Copies a clip as it grows; announces its copy with the first bytes."""

    def __init__(self, *, announces=True, keeps=True):
        self.context = None
        self.calls = 0
        self.failing = None
        self._announces = announces
        self._keeps = keeps

    async def apply(self, clip):
        self.calls += 1
        made = self.context.workspace() / f"copy-{clip.filename}"
        with made.open("wb", buffering=0) as copy:
            announced = False
            async for newest in self.context.follow(clip):
                with self.context.open(newest) as file:
                    file.seek(copy.tell())
                    copy.write(file.read(newest.size - copy.tell()))
                if self.failing is not None:
                    failing, self.failing = self.failing, None
                    raise failing
                if self._announces and not announced:
                    announced = True
                    output = self.context.derive(clip, made, role=Role.PROXY, complete=False)
                    await self.context.announce(output)
        return [self.context.derive(clip, made, role=Role.PROXY)] if self._keeps else []


def live_pipeline(tmp_path, source, sink, *, steps=(), prepare=(), slots=1, live_sink=True, **route_options):
    """One source, one sink, one live route."""
    return pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        prepare=prepare,
        sinks=[component("sink", "sink", sink, slots=slots, live=live_sink)],
        routes=[route(steps=steps, **{"live": True} | route_options)],
    )
