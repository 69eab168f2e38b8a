"""The numbers of the wire (seed masterlockit-api-1.2, its tables of messages and identifiers)."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """Which side of the connection we are: the MasterLockit is the server."""

    CLIENT = "client"
    SERVER = "server"


class ByteOrder(StrEnum):
    """Of every integer on the wire; `auto` takes the one in which the peer's first size makes sense (A1)."""

    LITTLE = "little"
    BIG = "big"
    AUTO = "auto"


class DigestSpan(StrEnum):
    """What the digest of an acknowledgement is taken of: the whole frame, or the frame without its size (A5)."""

    FULL = "full"
    NO_PREFIX = "noprefix"


class MessageType(IntEnum):
    """The byte after the size; 0x10 is set in what the server sends."""

    CLIENT_REQUEST = 0x01
    CLIENT_NOTIFICATION = 0x02
    CLIENT_ACK = 0x03
    CLIENT_NACK = 0x04
    CLIENT_HANDSHAKE = 0x0F
    SERVER_REQUEST = 0x11
    SERVER_NOTIFICATION = 0x12
    SERVER_ACK = 0x13
    SERVER_NACK = 0x14
    SERVER_HANDSHAKE = 0x1F


class DeviceType(IntEnum):
    """What a device is, and so which data it sends."""

    CAMERA = 0x01
    SOUND_RECORDER = 0x02
    TIMECODE_GENERATOR = 0x03
    SLATE_INFO = 0x04
    SLATE = 0x05
    STORAGE = 0x06
    LENS = 0x07


class ListType(IntEnum):
    """How much of each clip FetchClips answers."""

    FULL = 0x01
    VERSIONS = 0x02


class ExportType(IntEnum):
    """The five kinds of report."""

    CSV = 0x01
    JSON = 0x02
    SHOT_LOG = 0x03
    SOUND_REPORT = 0x04
    SLATE_LOG = 0x05


class NackCode(IntEnum):
    """Why a request was refused; with FATAL the data is a text for people."""

    FATAL = 0
    UNSUPPORTED = 1
    MALFORMED = 2


class FailureCode(IntEnum):
    """Why a handshake was refused; with FATAL the data is a text for people."""

    FATAL = 0
    VERSION = 1
    KEY = 2
    SIGNATURE = 3


#: The wire's byte for protocol "1.0", the only version there is.
VERSION_1_0 = 0x01

KEY_BYTES = 24
NONCE_BYTES = 8
SIGNATURE_BYTES = 32
DIGEST_BYTES = 20
VIEW_BYTES = 16

#: The largest `size` before the handshake is through, and after it.
MOST_BEFORE = 4 * 1024
MOST_AFTER = 16 * 1024 * 1024
