"""Hubs that go silent, close, refuse, repeat and lie: the client lives, loses nothing and says so in one line."""

from __future__ import annotations

import json
import logging

import pytest
import trio

from rushes import Unavailable

from .client_rig import Shelf, eventually, following
from .scripted_hub import (
    CAMERA,
    FETCH,
    GENERATOR,
    NONCE,
    SUB_DATA,
    SUB_DEVICES,
    SUB_VOLATILE,
    Frame,
    Hub,
    Line,
    clip,
    scripted,
)

CAM = 0xC1
IDS = [f"{n:032x}" for n in range(450)]


def stocked(**more) -> Hub:
    return Hub(clips={id_: clip(id_) for id_ in IDS}, devices={(CAM, CAMERA): None}, **more)


def one_line(text: str) -> bool:
    return bool(text) and "\n" not in text and "Traceback" not in text


# Where conversations end


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x0a\0\0",
        b"\x0a\0\0\0\x1f\0\0\x01",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\0\0\0\0",
        b"\xff\xff\xff\x7f\x1f",
        b"\x03\0\0\0\x1f\x01\x01",
        b"\x0a\0\0\0\x13\0" + NONCE,
    ],
)
async def test_nonsense_instead_of_a_challenge(said, tmp_path, autojump_clock):
    hub = stocked()

    async def greet(line: Line) -> None:
        await line.send(said)

    hub.greet = greet
    async with scripted(hub), following(hub, tmp_path, wait=False) as rig:
        await eventually(lambda: len(hub.times) == 3)
        assert one_line(rig.facts["connection"])
        assert rig.context.said
        assert all(map(one_line, rig.context.said))
        hub.greet = None
        await rig.intake.caught.wait()
        assert rig.repository.count == len(IDS)
        assert rig.facts["connection"] == "connected"


@pytest.mark.parametrize("code", [(1, b""), (7, b"x")], ids=["another version", "two challenges"])
async def test_a_handshake_that_goes_wrong(code, tmp_path, autojump_clock):
    hub = stocked()

    async def greet(line: Line) -> None:
        await line.challenge()
        if code[0] == 7:
            await line.challenge()
        await line.greet()
        await line.send(line.frame(0x1F, b"\x01\x02"))
        await trio.sleep_forever()

    hub.greet = greet
    async with scripted(hub), following(hub, tmp_path, wait=False) as rig:
        await eventually(lambda: len(hub.times) == 3)
        assert one_line(rig.facts["connection"])


@pytest.mark.parametrize("silent", [False, True], ids=["closes", "is silent"])
@pytest.mark.parametrize("number", range(1, 22))
async def test_a_hub_that_ends_at_any_point(number, silent, tmp_path, autojump_clock):
    """12 subscriptions, the list of versions twice, three pages of clips; then data and a ping of the hub."""
    hub = stocked()
    lost = []

    async def before(line: Line, _frame: Frame, at: int) -> bool:
        if line is not hub.lines[0] or at < number:
            return False
        if not lost:
            lost.append(at)
            hub.clips.update({"f" * 32: clip("f" * 32), "e" * 32: clip("e" * 32)})
            if not silent:
                await line.send(line.ping()[:3])
                await line.stream.aclose()
        return True

    hub.before = before
    async with scripted(hub), following(hub, tmp_path, wait=False, send_back=True) as rig:
        await rig.intake.caught.wait()
        while not lost:
            said = clip("f" * 32)
            await hub.line.send(hub.line.data(CAM, CAMERA, said), hub.line.ping())
            await trio.sleep(20)
        line = await hub.nth(2)
        await eventually(lambda: rig.repository.count == len(IDS) + 2)
        await line.until(SUB_DEVICES, count=7)
        await eventually(lambda: (CAM, CAMERA) in line.subscribed(SUB_DATA), "resubscribed")
        assert rig.facts["connection"] == "connected"
        assert all(map(one_line, rig.context.said))
        assert not hub.given


async def test_reconnects_back_off(tmp_path, autojump_clock):
    hub = stocked()

    async def greet(line: Line) -> None:
        await line.stream.aclose()

    hub.greet = greet
    async with scripted(hub), following(hub, tmp_path, wait=False):
        with trio.fail_after(1000):
            while len(hub.times) < 14:
                await trio.sleep(1)
    waits = [later - earlier for earlier, later in zip(hub.times, hub.times[1:], strict=False)]
    assert waits[0] <= 0.51
    assert all(wait <= 0.51 * 2**n for n, wait in enumerate(waits))
    assert 15 <= waits[-1] <= 30.1


async def test_nobody_there_and_then_somebody(tmp_path, autojump_clock):
    hub = stocked()
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    hub.port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    async with following(hub, tmp_path, wait=False) as rig:
        await trio.sleep(100)
        assert "refused" in rig.facts["connection"]
        assert len(rig.context.said) == 1, "told once, not at each attempt"
        with pytest.raises(Unavailable):
            await rig.client.rename(CAM, "A")
        assert rig.intake.caught.is_set(), "as with a card that is not there, nothing is to be waited for"
        async with scripted(hub):
            await eventually_long(lambda: rig.repository.count == len(IDS))


async def test_silence_is_asked_about_before_the_link_is_given_up(tmp_path, autojump_clock):
    hub = stocked()
    async with scripted(hub), following(hub, tmp_path, ping_interval=5) as rig:
        first = hub.line
        await trio.sleep(100)
        assert hub.line is first, "its answers are proof of life"
        probes = len(await first.until(SUB_DEVICES)) - 7
        assert 5 <= probes <= 7
        hub.deaf = True
        silent = trio.current_time()
        while len(hub.times) == 1:
            await trio.sleep(0.1)
        assert 10 <= hub.times[1] - silent <= 26
        assert any("silent" in said for said in rig.context.said)
        hub.deaf = False
        await hub.nth(2)


# What is refused


@pytest.mark.parametrize(("code", "word"), [(1, "protocol"), (2, "KEY"), (3, "SECRET")])
async def test_a_refused_handshake_needs_a_person(code, word, tmp_path, autojump_clock):
    hub = stocked(refuse=(code, b""))
    async with scripted(hub):
        with pytest.raises(ExceptionGroup) as raised:
            async with following(hub, tmp_path, wait=False):
                await trio.sleep(100)
    [refused] = leaves(raised.value)
    assert isinstance(refused, Unavailable)
    assert refused.retry_after == 60, "the engine opens it again then, or when a person acts"
    assert word in str(refused)
    assert one_line(str(refused))
    assert "not-a-real-secret" not in str(refused)
    assert len(hub.lines) == 1


async def test_a_busy_hub_is_tried_again(tmp_path, autojump_clock):
    hub = stocked(refuse=(0, b"busy\nlater"))
    async with scripted(hub), following(hub, tmp_path, wait=False) as rig:
        await eventually(lambda: len(hub.lines) == 3)
        assert "busy later" in rig.facts["connection"]
        hub.refuse = None
        await rig.intake.caught.wait()


async def test_a_hub_that_refuses_everything_is_still_followed(tmp_path, autojump_clock):
    hub = stocked()

    async def before(line: Line, frame: Frame, _number: int) -> bool:
        if frame.type != 0x01:
            return False
        await line.nack(frame, 0, "no")
        return True

    hub.before = before
    async with scripted(hub), following(hub, tmp_path, storage=True, send_back=True) as rig:
        assert rig.facts["connection"] == "connected"
        assert one_line(rig.facts["trouble"])
        assert await hub.line.answer(hub.line.data(CAM, CAMERA, clip("a" * 32))) == [(3, b"")]
        await trio.sleep(300)
        assert len(hub.lines) == 1
        listed = [frame for frame in hub.line.frames if frame.code == FETCH]
        assert len(listed) <= 12 * 7, "tried again, but seldom"
        hub.before = None
        await eventually_long(lambda: rig.repository.count == len(IDS) + 1)


async def test_a_hub_that_does_not_know_the_wildcard(tmp_path):
    hub = stocked()

    async def subscribe(line: Line, frame: Frame) -> None:
        if frame.body[:8] == bytes(8):
            await line.nack(frame, 0, "no such device")
        else:
            await line.ack(frame)

    hub.rules[SUB_DATA] = subscribe
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert (CAM, CAMERA) in hub.line.subscribed(SUB_DATA)
        assert rig.repository.count == len(IDS)
        assert "trouble" not in rig.facts


# What is listed


@pytest.mark.parametrize(
    "answer", [b"", b"{}", b"[", b"\xff\xfe", b"[" * 100_000, b'"clips"', b'[{"id":1}'], ids=range(7)
)
async def test_garbage_instead_of_a_list(answer, tmp_path, autojump_clock):
    hub = stocked()

    async def garbage(line: Line, frame: Frame) -> None:
        await line.ack(frame, answer)

    hub.rules[FETCH] = garbage
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert one_line(rig.facts["trouble"])
        assert await hub.line.answer(hub.line.data(CAM, CAMERA, clip("a" * 32))) == [(3, b"")]
        if answer:  # an empty one is a hub without clips
            assert "synced_at" not in rig.facts
        del hub.rules[FETCH]
        await eventually_long(lambda: rig.repository.count == len(IDS) + 1)
        await eventually_long(lambda: "synced_at" in rig.facts)
        assert len(hub.lines) == 1


async def test_single_clips_that_cannot_be_read_stop_no_other(tmp_path):
    hub = stocked()

    async def some(line: Line, frame: Frame) -> None:
        page = hub.page(line, frame)
        if frame.body[8] == 2 and page:
            page += [
                {"id": "x" * 32},
                7,
                {"id": "y" * 32, "version": {"c1": -1}},
                {"id": "z" * 32, "version": {"c1": 1}},
            ]
        elif frame.body[8] == 1:
            page += [None, {"id": "z" * 32}]
        await line.ack(frame, json.dumps(page).replace("null", '{"a":1,"a":2}').encode())

    hub.rules[FETCH] = some
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert set(rig.repository.clocks) == set(IDS)
        assert one_line(rig.facts["trouble"])


@pytest.mark.parametrize("most", [1, 7, 200, None])
@pytest.mark.parametrize("ranged", [True, False], ids=["range", "no range"])
async def test_hubs_that_cap_pages_or_ignore_the_range(most, ranged, tmp_path):
    hub = stocked()
    hub.clips = dict(list(hub.clips.items())[: 450 if most != 1 else 20])
    if not ranged and most is not None:
        most = len(hub.clips)

    async def capped(line: Line, frame: Frame) -> None:
        start, _ = line.unpack("II", frame.body[:8])
        whole = line.pack("II", 0, 2**31) + frame.body[8:]
        page = hub.page(line, Frame(frame.raw, frame.type, frame.code, whole))
        page = page[start:][:most] if ranged else page
        await line.ack(frame, json.dumps(page).encode())

    hub.rules[FETCH] = capped
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert rig.repository.count == len(hub.clips)


async def test_a_hub_that_repeats_itself(tmp_path):
    hub = stocked()

    async def twice(line: Line, frame: Frame) -> None:
        page = hub.page(line, frame)
        await line.ack(frame, json.dumps(page + page).encode())
        await line.ack(frame, json.dumps(page).encode())

    hub.rules[FETCH] = twice
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert rig.repository.count == len(IDS)
        event = hub.line.data(CAM, CAMERA, clip("a" * 32))
        assert await hub.line.answer(event, event) == [(3, b"")] * 2
        await hub.line.send(*[hub.line.appeared(CAM, CAMERA)] * 3)
        await hub.line.answer(hub.line.ping())
        assert hub.line.subscribed(SUB_DATA).count((CAM, CAMERA)) == 1


async def test_a_hub_that_refuses_large_pages(tmp_path):
    hub = stocked()

    async def small(line: Line, frame: Frame) -> None:
        _, length = line.unpack("II", frame.body[:8])
        if length > 60:
            await line.nack(frame, 0, "too many")
        else:
            await line.ack(frame, json.dumps(hub.page(line, frame)).encode())

    hub.rules[FETCH] = small
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert rig.repository.count == len(IDS)


async def test_one_clip_that_is_too_large_for_any_frame(tmp_path, autojump_clock):
    """The connection ends over it; in the end every other clip is here, and people are told which one is not."""
    hub = stocked()
    hub.clips = {id_: clip(id_) for id_ in IDS[:40]}
    huge = IDS[11]
    hub.clips[huge]["comment"] = "x" * 70_000
    async with scripted(hub), following(hub, tmp_path, wait=False, max_message=65536) as rig:
        await rig.intake.caught.wait()
        assert set(rig.repository.clocks) == set(IDS[:40]) - {huge}
        assert huge in rig.facts["trouble"]
        assert len(hub.lines) < 20


async def test_a_frame_of_16_mib_is_taken(tmp_path):
    hub = stocked()
    async with scripted(hub), following(hub, tmp_path) as rig:
        said = clip("a" * 32, comment="")
        said["comment"] = "x" * (16 * 1024 * 1024 - 10 - len(json.dumps(said)) - 1)
        event = hub.line.data(CAM, CAMERA, said)
        assert len(event) - 4 == 16 * 1024 * 1024
        [(kind, _)] = await hub.line.answer(event)
        assert kind == 3
        assert "a" * 32 in rig.shelf.records


# What a hub has lost


async def test_a_hub_that_restarts_with_nothing_loses_us_nothing(tmp_path, autojump_clock):
    hub = stocked()
    shelf = Shelf()
    async with scripted(hub), following(hub, tmp_path, shelf=shelf) as rig:
        hub.clips = {}
        hub.devices = {}
        await hub.line.stream.aclose()
        await (await hub.nth(2)).until(FETCH)
        await eventually(lambda: rig.present() == {}, "a device that the hub does not know is not there")
        assert rig.repository.count == len(IDS)
        assert not any(record.deleted for record in shelf.records.values())
        hub.clips = {IDS[0]: clip(IDS[0], {"00000000000000c1": 1})}
        await hub.line.stream.aclose()
        await (await hub.nth(3)).until(FETCH)
        assert rig.repository.count == len(IDS)


async def test_a_hub_that_restarts_with_nothing_is_given_all(tmp_path, autojump_clock):
    hub = stocked()
    async with scripted(hub), following(hub, tmp_path, send_back=True):
        assert not hub.given
        hub.clips = {}
        await hub.line.stream.aclose()
        await hub.nth(2)
        await eventually(lambda: set(hub.clips) == set(IDS))


async def test_devices_are_there_while_a_hub_reboots_quickly(tmp_path, autojump_clock):
    hub = stocked()
    async with scripted(hub), following(hub, tmp_path) as rig:
        await eventually(lambda: len(rig.present()) == 1)

        async def greet(line: Line) -> None:
            await line.stream.aclose()

        hub.greet = greet
        told = len(rig.intake.seen_devices)
        await hub.line.stream.aclose()
        await trio.sleep(25)
        assert len(rig.intake.seen_devices) == told, "no flapping"
        await trio.sleep(40)
        assert rig.present() == {}
        hub.greet = None
        await eventually_long(lambda: len(rig.present()) == 1)


async def test_a_flood_of_trouble_is_told_once_a_minute(tmp_path, caplog):
    hub = stocked()
    async with scripted(hub), following(hub, tmp_path):
        with caplog.at_level(logging.WARNING):
            line = hub.line
            await line.answer(*[line.data(CAM, CAMERA, b"{%d" % n) for n in range(200)])
            await line.send(*[line.volatile(5, GENERATOR, b"{%d" % n) for n in range(200)])
            await line.answer(line.ping())
        assert len(caplog.records) == 2


def leaves(group: BaseException) -> list[BaseException]:
    if isinstance(group, BaseExceptionGroup):
        return [leaf for inner in group.exceptions for leaf in leaves(inner)]
    return [group]


async def eventually_long(condition) -> None:
    with trio.fail_after(200):
        while not condition():
            await trio.sleep(0.5)


# What would be too much


async def test_a_ledger_that_is_behind_slows_the_hub_down_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("rushes_masterlockit.client.admitting.MOST_EVENTS", 16)
    hub, shelf = Hub(), Shelf()
    async with scripted(hub), following(hub, tmp_path, shelf=shelf) as rig:
        shelf.gate = trio.Event()
        async with trio.open_nursery() as nursery:
            answers: list[list[tuple[int, bytes]]] = []

            async def say() -> None:
                answers.append(await hub.line.answer(*[hub.line.data(CAM, CAMERA, clip(id_)) for id_ in IDS]))

            nursery.start_soon(say)
            admitting = rig.client._session._admitting
            await eventually(lambda: len(admitting._events) >= 16)
            await trio.sleep(0.1)
            assert len(admitting._events) == 16
            assert not answers
            shelf.gate.set()
        assert answers == [[(3, b"")] * len(IDS)]
        assert rig.repository.count == len(IDS)


async def test_a_ledger_that_takes_nothing_is_no_acknowledgement(tmp_path):
    class Full(Shelf):
        async def write(self, records):
            await trio.lowlevel.checkpoint()
            raise Unavailable("the disk is full")

    hub = Hub()
    async with scripted(hub):
        with pytest.raises(ExceptionGroup) as raised:
            async with following(hub, tmp_path, shelf=Full()):
                await hub.line.send(hub.line.data(CAM, CAMERA, clip("a" * 32)))
                await trio.sleep(10)
        assert [str(leaf) for leaf in leaves(raised.value)] == ["the disk is full"]
        await hub.line.over.wait()
        assert not hub.line.answers


async def test_a_hub_that_makes_up_devices(tmp_path, monkeypatch):
    monkeypatch.setattr("rushes_masterlockit.client.roster.MOST_DEVICES", 3)
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path) as rig:
        line = hub.line
        for device in range(1, 200):
            await line.send(
                line.appeared(device, GENERATOR),
                line.meta(device, GENERATOR, {"common": {"alias": "x"}}),
                line.volatile(device, GENERATOR, {"seconds": 1, "frames": 1}),
            )
        await line.answer(line.ping())
        assert len(rig.client.devices()) == 3
        assert len(rig.client._timecode._newest) == 3
        assert len(line.subscribed(SUB_VOLATILE)) <= 3
        [(kind, _)] = await line.answer(line.data(999, CAMERA, clip("a" * 32)))
        assert kind == 3, "what it says is kept all the same"
