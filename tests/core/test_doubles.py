"""What plugin authors test with behaves as what the engine lends."""

from dataclasses import replace

from rushes import WORK, Clip, Kind, Role
from rushes.engine.context import ComponentContext, Services, current
from rushes.engine.running import Running
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
    current.set(Running("j1.1", "proxy", "apply"))
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
