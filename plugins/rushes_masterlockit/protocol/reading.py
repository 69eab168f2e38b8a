"""From frames to messages: readers built once from the layouts."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

from rushes_masterlockit.protocol.errors import UnreadableError
from rushes_masterlockit.protocol.events import Message, RenameDevice
from rushes_masterlockit.protocol.layouts import HEAD_BYTES, Layout

#: Take a whole frame, and of a request its digest; raise UnreadableError.
RequestReader = Callable[[bytes, bytes], Message]
NotificationReader = Callable[[bytes], Message]
#: Gives the positional arguments of the message's class.
_Values = Callable[[bytes], tuple[Any, ...]]


def request_reader(layout: Layout, order: str) -> RequestReader:
    """`order` is that of struct."""
    cls: Any = layout.cls
    values = _renaming(order) if cls is RenameDevice else _values(layout, order)

    def read(frame: bytes, digest: bytes) -> Message:
        message: Message = cls(*values(frame), digest=digest)
        return message

    return read


def notification_reader(layout: Layout, order: str) -> NotificationReader:
    """`order` is that of struct."""
    cls, values = layout.cls, _values(layout, order)
    return lambda frame: cls(*values(frame))


def _values(layout: Layout, order: str) -> _Values:
    head = Struct(order + layout.head)
    unpack, least, open_ended = head.unpack_from, HEAD_BYTES + head.size, bool(layout.rest)
    place, allowed = layout.bounded()
    # On the wire the device comes first; where a client has none to say, the class has it last.
    device_last = layout.fields[:1] == ("device",) and layout.cls.__struct_fields__[0] != "device"

    def values(frame: bytes) -> tuple[Any, ...]:
        if len(frame) != least and (len(frame) < least or not open_ended):
            raise UnreadableError(f"{layout.name} of {len(frame)} bytes; its fixed part has {least}")
        found = unpack(frame, HEAD_BYTES)
        if allowed and found[place] not in allowed:
            raise _out_of_bounds(layout, found[place])
        if device_last:
            return found[1], frame[least:], found[0]
        return (*found, frame[least:]) if open_ended else found

    return values


def _renaming(order: str) -> _Values:
    """The name is the rest of the frame, with or without its own length before it (A14)."""
    head, length = Struct(order + "Q"), Struct(order + "I")
    least = HEAD_BYTES + head.size

    def values(frame: bytes) -> tuple[int, str]:
        if len(frame) < least:
            raise UnreadableError(f"RenameDevice of {len(frame)} bytes; its fixed part has {least}")
        (device,) = head.unpack_from(frame, HEAD_BYTES)
        name = frame[least:]
        if len(name) >= length.size and length.unpack_from(name)[0] == len(name) - length.size:
            name = name[length.size :]
        try:
            return device, name.decode().rstrip("\0")
        except UnicodeDecodeError:
            raise UnreadableError("RenameDevice with a name that is not UTF-8") from None

    return values


def _out_of_bounds(layout: Layout, value: int) -> UnreadableError:
    assert layout.allowed is not None
    return UnreadableError(f"{layout.name} with {layout.allowed[0].replace('_', ' ')} {value}")
