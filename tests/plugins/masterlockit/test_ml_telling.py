"""Who comes and goes on the set, and what needs a person, as people are told."""

import time

import trio
import trio.testing

from rushes import Device
from rushes.testing import FakeIntake, StandIn
from rushes_masterlockit.options import MasterlockitOptions, warnings
from rushes_masterlockit.repository import Repository
from rushes_masterlockit.telling import Telling

from .client_rig import Shelf
from .hub_rig import clip

OWN = "00ff00ff00ff00ff"


def device(number, *, present=True, type_="camera"):
    return Device(id=f"{number:016x}", source="set", type=type_, name=f"Cam {number}", present=present)


class Told:
    def __init__(self, nursery, folder, parts=()):
        self.context, self.intake = StandIn(folder, None, "set"), FakeIntake()
        self.repository = Repository(Shelf(), OWN, bodies=True, rate=lambda: "25", now=time.time)
        self.telling = Telling(self.context, self.repository, self.intake.devices, lambda: parts)
        nursery.start_soon(self.telling.run)

    async def since(self, seconds):
        self.context.said.clear()
        await trio.sleep(seconds)
        return list(self.context.said)


async def test_devices_come_and_go_with_a_line_each(tmp_path, autojump_clock):
    async with trio.open_nursery() as nursery:
        told = Told(nursery, tmp_path, parts={f"{9:016x}"})
        await told.telling.devices([device(1), device(2, type_="recorder"), device(9)])
        assert len(told.intake.seen_devices) == 3
        assert await told.since(5) == ["Cam 1 (camera) is here", "Cam 2 (recorder) is here"]
        await told.telling.devices([device(1, present=False)])
        assert await told.since(5) == ["Cam 1 (camera) has left"]
        await told.telling.devices([device(2, present=False, type_="recorder")])
        await told.telling.devices([device(2, type_="recorder")])
        assert await told.since(5) == []
        nursery.cancel_scope.cancel()


async def test_hundreds_of_devices_are_no_flood(tmp_path, autojump_clock):
    async with trio.open_nursery() as nursery:
        told = Told(nursery, tmp_path)
        await told.telling.devices([device(number) for number in range(250)])
        assert await told.since(5) == [
            "250 devices are here: Cam 0 (camera), Cam 1 (camera), Cam 2 (camera) and 247 more"
        ]
        told.context.said.clear()
        for number in range(250):
            await told.telling.devices([device(number, present=False)])
            await trio.sleep(0.3)
        await trio.sleep(40)
        assert len(told.context.said) < 15
        nursery.cancel_scope.cancel()


async def test_what_an_editor_has_to_look_at_is_shown_until_it_was(tmp_path, autojump_clock):
    async with trio.open_nursery() as nursery:
        told = Told(nursery, tmp_path)
        await nursery.start(told.repository.run)
        one, two = {"a" * 16: 1}, {"b" * 16: 1}
        await told.repository.say([clip(1, one, isWaste=True, clipName="A")], "a" * 16)
        await told.repository.say([clip(1, two, isWaste=False, clipName="B")], "b" * 16)
        await trio.sleep(2)
        assert len(told.repository.conflicts()) == 2
        assert (
            told.context.facts["attention"] == "1 conflict to look at: pipeline masterlockit conflicts FILE"
        )
        assert told.context.facts["clips"] == 1
        await told.repository.settle()
        await trio.sleep(2)
        assert "attention" not in told.context.facts
        nursery.cancel_scope.cancel()


def test_what_a_hub_does_not_protect_is_told():
    def told(**options):
        return [line.split(": ")[0] for line in warnings(MasterlockitOptions(**options))]

    assert told(host="10.0.0.1", auth="accept_any") == []
    assert told(listen="127.0.0.2:0") == told(listen="[::1]:0") == told(listen=":0") == []
    assert told(listen="localhost:0", auth="accept_any") == ["auth is accept_any"]
    assert told(listen="0.0.0.0:42000") == ["listens on 0.0.0.0"]
    assert told(listen="[::]:42000", auth="accept_any") == ["auth is accept_any", "listens on ::"]
