"""A client that follows a hub: known, subscribed, caught up, and everything durable before it is acknowledged."""

from __future__ import annotations

import json
import time

import pytest
import trio

from .client_rig import OWN, OWN_TEXT, Shelf, eventually, following
from .scripted_hub import (
    CAMERA,
    DATA,
    FETCH,
    GENERATOR,
    KEY,
    LENS,
    RECORDER,
    REGISTER,
    SLATE,
    SLATE_INFO,
    STORAGE,
    SUB_DATA,
    SUB_DEVICES,
    SUB_VOLATILE,
    UNREGISTER,
    Hub,
    clip,
    scripted,
)

CAM, REC, GEN = 0xC1, 0x5D, 0x7C


def named(alias: str, **more: object) -> dict[str, object]:
    return {"common": {"alias": alias, "connected": True}, "device": {}, "vendorTyped": {}, **more}


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
async def test_it_greets_subscribes_and_fetches_all(order, tmp_path):
    hub = Hub(order, devices={(CAM, CAMERA): named("A-Cam"), (GEN, GENERATOR): named("Lockit")})
    hub.clips = {f"{n:032x}": clip(f"{n:032x}") for n in range(450)}
    before = time.time() * 1000
    async with scripted(hub), following(hub, tmp_path) as rig:
        hello = hub.line.hello
        assert hello["signed"]
        assert hello["key"] == KEY
        assert hello["device"] == OWN
        assert hello["alias"] == "Cart"
        assert hello["versions"] == b"\x01"
        assert before - 1000 < hello["timestamp"] < time.time() * 1000 + 1000
        line = hub.line
        assert {frame.body for frame in await line.until(SUB_DEVICES, count=7)} == {
            bytes([t]) for t in range(1, 8)
        }
        assert (CAM, CAMERA) in line.subscribed(SUB_DATA)
        assert (GEN, GENERATOR) in line.subscribed(SUB_VOLATILE)
        assert rig.repository.count == 450
        assert rig.shelf.records[f"{7:032x}"].device == "00000000000000c1"
        await eventually(lambda: rig.present() == {"A-Cam": "camera", "Lockit": "generator"})
        assert rig.facts["connection"] == "connected"
        assert rig.facts["clips"] == 450
        assert not any(frame.code in {REGISTER, DATA} for frame in line.frames)


async def test_nothing_is_acknowledged_before_it_is_durable(tmp_path):
    hub = Hub(devices={(CAM, CAMERA): named("A-Cam")})
    shelf = Shelf()
    async with scripted(hub), following(hub, tmp_path, shelf=shelf):
        shelf.gate = trio.Event()
        async with trio.open_nursery() as nursery:
            answers: list[list[tuple[int, bytes]]] = []

            async def say() -> None:
                events = [hub.line.data(CAM, CAMERA, clip(f"{n:032x}")) for n in range(40)]
                answers.append(await hub.line.answer(*events))

            nursery.start_soon(say)
            with trio.move_on_after(0.3):
                await hub.line.stream.wait_send_all_might_not_block()
                await trio.sleep(0.3)
            assert not answers
            assert not hub.line.answers
            shelf.gate.set()
        assert answers == [[(0x03, b"")] * 40]
        assert len(shelf.records) == 40
        assert len(shelf.commits) <= 3, "many events in flight share a commit"


async def test_slates_and_claps_are_kept_and_a_repeated_clap_is_one(tmp_path):
    hub = Hub()
    clap = {"type": "clap", "timecode": {"type": "timecode", "seconds": 60, "frames": 2}}
    async with scripted(hub), following(hub, tmp_path) as rig:
        line = hub.line
        said = [line.data(5, SLATE, clap), line.data(4, SLATE_INFO, {"type": "slate", "scene": "14"})]
        assert await line.answer(*said) == [(0x03, b""), (0x03, b"")]
        assert await line.answer(line.data(5, SLATE, clap)) == [(0x03, b"")]
        assert [note["timecode"] for note in await rig.repository.notes("clap")] == [clap["timecode"]]
        assert [note["device"] for note in await rig.repository.notes("slate")] == ["0000000000000004"]


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        (CAMERA, b"{", 2),
        (CAMERA, b"[]", 2),
        (CAMERA, b'{"id":"1","id":"2"}', 2),
        (CAMERA, b'{"id":"1","type":"video"}', 2),
        (CAMERA, b'{"type":"video","version":{}}', 2),
        (SLATE, b'"clap"', 2),
        (STORAGE, b"{}", 0),
        (9, b"{}", 0),
    ],
)
async def test_data_that_cannot_be_kept_are_refused_and_told(type_, data, code, tmp_path):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path) as rig:
        [(kind, rest)] = await hub.line.answer(hub.line.data(CAM, type_, data))
        assert kind == 0x04
        assert int.from_bytes(rest[:4], "little") == code
        assert "\n" not in rig.facts["trouble"]
        [(kind, _)] = await hub.line.answer(hub.line.data(CAM, CAMERA, clip("a" * 32)))
        assert kind == 0x03


async def test_a_ping_is_answered_at_once_while_the_ledger_is_busy(tmp_path):
    hub = Hub()
    shelf = Shelf()
    async with scripted(hub), following(hub, tmp_path, shelf=shelf):
        shelf.gate = trio.Event()
        await hub.line.send(hub.line.data(CAM, CAMERA, clip("a" * 32)))
        with trio.fail_after(20):
            assert await hub.line.answer(hub.line.ping(), hub.line.ping()) == [(0x03, b"")] * 2
        shelf.gate.set()


async def test_unknown_requests_are_refused_and_unknown_notifications_ignored(tmp_path):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path):
        line = hub.line
        await line.send(line.frame(0x12, b"\x7f junk"), line.frame(0x12, b"\x01short"))
        answers = await line.answer(line.frame(0x11, b"\x7f"), line.frame(0x11, b"\x01short"))
        assert [(kind, rest[:4]) for kind, rest in answers] == [(4, b"\x01\0\0\0"), (4, b"\x02\0\0\0")]
        assert await line.answer(line.ping()) == [(0x03, b"")]


async def test_devices_come_change_and_go(tmp_path):
    hub = Hub(devices={(CAM, CAMERA): named("Cam"), (0xC2, CAMERA): None})
    async with scripted(hub), following(hub, tmp_path) as rig:
        line = hub.line
        await eventually(lambda: rig.present() == {"Cam": "camera", "camera 00c2": "camera"})
        await line.send(line.meta(0xC2, CAMERA, {"common": {"alias": "Cam"}}))
        await eventually(lambda: set(rig.present()) == {"Cam 00c1", "Cam 00c2"}, "names are told apart")
        await line.send(line.meta(0xC2, CAMERA, {"common": {"alias": "B\x1b[31m\nCam", "energyLevel": 80}}))
        await eventually(lambda: set(rig.present()) == {"Cam", "B [31m Cam"}, "a name is one line")
        await line.send(
            line.meta(CAM, CAMERA, {"common": {"connected": False}}), line.disappeared(CAM, CAMERA)
        )
        await eventually(lambda: set(rig.present()) == {"B [31m Cam"})
        rows = {row["id"]: row for row in rig.client.devices()}
        assert rows["00000000000000c1"]["present"] is False
        assert rows["00000000000000c2"]["energy"] == 80
        await line.send(line.appeared(CAM, CAMERA))
        await eventually(lambda: "Cam" in rig.present())
        await eventually(lambda: line.subscribed(SUB_DATA).count((CAM, CAMERA)) == 2, "subscribed again")


async def test_a_tablet_that_edits_a_clip_as_a_camera_is_still_a_tablet(tmp_path):
    hub = Hub(devices={(0xC3, 4): named("Tablet")})
    async with scripted(hub), following(hub, tmp_path) as rig:
        await eventually(lambda: rig.present() == {"Tablet": "slate-info"})
        await hub.line.send(hub.line.appeared(0xC3, CAMERA))
        await eventually(lambda: rig.client.devices()[0]["types"] == ["camera", "slate-info"])
        await hub.line.send(hub.line.disappeared(0xC3, 4))
        await hub.line.answer(hub.line.ping())
        await eventually(lambda: rig.present() == {"Tablet": "slate-info"})


async def test_a_device_nobody_told_of_gets_a_place(tmp_path):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path) as rig:
        line = hub.line
        await line.answer(line.data(0xC7, CAMERA, clip("a" * 32)))
        await eventually(lambda: rig.present() == {"camera 00c7": "camera"})
        await eventually(lambda: (0xC7, CAMERA) in line.subscribed(SUB_DATA))
        await line.send(line.meta(0xC7, CAMERA, b"{garbage"))
        await line.send(line.meta(0xC7, CAMERA, named("C-Cam")))
        await eventually(lambda: rig.present() == {"C-Cam": "camera"})


async def test_timecode_is_shown_with_source_and_age_and_never_stored(tmp_path):
    meta = named("Lockit", device={"masterClock": True}, vendorTyped={"projectFramerate": "FPS_29_97_DROP"})
    hub = Hub(devices={(GEN, GENERATOR): meta, (0x1E, LENS): named("50 mm")})
    async with scripted(hub), following(hub, tmp_path) as rig:
        line = hub.line
        await line.send(line.volatile(0x7D, GENERATOR, {"type": "timecode", "seconds": 7, "frames": 1}))
        await eventually(lambda: "timecode" in rig.facts)
        await line.send(line.volatile(0x1E, LENS, line.pack("IH", 3600, 12) + b"z"))
        await line.send(line.volatile(GEN, GENERATOR, b'{"frames": "many"}'))
        await trio.sleep(1.1)
        for frame in range(3):
            said = {"type": "timecode", "seconds": 600, "frames": frame}
            await line.send(line.volatile(GEN, GENERATOR, said))
        await eventually(lambda: rig.facts["timecode_from"] == "Lockit")
        assert rig.facts["timecode"] == "00:10:00;00"
        assert abs(rig.facts["heard_at"] - time.time()) < 5
        assert rig.client.rate == "29.97df"
        await eventually(lambda: rig.client._timecode.newest(GEN)[0] == "00:10:00;02")
        rows = {row["name"]: row for row in rig.client.devices()}
        assert rows["Lockit"]["rate"] == "29.97df"
        assert rows["50 mm"]["timecode"] == "01:00:00;12"
        assert not rig.shelf.records


async def test_a_record_gets_the_rate_of_the_sets_generator(tmp_path):
    hub = Hub(devices={(GEN, GENERATOR): named("Lockit", vendorTyped={"projectFramerate": "FPS_25"})})
    hub.clips = {"a" * 32: clip("a" * 32, sensorFPS="50")}
    async with scripted(hub), following(hub, tmp_path) as rig:
        record = rig.shelf.records["a" * 32]
        assert (record.rate, record.rate_from) == ("25", "project")


async def test_storage_is_announced_only_when_asked_for(tmp_path):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path, storage=True) as rig:
        [registered] = await hub.line.until(REGISTER)
        assert registered.body == bytes([STORAGE])
        [told] = await hub.line.until(0x01, kind=0x02)
        assert told.body[0] == STORAGE
        meta = json.loads(told.body[1:])
        assert meta["common"]["alias"] == "Cart"
        assert "vendorTyped" in meta
        await hub.line.send(hub.line.appeared(OWN, STORAGE))
        await hub.line.answer(hub.line.ping())
        assert rig.present() == {}, "we are no device of our own set"
        assert "trouble" not in rig.facts


async def test_another_device_with_our_id_is_told(tmp_path):
    hub = Hub(devices={(OWN, CAMERA): named("Twin")})
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert "our id" in rig.facts["trouble"]


async def test_what_we_lead_is_given_back_and_nothing_else(tmp_path):
    ours = {"o" * 32: clip("o" * 32, {OWN_TEXT: 1}), "n" * 32: clip("n" * 32, {"c1": 2})}
    ours["s" * 32] = {**clip("s" * 32), "type": "sound"}
    same, older = clip("e" * 32), clip("n" * 32, {"c1": 1})
    newer = clip("w" * 32, {"c1": 2})
    hub = Hub(clips={"e" * 32: same, "n" * 32: older, "w" * 32: newer})
    shelf = Shelf()
    async with scripted(Hub()) as empty, following(empty, tmp_path / "1", shelf=shelf) as rig:
        await rig.repository.say([*ours.values(), same, clip("w" * 32, {"c1": 1})], "")
    async with scripted(hub), following(hub, tmp_path / "2", shelf=shelf, send_back=True) as rig:
        await hub.line.until(UNREGISTER, count=2)
        assert {said["id"] for said in hub.given} == set(ours)
        codes = [
            (f.code, f.body[0])
            for f in hub.line.frames
            if f.code in {REGISTER, UNREGISTER, DATA} and f.type == 1
        ]
        for type_ in (CAMERA, RECORDER):
            mine = [code for code, spoken in codes if spoken == type_]
            assert mine[0] == REGISTER
            assert mine[-1] == UNREGISTER
            assert set(mine[1:-1]) == {DATA}
        hub.given.clear()
        await rig.repository.edit("e" * 32, {"comment": "print"})
        await eventually(
            lambda: [said["version"] for said in hub.given] == [{"00000000000000c1": 1, OWN_TEXT: 1}]
        )
        hub.given.clear()
        parallel = clip("e" * 32, {"00000000000000c1": 2}, camRoll="A001")
        assert await hub.line.answer(hub.line.data(CAM, CAMERA, parallel)) == [(3, b"")]
        await eventually(lambda: bool(hub.given), "a merge is given back")
        assert hub.given[0]["camRoll"] == "A001"
        assert hub.given[0]["comment"] == "print"
        assert "trouble" not in rig.facts


async def test_what_the_hub_says_in_our_name_is_not_given_back(tmp_path):
    hub = Hub(clips={"m" * 32: clip("m" * 32, {OWN_TEXT: 3})})
    async with scripted(hub), following(hub, tmp_path, send_back=True) as rig:
        line = hub.line
        await line.answer(line.data(OWN, CAMERA, clip("m" * 32, {OWN_TEXT: 4})))
        await line.answer(line.data(OWN, CAMERA, clip("n" * 32, {OWN_TEXT: 1})))
        assert rig.repository.clocks["m" * 32] == {OWN_TEXT: 4}
        await rig.repository.edit("n" * 32, {"comment": "x"})
        await eventually(lambda: bool(hub.given))
        assert [said["id"] for said in hub.given] == ["n" * 32]


async def test_nothing_is_given_back_unless_asked_for(tmp_path):
    shelf = Shelf()
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path, shelf=shelf) as rig:
        await rig.repository.say([clip("a" * 32)], "")
        await rig.repository.edit("a" * 32, {"comment": "x"})
        await hub.line.answer(hub.line.data(CAM, CAMERA, clip("a" * 32, {"00000000000000c1": 2})))
        await hub.line.answer(hub.line.ping())
        assert not hub.given
        assert not any(frame.code == REGISTER for frame in hub.line.frames)


async def test_a_slate_is_said_to_the_set(tmp_path):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path) as rig:
        await rig.client.slate({"type": "slate", "scene": "14", "take": "2"})
        [told] = await hub.line.until(0x01, kind=0x02)
        assert told.body[0] == SLATE_INFO
        assert hub.given == [{"type": "slate", "scene": "14", "take": "2"}]
        said = [frame for frame in hub.line.frames if frame.code in {REGISTER, DATA, UNREGISTER}]
        spoken = [(frame.code, frame.body[0]) for frame in said]
        assert spoken[-3:] == [(REGISTER, SLATE_INFO), (DATA, SLATE_INFO), (UNREGISTER, SLATE_INFO)]
        assert [note["scene"] for note in await rig.repository.notes("slate")] == ["14"]


async def test_clips_said_before_our_subscription_are_looked_for(tmp_path, autojump_clock):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path, ping_interval=1000) as rig:
        hub.clips["a" * 32] = clip("a" * 32)
        await hub.line.send(hub.line.appeared(CAM, CAMERA))
        await eventually(lambda: rig.repository.count == 1)
        assert len(await hub.line.until(FETCH)) >= 2
