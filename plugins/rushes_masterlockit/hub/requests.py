"""What a device may ask once it is in: each request of the protocol, answered.

What is volatile, or changes nothing but this connection, is answered at once. For any other answer the device's next
requests wait, but for two: clips, of which many are kept together, and reports, which may take seconds. All this time
its answers to us are read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import trio

from rushes import Permanent, RushesError
from rushes_masterlockit.formats import TYPE_NAMES, FormatError, device_text, parse_demand
from rushes_masterlockit.hub.answers import Answers, fitting
from rushes_masterlockit.hub.desk import Holder
from rushes_masterlockit.hub.exports import export
from rushes_masterlockit.hub.fetching import Fetching
from rushes_masterlockit.hub.reading import read_metadata
from rushes_masterlockit.hub.sayings import Sayings
from rushes_masterlockit.hub.subscriptions import EVERY, Subscriptions
from rushes_masterlockit.protocol import (
    DataEvent,
    DeleteClips,
    DeviceMetaEvent,
    Export,
    FetchClips,
    FetchLensData,
    Malformed,
    Message,
    RegisterAsDevice,
    RemoveDevice,
    RenameDevice,
    Request,
    StartCJam,
    SubscribeDataUpdates,
    SubscribeDeviceUpdates,
    SubscribeVolatileDataUpdates,
    UnregisterAsDevice,
    UnsubscribeDataUpdates,
    UnsubscribeDeviceUpdates,
    UnsubscribeVolatileDataUpdates,
)

if TYPE_CHECKING:
    from rushes_masterlockit.hub.house import House
    from rushes_masterlockit.hub.session import Session

#: How long the holder of a device may take to show that it lives, in seconds.
HOLDER_S = 2.0

#: Subscriptions of one connection.
MOST_SUBSCRIPTIONS = 10_000

#: Reports that may be in the making for one connection.
MOST_REPORTS = 4


class Requests:
    """Of one connection."""

    def __init__(self, house: House, session: Session) -> None:
        self._house = house
        self._session = session
        self._answers = Answers(session.peer, house.context.log)
        self._sayings = Sayings(house, session, self._answers)
        self._fetching = Fetching(house.repository, house.options)
        self._handlers: dict[type[Message], Callable[[Any], Awaitable[None] | None]] = {
            DataEvent: self._sayings.heard,
            DeviceMetaEvent: self._metadata,
            Malformed: self._answers.malformed,
            RegisterAsDevice: self._register,
            UnregisterAsDevice: lambda asked: self._later(asked, lambda: self._unregister(asked)),
            SubscribeDeviceUpdates: self._watch,
            UnsubscribeDeviceUpdates: self._unwatch,
            SubscribeDataUpdates: lambda asked: self._subscribe(asked, house.fanout.data),
            UnsubscribeDataUpdates: lambda asked: self._unsubscribe(asked, house.fanout.data),
            SubscribeVolatileDataUpdates: lambda asked: self._subscribe(asked, house.fanout.volatile),
            UnsubscribeVolatileDataUpdates: lambda asked: self._unsubscribe(asked, house.fanout.volatile),
            FetchClips: lambda asked: self._later(asked, lambda: self._fetching.clips(asked)),
            Export: lambda asked: self._aside(asked, lambda: export(house, asked)),
            FetchLensData: self._fetch_lens_data,
            DeleteClips: lambda asked: self._later(asked, lambda: self._delete(asked)),
            StartCJam: lambda asked: self._later(asked, lambda: house.cjam(asked.seconds, asked.frames)),
            RenameDevice: lambda asked: self._later(asked, lambda: house.rename(asked.device, asked.name)),
            RemoveDevice: lambda asked: self._later(asked, lambda: house.remove(asked.device)),
        }
        self._nursery: trio.Nursery | None = None
        self._reports = 0
        self._reported = trio.Event()

    def handle(self, message: Message) -> Awaitable[None] | None:
        """Answer a message, now or later. What is returned is to be awaited before the next."""
        handler = self._handlers.get(type(message))
        if handler is None:  # a notification that nobody understands
            self._house.context.log.debug("%s: %s", self._session.peer.name, message)
            return None
        try:
            return handler(message)
        except (FormatError, RushesError) as error:
            self._answers.refuse(message, error)
            return None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Work on what does not hold up other requests, until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await self._sayings.run()

    async def settled(self) -> None:
        """Return when all that was asked is answered."""
        await self._sayings.settled()
        while self._reports:
            await self._reported.wait()

    def drop(self) -> None:
        """The connection is over: what it was leaves, what it wanted is forgotten. A second time does nothing."""
        session, house = self._session, self._house
        house.fanout.data.drop(session)
        house.fanout.volatile.drop(session)
        house.desk.drop(session)
        for type_ in house.desk.types(session.device):
            house.desk.leave(session.device, type_, session)

    async def _later(self, asked: Request, answer: Callable[[], Awaitable[bytes | None]]) -> None:
        """Answer when everything said before is kept, and this is through: a change is durable then."""
        try:
            await self._sayings.settled()
            self._answers.ack(asked, await answer() or b"")
        except (FormatError, RushesError) as error:
            self._answers.refuse(asked, error)

    def _aside(self, asked: Request, answer: Callable[[], Awaitable[bytes]]) -> None:
        """Like `_later`, while the device's other requests go on."""
        if self._reports >= MOST_REPORTS:
            raise Permanent(f"{MOST_REPORTS} reports are being made for this connection; wait for one")
        assert self._nursery is not None

        async def made() -> bytes:
            report = await answer()
            await self._session.peer.room()
            return report

        async def make() -> None:
            try:
                await self._later(asked, made)
            finally:
                self._reports -= 1
                reported, self._reported = self._reported, trio.Event()
                reported.set()

        self._reports += 1
        self._nursery.start_soon(make)

    # Being a device

    def _register(self, asked: RegisterAsDevice) -> Awaitable[None] | None:
        device, type_ = self._session.device, asked.type
        if self._house.is_own(device):
            raise Permanent(f"device {device_text(device)} is the hub's own; take another id")
        holder = self._house.desk.holder(device, type_)
        if holder is not None and holder is not self._session:
            return self._take_over(asked, holder)
        self._enter(asked)
        return None

    def _enter(self, asked: RegisterAsDevice) -> None:
        session, desk = self._session, self._house.desk
        self._answers.ack(asked)
        if desk.holder(session.device, asked.type) is not session:
            desk.enter(session.device, asked.type, session, session.alias)

    async def _take_over(self, asked: RegisterAsDevice, holder: Holder) -> None:
        """Of a device that comes back the old connection may not know yet that it is dead."""
        device = self._session.device
        if await holder.alive(HOLDER_S):
            taken = Permanent(
                f"device {device_text(device)} is connected as {TYPE_NAMES[asked.type]} already; take another id"
            )
            self._answers.refuse(asked, taken)
            return
        holder.dismiss("lost: its device connected again")
        later = self._register(asked)
        if later is not None:
            await later

    async def _unregister(self, asked: UnregisterAsDevice) -> None:
        self._house.desk.leave(self._session.device, asked.type, self._session)

    def _metadata(self, event: DeviceMetaEvent) -> None:
        self._sayings.must_be(event.type)
        told = read_metadata(event.data)
        if not self._house.desk.hear(self._session.device, event.type, told):
            raise Permanent("it is more metadata than the hub keeps of a device")

    # Subscribing

    def _watch(self, asked: SubscribeDeviceUpdates) -> None:
        self._house.desk.watch(asked.type, self._session)
        self._answers.ack(asked)
        self._house.desk.replay(asked.type, self._session)

    def _unwatch(self, asked: UnsubscribeDeviceUpdates) -> None:
        self._house.desk.unwatch(asked.type, self._session)
        self._answers.ack(asked)

    def _subscribe(
        self, asked: SubscribeDataUpdates | SubscribeVolatileDataUpdates, to: Subscriptions
    ) -> None:
        if asked.device == EVERY and self._house.options.zero_id == "error":
            raise Permanent("device 0 is no device; subscribe to each by its id")
        if to.count(self._session) >= MOST_SUBSCRIPTIONS:
            raise Permanent(f"one connection may have {MOST_SUBSCRIPTIONS} subscriptions; give some up")
        to.add(asked.device, asked.type, self._session)
        self._answers.ack(asked)
        if to is self._house.fanout.data:
            self._house.replay_slate(asked.device, asked.type, self._session)

    def _unsubscribe(
        self, asked: UnsubscribeDataUpdates | UnsubscribeVolatileDataUpdates, to: Subscriptions
    ) -> None:
        to.remove(asked.device, asked.type, self._session)
        self._answers.ack(asked)

    async def _delete(self, asked: DeleteClips) -> None:
        await self._house.delete(parse_demand(asked.demand))

    def _fetch_lens_data(self, asked: FetchLensData) -> None:
        lenses = self._house.lenses
        if lenses is None:
            self._answers.unsupported(asked)
            return
        found = lenses.fetch(parse_demand(asked.demand), self._session.byte_order)
        self._answers.ack(asked, fitting(found, self._house.options.max_message))
