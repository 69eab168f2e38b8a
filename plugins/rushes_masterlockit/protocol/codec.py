"""All that one side of a connection reads and writes in one byte order once the handshake is over."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from struct import Struct

from rushes_masterlockit.protocol.codes import ByteOrder, MessageType, Role
from rushes_masterlockit.protocol.errors import LocalError
from rushes_masterlockit.protocol.events import DataEvent, Message
from rushes_masterlockit.protocol.layouts import (
    CLIENT_NOTIFICATIONS,
    CLIENT_REQUESTS,
    SERVER_NOTIFICATIONS,
    SERVER_REQUESTS,
)
from rushes_masterlockit.protocol.reading import (
    NotificationReader,
    RequestReader,
    notification_reader,
    request_reader,
)
from rushes_masterlockit.protocol.writing import Writer, writers

#: What the server sends has this bit in its type.
_OF_SERVER = 0x10


@dataclass(frozen=True, slots=True)
class Codec:
    """Readers go by the two bytes of type and code, writers by class. The types are those that the peer sends."""

    order: str
    size: Struct
    request_type: int
    notification_type: int
    ack_type: int
    nack_type: int
    handshake_type: int
    #: Type and code of a DataEvent that names no device, as only clients send.
    data_event: bytes
    requests: dict[bytes, RequestReader]
    notifications: dict[bytes, NotificationReader]
    writers: dict[type[Message], Writer]

    def number(self, data: bytes) -> int:
        """An unsigned integer of up to four bytes; 0 of none."""
        return int.from_bytes(data, "big" if self.order == ">" else "little")

    def wrong_type(self, kind: int, *, ready: bool) -> str:
        """Why a message of this type cannot come during or after (`ready`) the handshake; "" if it can."""
        later = {self.request_type, self.notification_type, self.ack_type, self.nack_type}
        if kind in later:
            return "" if ready else "handshake required"
        if kind == self.handshake_type:
            return "a handshake after the handshake" if ready else ""
        if kind ^ _OF_SERVER in {*later, self.handshake_type}:
            return f"a message of type 0x{kind:02x}, which only the other side sends"
        return f"a message of the unknown type 0x{kind:02x}"

    def write(self, message: Message) -> bytes:
        """A whole frame; raises LocalError for what this side does not say, or a value that does not fit."""
        writer = self.writers.get(type(message))
        if writer is None:
            raise LocalError(f"{type(message).__name__} is not for this side to send")
        try:
            return writer(message)
        except (struct.error, UnicodeEncodeError) as error:
            raise LocalError(f"{type(message).__name__} does not fit the wire: {error}") from None


@cache
def codec(role: Role, order: ByteOrder) -> Codec:
    """For us as `role`; all connections share it. AUTO is little, as long as the peer was not heard (A1)."""
    prefix = ">" if order is ByteOrder.BIG else "<"
    client, server = (CLIENT_REQUESTS, CLIENT_NOTIFICATIONS), (SERVER_REQUESTS, SERVER_NOTIFICATIONS)
    ours, theirs = (client, server) if role is Role.CLIENT else (server, client)
    our_bit, their_bit = (0, _OF_SERVER) if role is Role.CLIENT else (_OF_SERVER, 0)
    return Codec(
        order=prefix,
        size=Struct(prefix + "I"),
        request_type=MessageType.CLIENT_REQUEST | their_bit,
        notification_type=MessageType.CLIENT_NOTIFICATION | their_bit,
        ack_type=MessageType.CLIENT_ACK | their_bit,
        nack_type=MessageType.CLIENT_NACK | their_bit,
        handshake_type=MessageType.CLIENT_HANDSHAKE | their_bit,
        data_event=next((row.key for row in theirs[0] if row.cls is DataEvent and row.head == "B"), b""),
        requests={row.key: request_reader(row, prefix) for row in theirs[0]},
        notifications={row.key: notification_reader(row, prefix) for row in theirs[1]},
        writers=writers(
            ours[0] + ours[1], MessageType.CLIENT_ACK | our_bit, MessageType.CLIENT_NACK | our_bit, prefix
        ),
    )


def spoken_order(size: bytes, most: int) -> ByteOrder | None:
    """The order in which a peer's first size is one that can be; None where it is none in either (A1)."""
    for order, prefix in ((ByteOrder.LITTLE, "<"), (ByteOrder.BIG, ">")):
        if 0 < struct.unpack(prefix + "I", size)[0] <= most:
            return order
    return None
