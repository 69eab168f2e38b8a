"""Every request of section 2.1, in both byte orders, and what others hear of it."""

import json
import struct
import time

import pytest
import trio

from .hub_rig import CAMERA, LENS, SLATE, SLATE_INFO, SOUND, STORAGE, TIMECODE, clip, eventually, hub

A, B, C = 0x0102030405060708, 0xBABABABABABABABA, 0x1122334455667788
APPEARED, DISAPPEARED, META, VOLATILE, DATA = (0x12, 1), (0x12, 2), (0x12, 4), (0x12, 5), (0x11, 1)

both_orders = pytest.mark.parametrize("order", "<>")


@both_orders
async def test_a_device_registers_is_seen_and_leaves(tmp_path, order):
    async with hub(tmp_path) as rig:
        watcher = await rig.device(B, order, alias="Cart")
        assert await watcher.watch(CAMERA) == b""
        camera = await rig.device(A, alias="A-Cam")
        assert await camera.register(CAMERA) == b""
        assert (await watcher.told())[:3] == (APPEARED, A, CAMERA)
        kind, device, type_, data = await watcher.told()
        assert (kind, device, type_) == (META, A, CAMERA)
        told = json.loads(data)
        assert told["common"]["alias"] == "A-Cam"
        assert told["common"]["connected"] is True
        assert {"common", "device", "vendor", "vendorTyped"} <= told.keys()
        await camera.meta(CAMERA, {"common": {"energyLevel": 70}, "vendorTyped": {"x": 1}})
        told = json.loads((await watcher.told())[3])
        assert told["common"]["energyLevel"] == 70
        assert told["vendorTyped"] == {"x": 1}
        await camera.meta(CAMERA, {"vendorTyped": {"y": 2, "x": None}})
        assert json.loads((await watcher.told())[3])["vendorTyped"] == {"y": 2}
        await camera.stream.aclose()
        kind, device, type_, data = await watcher.told()
        assert (kind, device) == (META, A)
        assert json.loads(data)["common"]["connected"] is False
        assert (await watcher.told())[:3] == (DISAPPEARED, A, CAMERA)


@both_orders
async def test_who_watches_later_is_told_of_what_is_there(tmp_path, order):
    async with hub(tmp_path) as rig:
        recorder = await rig.device(A, alias="Mixer")
        await recorder.register(SOUND)
        await recorder.register(STORAGE)
        watcher = await rig.device(B, order)
        assert await watcher.watch(SOUND) == b""
        assert (await watcher.told())[:3] == (APPEARED, A, SOUND)
        assert (await watcher.told())[0] == META
        assert await watcher.quiet()
        assert await watcher.request(0x04, bytes([SOUND])) == b""
        assert await recorder.request(0x06, bytes([SOUND])) == b""
        assert await watcher.quiet()
        await watcher.watch(STORAGE)
        assert (await watcher.told())[:3] == (APPEARED, A, STORAGE)


@both_orders
async def test_unregistering_tells_and_a_second_registration_does_not(tmp_path, order):
    async with hub(tmp_path) as rig:
        device = await rig.device(A, order)
        await device.watch(SLATE)
        await device.register(SLATE)
        assert [(await device.told())[0] for _ in range(2)] == [APPEARED, META]
        assert await device.register(SLATE) == b""
        assert await device.quiet()
        assert await device.request(0x06, bytes([SLATE])) == b""
        assert [(await device.told())[0] for _ in range(2)] == [META, DISAPPEARED]
        assert await device.request(0x06, bytes([SLATE])) == b""
        assert await device.quiet()


@both_orders
@pytest.mark.parametrize("wanted", [A, 0])
async def test_a_clip_is_kept_acknowledged_and_told(tmp_path, order, wanted):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A, order)
        await camera.register(CAMERA)
        cart = await rig.device(B)
        assert await cart.subscribe(wanted, CAMERA) == b""
        said = clip(1, clipName="A001C001", unknown={"kept": True})
        assert await camera.say(CAMERA, said) == b""
        assert rig.shelf.records[said["id"]].data["clipName"] == "A001C001"
        assert rig.shelf.records[said["id"]].device == f"{A:016x}"
        kind, device, type_, data = await cart.told()
        assert (kind, device, type_) == (DATA, A, CAMERA)
        assert json.loads(data) == said
        assert await camera.quiet()
        assert await cart.request(0x02, cart.pack("QB", wanted, CAMERA)) == b""
        assert await camera.say(CAMERA, clip(2)) == b""
        assert await cart.quiet()


@both_orders
async def test_slates_and_claps_are_kept_acknowledged_and_told(tmp_path, order):
    async with hub(tmp_path) as rig:
        slate = await rig.device(A, order)
        await slate.register(SLATE_INFO)
        await slate.register(SLATE)
        cart = await rig.device(B)
        await cart.subscribe(A, SLATE_INFO)
        await cart.subscribe(A, SLATE)
        info = {"type": "slate", "scene": "14", "take": "2"}
        clap = {
            "type": "clap",
            "timecode": {"type": "timecode", "seconds": 36000, "frames": 3},
            "slateInfo": info,
        }
        assert await slate.say(SLATE_INFO, info) == b""
        assert await slate.say(SLATE, clap) == b""
        assert {record.kind for record in rig.shelf.records.values()} == {"slate", "clap"}
        assert json.loads((await cart.told())[3]) == info
        kind, device, type_, data = await cart.told()
        assert (kind, device, type_, json.loads(data)) == (DATA, A, SLATE, clap)


async def test_a_newer_clip_replaces_an_older_is_no_news_and_a_parallel_one_is_merged_for_all(tmp_path):
    async with hub(tmp_path) as rig:
        a, b = await rig.device(A), await rig.device(B)
        for device in (a, b):
            await device.register(CAMERA)
            await device.subscribe(0, CAMERA)
        await a.say(CAMERA, clip(1, {"a": 1}, clipName="one", lens="32"))
        assert json.loads((await b.told())[3])["clipName"] == "one"
        await b.say(CAMERA, clip(1, {"a": 1, "b": 1}, clipName="one", lens="50"))
        assert json.loads((await a.told())[3])["lens"] == "50"
        assert await a.say(CAMERA, clip(1, {"a": 1}, clipName="one", lens="32")) == b""
        assert await b.quiet()
        await a.say(CAMERA, clip(1, {"a": 2}, clipName="two", lens="32"))
        merged = json.loads((await a.told())[3])
        assert merged["clipName"] == "two"
        assert merged["lens"] == "50"
        assert json.loads((await b.told())[3]) == merged


async def test_who_heard_of_a_clip_by_its_maker_hears_of_the_merge_by_another(tmp_path):
    async with hub(tmp_path) as rig:
        a, b, cart = await rig.device(A), await rig.device(B), await rig.device(C)
        await a.register(CAMERA)
        await b.register(CAMERA)
        await cart.subscribe(A, CAMERA)
        mine = f"{A:016x}"
        await a.say(CAMERA, clip(1, {mine: 1}, clipName="one", lens="32"))
        await cart.told()
        await a.say(CAMERA, clip(1, {mine: 2}, clipName="two", lens="32"))
        await cart.told()
        await b.say(CAMERA, clip(1, {mine: 1, f"{B:016x}": 1}, clipName="one", lens="50"))
        kind, device, _, data = await cart.told()
        assert (kind, device) == (DATA, B)
        assert json.loads(data)["lens"] == "50"
        assert json.loads(data)["clipName"] == "two"


@both_orders
async def test_timecode_of_the_network_goes_to_its_subscribers_and_is_not_kept(tmp_path, order):
    async with hub(tmp_path) as rig:
        generator, cart = await rig.device(A, order), await rig.device(B)
        await generator.register(TIMECODE)
        assert await cart.subscribe(A, TIMECODE, volatile=True) == b""
        said = b'{"type":"timecode","seconds":60,"frames":2}'
        assert await generator.say(TIMECODE, said) == b""
        assert await cart.told() == (VOLATILE, A, TIMECODE, said)
        assert rig.shelf.records == {}
        await eventually(lambda: rig.context.facts.get("timecode") == "00:01:00:02")
        assert rig.context.facts["timecode_from"] == "A-Cam"
        assert abs(rig.context.facts["heard_at"] - time.time()) < 5
        assert await cart.request(0x0C, cart.pack("QB", A, TIMECODE)) == b""
        assert await generator.say(TIMECODE, said) == b""
        assert await cart.quiet()


@pytest.mark.parametrize(("spoken", "heard"), ["<<", "<>", "><", ">>"])
async def test_lens_data_has_its_timecode_in_the_byte_order_of_who_hears_it(tmp_path, spoken, heard):
    async with hub(tmp_path) as rig:
        lens, cart = await rig.device(A, spoken), await rig.device(B, heard)
        await lens.register(LENS)
        await cart.subscribe(A, LENS, volatile=True)
        vendor = b"z" + bytes(range(34))
        assert await lens.say(LENS, struct.pack(spoken + "IH", 3600, 12) + vendor) == b""
        assert await cart.told() == (VOLATILE, A, LENS, struct.pack(heard + "IH", 3600, 12) + vendor)


async def test_a_subscriber_of_data_gets_lens_data_as_events(tmp_path):
    async with hub(tmp_path) as rig:
        lens, cart = await rig.device(A), await rig.device(B)
        await lens.register(LENS)
        await cart.subscribe(A, LENS)
        assert await lens.say(LENS, struct.pack("<IH", 3600, 12)) == b""
        assert await cart.told() == (DATA, A, LENS, struct.pack("<IH", 3600, 12))


@both_orders
async def test_pages_of_clips_and_of_versions(tmp_path, order):
    async with hub(tmp_path) as rig:
        device = await rig.device(A, order)
        await device.register(CAMERA)
        await device.register(SOUND)
        clips = [clip(n, tcStartSeconds=36000 + n, tcStopSeconds=36000 + n) for n in range(5)]
        clips.append(clip(5, type_="sound"))
        for said in clips:
            await device.say(SOUND if said["type"] == "sound" else CAMERA, said)
        assert await device.fetch() == clips
        assert await device.fetch(start=1, length=2) == clips[1:3]
        assert await device.fetch(start=6, length=2) == []
        versions = [{name: said[name] for name in ("id", "type", "version")} for said in clips]
        assert await device.fetch(start=4, length=9, list_type=2) == versions[4:]
        assert await device.fetch({"clips": [clips[3]["id"]]}) == [clips[3]]
        assert (
            await device.fetch(
                {"devices": [f"{A:016x}"], "timecodeFrom": "10:00:01:00", "timecodeTo": "10:00:02:00"}
            )
            == clips[1:3]
        )
        assert await device.fetch({"devices": [f"{B:016x}"]}) == []
        assert await device.fetch({"creationFrom": clips[4]["created"]}) == clips[4:]
        view = bytes(range(16))
        assert await device.fetch(length=2, view=view) == clips[:2]
        await device.say(CAMERA, clip(9, created=1))
        assert await device.fetch(start=2, length=2, view=view) == clips[2:4]
        assert (await device.fetch(length=1))[0]["created"] == 1


@both_orders
async def test_clips_are_deleted_by_demand_never_all_of_them(tmp_path, order):
    async with hub(tmp_path) as rig:
        device = await rig.device(A, order)
        await device.register(CAMERA)
        await device.say(CAMERA, clip(1))
        await device.say(CAMERA, clip(2))
        code, text = await device.request(0x09, b"{}")
        assert code == 0
        assert "without any filter" in text
        assert await device.request(0x09, json.dumps({"clips": [clip(1)["id"]]}).encode()) == b""
        assert [said["id"] for said in await device.fetch()] == [clip(2)["id"]]
        assert rig.shelf.records[clip(1)["id"]].deleted
        assert await device.say(CAMERA, clip(1)) == b""
        assert len(await device.fetch()) == 1


async def test_all_clips_are_deleted_where_the_hub_allows_it(tmp_path):
    async with hub(tmp_path, delete_all=True) as rig:
        device = await rig.device(A)
        await device.register(CAMERA)
        await device.say(CAMERA, clip(1))
        assert await device.request(0x09, b"{}") == b""
        assert await device.fetch() == []


@both_orders
async def test_cjam_sets_the_generator_and_says_so(tmp_path, order):
    async with hub(tmp_path) as rig:
        device = await rig.device(A, order)
        await device.watch(TIMECODE)
        kind, generator, type_, _ = await device.told()
        assert (kind, type_) == (APPEARED, TIMECODE)
        told = json.loads((await device.told())[3])
        assert told["device"]["masterClock"] is True
        assert told["vendorTyped"]["projectFramerate"] == "FPS_25"
        assert told["vendorTyped"]["cjamEnabled"] is False
        assert await device.request(0x0E, device.pack("IH", 36000, 10)) == b""
        told = json.loads((await device.told())[3])
        assert told["vendorTyped"]["cjamEnabled"] is True
        await device.subscribe(generator, TIMECODE, volatile=True)
        kind, source, type_, data = await device.told()
        assert (kind, source, type_) == (VOLATILE, generator, TIMECODE)
        label = json.loads(data)
        assert label["type"] == "timecode"
        assert 36000 <= label["seconds"] <= 36010


async def test_a_label_that_the_rate_does_not_have_is_malformed(tmp_path):
    async with hub(tmp_path, project_rate="29.97df") as rig:
        device = await rig.device(A)
        assert await device.request(0x0E, device.pack("IH", 60, 1)) == (2, "")
        assert await device.request(0x0E, device.pack("IH", 86400, 0)) == (2, "")
        assert await device.request(0x0E, device.pack("IH", 1, 30)) == (2, "")
        assert await device.request(0x0E, device.pack("IH", 60, 2)) == b""


@both_orders
async def test_a_new_name_is_told_and_survives_device_and_hub(tmp_path, order):
    async with hub(tmp_path) as rig:
        camera, cart = await rig.device(A, alias="A-Cam"), await rig.device(B, order)
        await camera.register(CAMERA)
        await cart.watch(CAMERA)
        await cart.told()
        await cart.told()
        assert await cart.request(0x0F, cart.pack("Q", A) + "B-Cam Töne".encode()) == b""
        assert json.loads((await cart.told())[3])["common"]["alias"] == "B-Cam Töne"
        prefixed = b"C-Cam"
        assert await cart.request(0x0F, cart.pack("QI", A, len(prefixed)) + prefixed) == b""
        assert json.loads((await cart.told())[3])["common"]["alias"] == "C-Cam"
        await camera.stream.aclose()
        await cart.told()
        await cart.told()
        again = await rig.device(A, alias="A-Cam")
        await again.register(CAMERA)
        assert (await cart.told())[0] == APPEARED
        assert json.loads((await cart.told())[3])["common"]["alias"] == "C-Cam"
        await again.meta(CAMERA, {"common": {"alias": "mine"}})
        assert json.loads((await cart.told())[3])["common"]["alias"] == "C-Cam"
        context = rig.context
    async with hub(tmp_path, context=context) as rig:
        camera, cart = await rig.device(A, alias="A-Cam"), await rig.device(B)
        await camera.register(CAMERA)
        await cart.watch(CAMERA)
        await cart.told()
        assert json.loads((await cart.told())[3])["common"]["alias"] == "C-Cam"


@both_orders
async def test_a_removed_device_is_forgotten(tmp_path, order):
    async with hub(tmp_path) as rig:
        camera, cart = await rig.device(A, alias="A-Cam"), await rig.device(B, order)
        await camera.register(CAMERA)
        await cart.request(0x0F, cart.pack("Q", A) + b"Renamed")
        await cart.watch(CAMERA)
        await cart.told()
        await cart.told()
        assert await cart.request(0x10, cart.pack("Q", A)) == b""
        assert (await cart.told())[:3] == (DISAPPEARED, A, CAMERA)
        assert (await cart.request(0x10, cart.pack("Q", A)))[0] == 0
        assert (await camera.say(CAMERA, clip(1)))[0] == 0
        await camera.register(CAMERA)
        assert (await cart.told())[0] == APPEARED
        assert json.loads((await cart.told())[3])["common"]["alias"] == "A-Cam"


async def test_lens_data_is_not_fetched_unless_the_hub_is_told_to(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.device(A)
        assert await device.request(0x0D, b"{}") == (1, "")


@pytest.mark.parametrize(("spoken", "heard"), ["<>", "><", "<<"])
async def test_lens_data_that_is_kept_is_found_by_device_and_time(tmp_path, spoken, heard):
    async with hub(tmp_path, lens_fetch=True) as rig:
        lens, cart = await rig.device(A, spoken), await rig.device(B, heard)
        await lens.register(LENS)
        for second in range(3):
            await lens.say(LENS, struct.pack(spoken + "IH", 3600 + second, 5) + b"vendor")
        demand = {"devices": [f"{A:016x}"], "timecodeFrom": "01:00:01:00", "timecodeTo": "01:00:02:00"}
        one = struct.pack(heard + "IQIH", 12, A, 3601, 5) + b"vendor"
        assert await cart.request(0x0D, json.dumps(demand).encode()) == one
        assert await cart.request(0x0D, json.dumps({"devices": [f"{B:016x}"]}).encode()) == b""
        assert await cart.request(0x0D, b"{") == (2, "")


async def test_facts_and_devices_for_people(tmp_path):
    async with hub(tmp_path, exports=tmp_path) as rig:
        one, two = await rig.device(A, alias="Cam"), await rig.device(B, alias="Cam")
        await one.register(CAMERA)
        await two.register(SOUND)
        await one.meta(CAMERA, {"common": {"energyLevel": 55, "parentDeviceId": str(B)}})
        await one.say(CAMERA, clip(1))
        await eventually(lambda: rig.context.facts.get("devices") == 2)
        assert rig.context.facts["listening"] == f"127.0.0.1:{rig.port}"
        assert rig.context.said == [f"listening on 127.0.0.1:{rig.port}"]
        assert rig.context.facts["timecode_from"] == "this hub"
        assert "heard_at" not in rig.context.facts
        await eventually(lambda: len(rig.present()) == 4)
        assert rig.present() == {
            f"Cam {A:016x}"[:4] + f"{A:016x}"[-4:]: "camera",
            "Cam " + f"{B:016x}"[-4:]: "recorder",
            "Hub timecode": "generator",
            "Hub exports": "storage",
        }
        await one.request(0x0F, one.pack("Q", A) + b"Main")
        by_id = {device["id"]: device for device in rig.hub.devices()}
        assert by_id[f"{A:016x}"] == {
            "id": f"{A:016x}", "name": "Main", "types": ["camera"], "present": True, "energy": 55,
            "parent": f"{B:016x}", "rate": None,
        }  # fmt: skip
        assert [device["rate"] for device in rig.hub.devices() if device["types"] == ["generator"]] == ["25"]
        await one.stream.aclose()
        await eventually(lambda: "Main" not in rig.present())
        with trio.fail_after(20):
            await rig.hub.remove(A)
        assert f"{A:016x}" not in {device["id"] for device in rig.hub.devices()}
