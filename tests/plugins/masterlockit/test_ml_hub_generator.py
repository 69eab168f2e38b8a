"""The hub's own generator: exact, set by C-Jam, told frame by frame while somebody wants it."""

from datetime import datetime
from itertools import pairwise

import pytest
import trio

from rushes.timecode import RATES, Rate, Timecode
from rushes_masterlockit.hub.generator import Generator, timecode_json

from .hub_rig import TIMECODE, hub


class Wall:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


def made(rate="25", day=36000.0):
    return Generator(Rate.parse(rate), now=Wall(), day=lambda: day)


@pytest.mark.parametrize("rate", RATES, ids=str)
async def test_it_counts_at_the_exact_rate(rate, autojump_clock):
    generator = made(rate)
    generator.jam(3600, 10)
    first = generator.timecode().frames
    await trio.sleep(1001)
    assert generator.timecode().frames - first == 1001 * rate.exact // 1


@pytest.mark.parametrize("rate", RATES, ids=str)
async def test_its_label_begins_as_a_clock_on_the_wall(rate):
    assert str(made(str(rate)).timecode()).replace(";", ":") == "10:00:00:00"


async def test_it_begins_with_the_time_of_day():
    day = datetime.now().astimezone()
    seconds = Generator(Rate.parse("25"), now=Wall()).timecode().seconds
    assert abs(seconds - (day.hour * 3600 + day.minute * 60 + day.second)) % 86399 <= 1


async def test_it_goes_over_midnight(autojump_clock):
    generator = made()
    generator.jam(86399, 24)
    await trio.sleep(0.05)
    assert str(generator.timecode()) == "00:00:00:00"


@pytest.mark.parametrize(("rate", "seconds", "frames"), [("29.97df", 60, 0), ("25", 0, 25), ("25", 86400, 0)])
async def test_it_refuses_labels_that_its_rate_does_not_have(rate, seconds, frames):
    with pytest.raises(ValueError, match=r"skips|must be"):
        made(rate).jam(seconds, frames)


async def told(generator, seconds):
    frames = []
    with trio.move_on_after(seconds):
        await generator.run(lambda timecode: frames.append((trio.current_time(), timecode)))
    return frames


@pytest.mark.parametrize("rate", RATES, ids=str)
async def test_every_frame_is_told_once_at_its_moment(rate, autojump_clock):
    generator = made(rate)
    generator.jam(59, 0)
    generator.want(True)
    started = trio.current_time()
    frames = await told(generator, 4)
    numbers = [timecode.frames for _, timecode in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert abs(len(numbers) - 4 * rate.exact) <= 1
    for moment, timecode in frames:
        assert abs(moment - started - (timecode.frames - numbers[0]) / rate.exact) < 1e-3


async def test_it_says_nothing_while_nobody_wants_it(autojump_clock):
    generator = made()
    assert await told(generator, 2) == []
    generator.want(True)
    assert await told(generator, 2)
    generator.want(False)
    assert await told(generator, 2) == []


async def test_frames_that_are_long_past_are_skipped(autojump_clock):
    generator = made()
    generator.want(True)
    numbers = []

    def tell(timecode):
        numbers.append(timecode.frames)
        if len(numbers) == 10:
            autojump_clock.jump(60)

    with trio.move_on_after(61):
        await generator.run(tell)
    gaps = [b - a for a, b in pairwise(numbers) if b != a + 1]
    assert len(gaps) == 1
    assert 1400 < gaps[0] < 1510


async def test_a_jam_is_heard_at_once(autojump_clock):
    generator = made()
    generator.want(True)
    labels = []

    def tell(timecode):
        labels.append(str(timecode))
        if len(labels) == 5:
            generator.jam(3600, 0)

    with trio.move_on_after(1):
        await generator.run(tell)
    assert labels[5:8] == ["01:00:00:00", "01:00:00:01", "01:00:00:02"]


async def test_it_goes_on_after_a_restart_at_the_same_rate(autojump_clock):
    generator = made()
    generator.jam(3600, 0)
    state = generator.state()
    again = made()
    again._now.now += 10
    again.restore(state)
    assert str(again.timecode()) == "01:00:10:00"
    assert again.jammed
    other = made("24")
    other.restore(state)
    assert str(other.timecode()) == "10:00:00:00"


def test_a_timecode_of_the_wire():
    said = timecode_json(Timecode.parse("00:01:00;02", "29.97df"))
    assert said == b'{"type":"timecode","seconds":60,"frames":2}'


async def test_subscribers_hear_each_frame_and_others_none(tmp_path):
    async with hub(tmp_path, project_rate="50") as rig:
        cart, other = await rig.device(1), await rig.device(2)
        await cart.watch(TIMECODE)
        _, generator, _, _ = await cart.told()
        await cart.told()
        await cart.subscribe(generator, TIMECODE, volatile=True)
        await cart.request(0x0E, cart.pack("IH", 3600, 0))
        labels = []
        with trio.fail_after(10):
            while len(labels) < 20:
                kind, device, type_, data = await cart.told()
                if kind == (0x12, 5):
                    assert (device, type_) == (generator, TIMECODE)
                    labels.append(data)
        start = labels.index(b'{"type":"timecode","seconds":3600,"frames":0}')
        expected = [b'{"type":"timecode","seconds":3600,"frames":%d}' % n for n in range(20 - start)]
        assert labels[start:] == expected
        assert await other.quiet()
        assert await cart.request(0x0C, cart.pack("QB", generator, TIMECODE)) == b""
        cart.inbox.clear()
        await trio.sleep(0.1)
        assert await cart.quiet()


async def test_a_jam_is_kept_through_a_restart(tmp_path):
    async with hub(tmp_path) as rig:
        await rig.hub.cjam(7200, 0)
        context = rig.context
    async with hub(tmp_path, context=context) as rig:
        device = await rig.device()
        await device.subscribe(0, TIMECODE, volatile=True)
        _, _, _, data = await device.told()
        assert data.startswith(b'{"type":"timecode","seconds":720')


async def test_who_subscribed_to_its_data_is_asked_to_acknowledge_each_frame(tmp_path):
    async with hub(tmp_path) as rig:
        cart = await rig.device()
        await cart.subscribe(0, TIMECODE)
        told = [await cart.told() for _ in range(10)]
        assert {kind for kind, *_ in told} == {(0x11, 1)}
        assert len({data for *_, data in told}) == 10
