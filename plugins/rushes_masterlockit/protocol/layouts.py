"""How the messages lie on the wire: one row each, for reading and for writing (seed 1.2, its tables of requests)."""

from __future__ import annotations

from dataclasses import dataclass

from rushes_masterlockit.protocol import events
from rushes_masterlockit.protocol.codes import DeviceType, ExportType, ListType, MessageType
from rushes_masterlockit.protocol.events import Message

#: Size, type and code stand before every payload.
HEAD_BYTES = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """Behind size, type (`kind`) and code: `head`, a format of struct, fills `fields`; the rest of the frame `rest`.

    `allowed` are the values that a byte of the head may have; others make the message malformed.
    """

    kind: MessageType
    code: int
    cls: type[Message]
    head: str = ""
    fields: tuple[str, ...] = ()
    rest: str = ""
    allowed: tuple[str, frozenset[int]] | None = None

    @property
    def name(self) -> str:
        return self.cls.__name__

    @property
    def key(self) -> bytes:
        """Type and code, as they stand in the frame."""
        return bytes((self.kind, self.code))

    def bounded(self) -> tuple[int, frozenset[int]]:
        """The place among `fields` of the one whose values are bounded, and these; empty where none is."""
        if self.allowed is None:
            return 0, frozenset()
        field, values = self.allowed
        return self.fields.index(field), values


DEVICE_TYPES = frozenset(map(int, DeviceType))

_TYPES = ("type", DEVICE_TYPES)
_DEVICE_TYPE = ("device", "type")

CLIENT_REQUESTS = tuple(
    Layout(MessageType.CLIENT_REQUEST, *row)
    for row in (
        (0x01, events.SubscribeDataUpdates, "QB", _DEVICE_TYPE, "", _TYPES),
        (0x02, events.UnsubscribeDataUpdates, "QB", _DEVICE_TYPE, "", _TYPES),
        (0x03, events.SubscribeDeviceUpdates, "B", ("type",), "", _TYPES),
        (0x04, events.UnsubscribeDeviceUpdates, "B", ("type",), "", _TYPES),
        (0x05, events.RegisterAsDevice, "B", ("type",), "", _TYPES),
        (0x06, events.UnregisterAsDevice, "B", ("type",), "", _TYPES),
        (0x07, events.DataEvent, "B", ("type",), "data", _TYPES),
        (
            0x08,
            events.FetchClips,
            "IIB16s",
            ("start", "length", "list_type", "view"),
            "demand",
            ("list_type", frozenset(map(int, ListType))),
        ),
        (0x09, events.DeleteClips, "", (), "demand"),
        (
            0x0A,
            events.Export,
            "B",
            ("export_type",),
            "configuration",
            ("export_type", frozenset(map(int, ExportType))),
        ),
        (0x0B, events.SubscribeVolatileDataUpdates, "QB", _DEVICE_TYPE, "", _TYPES),
        (0x0C, events.UnsubscribeVolatileDataUpdates, "QB", _DEVICE_TYPE, "", _TYPES),
        (0x0D, events.FetchLensData, "", (), "demand"),
        (0x0E, events.StartCJam, "IH", ("seconds", "frames")),
        (0x0F, events.RenameDevice, "Q", ("device",), "name"),
        (0x10, events.RemoveDevice, "Q", ("device",)),
    )
)
CLIENT_NOTIFICATIONS = (
    Layout(MessageType.CLIENT_NOTIFICATION, 0x01, events.DeviceMetaEvent, "B", ("type",), "data", _TYPES),
)
#: A newer server may know more types of devices than we: what it says of them is kept.
SERVER_REQUESTS = (
    Layout(MessageType.SERVER_REQUEST, 0x01, events.DataEvent, "QB", _DEVICE_TYPE, "data"),
    Layout(MessageType.SERVER_REQUEST, 0x02, events.Ping),
)
SERVER_NOTIFICATIONS = (
    Layout(MessageType.SERVER_NOTIFICATION, 0x01, events.DeviceAppeared, "QB", _DEVICE_TYPE),
    Layout(MessageType.SERVER_NOTIFICATION, 0x02, events.DeviceDisappeared, "QB", _DEVICE_TYPE),
    Layout(MessageType.SERVER_NOTIFICATION, 0x04, events.DeviceMetaEvent, "QB", _DEVICE_TYPE, "data"),
    Layout(MessageType.SERVER_NOTIFICATION, 0x05, events.VolatileDataEvent, "QB", _DEVICE_TYPE, "data"),
)
