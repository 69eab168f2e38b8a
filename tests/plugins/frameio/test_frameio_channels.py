"""Sub-devices as channels: a service that counts, loses answers and lists; then the sandbox."""

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from rushes import Clip, Device, NotYet, Order, Permanent
from rushes.testing import FakeReport
from rushes.testing.doubles import StandIn
from rushes_frameio.calls.identity import Channel, Identity
from rushes_frameio.channel.channels import GRACE_S, KNOWN, Channels
from rushes_frameio.channel.roster import indices, model_of, of_device, of_name, recognised
from rushes_frameio.options import FrameioOptions, FrameioWishes
from rushes_frameio.refusal.failures import Refused, Unreachable

A = Device(id="cam-a", source="set", type="camera", name="A")
B = Device(id="cam-b", source="set", type="camera", name="B")
MIC = Device(id="00:1B:44:11:3A:B7", source="set", type="mic", name="boom")
OPTIONS = FrameioOptions(devices={"camera": "model-cam", "camera/B": "model-b"})


class Service:
    """Channels as the service keeps them; `lose` loses that many answers after it acted, `down` is no network."""

    def __init__(self):
        self.calls, self.channels, self.ids = [], {}, {}
        self.down, self.lose, self.at_zero, self.names = False, 0, False, True
        self.models = {"model-cam", "model-b", "model-raw"}

    async def connect_channel(self, _access, *, client_id, model):
        await self._ask(f"connect {client_id}")
        if model not in self.models:
            raise Refused(422, "Invalid Arguments", "no such model")
        if client_id in self.channels:
            self._answer()
            raise Refused(409, "Already Exists")
        index = next(n for n in range(1, 101) if n not in [each.index for each in self.channels.values()])
        number = self.ids.setdefault(client_id, len(self.ids))
        name = f"Sub-device {client_id}" if self.names else "Sub-device"
        self.channels[client_id] = Channel(id=f"c{number}", name=name, device_id=f"d{number}", index=index)
        self._answer()
        return self.shown(self.channels[client_id])

    async def disconnect_channel(self, _access, *, channel):
        await self._ask(f"disconnect {channel}")
        known = next((key for key, each in self.channels.items() if each.id == channel), None)
        if known is None:
            raise Refused(404, "Not Found")
        del self.channels[known]
        self._answer()

    async def disconnect_channels(self, _access):
        await self._ask("disconnect all")
        self.channels.clear()
        self._answer()

    async def _ask(self, call):
        await trio.lowlevel.checkpoint()
        if self.down:
            raise Unreachable("down", lost=False)
        self.calls.append(call)

    def _answer(self):
        if self.lose:
            self.lose -= 1
            raise Unreachable("reset", lost=True)

    def shown(self, channel):
        return replace(channel, index=0) if self.at_zero else channel

    def identity(self, device="pd"):
        own = Channel(id="own", name="Host", device_id="host", index=0)
        return Identity(
            id=device, device_id="host", name="Host", project_id="p", project="P", user="U",
            channels=(own, *map(self.shown, self.channels.values())),
        )  # fmt: skip


@dataclass(eq=False)
class FakeConnection:
    context: StandIn
    options: FrameioOptions
    api: Service
    identity: Identity | None = None
    asked_at: float = float("-inf")
    wishes: int = 0
    _changed: trio.Event = field(default_factory=trio.Event)

    async def call(self, request):
        return await request("token")

    async def changed(self):
        await self._changed.wait()

    def wish(self):
        self.wishes += 1

    async def ask(self):
        """The service is asked who this device is, and answers."""
        await trio.sleep(1)
        self.asked_at, self.identity = trio.current_time(), self.api.identity()
        self._changed.set()
        self._changed = trio.Event()
        await quiet()


async def quiet():
    await trio.testing.wait_all_tasks_blocked()


class Rig:
    def __init__(self, folder, options=OPTIONS):
        self.context = StandIn(folder, None)
        self.context.secrets.set("client_id", "this-installation")
        self.options, self.service = options, Service()

    @asynccontextmanager
    async def open(self, *, asked=False):
        """One life of the component; `asked`: the service has said who we are within it."""
        connection = FakeConnection(self.context, self.options, self.service, self.service.identity())
        if asked:
            connection.asked_at = trio.current_time()
        channels = Channels(connection)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(channels.run)
            await quiet()
            yield connection, channels
            nursery.cancel_scope.cancel()

    async def set(self, *devices):
        self.context.devices.set(*devices)
        await quiet()

    def id(self, device):
        return of_device("this-installation", device, "").client_id

    def index(self, channels, device=None, **order):
        meta = {"device": device} if device else {}
        with channels.channel(Clip(volume="v", path="x.mov", meta=meta), Order(**order)) as index:
            return index


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


async def test_a_boot_clears_everything_then_connects_who_is_present(rig, autojump_clock):
    rig.context.devices.set(A, B)
    async with rig.open() as (_, channels):
        assert rig.service.calls == ["disconnect all", f"connect {rig.id(A)}", f"connect {rig.id(B)}"]
        assert rig.index(channels, "cam-a") == 1
        assert rig.index(channels, "B") == 2
        assert rig.index(channels) == 0
        assert rig.context.facts["channels"] == {"A": "connected", "B": "connected"}


async def test_they_come_and_go_one_by_one(rig, autojump_clock):
    async with rig.open() as (_, channels):
        await rig.set(A)
        await rig.set(A, B)
        await rig.set(B)
        await rig.set()
        assert rig.service.calls == [
            "disconnect all", f"connect {rig.id(A)}", f"connect {rig.id(B)}", "disconnect c0", "disconnect c1",
        ]  # fmt: skip
        assert rig.service.channels == {}
        await rig.set(A)
        assert rig.index(channels, "A") == 1


async def test_opened_again_after_an_outage_nothing_is_cleared(rig, autojump_clock):
    rig.context.devices.set(A, B)
    async with rig.open():
        pass
    rig.context.devices.set(B, MIC)
    rig.service.calls.clear()
    async with rig.open() as (_, channels):
        assert rig.service.calls == ["disconnect c0"]
        assert rig.index(channels, "B") == 2


async def test_another_process_is_a_boot(rig, autojump_clock, tmp_path):
    rig.context.devices.set(A)
    async with rig.open():
        pass
    again = Rig(tmp_path / "again")
    again.service = rig.service
    async with again.open():
        assert rig.service.calls[-1] == "disconnect all"


async def test_another_project_is_a_boot(rig, autojump_clock):
    rig.context.devices.set(A)
    async with rig.open() as (connection, _):
        rig.service.calls.clear()
        connection.identity = replace(rig.service.identity(), id="another")
        await rig.set(A)
        assert rig.service.calls == ["disconnect all", f"connect {rig.id(A)}"]


async def test_without_a_network_nothing_is_lost_or_repeated(rig, autojump_clock):
    async with rig.open() as (_, channels):
        rig.service.down = True
        await rig.set(A, B)
        await rig.set(B)
        await trio.sleep(300)
        assert rig.service.calls == ["disconnect all"]
        with pytest.raises(NotYet, match=r"x.mov: the channel of B is not known yet") as waits:
            rig.index(channels, "B")
        assert waits.value.until == KNOWN
        rig.context.woken.clear()
        rig.service.down = False
        await trio.sleep(61)
        assert rig.service.calls == ["disconnect all", f"connect {rig.id(B)}"]
        assert KNOWN in rig.context.woken
        assert rig.index(channels, "B") == 1


async def test_a_lost_answer_of_a_connect_is_read_from_identity(rig, autojump_clock):
    async with rig.open() as (connection, channels):
        rig.service.lose = 1
        await rig.set(A, B)
        await trio.sleep(5)
        assert [call.split()[0] for call in rig.service.calls] == ["disconnect"] + ["connect"] * 3
        with pytest.raises(NotYet):
            rig.index(channels, "A")
        assert rig.index(channels, "B") == 2
        assert connection.wishes
        await rig.set(A, B, MIC)
        assert len(rig.service.calls) == 4
        await connection.ask()
        assert rig.index(channels, "A") == 1
        await rig.set(B)
        assert list(rig.service.channels) == [rig.id(B)]


async def test_channels_that_nobody_can_tell_apart_are_made_anew(rig, autojump_clock):
    rig.service.names = False
    async with rig.open() as (connection, channels):
        rig.service.lose = 1
        await rig.set(A)
        rig.service.lose = 1
        await rig.set(A, B)
        await trio.sleep(10)
        rig.service.ids.clear()
        await connection.ask()
        await trio.sleep(10)
        await connection.ask()
        assert sorted(rig.service.channels) == sorted([rig.id(A), rig.id(B)])
        for device in (A, B):
            assert rig.index(channels, device.name) == rig.service.channels[rig.id(device)].index


async def test_a_lost_answer_for_a_device_that_left_leaves_no_channel_behind(rig, autojump_clock):
    async with rig.open() as (connection, _):
        rig.service.lose = 1
        await rig.set(A)
        await rig.set()
        await connection.ask()
        await trio.sleep(5)
        assert rig.service.channels == {}


async def test_a_lost_answer_of_a_disconnect_is_asked_again_and_404_is_as_good(rig, autojump_clock):
    rig.context.devices.set(A)
    async with rig.open():
        rig.service.lose = 1
        await rig.set()
        await trio.sleep(5)
        assert rig.service.calls[-2:] == ["disconnect c0"] * 2
        await rig.set(A)
        assert list(rig.service.channels) == [rig.id(A)]


async def test_a_channel_that_somebody_removed_is_connected_again(rig, autojump_clock):
    rig.context.devices.set(A, B)
    async with rig.open() as (connection, channels):
        del rig.service.channels[rig.id(A)]
        await connection.ask()
        assert list(rig.service.channels) == [rig.id(B), rig.id(A)]
        assert rig.index(channels, "A") == 1


async def test_an_answer_from_before_a_change_is_not_believed(rig, autojump_clock):
    rig.context.devices.set(A)
    async with rig.open() as (connection, channels):
        old = rig.service.identity()
        asked_at = trio.current_time()
        await trio.sleep(1)
        await rig.set(A, B)
        connection.identity, connection.asked_at = old, asked_at
        rig.service.calls.clear()
        connection._changed.set()
        connection._changed = trio.Event()
        await quiet()
        assert rig.service.calls == []
        assert rig.index(channels, "B") == 2


async def test_where_every_index_is_zero_the_place_in_the_list_counts(rig, autojump_clock):
    rig.service.at_zero = True
    rig.context.devices.set(A, B)
    async with rig.open() as (connection, channels):
        with pytest.raises(NotYet):
            rig.index(channels, "B")
        await connection.ask()
        assert (rig.index(channels, "A"), rig.index(channels, "B")) == (1, 2)
        await rig.set(B)  # it moves up
        with pytest.raises(NotYet):
            rig.index(channels, "B")
        await connection.ask()
        assert rig.index(channels, "B") == 1


async def test_a_refused_channel_does_not_keep_the_others_unknown_where_places_count(rig, autojump_clock):
    rig.service.at_zero = True
    rig.service.models.remove("model-b")
    rig.context.devices.set(A, B)
    async with rig.open() as (connection, channels):
        for _ in range(3):  # each answer has the refused one tried again
            await connection.ask()
            assert rig.index(channels, "A") == 1


async def test_trouble_with_one_channel_does_not_keep_the_others_waiting(rig, autojump_clock, monkeypatch):
    connect = rig.service.connect_channel

    async def troubled(access, *, client_id, model):
        if model == "model-cam":
            raise Refused(500, "Internal Server Error")
        return await connect(access, client_id=client_id, model=model)

    monkeypatch.setattr(rig.service, "connect_channel", troubled)
    rig.context.devices.set(A, B)
    async with rig.open() as (_, channels):
        assert rig.index(channels, "B") == 1
        assert KNOWN in rig.context.woken
        monkeypatch.undo()
        await trio.sleep(5)
        assert rig.index(channels, "A") == 2


async def test_where_places_count_no_channel_ends_while_a_clip_goes_up_on_another(rig, autojump_clock):
    """What follows it in the list would move up, and the clip go to the wrong one."""
    rig.service.at_zero = True
    rig.context.devices.set(A, B)
    async with rig.open() as (connection, channels):
        await connection.ask()
        clip = Clip(volume="v", path="x.mov", meta={"device": "B"})
        with channels.channel(clip, Order()) as index:
            assert index == 2
            await rig.set(B)
            assert [each.id for each in rig.service.identity().channels][index] == "c1"
        await quiet()
        assert rig.service.calls[-1] == "disconnect c0"


async def test_a_channel_is_not_ended_while_a_clip_goes_up_on_it(rig, autojump_clock):
    rig.context.devices.set(A)
    async with rig.open() as (_, channels):
        clip = Clip(volume="v", path="x.mov", meta={"device": "A"})
        with channels.channel(clip, Order()) as index:
            assert index == 1
            await rig.set(B)
            await rig.set(A, B)
            assert rig.service.calls[-1] == f"connect {rig.id(A)}"
            with pytest.raises(NotYet):
                rig.index(channels, "A")
            await rig.set(B)
        await quiet()
        assert rig.service.calls[-2:] == ["disconnect c0", f"connect {rig.id(B)}"]


async def test_a_departed_devices_clips_go_to_the_primary_channel_and_say_so(rig, autojump_clock):
    rig.context.devices.set(A)
    async with rig.open() as (_, channels):
        await rig.set()
        with pytest.raises(NotYet, match="waits for its device A to turn up"):
            rig.index(channels, "A")
        rig.context.woken.clear()
        await trio.sleep(GRACE_S + 1)
        assert rig.context.woken == [KNOWN]
        assert rig.index(channels, "A") == 0
        assert rig.context.notes == ["on the primary channel: device A is gone"]


async def test_an_unmapped_device_is_not_connected_and_says_so_once(rig, autojump_clock, caplog):
    async with rig.open() as (_, channels):
        await rig.set(MIC)
        await rig.set(MIC, A)
        assert [call.split()[0] for call in rig.service.calls] == ["disconnect", "connect"]
        assert rig.context.facts["channels"] == {"boom": "no model id", "A": "connected"}
        assert rig.index(channels, "boom") == 0
        assert rig.context.notes == ["on the primary channel: device boom has no model id"]
    assert caplog.text.count("no channel for boom: no model id for mic or mic/boom under `devices`") == 1


async def test_a_model_that_is_refused_is_told_and_not_asked_for_again_and_again(rig, autojump_clock, caplog):
    rig.service.models.remove("model-b")
    async with rig.open() as (_, channels):
        await rig.set(B)
        await trio.sleep(600)
        assert len(rig.service.calls) == 2
        assert rig.context.facts["channels"]["B"].startswith("422 Invalid Arguments")
        assert rig.index(channels, "B") == 0
        assert rig.context.notes == ["on the primary channel: Frame.io refused one for B"]
    assert "no channel for B: Frame.io answered 422" in caplog.text


async def test_declared_channels_are_always_there_and_a_route_names_them(rig, autojump_clock):
    rig.options = OPTIONS.model_copy(update={"channels": {"raw": "model-raw"}})
    async with rig.open() as (_, channels):
        await rig.set(A)
        assert rig.index(channels, wishes=FrameioWishes(channel="raw")) == 1
        assert rig.index(channels, "A", wishes=FrameioWishes(channel="raw")) == 1
        assert rig.index(channels, "A") == 2
        with pytest.raises(
            Permanent, match="its route names channel proxies; the sink's `channels` are: raw"
        ):
            rig.index(channels, wishes=FrameioWishes(channel="proxies"))
        rig.service.models.remove("model-raw")
    rig.service.channels.clear()
    async with rig.open(asked=True) as (connection, channels):
        await connection.ask()
        with pytest.raises(Permanent, match=r"no channel raw: Frame\.io answered 422"):
            rig.index(channels, wishes=FrameioWishes(channel="raw"))


async def test_nothing_of_a_device_is_told_in_clear(rig, autojump_clock):
    rig.options = FrameioOptions(devices={"mic": "model-cam"})
    async with rig.open():
        await rig.set(MIC)
        [client_id] = rig.service.channels
        assert re.fullmatch("[0-9a-f]{32}", client_id)
        assert client_id == rig.id(MIC) != rig.id(replace(MIC, source="other"))


def test_a_model_is_found_by_type_and_name_before_type():
    assert [model_of(OPTIONS, device) for device in (A, B, MIC)] == ["model-cam", "model-b", None]


def listed(*indices_, own=0):
    channels = [
        Channel(id=f"c{n}", name="", device_id=f"d{n}", index=index) for n, index in enumerate(indices_)
    ]
    return replace(Service().identity(), device_id=f"d{own}", channels=tuple(channels))


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (listed(0, 2, 5), {"c0": 0, "c1": 2, "c2": 5}),
        (listed(0, 0), {"c0": 0, "c1": 1}),
        (listed(0, 0, 0), {"c0": 0, "c1": 1, "c2": 2}),
        (listed(0, 1, 1), {"c0": 0, "c1": 1, "c2": 2}),
        (listed(0, 0, own=1), {"c1": 0, "c0": 1}),
        (listed(), {}),
    ],
)
def test_indices(identity, expected):
    assert indices(identity) == expected


def test_two_with_the_same_name_are_not_taken_for_each_other():
    subs = [of_name("i", name, "m") for name in ("raw", "proxies")]
    strange = [
        Channel(id="x", name="?", device_id="dx", index=1),
        Channel(id="y", name="?", device_id="dy", index=2),
    ]
    assert recognised(subs, strange, {}) == {}
    known = recognised(subs, strange, {subs[0].client_id: "dy"})
    assert {key: channel.id for key, channel in known.items()} == {
        subs[0].client_id: "y",
        subs[1].client_id: "x",
    }


events = st.lists(
    st.one_of(
        st.sets(st.sampled_from([A, B, MIC])).map(lambda devices: ("set", devices)),
        st.sampled_from(
            [("down", True), ("down", False), ("lose", 1), ("ask", None), ("wait", None), ("again", None)]
        ),
    ),
    max_size=12,
)


@given(events, st.booleans(), st.booleans())
def test_whatever_happens_it_ends_in_step(tmp_path_factory, history, names, at_zero):
    async def play():
        rig = Rig(tmp_path_factory.mktemp("rig"))
        rig.service.names, rig.service.at_zero = names, at_zero
        devices, left = set(), list(history)
        while True:
            async with rig.open() as (connection, channels):
                while left:
                    what, value = left.pop(0)
                    match what:
                        case "set":
                            devices = value
                            await rig.set(*sorted(devices, key=str))
                        case "ask":
                            await connection.ask()
                        case "wait":
                            await trio.sleep(70)
                        case "again":
                            break
                        case _:
                            setattr(rig.service, what, value)
                    for device in devices - {MIC}:
                        check(rig, channels, device)
                if left:
                    continue
                rig.service.down, rig.service.lose = False, 0
                for _ in range(4):
                    await trio.sleep(61)
                    await connection.ask()
                wanted = {rig.id(device) for device in devices - {MIC}}
                assert set(rig.service.channels) == wanted
                for device in devices - {MIC}:
                    assert check(rig, channels, device) is not None
                assert rig.service.calls.count("disconnect all") <= 1 + sum(e == ("lose", 1) for e in history)
                return

    def check(rig, channels, device):
        """Where a clip of this device would go up: on its own channel, or it waits."""
        try:
            index = rig.index(channels, device.name)
        except NotYet:
            return None
        numbers = indices(rig.service.identity())
        assert index == numbers[rig.service.channels[rig.id(device)].id]
        return index

    trio.run(play, clock=trio.testing.MockClock(autojump_threshold=0))


async def test_at_the_sandbox_a_devices_clips_go_up_on_its_channel(stage):
    stage.context.devices.set(A, B)
    async with stage.open(devices={"camera": "model-cam"}) as sink:
        with trio.fail_after(20):
            while KNOWN not in stage.context.woken:
                await trio.sleep(0.01)
        receipt = await sink.deliver(stage.clip("b.mov", size=100, meta={"device": "B"}), None, FakeReport())
        await sink.deliver(stage.clip("none.mov", size=100), None, FakeReport())
        assert receipt.placeholders == 0
    assert {asset["name"]: asset["channel"] for asset in await stage.assets()} == {"b.mov": 2, "none.mov": 0}


async def test_a_clip_whose_channel_is_not_known_waits_and_leaves_no_asset(stage, report):
    async with stage.open(devices={"camera": "model-cam"}) as sink:
        with pytest.raises(NotYet, match="waits for its device A to turn up"):
            await sink.deliver(stage.clip(meta={"device": "A"}), None, report)
    assert report.in_doubt == 0
    assert await stage.assets() == []
