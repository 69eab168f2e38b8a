"""Devices of the set as a hub sees them: each with a connection of its own, which it makes again when it breaks."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import trio

from rushes import NotAuthorised, Unavailable
from rushes.retry import Backoff
from rushes_masterlockit.client.greeting import greeted
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.formats import LensData, seconds_frames, write_meta
from rushes_masterlockit.link import NoAnswerError, Peer, PeerLost, RefusedError
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import (
    Ack,
    DataEvent,
    DeviceMetaEvent,
    DeviceType,
    Malformed,
    Message,
    Nack,
    RegisterAsDevice,
    Request,
    UnregisterAsDevice,
)
from rushes_masterlockit.simulate.clock import DayClock
from rushes_masterlockit.simulate.day import Day, Moment, lens_frames
from rushes_masterlockit.simulate.devices import SetDevice

#: Frames of timecode or lens data: while so many wait for their acknowledgement, or when one is so many seconds late,
#: it is dropped.
MOST_WAITING = 32
MOST_LATE_S = 0.1

#: Seconds until nobody takes a hub for one that is just being started.
_STARTING_S = 5.0

#: Seconds between two attempts to reach a hub that was lost: a set has not much patience.
_BACKOFF = Backoff(first=0.2, cap=2.0)


class Ears:
    """What a device answers to its hub."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def hear(self, message: Message) -> None:
        match message:
            case Request():  # a ping, or data that we did not ask for
                self.peer.send(Ack(message.digest))
            case Malformed():
                self.peer.send(Nack(message.digest, message.code))


class Player:
    """One device. `waiting` is what it has to say and was not acknowledged yet, in order; it survives a connection."""

    def __init__(
        self, day: Day, device: SetDevice, clock: DayClock, tell: Callable[[str, str, str], None]
    ) -> None:
        """`tell(device, what, text)` tells people."""
        self.device = device
        self.waiting: deque[Moment] = deque()
        self.acked: list[Moment] = []
        self.refused: list[str] = []
        self.connections = 0
        self.frames_told = self.frames_dropped = 0
        self.there = trio.Event()
        self._day = day
        self._clock = clock
        self._tell = tell
        self._more = trio.Event()
        self._nothing = trio.Event()

    def say(self, moment: Moment) -> None:
        """From now on, until the hub has acknowledged it."""
        self.waiting.append(moment)
        self._more.set()
        if self._nothing.is_set():
            self._nothing = trio.Event()

    async def said_all(self) -> None:
        """Return when the hub has answered to everything so far."""
        if self.waiting:
            await self._nothing.wait()

    async def live(self, options: MasterlockitOptions, credentials: Credentials) -> None:
        """Until cancelled. Raises Unavailable where no hub is there at first, NotAuthorised where it refuses us."""
        failures = 0
        began = trio.current_time()
        while True:
            try:
                async with greeted(options, credentials, self.device.id, Ears) as ears:
                    failures = 0
                    await self._speak(ears.peer)
            except NotAuthorised:
                raise
            except (Unavailable, PeerLost, NoAnswerError, RefusedError):
                if not self.connections and trio.current_time() > began + _STARTING_S:
                    raise
                if self.connections and failures == 0:
                    self._tell(self.device.name, "lost", "the hub; it is called again")
            failures += 1
            await trio.sleep(_BACKOFF.wait(failures))

    async def _speak(self, peer: Peer) -> None:
        await self._enter(peer, self.device.type)
        if self.connections:
            self._tell(self.device.name, "back", _waiting(len(self.waiting)))
        self.connections += 1
        self.there.set()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._say_waiting, peer)
            nursery.start_soon(self._stream, peer)

    async def _enter(self, peer: Peer, type_: DeviceType) -> None:
        await peer.request(RegisterAsDevice(type_))
        peer.send(DeviceMetaEvent(type_, write_meta(self.device.meta)))

    async def _say_waiting(self, peer: Peer) -> None:
        while True:
            while self.waiting:
                moment = self.waiting[0]
                try:
                    async with self._as(peer, moment.type):
                        await peer.request(DataEvent(moment.type, moment.data))
                except RefusedError as refusal:
                    self.refused.append(f"{moment.what} {moment.text}: {refusal.text or refusal}")
                except NoAnswerError:
                    continue  # what was said is said again: a hub knows it by its version
                except PeerLost:
                    await trio.sleep_forever()  # whoever greeted ends this
                else:
                    self.acked.append(moment)
                self.waiting.popleft()
            self._more = trio.Event()
            self._nothing.set()
            await self._more.wait()

    @asynccontextmanager
    async def _as(self, peer: Peer, type_: DeviceType) -> AsyncIterator[None]:
        """A tablet that edits a clip is a camera for so long."""
        if type_ is self.device.type:
            yield
            return
        await self._enter(peer, type_)
        try:
            yield
        finally:
            with suppress(PeerLost, NoAnswerError, RefusedError):
                await peer.request(UnregisterAsDevice(type_))

    async def _stream(self, peer: Peer) -> None:
        """A generator's or lens's frames; what cannot be said in its time is not said late."""
        waiting = trio.CapacityLimiter(MOST_WAITING)
        async with trio.open_nursery() as nursery:
            for frame in self._frames():
                await self._clock.until(frame)
                if waiting.available_tokens < 1 or self._clock.late(frame) > MOST_LATE_S:
                    self.frames_dropped += 1
                else:
                    await nursery.start(self._say_frame, peer, frame, waiting)

    def _frames(self) -> Iterable[int]:
        now = self._clock.frame()
        match self.device.type:
            case DeviceType.TIMECODE_GENERATOR:
                return range(now, self._day.last)
            case DeviceType.LENS:
                return lens_frames(self._day, now)
            case _:
                return ()

    async def _say_frame(
        self, peer: Peer, frame: int, waiting: trio.CapacityLimiter, *, task_status: trio.TaskStatus[None]
    ) -> None:
        async with waiting:
            task_status.started()
            with suppress(PeerLost, NoAnswerError, RefusedError):
                await peer.request(DataEvent(self.device.type, self._measured(peer, frame)))
                self.frames_told += 1

    def _measured(self, peer: Peer, frame: int) -> bytes:
        seconds, frames = seconds_frames(self._day.timecode(frame))
        if self.device.type is DeviceType.TIMECODE_GENERATOR:
            return b'{"type":"timecode","seconds":%d,"frames":%d}' % (seconds, frames)
        return LensData(seconds, frames, _vendor(frame)).pack(peer.connection.byte_order)


def _vendor(frame: int) -> bytes:
    """As a Zeiss lens packs it (reference 3.5): focus in millimetres, pulled to and fro, and a steady aperture."""
    focus = 1200 + abs(frame % 250 - 125) * 8
    return b"z" + bytes(focus >> shift & 0x3F for shift in (18, 12, 6, 0)) + bytes((2, 45)) + bytes(28)


def _waiting(count: int) -> str:
    return {0: "nothing had to wait", 1: "one record waits to be said"}.get(
        count, f"{count} records wait to be said"
    )
