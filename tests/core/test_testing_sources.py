"""`check_source` passes a source that keeps its promises, and tells each that a broken one breaks."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from rushes import Clip, Device, Options, Record, Spec
from rushes.testing import check_source


class ListOptions(Options):
    path: Path


class Lists:
    """Admits what lies in a folder, and a record."""

    def __init__(self, options, context):
        self.root, self.context = options.path, context
        context.volumes["card"] = self.root

    async def run(self, intake, /):
        await intake.devices([Device(id="d", source="list", type="camera", name="A")])
        for path in sorted(self.root.iterdir()):
            await intake.clips([self.clip(path)])
        await intake.records([self.record()])
        await intake.caught_up()
        await trio.sleep_forever()

    def clip(self, path):
        status = path.stat()
        return Clip(
            volume="card",
            path=path.name,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            head="1",
            tail="2",
        )

    def record(self):
        return Record(id="r1", source="list", kind="video", device="d", data={"scene": "12"})


def spec_of(source):
    @asynccontextmanager
    async def opened(options, context):
        yield source(options, context)

    return Spec(name="list", summary="A list.", config=ListOptions, open=opened)


async def check(tmp_path, source):
    card = tmp_path / "card"
    card.mkdir()
    for name in ("a.mov", "b.mov"):
        (card / name).write_bytes(name.encode())
    await check_source(
        spec_of(source), {"path": card}, folder=tmp_path, admits={"a.mov", "b.mov", "r1"}, originals=card
    )


async def test_a_source_that_keeps_its_promises_passes(tmp_path):
    await check(tmp_path, Lists)


class Quiet(Lists):
    async def run(self, intake, /):
        await trio.sleep_forever()


class Hasty(Lists):
    async def run(self, intake, /):
        await intake.caught_up()
        await super().run(intake)


class Ids(Lists):
    def clip(self, path):
        return replace(super().clip(path), id="mine")


class Absolute(Lists):
    def clip(self, path):
        return replace(super().clip(path), path=str(path))


class Leaves(Lists):
    def clip(self, path):
        return replace(super().clip(path), path=f"../card/{path.name}")


class Unhashed(Lists):
    def clip(self, path):
        return replace(super().clip(path), head="")


class Elsewhere(Lists):
    def clip(self, path):
        return replace(super().clip(path), volume="folder:/nowhere")


class NoJson(Lists):
    def record(self):
        return replace(super().record(), data={"path": self.root})


class Nameless(Lists):
    def record(self):
        return replace(super().record(), id="")


class Bug(Lists):
    def clip(self, path):
        raise KeyError("stat")


class Touches(Lists):
    def clip(self, path):
        clip = super().clip(path)
        os.utime(path, (1, 1))
        return clip


class RemembersTooSoon(Lists):
    """What it is about to admit is admitted, it thinks."""

    async def run(self, intake, /):
        done = await self.context.store.get("done", [])
        for path in sorted(self.root.iterdir()):
            if path.name not in done:
                done.append(path.name)
                await self.context.store.set("done", done)
                await intake.clips([self.clip(path)])
        await intake.records([self.record()])
        await intake.caught_up()
        await trio.sleep_forever()


class Stubborn(Lists):
    async def run(self, intake, /):
        try:
            await super().run(intake)
        except trio.Cancelled:
            raise RuntimeError("I was not finished") from None


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (Quiet, "run had not caught up after 1 s"),
        (Hasty, "said that it had caught up without admitting a.mov, b.mov, r1"),
        (Ids, "with an id or a revision; intake gives both"),
        (Absolute, "a path is relative"),
        (Leaves, "a path is relative"),
        (Unhashed, "without size, mtime, head and tail"),
        (Elsewhere, "of volume folder:/nowhere, where no file is"),
        (NoJson, "record r1 with data that is no JSON"),
        (Nameless, "a record has an id, a source and a kind"),
        (Bug, "run raised KeyError: 'stat'"),
        (Touches, "changed, moved or deleted something in"),
        (RemembersTooSoon, "run in another life admitted other things|never admitted"),
        (Stubborn, "run raised RuntimeError: I was not finished"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_a_broken_promise_is_told(tmp_path, source, sentence, monkeypatch):
    monkeypatch.setattr("rushes.testing.sources.CATCHES_UP_S", 1.0)
    with pytest.raises(AssertionError, match=sentence) as told:
        await check(tmp_path, source)
    assert "\n" not in str(told.value)
