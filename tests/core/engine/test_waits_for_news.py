"""Steps that wait until something new is said of their clip: `NotYet(until="metadata")`."""

from __future__ import annotations

import pytest
import trio

from engine_rig import (
    FunctionAnnotator,
    FunctionSink,
    FunctionTransform,
    ListSource,
    card,
    component,
    engine_of,
    running,
    simple,
)
from rushes import NotYet, Role
from rushes.ledger import MEMORY

REASON = "has no timecode"


class Rig:
    """A transform that needs `timecode`, which the annotator tells once `said` has it."""

    def __init__(self, tmp_path):
        self.said = {}
        self.tried = []
        self.during = None
        self.annotator = FunctionAnnotator(lambda _clip: dict(self.said))
        self.transform = FunctionTransform(self._apply)
        self.sink = FunctionSink()
        self.made = simple(
            tmp_path,
            ListSource(card(tmp_path / "A001", "a.mov")),
            self.sink,
            prepare=[component("annotator", "match", self.annotator)],
            steps=[component("transform", "proxy", self.transform)],
        )

    async def _apply(self, context, clip):
        self.tried.append(clip.meta.get("timecode"))
        if self.during is not None:
            await self.during()
        if not (clip.meta.get("timecode") or context.order.consent):
            raise NotYet(REASON, until="metadata")
        path = context.workspace() / "a.mp4"
        path.write_bytes(b"proxy")
        return [context.derive(clip, path, role=Role.PROXY)]

    async def tell(self, engine, **said):
        """The annotator has something new to say of the clip."""
        self.said = said
        [job] = (await engine.jobs())["jobs"]
        await engine._hosts["match"].context.again([job["clip"]])


async def settled():
    await trio.testing.wait_all_tasks_blocked()


async def state(engine):
    [job] = (await engine.jobs())["jobs"]
    return job["state"], job["reason"]


async def test_it_is_tried_again_when_something_new_is_said(tmp_path, autojump_clock):
    rig = Rig(tmp_path)
    async with engine_of(rig.made) as engine, running(engine):
        await settled()
        assert await state(engine) == ("waiting", REASON)
        await rig.tell(engine, scene="1")
        await settled()
        assert await state(engine) == ("waiting", REASON)
        await rig.tell(engine, scene="1", timecode="01:00:00:00")
        await settled()
        assert await state(engine) == ("done", "")
    assert rig.tried == [None, None, "01:00:00:00"]
    assert rig.sink.delivered == ["a.mp4"]


async def test_what_is_said_while_it_makes_up_its_mind_is_not_missed(tmp_path, autojump_clock):
    rig = Rig(tmp_path)
    async with engine_of(rig.made) as engine, running(engine):

        async def tell():
            rig.during = None
            await rig.tell(engine, timecode="01:00:00:00")
            while len(rig.annotator.batches) < 2:
                await trio.sleep(1)
            await trio.sleep(1)

        rig.during = tell
        await settled()
        while (await state(engine))[0] != "done":
            await trio.sleep(1)
    assert rig.tried == [None, "01:00:00:00"]


async def test_a_person_may_release_it_and_is_asked_to(tmp_path, autojump_clock):
    rig = Rig(tmp_path)
    async with engine_of(rig.made) as engine, running(engine):
        await settled()
        [asked] = (await engine.status())["attention"]
        [job] = (await engine.jobs())["jobs"]
        assert (asked["reason"], f"release {job['id']}" in asked["remedy"]) == (REASON, True)
        await engine.queue("release", [job["id"]])
        await settled()
        assert await state(engine) == ("done", "")


@pytest.mark.parametrize("durable", [True, False], ids=["file", "memory"])
async def test_nobody_else_wakes_it(tmp_path, durable):
    rig = Rig(tmp_path)
    ledger = tmp_path / "ledger.duckdb" if durable else MEMORY
    async with engine_of(rig.made, ledger=ledger) as engine:
        assert (await engine.run(once=True)).waiting == 1
        with pytest.raises(ValueError, match="nobody speaks for"):
            await rig.transform.context.wake("metadata")
