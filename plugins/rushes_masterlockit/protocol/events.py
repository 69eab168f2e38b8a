"""What is said on the wire, as values: the messages of the seed, and what a connection tells of its peer.

Integers are plain; `device` is the 64-bit id; `type` of a received message is any byte (a newer peer may know
more types than we); JSON stays bytes, which the formats read. A request that was received carries its `digest`,
by which it is answered; in one that is sent it is empty, and not looked at.
"""

from __future__ import annotations

from msgspec import Struct

from rushes_masterlockit.protocol.codes import FailureCode, NackCode


class Message(Struct, frozen=True, gc=False):
    """Anything that is sent or received. Its values form no cycles, so the collector need not look at them."""


# The handshake


class Challenge(Message, frozen=True):
    """The server's first word."""

    nonce: bytes


class Hello(Message, frozen=True):
    """The client's answer: `timestamp` in ms since the epoch, `key` 24 bytes, `signature` 32."""

    timestamp: int
    device: int
    alias: str
    versions: bytes
    key: bytes
    signature: bytes

    def __repr__(self) -> str:
        """Without what proves who the client is."""
        return f"Hello(device=0x{self.device:016x}, alias={self.alias!r}, versions={self.versions!r})"


class Welcome(Message, frozen=True):
    """The handshake succeeded."""

    version: int


class Refusal(Message, frozen=True):
    """The handshake failed. The connection is over."""

    code: FailureCode | int
    data: bytes = b""


# Requests: each is answered by an Ack or a Nack


class Request(Message, frozen=True, kw_only=True):
    """A data request of either side."""

    digest: bytes = b""


class SubscribeDataUpdates(Request, frozen=True):
    device: int
    type: int


class UnsubscribeDataUpdates(Request, frozen=True):
    device: int
    type: int


class SubscribeDeviceUpdates(Request, frozen=True):
    type: int


class UnsubscribeDeviceUpdates(Request, frozen=True):
    type: int


class RegisterAsDevice(Request, frozen=True):
    type: int


class UnregisterAsDevice(Request, frozen=True):
    type: int


class DataEvent(Request, frozen=True):
    """New or updated data; `device` is None from a client, whose connection tells who it is."""

    type: int
    data: bytes
    device: int | None = None


class FetchClips(Request, frozen=True):
    """`view` is 16 bytes, `demand` JSON; a `length` of 0 means to the end (A8)."""

    start: int
    length: int
    list_type: int
    view: bytes
    demand: bytes = b"{}"


class DeleteClips(Request, frozen=True):
    demand: bytes


class Export(Request, frozen=True):
    export_type: int
    configuration: bytes


class SubscribeVolatileDataUpdates(Request, frozen=True):
    device: int
    type: int


class UnsubscribeVolatileDataUpdates(Request, frozen=True):
    device: int
    type: int


class FetchLensData(Request, frozen=True):
    """`demand` is undefined in the seed (A12)."""

    demand: bytes = b""


class StartCJam(Request, frozen=True):
    """Label seconds since midnight and frames (A7)."""

    seconds: int
    frames: int


class RenameDevice(Request, frozen=True):
    device: int
    name: str


class RemoveDevice(Request, frozen=True):
    device: int


class Ping(Request, frozen=True):
    """Of the server, whether the client lives."""


# Answers


class Ack(Message, frozen=True):
    """To send: the request with this digest is accepted."""

    digest: bytes
    data: bytes = b""


class Nack(Message, frozen=True):
    """To send: the request with this digest is refused."""

    digest: bytes
    code: NackCode | int
    data: bytes = b""


class Acked(Message, frozen=True):
    """Received: `request` is the very object that was sent."""

    request: Request
    data: bytes


class Nacked(Message, frozen=True):
    """Received: `request` is the very object that was sent."""

    request: Request
    code: int
    data: bytes


class Stray(Message, frozen=True):
    """Received: an answer to nothing that is pending."""

    digest: bytes


# Notifications


class Notification(Message, frozen=True):
    """Said once, never answered."""


class DeviceMetaEvent(Notification, frozen=True):
    """Metadata of a device; `device` is None from a client."""

    type: int
    data: bytes
    device: int | None = None


class DeviceAppeared(Notification, frozen=True):
    device: int
    type: int


class DeviceDisappeared(Notification, frozen=True):
    device: int
    type: int


class VolatileDataEvent(Notification, frozen=True):
    device: int
    type: int
    data: bytes


# What a connection tells beside messages


class Malformed(Message, frozen=True):
    """Received: a request that cannot be read or that nobody knows; answer it with a Nack of this code."""

    digest: bytes
    code: NackCode
    reason: str


class Ignored(Message, frozen=True):
    """Received: a notification that cannot be read or that nobody knows."""

    reason: str


class Ended(Message, frozen=True):
    """The peer closed the connection between two messages."""
