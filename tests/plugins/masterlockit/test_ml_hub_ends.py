"""Connections that end, crawl or do not listen: what was said is answered, and nobody else is held up."""

import hashlib

import pytest
import trio
import trio.testing

from rushes_masterlockit.hub import fetching, session

from .hub_rig import CAMERA, TIMECODE, Gone, clip, hub

A, B = 0x0102030405060708, 0xBABABABABABABABA


async def test_who_says_no_more_still_hears_the_answers(tmp_path):
    """A client may send all it has, shut down its side, then read."""
    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.register(CAMERA)
        rig.shelf.gate = trio.Event()
        asked = [
            await device.ask(0x07, bytes([CAMERA]) + str(clip(n)).replace("'", '"').encode())
            for n in range(3)
        ]
        asked.append(await device.ask(0x0A, b"\2{}"))
        await device.stream.send_eof()
        await trio.testing.wait_all_tasks_blocked(0.02)
        rig.shelf.gate.set()
        answers = {}
        with trio.fail_after(10):
            while len(answers) < len(asked):
                type_, rest = await device.read()
                answers[rest[:20]] = (type_, rest[20:])
        assert {answers[digest][0] for digest in asked} == {0x13}
        assert all(clip(n)["id"].encode() in answers[asked[-1]][1] for n in range(3))
        assert await device.ended()


async def test_reports_do_not_drown_a_slow_reader(tmp_path):
    """Four long ones were ordered at once: each waits until the one before is read, and short answers pass."""
    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.register(CAMERA)
        for number in range(3):
            said = clip(number, comment="x" * 2_000_000)
            assert await device.say(CAMERA, said) == b""
        asked = [await device.ask(0x0A, b"\2" + b'{"headerData":%d}' % number) for number in range(4)]
        asked.append(await device.ask(0x07, bytes([CAMERA]) + str(clip(9)).replace("'", '"').encode()))
        await trio.sleep(0.3)  # not to be right: so that they may pile up
        sizes = {}
        with trio.fail_after(20):
            while len(sizes) < len(asked):
                type_, rest = await device.read()
                assert type_ == 0x13
                sizes[rest[:20]] = len(rest)
        assert all(sizes[digest] > 6_000_000 for digest in asked[:4])


async def test_a_trickled_frame_holds_up_its_own_connection_alone(tmp_path):
    async with hub(tmp_path) as rig:
        slow, quick = await rig.device(A), await rig.device(B)
        await quick.register(CAMERA)
        body = bytes([0x05, CAMERA])
        frame = slow.frame(0x01, body)
        for at in range(len(frame)):
            await slow.write(frame[at : at + 1])
            assert await quick.say(CAMERA, clip(at)) == b""
        assert await slow.answer(hashlib.sha1(frame).digest()) == b""


async def test_a_frame_that_never_ends_is_given_up(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        device = await rig.device()
        await device.write(device.frame(0x01, b"\5\1")[:-1])
        started = trio.current_time()
        device.dumb = True  # an answer would be part of the frame
        with trio.fail_after(60), pytest.raises(Gone):
            while True:
                await device.read()
        assert trio.current_time() - started <= 33


async def test_who_acknowledges_no_timecode_either_is_lost(tmp_path, autojump_clock):
    """It asked for it as data, so it is to acknowledge each; meanwhile more and more wait for that."""
    async with hub(tmp_path) as rig:
        deaf, generator = await rig.device(B), await rig.device(A)
        await generator.register(TIMECODE)
        await deaf.subscribe(A, TIMECODE)
        deaf.dumb = True

        async def run():
            for second in range(60):
                await generator.say(TIMECODE, {"type": "timecode", "seconds": second, "frames": 0})
                await trio.sleep(1)

        async def chatter():
            while True:
                await deaf.ask(0x04, b"\1")
                await trio.sleep(2)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(run)
            nursery.start_soon(chatter)
            with trio.fail_after(40):
                with pytest.raises(Gone):
                    while True:
                        await deaf.read()
            nursery.cancel_scope.cancel()


async def test_acknowledgements_that_wait_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "MOST_UNACKNOWLEDGED", 10)
    async with hub(tmp_path) as rig:
        deaf, camera = await rig.device(B), await rig.device(A)
        await camera.register(CAMERA)
        await deaf.subscribe(0, CAMERA)
        deaf.dumb = True
        for number in range(20):
            assert await camera.say(CAMERA, clip(number)) == b""
        assert await deaf.ended()


async def test_a_page_that_is_too_large_is_not_made_to_the_end(tmp_path, monkeypatch):
    async with hub(tmp_path, max_message="64 KiB") as rig:
        device = await rig.device()
        await device.register(CAMERA)
        for number in range(6):
            assert await device.say(CAMERA, clip(number, comment="x" * 30_000)) == b""
        monkeypatch.setattr(fetching, "_TURN", 1)
        asked, bodies = [], rig.repository.bodies

        async def counted(ids):
            asked.extend(ids)
            return await bodies(ids)

        monkeypatch.setattr(rig.repository, "bodies", counted)
        code, text = await device.fetch()
        assert (code, len(asked)) == (0, 3)
        assert "ask for fewer" in text
