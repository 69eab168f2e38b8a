"""What plugin authors test with behaves as what the engine lends."""

from dataclasses import replace

import pytest
import trio

from rushes import WORK, Clip, Kind, Order, Permanent, Role, Transient
from rushes.engine.board import Board
from rushes.engine.context import ComponentContext, Services, current
from rushes.engine.growth import Growth
from rushes.engine.outputs import Outputs
from rushes.engine.pulse import Pulse
from rushes.engine.running import Running
from rushes.engine.speed import Speed
from rushes.testing import FakeReport, StandIn
from rushes.volumes import Volumes

CLIP = Clip(
    volume="folder:/cards/A001", path="CLIPS/a.mov", card="A001", kind=Kind.VIDEO, id="c1", revision=3,
    first_seen=7.0, meta={"scene": "12"},
)  # fmt: skip


def contexts(folder):
    services = Services(state=folder, catalog=None, executor=None, volumes=Volumes(work=folder / "work"))
    return ComponentContext("proxy", services, None, None), StandIn(folder, None, "proxy")


def test_derived_clips_are_alike(tmp_path):
    current.set(Running("j1.1", "proxy", "apply", Order(), print, None, Speed(30)))
    real, double = contexts(tmp_path)
    made = tmp_path / "work" / "j1.1" / "a.mov"
    made.parent.mkdir(parents=True)
    made.write_bytes(b"proxy")
    theirs, ours = (
        context.derive(CLIP, made, role=Role.PROXY, meta={"codec": "h264"}) for context in (real, double)
    )
    assert ours == replace(theirs, id=ours.id)
    assert (ours.volume, ours.origin, ours.revision) == (WORK, "CLIPS/a.mov", 3)
    assert double.derive(CLIP, made, role=Role.PROXY).id == ours.id


async def test_growing_clips_are_followed_alike(tmp_path, autojump_clock):
    board = Board(trio.current_time)
    outputs = Outputs(board, None, None, Growth(board, trio.Event(), Pulse()))
    current.set(Running("j1.1", "proxy", "apply", Order(), print, outputs, Speed(30)))
    real, double = contexts(tmp_path)
    file = tmp_path / "A001" / "a.mov"
    file.parent.mkdir()
    file.write_bytes(b"long enough")
    first = replace(CLIP, volume=f"folder:{file.parent}", path=file.name, complete=False, size=3)
    double.volumes[first.volume] = file.parent
    board.clips[first.id] = first

    def grow(clip):
        double.grow(clip)
        outputs.growth.tell(clip)

    for context in (real, double):
        grow(first)
        context.open(first).close()
        with pytest.raises(Transient):
            context.verify(replace(first, size=1000))
        assert not context.derive(first, made_in(context), role=Role.PROXY, complete=False).complete
        sizes = []
        async with trio.open_nursery() as nursery:

            async def follow(context=context, sizes=sizes):
                async for clip in context.follow(first):
                    sizes.append((clip.size, clip.complete))
                    await trio.sleep(2)

            nursery.start_soon(follow)
            for clip in (5, 4, 7, 9):
                await trio.sleep(1.5)
                grow(replace(first, size=clip))
            await trio.sleep(5)
            grow(replace(first, size=9, complete=True))
        assert sizes == [(3, False), (5, False), (7, False), (9, False), (9, True)]
        file.rename(file.with_suffix(".gone"))
        with pytest.raises(Permanent):
            await anext(context.follow(first))
        file.with_suffix(".gone").rename(file)


def made_in(context):
    made = context.workspace() / "made.mov"
    made.write_bytes(b"proxy")
    return made


def test_a_fact_of_none_is_removed(tmp_path):
    for context in contexts(tmp_path):
        context.show(mode="polling", outage="no such folder")
        context.show(outage=None)
        assert context.facts == {"mode": "polling"}


async def test_a_report_becomes_the_resume_of_the_next_call():
    report = FakeReport()
    assert report.resume is None
    await report.intend()
    assert report.resume.in_doubt == 1
    await report.begin({"asset": "a1"})
    await report.part(1, "etag")
    assert (report.resume.head, report.resume.parts, report.resume.in_doubt) == (
        {"asset": "a1"},
        {1: "etag"},
        0,
    )
    await report.begin({"asset": "a2"})
    assert report.resume.parts == {}
