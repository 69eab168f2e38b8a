"""From messages to frames: writers built once from the layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any

from rushes_masterlockit.protocol.codes import DIGEST_BYTES, VIEW_BYTES
from rushes_masterlockit.protocol.errors import LocalError
from rushes_masterlockit.protocol.events import Ack, FetchClips, Message, Nack
from rushes_masterlockit.protocol.layouts import Layout

#: Gives a whole frame; raises LocalError, struct.error or UnicodeEncodeError for values that do not fit.
Writer = Callable[[Any], bytes]


def writers(
    layouts: Iterable[Layout], ack_type: int, nack_type: int, order: str
) -> dict[type[Message], Writer]:
    """By class, what the side of these layouts sends once it is ready; `order` is that of struct."""
    by_class = {layout.cls: _writer(layout, order) for layout in layouts}
    return {**by_class, Ack: _acking(ack_type, order), Nack: _nacking(nack_type, order)}


def _writer(layout: Layout, order: str) -> Writer:
    head = Struct(order + "IBB" + layout.head)
    pack, behind_size = head.pack, head.size - 4
    cls, name, fields, rest = layout.cls, layout.name, layout.fields, layout.rest
    # A client's connection tells which device it is, its messages do not.
    impersonal = "device" in cls.__struct_fields__ and "device" not in fields

    def write(message: Any) -> bytes:
        if impersonal and message.device is not None:
            raise LocalError(f"{name} of a device by its id; a client speaks for itself alone")
        if cls is FetchClips and len(message.view) != VIEW_BYTES:
            raise LocalError(f"a view of {len(message.view)} bytes, not {VIEW_BYTES}")
        data = getattr(message, rest) if rest else b""
        if isinstance(data, str):
            data = data.encode()
        values = [getattr(message, field) for field in fields]
        return pack(behind_size + len(data), layout.kind, layout.code, *values) + data

    return write


def _acking(ack_type: int, order: str) -> Writer:
    pack = Struct(f"{order}IB{DIGEST_BYTES}s").pack

    def write(message: Ack) -> bytes:
        return pack(1 + DIGEST_BYTES + len(message.data), ack_type, _whole(message.digest)) + message.data

    return write


def _nacking(nack_type: int, order: str) -> Writer:
    head = Struct(f"{order}IB{DIGEST_BYTES}sI")

    def write(message: Nack) -> bytes:
        size = head.size - 4 + len(message.data)
        return head.pack(size, nack_type, _whole(message.digest), message.code) + message.data

    return write


def _whole(digest: bytes) -> bytes:
    if len(digest) != DIGEST_BYTES:
        raise LocalError(f"a digest of {len(digest)} bytes, not {DIGEST_BYTES}")
    return digest
