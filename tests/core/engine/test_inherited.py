"""What becomes known of a recording is known of what was made of it, whenever that was."""

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
from rushes import Clip, NotYet, Role
from rushes.engine.inherit import inherited

pytestmark = pytest.mark.timeout(60)


def clip(**meta):
    return Clip(volume="v", path="a.mov", meta=meta)


def test_what_is_told_now_is_inherited_unless_the_maker_said_otherwise():
    made = clip(scene="1", codec="h264", look="day", original_mtime_ns="7")
    before, now = clip(scene="1", codec="prores", look="day"), clip(scene="2", codec="xavc", take="3")
    assert inherited(made, before, now) == clip(scene="2", codec="h264", take="3", original_mtime_ns="7")


def test_what_did_not_change_stays_the_same_clip():
    made = clip(scene="1", codec="h264")
    assert inherited(made, clip(scene="1"), clip(scene="1", problem="truncated")) is made


class Rig:
    """A proxy whose sink needs the scene of its original, which the annotator tells once `said` has it."""

    def __init__(self, tmp_path):
        self.said = {}
        self.made = trio.Event()
        self.go_on = trio.Event()
        self.go_on.set()
        self.scenes = []
        self.annotator = FunctionAnnotator(lambda _clip: dict(self.said))
        self.pipeline = simple(
            tmp_path,
            ListSource(card(tmp_path / "A001", "a.mov")),
            FunctionSink(self._deliver),
            prepare=[component("annotator", "match", self.annotator)],
            steps=[component("transform", "proxy", FunctionTransform(self._apply))],
        )

    async def _apply(self, context, original):
        path = context.workspace() / "a.mp4"
        path.write_bytes(b"proxy")
        self.made.set()
        await self.go_on.wait()
        return [context.derive(original, path, role=Role.PROXY, meta={"take": "made"})]

    async def _deliver(self, made, _resume, _report):
        self.scenes.append((made.role.value, made.meta.get("scene"), made.meta.get("take")))
        if "scene" not in made.meta:
            raise NotYet(f"{made.filename}: no scene yet", until="metadata")

    async def tell(self, engine, **said):
        self.said = said
        [job] = (await engine.jobs())["jobs"]
        await engine._hosts["match"].context.again([job["clip"]])
        await trio.testing.wait_all_tasks_blocked()


TOLD = [("proxy", None, "made"), ("proxy", "12A", "made")]


async def test_a_proxy_that_waits_for_what_is_said_goes_on_when_it_is_said_of_its_original(
    tmp_path, autojump_clock
):
    rig = Rig(tmp_path)
    async with engine_of(rig.pipeline) as engine, running(engine):
        await trio.testing.wait_all_tasks_blocked()
        [job] = (await engine.jobs())["jobs"]
        assert (job["state"], job["reason"]) == ("waiting", "no scene yet")
        await rig.tell(engine, scene="12A", take="told")
        [job] = (await engine.jobs())["jobs"]
        assert job["state"] == "done"
    assert rig.scenes == TOLD


async def test_what_is_said_while_the_proxy_is_made_is_known_of_it(tmp_path, autojump_clock):
    rig = Rig(tmp_path)
    rig.go_on = trio.Event()
    async with engine_of(rig.pipeline) as engine, running(engine):
        await rig.made.wait()
        await rig.tell(engine, scene="12A")
        rig.go_on.set()
        await trio.testing.wait_all_tasks_blocked()
    assert rig.scenes == TOLD[1:]


async def test_it_is_inherited_for_good(tmp_path):
    ledger = tmp_path / "ledger.duckdb"
    rig = Rig(tmp_path)
    async with engine_of(rig.pipeline, ledger=ledger) as engine:
        assert (await engine.run(once=True)).waiting == 1
        await rig.tell(engine, scene="12A")
    async with engine_of(rig.pipeline, ledger=ledger) as engine:
        assert (await engine.run(once=True)).waiting == 0
    async with engine_of(rig.pipeline, ledger=ledger) as engine:
        rows = await engine._ledger.query("SELECT scene, take FROM clips WHERE parent <> ''")
    assert rows == [("12A", "made")]
    # At a start it asks once more, before or after what was said has come.
    assert list(dict.fromkeys(rig.scenes)) == TOLD
