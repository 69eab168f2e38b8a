"""Whether a device lives: silence, half-open links, who holds a device. On virtual time."""

import hashlib
import json

import pytest
import trio

from .hub_rig import CAMERA, PING, SLATE, Gone, clip, hub

A, B = 0x0102030405060708, 0xBABABABABABABABA


async def test_a_silent_device_that_answers_stays(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        with trio.move_on_after(100):
            while True:
                assert await device.read() == PING
        await trio.sleep(1)
        assert await device.quiet()


async def test_a_silent_device_that_does_not_is_lost(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        watcher, device = await rig.device(B), await rig.device(A)
        await watcher.watch(CAMERA)
        await device.register(CAMERA)
        device.dumb = True
        started = trio.current_time()
        async with trio.open_nursery() as nursery:
            seen = []

            async def watch():
                for _ in range(4):
                    while True:
                        told = await watcher.read()
                        if told != PING:
                            break
                    seen.append(told)
                nursery.cancel_scope.cancel()

            watcher.inbox.clear()
            nursery.start_soon(watch)
            with pytest.raises(Gone):
                while True:
                    assert await device.read() == PING
            assert 19 <= trio.current_time() - started <= 24
        assert [rest[0] for _, rest in seen][-2:] == [4, 2]
        assert json.loads(seen[-2][1][10:])["common"]["connected"] is False


async def test_a_nack_to_a_ping_is_a_sign_of_life(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        device.dumb = True
        with trio.move_on_after(60):
            while True:
                assert await device.read() == PING
                digest = hashlib.sha1(device.frame(0x11, b"\2")).digest()
                await device.write(device.frame(0x04, digest + device.pack("I", 1)))
        device.dumb = False
        assert await device.watch(CAMERA) == b""


async def test_who_acknowledges_nothing_that_it_is_told_is_lost(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        deaf, camera = await rig.device(B), await rig.device(A)
        await deaf.subscribe(0, CAMERA)
        deaf.dumb = True
        await camera.register(CAMERA)
        await camera.say(CAMERA, clip(1))
        lost = trio.Event()

        async def chatter():
            try:
                while True:
                    await deaf.ask(0x04, b"\1")
                    await trio.sleep(2)
            except trio.BrokenResourceError:
                pass

        async def keep():
            with pytest.raises(Gone):
                while True:
                    await camera.read()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(chatter)
            nursery.start_soon(keep)
            with trio.fail_after(60), pytest.raises(Gone):
                while True:
                    await deaf.read()
            lost.set()
            nursery.cancel_scope.cancel()
        assert lost.is_set()


async def test_a_device_that_is_taken_is_refused_while_its_holder_lives(tmp_path):
    async with hub(tmp_path) as rig:
        holder, other = await rig.device(A), await rig.device(A)
        await holder.register(SLATE)

        async def listen(task_status=trio.TASK_STATUS_IGNORED):
            task_status.started()
            await holder.read()

        async with trio.open_nursery() as nursery:
            await nursery.start(listen)
            code, text = await other.register(SLATE)
        assert code == 0
        assert "connected as slate already" in text
        assert await other.register(CAMERA) == b""
        assert await holder.say(SLATE, {"type": "clap"}) == b""


async def test_a_device_is_taken_over_from_a_link_that_is_dead(tmp_path):
    async with hub(tmp_path) as rig:
        watcher = await rig.device(B)
        await watcher.watch(SLATE)
        holder = await rig.device(A)
        await holder.register(SLATE)
        await watcher.told()
        await watcher.told()
        holder.dumb = True
        other = await rig.device(A)
        register = await other.ask(0x05, bytes([SLATE]))
        said = await other.ask(0x07, bytes([SLATE]) + b'{"type":"clap"}')
        started = trio.current_time()
        assert await other.answer(register) == b""
        assert 1.5 < trio.current_time() - started < 5
        assert await other.answer(said) == b""
        assert [(await watcher.told())[0] for _ in range(4)] == [(0x12, 4), (0x12, 2), (0x12, 1), (0x12, 4)]
        assert await holder.ended()
        assert await watcher.quiet()
