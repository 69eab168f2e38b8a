"""The requests of section 2 about clips, asked of a running hub in both byte orders, and what they bring about."""

from __future__ import annotations

import pytest

from journeys.masterlockit.seed_client import DATA
from journeys.masterlockit.seed_wire import (
    CAMERA,
    RECORDER,
    frame,
    packed,
    sound,
    text_of,
    video,
)

pytestmark = pytest.mark.timeout(60)


def test_a_record_reaches_who_subscribed_to_its_device_and_not_its_sender(join):
    camera, near, far, everyone = join(), join(), join(), join()
    camera.register(CAMERA)
    near.do(0x01, near.at(camera.device, CAMERA))
    camera.do(0x01, camera.at(camera.device, CAMERA))
    far.do(0x01, far.at(camera.device, RECORDER))
    everyone.do(0x01, everyone.at(0, CAMERA))  # A11
    said = video(f"clip-{camera.device}", camera.device, clipName="A001", strange={"kept": [1, 2.5, None]})
    assert camera.event(CAMERA, said).code is None
    heard = near.meet(DATA, camera.device, CAMERA, id=said["id"])
    assert heard.json == said
    assert everyone.meet(DATA, camera.device, CAMERA, id=said["id"]).json == said
    assert [heard for heard in far.settle() if heard.what == DATA] == []
    assert [heard for heard in camera.settle() if heard.what == DATA] == []  # A21
    # The same again changes nothing and reaches nobody.
    assert camera.event(CAMERA, said).code is None
    assert [heard for heard in near.settle() if heard.what == DATA] == []
    near.do(0x02, near.at(camera.device, CAMERA))
    near.do(0x02, near.at(camera.device, CAMERA))
    assert camera.event(CAMERA, said | {"version": {text_of(camera.device): 2}}).code is None
    everyone.meet(DATA, camera.device, CAMERA, version={text_of(camera.device): 2})
    assert [heard for heard in near.settle() if heard.what == DATA] == []


def test_parallel_edits_are_merged_and_both_writers_are_told(join):
    recorder, tablet = join(), join()
    recorder.register(RECORDER)
    tablet.register(RECORDER)
    name, one, two = f"sound-{recorder.device}", text_of(recorder.device), text_of(tablet.device)
    for client in (recorder, tablet):
        client.do(0x01, client.at(recorder.device, RECORDER))
        client.do(0x01, client.at(tablet.device, RECORDER))
    first = sound(name, recorder.device, fileName="T01.wav", comment="", updated=1)
    assert recorder.event(RECORDER, first).code is None
    here = first | {"version": {one: 2}, "comment": "plane", "updated": 5}
    there = first | {"version": {one: 1, two: 1}, "circle": True, "updated": 4}
    assert recorder.event(RECORDER, here).code is None
    assert tablet.event(RECORDER, there).code is None
    [merged] = recorder.fetch({"clips": [name]}).json
    assert merged["comment"] == "plane"
    assert merged["circle"] is True
    assert merged["version"].items() > {one: 2, two: 1}.items()  # and the hub's own entry
    # Both are told, also the one whose edit it was that made the merge necessary.
    for client in (recorder, tablet):
        client.meet(DATA, tablet.device, RECORDER, circle=True, comment="plane", version=merged["version"])


def test_pages_of_a_view_stay_what_they_were(join):
    camera, reader = join(), join()
    camera.register(CAMERA)
    own = text_of(camera.device)
    names = [f"{camera.device:x}-{number:02}" for number in range(12)]
    waits = [
        camera.begin(0x07, bytes([CAMERA]) + packed(video(name, camera.device, created=10 + number)))
        for number, name in enumerate(names)
    ]
    assert {wait().code for wait in waits} == {None}
    demand, view = {"devices": [own]}, bytes(range(16))
    assert reader.ids(demand, length=5, view=view) == names[:5]
    late = f"{camera.device:x}-late"
    camera.event(CAMERA, video(late, camera.device, created=1))
    assert reader.ids(demand, start=5, length=5, view=view) == names[5:10]
    assert reader.ids(demand, start=10, length=5, view=view) == names[10:]
    assert reader.ids(demand, start=99, length=5, view=view) == []
    assert reader.ids(demand, start=2, length=0, view=view) == names[2:]
    assert reader.ids(demand, start=2, length=0xFFFFFFFF, view=view) == names[2:]
    # Of another view, of no view, and of another demand under the same id: now.
    assert sorted(reader.ids(demand)) == sorted([*names, late])
    assert late in reader.ids(demand, view=bytes(16))
    assert reader.ids({"clips": [late]}, view=view) == [late]
    versions = reader.fetch(demand, full=False, length=3).json
    assert [set(one) for one in versions] == [{"id", "type", "version"}] * 3
    assert versions[0]["version"] == {own: 1}


def test_every_filter_of_a_demand(join):
    camera, recorder = join(), join()
    camera.register(CAMERA)
    recorder.register(RECORDER)
    one, two = f"a-{camera.device}", f"b-{recorder.device}"
    span = {"tcStartSeconds": 36000, "tcStartFrames": 0, "tcStopSeconds": 36060, "tcStopFrames": 12}
    night = {"tcStartSeconds": 86390, "tcStartFrames": 0, "tcStopSeconds": 5, "tcStopFrames": 0}
    camera.event(CAMERA, video(one, camera.device, created=1000, **span))
    mixed = {text_of(recorder.device): 1, text_of(camera.device): 1}
    recorder.event(RECORDER, sound(two, recorder.device, created=2000, **night) | {"version": mixed})
    ours = [one, two]

    def found(**demand):
        return set(camera.ids({"clips": ours} | demand))

    assert found() == {one, two}
    assert found(clips=[]) >= {one, two}
    assert found(clips=[two, "no such"]) == {two}
    assert found(clips=[one.upper()]) == set()
    assert found(devices=[text_of(recorder.device)]) == {two}
    assert found(devices=[text_of(camera.device)]) == {one, two}
    assert found(devices=[str(recorder.device)]) == {two}  # A13
    assert found(devices=[f"0x{recorder.device:x}"]) == {two}
    assert found(devices=[]) == {one, two}
    assert found(timecodeFrom="10:00:00:00", timecodeTo="11:00:00:00") == {one}
    assert found(timecodeFrom="10:01:00:12", timecodeTo="11:00:00:00") == {one}
    assert found(timecodeFrom="10:01:00:13", timecodeTo="11:00:00:00") == set()
    assert found(timecodeFrom="09:00:00:00", timecodeTo="10:00:00:00") == {one}
    assert found(timecodeFrom="23:59:59:00", timecodeTo="00:00:01;00") == {two}
    assert found(timecodeFrom="00:00:04:00", timecodeTo="00:00:09:00") == {two}
    assert found(timecodeFrom={"type": "timecode", "seconds": 36060, "frames": 13}) == {two}
    assert found(timecodeTo="00:00:10:00") == {two}
    assert found(creationFrom=1001) == {two}
    assert found(creationFrom=1000, creationTo=1000) == {one}
    assert found(creationTo=999) == set()
    assert found(creationFrom=1, devices=[text_of(recorder.device)], timecodeTo="00:00:10:00") == {two}


def test_a_deletion_stays_and_a_later_edit_undoes_it(join):
    camera, reader = join(), join()
    camera.register(CAMERA)
    name, own = f"gone-{camera.device}", text_of(camera.device)
    said = video(name, camera.device, comment="x")
    camera.event(CAMERA, said)
    reader.do(0x09, b'{"clips": ["%s"]}' % name.encode())
    assert reader.ids({"clips": [name]}) == []
    assert reader.ids({"clips": [name]}, full=False) == []
    assert reader.ids({"devices": [own]}) == []
    reader.do(0x09, b'{"clips": ["%s"]}' % name.encode())
    # The old copy does not bring it back; an edit that did not know of it does.
    assert camera.event(CAMERA, said).code is None
    assert reader.ids({"clips": [name]}) == []
    assert camera.event(CAMERA, said | {"version": {own: 2}, "comment": "y"}).code is None
    [back] = reader.fetch({"clips": [name]}).json
    assert back["comment"] == "y"
    assert back["version"][own] == 2
    assert len(back["version"]) == 2
    # Nothing and everything are not asked for by accident.
    for demand in (b"{}", b'{"clips": []}', b""):
        assert reader.ask(0x09, demand).code in (0, 2)
    assert reader.ids({"clips": [name]}) == [name]


def test_requests_cut_into_bytes_and_glued_together(join):
    slow, quick = join(pace=1), join()
    slow.register(CAMERA)
    assert slow.event(CAMERA, video(f"cut-{slow.device}", slow.device)).code is None
    # Equal ones have one digest: each gets its answer all the same (A6).
    message = frame(quick.order, 0x01, b"\x02" + quick.at(5, CAMERA))
    waits = [quick.expect(message) for _ in range(200)]
    quick.send(message * 200)
    assert [wait().code for wait in waits] == [None] * 200
