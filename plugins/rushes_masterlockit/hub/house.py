"""What the connections of one hub share, and what may be asked of it, by a device or by a person.

Each call raises RushesError (one line for people: a device gets it as a nack 0) or FormatError (a nack 2).
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from rushes import Context, Device, NotFound, Permanent
from rushes.timecode import Rate, Timecode
from rushes_masterlockit.formats import Demand, FormatError, device_text, fps_name
from rushes_masterlockit.formats.about import one_line
from rushes_masterlockit.hub.desk import Desk
from rushes_masterlockit.hub.fanout import Fanout
from rushes_masterlockit.hub.generator import Generator, timecode_json
from rushes_masterlockit.hub.heard import Heard
from rushes_masterlockit.hub.keeper import Keeper
from rushes_masterlockit.hub.known import MOST_NAME
from rushes_masterlockit.hub.lenses import Lenses
from rushes_masterlockit.hub.people import agreed_rate
from rushes_masterlockit.hub.subscriptions import Listener, Subscriptions
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import ByteOrder, DataEvent, DeviceType
from rushes_masterlockit.repository import Repository

#: The key of the generator's state in the component's store.
GENERATOR = "generator"

#: A label that was heard longer ago, in seconds, is not what a device shows.
SILENT_S = 10.0

#: The rate of the hub's generator where nobody says the project's.
USUAL_RATE = "25"


class House:
    """`own` is the hub's id in vector clocks; its generator, its storage and what tells slate infos for a person are
    devices with ids of their own.
    """

    def __init__(
        self,
        options: MasterlockitOptions,
        repository: Repository,
        *,
        own: int,
        context: Context,
        tell_devices: Callable[[Sequence[Device]], Awaitable[None]],
    ) -> None:
        self.options = options
        self.repository = repository
        self.own = own
        self.context = context
        self.desk = Desk(time.time)
        self.keeper = Keeper(self.desk, context, tell_devices, self._timecode)
        self.generator = Generator(Rate.parse(options.project_rate or USUAL_RATE), now=time.time)
        self.generator_id = part_id(own, "generator")
        self.storage_id = part_id(own, "storage")
        self.slate_id = part_id(own, "slate info")
        self._slate: DataEvent | None = None
        self.fanout = Fanout(Subscriptions(self._wishes_changed), Subscriptions(self._wishes_changed))
        self.lenses = Lenses() if options.lens_fetch else None
        self.heard: Heard | None = None
        #: The newest label of each generator on the network.
        self._heard: dict[int, Heard] = {}

    @property
    def rate(self) -> str:
        """The project's: what the file says, else what the set's own generators agree on. The 25 at which the hub's
        own runs otherwise is nobody's word.
        """
        return self.options.project_rate or agreed_rate(self.desk, without=self.generator_id)

    async def open(self) -> None:
        """Remember what was, and put the hub's own devices on the desk."""
        await self.keeper.load()
        state = await self.context.store.get(GENERATOR)
        if state is not None:
            self.generator.restore(state)
        self.desk.enter(self.generator_id, DeviceType.TIMECODE_GENERATOR, None, f"{self._alias} timecode")
        self._tell_generator()
        if self.options.exports is not None:
            self.desk.enter(self.storage_id, DeviceType.STORAGE, None, f"{self._alias} exports")

    async def run_generator(self) -> None:
        """Tell each frame to those who want it, until cancelled."""
        await self.generator.run(self._tell_frame)

    def is_own(self, device: int) -> bool:
        """Whether this is the hub itself, or a part of it."""
        return device in (self.own, self.generator_id, self.storage_id, self.slate_id)

    async def rename(self, device: int, name: str) -> None:
        """A person's name for a device; kept when this returns."""
        given = one_line(name, MOST_NAME)
        if not given or len(name) > MOST_NAME:
            raise Permanent(f"a name has 1 to {MOST_NAME} characters; give another")
        if not self.desk.rename(device, given):
            raise NotFound(f"no device {device_text(device)}; register it first")
        await self.keeper.write()

    async def remove(self, device: int) -> None:
        """Forget a device, and its name; forgotten for good when this returns."""
        if self.is_own(device):
            raise Permanent(
                f"device {device_text(device)} is the hub's own; it stays as long as the hub runs"
            )
        if self.desk.remove(device) is None:
            raise NotFound(f"no device {device_text(device)}; it may be removed already")
        self._heard.pop(device, None)
        await self.keeper.write()

    async def delete(self, demand: Demand) -> int:
        """Make tombstones of the clips that match; how many."""
        if demand.empty and not self.options.delete_all:
            raise Permanent("a deletion without any filter is refused; name clips, or see delete_all")
        return await self.repository.delete(demand)

    async def cjam(self, seconds: int, frames: int) -> None:
        """Set the generator, in continuous jam from now on; FormatError where its rate has no such label."""
        try:
            self.generator.jam(seconds, frames)
        except ValueError as error:
            raise FormatError(str(error)) from error
        self._tell_generator()
        await self.context.store.set(GENERATOR, self.generator.state())

    async def slate(self, info: Mapping[str, Any]) -> None:
        """Tell the set what comes next, as a slate info device that is there from the first time on."""
        await self.repository.note("slate", info, device_text(self.slate_id))
        type_ = DeviceType.SLATE_INFO
        self._slate = DataEvent(type_, msgspec.json.encode(info), device=self.slate_id)
        if not self.desk.present(self.slate_id, type_):
            self.desk.enter(self.slate_id, type_, None, f"{self._alias} slate info")
        self.fanout.tell(self.slate_id, type_, self._slate.data)

    def replay_slate(self, device: int, type_: int, who: Listener) -> None:
        """Tell one that asked for our own slate infos the newest: it hears of the device by the first of them."""
        if (device, type_) == (self.slate_id, DeviceType.SLATE_INFO) and self._slate is not None:
            who.tell(self._slate)

    def heard_timecode(self, device: int, seconds: int, frames: int) -> None:
        """A generator on the network said its time."""
        self.heard = self._heard[device] = Heard(device, seconds, frames, time.time())

    def heard_lens(self, device: int, data: bytes, order: ByteOrder) -> None:
        """A lens said something, its timecode in this byte order."""
        if self.lenses is not None:
            self.lenses.keep(device, data, order, time.time())

    @property
    def _alias(self) -> str:
        return self.options.alias or platform.node() or "Rushes"

    def _timecode(self, device: int) -> Mapping[str, Any]:
        """As facts of a device that is there; nothing once it is silent."""
        if device == self.generator_id:
            return {"timecode": str(self.generator.timecode()), "heard_at": time.time()}
        heard = self._heard.get(device)
        if heard is None or time.time() - heard.at > SILENT_S:
            return {}
        return {"timecode": heard.label, "heard_at": heard.at}

    def _tell_frame(self, timecode: Timecode) -> None:
        self.fanout.tell_volatile(self.generator_id, DeviceType.TIMECODE_GENERATOR, timecode_json(timecode))

    def _tell_generator(self) -> None:
        told = {
            "device": {"masterClock": True},
            "vendorTyped": {
                "projectFramerate": fps_name(self.generator.rate),
                "cjamEnabled": self.generator.jammed,
                "generatorSource": "internal",
                "usDiff": 0,
                "externalPower": True,
                "isInHubMode": True,
            },
        }
        self.desk.hear(self.generator_id, DeviceType.TIMECODE_GENERATOR, told)

    def _wishes_changed(self) -> None:
        self.generator.want(self.fanout.wanted(self.generator_id, DeviceType.TIMECODE_GENERATOR))


def part_id(own: int, part: str) -> int:
    """The device id of a part of the hub: the same in every run."""
    digest = hashlib.sha256(own.to_bytes(8, "big") + part.encode()).digest()
    return int.from_bytes(digest[:8], "big") or 1
