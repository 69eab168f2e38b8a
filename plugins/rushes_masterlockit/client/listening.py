"""What a hub says by itself, to where it belongs; and the subscriptions that make it say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import msgspec
import trio

from rushes_masterlockit.client.admitting import CLIPS, NOTES, Admitting
from rushes_masterlockit.client.roster import MOST_META, Roster
from rushes_masterlockit.client.subscribing import VOLATILE, Subscribing
from rushes_masterlockit.formats import FormatError, LensData, device_text, strict
from rushes_masterlockit.protocol import (
    Ack,
    ByteOrder,
    DataEvent,
    DeviceAppeared,
    DeviceDisappeared,
    DeviceMetaEvent,
    DeviceType,
    Ignored,
    Malformed,
    Message,
    Nack,
    NackCode,
    Ping,
    VolatileDataEvent,
)

if TYPE_CHECKING:
    from rushes_masterlockit.client.timecode import LiveTimecode
    from rushes_masterlockit.link import Peer


class _Label(msgspec.Struct):
    seconds: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
    frames: Annotated[int, msgspec.Meta(ge=0, lt=2**16)]


_label = msgspec.json.Decoder(_Label)


class Listening:
    """Answers at once what needs no ledger. `admitting` takes the rest, `subscribing` each device that is told of;
    None where nobody follows. `appeared` is set when a device came whose clips may have been missed.
    """

    def __init__(
        self,
        peer: Peer,
        roster: Roster,
        timecode: LiveTimecode,
        wrong: Callable[[str, str], None],
        *,
        admitting: Admitting | None = None,
        subscribing: Subscribing | None = None,
    ) -> None:
        self.appeared = trio.Event()
        self._peer = peer
        self._roster = roster
        self._timecode = timecode
        self._admitting = admitting
        self._subscribing = subscribing
        self._wrong = wrong

    def hear(self, message: Message) -> Awaitable[None] | None:
        match message:
            case VolatileDataEvent(device, type_, data):
                self._spoke(device, type_)
                self._live(device, type_, data)
            case DataEvent():
                return self._data(message)
            case Ping(digest=digest):
                self._peer.send(Ack(digest))
            case DeviceAppeared(device, type_):
                self._roster.appeared(device, type_)
                self._subscribe(device, type_)
            case DeviceDisappeared(device, type_):
                self._roster.disappeared(device, type_)
                if self._subscribing is not None:
                    self._subscribing.gone(device, type_)
            case DeviceMetaEvent(device=int(device), type=type_, data=data):
                self._meta(device, type_, data)
            case Malformed(digest, code, reason):
                self._wrong("malformed", f"the hub said something that cannot be read: {reason}")
                self._peer.send(Nack(digest, code))
            case Ignored(reason):
                self._wrong("ignored", f"the hub told something that cannot be read: {reason}")
        return None

    def _subscribe(self, device: int, type_: int) -> None:
        if self._subscribing is None or self._roster.get(device) is None:
            return
        if self._subscribing.device(device, type_) and type_ in CLIPS:
            self.appeared.set()

    def _data(self, event: DataEvent) -> Awaitable[None] | None:
        device = event.device or 0
        self._spoke(device, event.type)
        if event.type in VOLATILE:
            self._live(device, event.type, event.data)
            self._peer.send(Ack(event.digest))
            return None
        if self._admitting is not None and (event.type in CLIPS or event.type in NOTES):
            return self._admitting.put(event)
        # An acknowledgement would promise that it is kept.
        why = f"data of device type {event.type} is not kept here"
        self._wrong(f"type {event.type}", f"device {device_text(device)}: {why}")
        self._peer.send(Nack(event.digest, NackCode.FATAL, why.encode()))
        return None

    def _spoke(self, device: int, type_: int) -> None:
        if self._roster.spoke(device, type_):
            self._subscribe(device, type_)

    def _live(self, device: int, type_: int, data: bytes) -> None:
        if self._roster.get(device) is None:
            return  # one of more devices than there can be
        try:
            if type_ == DeviceType.LENS:
                lens = LensData.unpack(data, self._order())
                self._timecode.heard(device, lens.seconds, lens.frames, leads=False)
            elif type_ == DeviceType.TIMECODE_GENERATOR:
                said = _label.decode(data)
                self._timecode.heard(device, said.seconds, said.frames)
        except (ValueError, RecursionError):  # msgspec's and the formats' errors are ValueErrors
            self._wrong(f"live {device}", f"the timecode of device {device_text(device)} cannot be read")

    def _order(self) -> ByteOrder:
        return self._peer.connection.byte_order

    def _meta(self, device: int, type_: int, data: bytes) -> None:
        try:
            said = strict(data) if len(data) <= MOST_META else None
        except FormatError:
            said = None
        if not isinstance(said, Mapping):
            self._wrong(f"meta {device}", f"the metadata of device {device_text(device)} cannot be read")
            said = {}
        self._roster.described(device, type_, said)
        self._subscribe(device, type_)
