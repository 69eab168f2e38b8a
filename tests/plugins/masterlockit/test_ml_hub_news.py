"""What becomes of clips, as subscribers hear of it."""

import json

import trio
import trio.testing

from rushes_masterlockit.formats import parse_demand

from .hub_rig import CAMERA, OWN, clip, hub

A, B, C = 0x0102030405060708, 0xBABABABABABABABA, 0x0C


async def test_edits_of_one_clip_are_told_in_the_order_in_which_they_were_kept(tmp_path):
    """Two devices say them, one write keeps them: a listener that believes the last one is not misled."""
    async with hub(tmp_path, ping_interval=60) as rig:
        busy, one, two, cart = [await rig.device(id_) for id_ in (7, A, B, C)]
        for device in (busy, one, two):
            await device.register(CAMERA)
        await cart.subscribe(0, CAMERA)
        first, later = {f"{A:016x}": 1}, {f"{A:016x}": 1, f"{B:016x}": 1}
        for number in range(8):
            rig.shelf.gate = trio.Event()
            others = await busy.ask(0x07, bytes([CAMERA]) + json.dumps(clip(1000 + number)).encode())
            await trio.testing.wait_all_tasks_blocked(0.01)
            early = await one.ask(0x07, bytes([CAMERA]) + json.dumps(clip(number, first)).encode())
            await trio.testing.wait_all_tasks_blocked(0.01)
            late = await two.ask(0x07, bytes([CAMERA]) + json.dumps(clip(number, later)).encode())
            await trio.testing.wait_all_tasks_blocked(0.01)
            rig.shelf.gate.set()
            rig.shelf.gate = None
            assert await busy.answer(others) == await one.answer(early) == await two.answer(late) == b""
        heard = [json.loads((await cart.told())[3])["version"] for _ in range(24)]
        assert heard[1::3] == [first] * 8
        assert heard[2::3] == [later] * 8


async def test_who_leaves_right_after_it_spoke_does_not_hear_itself(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.device(A)
        await device.register(CAMERA)
        await device.subscribe(0, CAMERA)
        said = await device.ask(0x07, bytes([CAMERA]) + json.dumps(clip(1)).encode())
        left = await device.ask(0x06, bytes([CAMERA]))
        assert await device.answer(said) == await device.answer(left) == b""
        assert await device.quiet()


async def test_what_is_edited_here_is_told_to_who_listens_to_its_device(tmp_path):
    async with hub(tmp_path) as rig:
        device, cart = await rig.device(A), await rig.device(C)
        await device.register(CAMERA)
        await device.say(CAMERA, clip(1))
        await cart.subscribe(A, CAMERA)
        await rig.repository.edit(clip(1)["id"], {"isWaste": True})
        _, by, type_, data = await cart.told()
        assert (by, type_, json.loads(data)["isWaste"]) == (OWN, CAMERA, True)
        await rig.repository.delete(parse_demand({"clips": [clip(1)["id"]]}))
        assert await cart.quiet()
